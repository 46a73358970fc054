"""Gather benign pictures for benches out of Debian packages: `corpus.py [small|medium|large]` fills `corpus/`.

Packages are downloaded, never installed; only pictures and the package's copyright file are kept. Names that point to
people or faces are left out, so are packages known to hold some. `corpus/SOURCES.json` records every package's
version, SHA-256, licence file and number of pictures. A second run takes up where the first one stopped. Debian's
point releases change versions, so they are recorded, not pinned.

Needs apt and dpkg-deb; run `apt-get update` once before.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
SOURCES = CORPUS / "SOURCES.json"

TIERS = {
    "small": (
        "gcompris-qt-data budgie-backgrounds lomiri-wallpapers-16.04 palapeli-data tuxpaint-data krank "
        "wordpress-theme-twentytwentyfour"
    ),
    "medium": (
        "mate-backgrounds lomiri-wallpapers-20.04 lxqt-themes ukui-wallpapers phosh-wallpapers gnome-recipes-data "
        "tuxpaint-stamps-default openclipart-png kstars-data libreoffice-common khangman"
    ),
    "large": (
        "plasma-workspace-wallpapers breeze-wallpaper stellarium-data marble-data marble-qt-data "
        "blender-doc neverball-data supertuxkart-data"
    ),
}
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".avif", ".heic"})
# Smaller files are icons; larger ones make a bench wait for the disk.
SMALLEST, LARGEST = 4 << 10, 40 << 20
# Words and parts of names under which packages keep pictures of people, drawn and sculpted ones included. Files
# inside a resource file have no names of their own, so the resources that show people are named whole.
PEOPLE = re.compile(
    r"lena|face|portrait|people|person|human|girl|boy|child|kid|baby|woman|women|family|selfie|avatar|crowd|hike|diver|"
    r"(?<![a-z])(wo)?m[ae]n(?![a-z])|user|body|hand|famous|painter|scientist|sport|recreation|costume|cartoon|statue|"
    r"playerpic|/karts/|explore_|character|/autumn/|menu-scores\.jpg|bonus-01|menu-scores1|skycultures|constellation|"
    r"angel|king|queen|knight|pirate|witch|wizard|ninja|soldier|doctor|nurse|teacher|player|dancer|christ|jesus|"
    r"(paintings|lang|leftright|louis-braille|details|categorization)\.rcc",
    re.IGNORECASE,
)


def main(arguments: list[str]) -> int:
    """Gather the tier named by the first argument and all smaller ones; prints one line for each package."""
    tier = arguments[0] if arguments else "small"
    if tier not in TIERS:
        print(f"usage: corpus.py [{'|'.join(TIERS)}]", file=sys.stderr)
        return 2
    CORPUS.mkdir(exist_ok=True)
    sources: dict[str, Any] = json.loads(SOURCES.read_text()) if SOURCES.exists() else {}
    failed = 0
    for package in packages(tier):
        if package in sources and (CORPUS / package).is_dir():
            continue
        try:
            sources[package] = gather(package)
        except (OSError, subprocess.CalledProcessError, tarfile.TarError) as error:
            print(f"{package}: left out, {error}", file=sys.stderr)
            failed += 1
            continue
        # Written after each package, and moved into place: an interruption loses one package at most.
        fresh = SOURCES.with_suffix(".new")
        fresh.write_text(json.dumps(sources, indent=1, sort_keys=True) + "\n")
        fresh.replace(SOURCES)
        print(f"{package} {sources[package]['version']}: {sources[package]['pictures']} pictures")
    print(f"{sum(entry['pictures'] for entry in sources.values())} pictures in {CORPUS}")
    return 1 if failed else 0


def packages(tier: str) -> list[str]:
    """The packages of a tier and of all before it."""
    names = list(TIERS)
    return " ".join(TIERS[name] for name in names[: names.index(tier) + 1]).split()


def gather(package: str) -> dict[str, Any]:
    """Download one package, keep its pictures under `corpus/<package>`, and say what was taken."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["apt-get", "download", "-q", package], cwd=folder, check=True, capture_output=True)
        (archive,) = Path(folder).glob("*.deb")
        target = Path(folder) / "kept"
        licence, count = unpack(archive, target)
        final = CORPUS / package
        shutil.rmtree(final, ignore_errors=True)
        target.mkdir(exist_ok=True)
        shutil.move(target, final)
        _, version, _ = archive.name.split("_", 2)
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    return {"version": version.replace("%3a", ":"), "sha256": digest, "licence": licence, "pictures": count}


def unpack(archive: Path, target: Path) -> tuple[str | None, int]:
    """Write a package's pictures and licence to `target`; the licence file's name and the number of pictures."""
    licence, seen = None, set[bytes]()
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with tarfile.open(fileobj=process.stdout, mode="r|") as files:
            for member in files:
                stream = files.extractfile(member) if member.isfile() else None
                if stream is None:
                    continue
                path = PurePosixPath(member.name.lstrip("./"))
                if "doc" in path.parts and path.name.startswith("copyright"):
                    licence = write(target, PurePosixPath(path.name), stream.read())
                    continue
                for name, data in pictures_in(path, member.size, stream.read):
                    digest = hashlib.sha256(data).digest()
                    if digest not in seen:
                        seen.add(digest)
                        write(target, name, data)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, "dpkg-deb")
    return licence, len(seen)


def pictures_in(path: PurePosixPath, size: int, read: Any) -> Iterator[tuple[PurePosixPath, bytes]]:
    """The picture a file is, or the pictures in a Qt resource file."""
    if PEOPLE.search(str(path)):
        return
    if path.suffix.lower() in PICTURES and SMALLEST <= size <= LARGEST:
        yield path, read()
    elif path.suffix == ".rcc":
        for number, data in enumerate(webp_in(read())):
            if SMALLEST <= len(data) <= LARGEST:
                yield path / f"{number:05d}.webp", data


def webp_in(data: bytes) -> Iterator[bytes]:
    """WebP files that lie uncompressed inside another file, by their own length fields."""
    for found in re.finditer(rb"RIFF(.{4})WEBPVP8", data, re.DOTALL):
        yield data[found.start() : found.start() + 8 + int.from_bytes(found.group(1), "little")]


def write(target: Path, name: PurePosixPath, data: bytes) -> str:
    """Write below `target`, whatever the name says; returns the name used."""
    safe = "__".join(part for part in name.parts if part not in ("..", "/", "usr", "share"))[-180:]
    target.mkdir(parents=True, exist_ok=True)
    (target / safe).write_bytes(data)
    return safe


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
