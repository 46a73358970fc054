"""Bytes of a seized device that triage parses itself. Run: `python -m tests.fuzz.fuzz_triage [seconds]`.

`one`: camera facts, signs of encryption, frames of an image's reader, and authorisations. `image`: damaged file systems
through the caged reader; whatever happens to the reader, the program lives and gets files, areas or an error.
"""

from __future__ import annotations

import io
import os
import random
import tempfile
from functools import cache
from pathlib import Path

from tests.fuzz.running import run
from tests.support.triage_world import authorisation, camera_exif, ext4_image, fat_image, picture
from tutela.forensics.authorisation import parse_authorisation
from tutela.forensics.errors import AuthorisationError, SourceUnreadableError
from tutela.forensics.items.encryption import encryption_sign
from tutela.forensics.items.exif import camera_facts
from tutela.forensics.sources.disk_image import DiskImage
from tutela.forensics.sources.image_frames import HEADER, BadImageFrame, entry_of, receive_frame
from tutela.forensics.sources.source_file import SourceFile

_ENTRY = b'{"path": "volume 0/a", "at": [0, 12, 1, 0, 6], "size": 6, "modified": 1, "created": null, "deleted": false}'


@cache
def samples() -> list[bytes]:
    """Whole inputs that are damaged."""
    exif = camera_exif("2026:10:01 12:00:00")
    with tempfile.TemporaryDirectory() as folder:
        allowed = authorisation(Path(folder, "a.json"), Path(folder)).read_bytes()
    pictures = [picture(1, form=form, size=(64, 48), exif=exif) for form in ("JPEG", "PNG", "WEBP", "TIFF")]
    return [exif, allowed, _ENTRY, HEADER.pack(1, len(_ENTRY)) + _ENTRY, *pictures]


@cache
def images() -> list[bytes]:
    """Small file systems."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        source.mkdir()
        for number in range(6):
            (source / f"{number}.bin").write_bytes(bytes([number]) * 5000)
        return [make(Path(folder, "disk"), source, 4).read_bytes() for make in (ext4_image, fat_image)]


def damaged(rng: random.Random, data: bytes, most: int = 8) -> bytes:
    """Some bytes replaced, and perhaps cut."""
    out = bytearray(data)
    for _ in range(rng.randint(1, most)):
        # Tables and headers lie in front.
        at = rng.randrange(min(len(out), 1 << rng.randint(6, 22)))
        out[at : at + rng.randint(1, 8)] = rng.choice([b"\xff" * 4, bytes(4), rng.randbytes(4)])
    return bytes(out[: rng.randrange(len(out))] if rng.random() < 0.1 else out)


def one(seed: int) -> bool:
    """True if anything was accepted. Another error than ours is a bug."""
    rng = random.Random(seed)
    data = damaged(rng, rng.choice(samples()))
    encryption_sign(data)
    accepted = bool(camera_facts(data).make)
    try:
        parse_authorisation(data)
        accepted = True
    except AuthorisationError:
        pass
    try:
        kind, body = receive_frame(io.BytesIO(data))
        entry_of(body)
        accepted = accepted or bool(kind)
    except BadImageFrame:
        pass
    return accepted


def image(seed: int) -> bool:
    """A damaged file system; True if a file was read."""
    rng = random.Random(seed)
    read = False
    with tempfile.NamedTemporaryFile(suffix=".img") as file:
        file.write(damaged(rng, rng.choice(images()), 4))
        file.flush()
        disk = DiskImage(Path(file.name), list_seconds=3.0, read_seconds=3.0)
        try:
            for found in list(disk.list_files())[:20]:
                if isinstance(found, SourceFile):
                    read = _read(disk, found) or read
        except SourceUnreadableError:
            return False
        finally:
            disk.close()
    return read


def _read(disk: DiskImage, found: SourceFile) -> bool:
    try:
        return len(disk.read_file(found.locator, 1 << 20)) <= (1 << 20) + 1
    except SourceUnreadableError:
        return False


def both(seed: int) -> None:
    """Many inputs of the parsers for each file system."""
    for number in range(200):
        one(seed * 200 + number)
    image(seed)


if __name__ == "__main__":
    run(both, int.from_bytes(os.urandom(3)))
