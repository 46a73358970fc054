"""Make the reference of lawful pictures that comes with Tutela: `benign.py CORPUS OUT`.

CORPUS is what `corpus.py` gathered. Every picture is hashed as `tutela hash` does; of those that show something (PDQ
quality of 50 and more) the hash is kept, never the picture, and of hashes that are nearly the same the first. OUT is
one file: what it is, a line of JSON that names each package with version, digest, licences and how many hashes are of
it, and 32 bytes a hash, package by package, ascending (`indicators/lawful`).

The photographs of the tests are canaries already, and are left out; so is what is near one of them.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import batched
from pathlib import Path

import numpy as np

from tutela.indicators.hashes.builtin_reference import FORMAT, PDQ_BYTES
from tutela.matching.files.records import MAX_DISTANCE, MIN_QUALITY
from tutela.matching.index.hamming_index import HammingIndex

CANARIES = Path(__file__).resolve().parent.parent / "src" / "tutela" / "exchange" / "canaries.json"
# Two hashes as near as this are of the same picture in another size; one of them is enough.
SAME = 8
MOST_BYTES = 400_000
FILES_AT_ONCE = 500


def main(arguments: list[str]) -> int:
    """Write the file; prints how many hashes each package has."""
    if len(arguments) != 2:
        print("usage: benign.py CORPUS OUT", file=sys.stderr)
        return 2
    corpus, out = map(Path, arguments)
    sources = json.loads((corpus / "SOURCES.json").read_text())
    canaries = [bytes.fromhex(one["pdq"]) for one in json.loads(CANARIES.read_text())]
    index, packages, hashes = HammingIndex(), list[dict[str, object]](), list[bytes]()
    index.add(np.frombuffer(b"".join(canaries), np.uint8).reshape(-1, PDQ_BYTES), range(len(canaries)))
    for name in sorted(sources):
        kept = list[bytes]()
        for look in sorted(set(looks(corpus / name))):
            row = np.frombuffer(look, np.uint8).reshape(1, PDQ_BYTES)
            near = index.query(row, MAX_DISTANCE)
            mine = [int(distance) for distance, at in zip(near.distances, near.ids, strict=True) if at >= len(canaries)]
            if len(near.ids) > len(mine) or any(distance <= SAME for distance in mine):
                continue
            index.add(row, [len(canaries) + len(hashes) + len(kept)])
            kept.append(look)
        of = sources[name]
        packages.append(
            {
                "name": name,
                "version": of["version"],
                "deb_sha256": of["sha256"],
                "pictures": len(kept),
                "licences": licences(corpus / name / of["licence"]) if of["licence"] else [],
            }
        )
        hashes += kept
        print(f"{name}: {len(kept)}")
    said = {"archive": "Debian trixie, main", "quality": MIN_QUALITY, "packages": packages}
    data = FORMAT + json.dumps(said, sort_keys=True, separators=(",", ":")).encode() + b"\n" + b"".join(hashes)
    if len(data) > MOST_BYTES:
        print(f"{len(data)} bytes are more than {MOST_BYTES}", file=sys.stderr)
        return 1
    out.write_bytes(data)
    print(f"{len(hashes)} hashes, {len(data)} bytes")
    return 0


def looks(folder: Path) -> Iterator[bytes]:
    """The PDQ hashes of a package's pictures that show something."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("copyright"))
    for some in batched(files, FILES_AT_ONCE):
        done = subprocess.run(
            [sys.executable, "-m", "tutela.app.cli", "hash", *map(str, some)],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        for line in done.stdout.splitlines():
            picture = json.loads(line).get("picture") or {}
            for frame in (picture.get("frames") or [])[:1]:
                value = bytes.fromhex(frame["pdq"])
                if frame["quality"] >= MIN_QUALITY and any(value):
                    yield value


def licences(file: Path) -> list[str]:
    """The licences that a package's copyright file names."""
    found = set(re.findall(r"^License:\s*([A-Za-z0-9][\w.+ -]{0,60}?)\s*$", file.read_text(errors="replace"), re.M))
    return sorted(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
