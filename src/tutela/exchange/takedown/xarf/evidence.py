"""Evidence of XARF: strict base64, limits, digests, and no media."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from typing import Any

from tutela.exchange.takedown.json_checks import Finding
from tutela.exchange.takedown.xarf.schema import MOST_EVIDENCE, MOST_EVIDENCE_BYTES, MOST_PIECE_BYTES

# What never carries media: logs and records. Anything else may be a picture under another name.
TEXT_TYPES = ("text/plain", "text/csv", "application/json")
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*( *;.*)?", re.IGNORECASE)
# The first bytes of pictures, videos, archives and PDF.
_MEDIA_STARTS = (
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"RIFF",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"\0\0\1\0",
    b"PK\3\4",
    b"%PDF",
    b"\x1aE\xdf\xa3",
    b"\0\0\0\x18ftyp",
    b"\0\0\0\x1cftyp",
    b"\0\0\0 ftyp",
    b"\xff\x0a",
    b"\0\0\0\x0cJXL",
    b"FLV",
    b"\0\0\1\xba",
    b"\0\0\1\xb3",
    b"OggS",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x1f\x8b",
)


def is_media(content_type: str, content: bytes) -> bool:
    """Whether evidence is, or may be, a picture, a video or a container of one."""
    if content_type.partition(";")[0].strip().lower() not in TEXT_TYPES:
        return True
    if content.startswith(_MEDIA_STARTS) or content[4:8] == b"ftyp" or b"\0" in content:
        return True
    try:
        return "data:image" in content.decode().lower() or "data:video" in content.decode().lower()
    except UnicodeDecodeError:
        return True


def check_evidence(pieces: Any) -> Iterator[Finding]:
    """Findings about the contents of evidence; the fields of each piece are checked elsewhere."""
    total = 0
    for place, piece in enumerate(pieces[:MOST_EVIDENCE] if isinstance(pieces, list) else ()):
        path = f"evidence[{place}]"
        if not isinstance(piece, dict) or not isinstance(piece.get("payload"), str):
            continue
        kind = piece.get("content_type")
        if isinstance(kind, str) and not _TYPE.fullmatch(kind):
            yield Finding(f"{path}.content_type", "must be a media type, such as text/plain")
        content = decoded(piece["payload"])
        if content is None:
            yield Finding(f"{path}.payload", "must be base64 with padding and without white space (RFC 4648)")
            continue
        total += len(content)
        if len(content) > MOST_PIECE_BYTES:
            yield Finding(f"{path}.payload", f"must have at most {MOST_PIECE_BYTES} bytes")
        if isinstance(piece.get("size"), int) and piece["size"] != len(content):
            yield Finding(f"{path}.size", "does not match the payload")
        if isinstance(piece.get("hash"), str) and not _agrees(piece["hash"], content):
            yield Finding(f"{path}.hash", "does not match the payload")
    if total > MOST_EVIDENCE_BYTES:
        yield Finding("evidence", f"must have at most {MOST_EVIDENCE_BYTES} bytes in all")


def decoded(payload: str) -> bytes | None:
    """The bytes of strict base64; None for anything else."""
    try:
        content = base64.b64decode(payload, validate=True)
    except (ValueError, binascii.Error):
        return None
    return content if base64.b64encode(content).decode() == payload else None


def piece_of(content: bytes, content_type: str, description: str) -> dict[str, Any]:
    """One piece of evidence in its form on the wire."""
    return {
        "content_type": content_type,
        "description": description,
        "payload": base64.b64encode(content).decode(),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "size": len(content),
    }


def _agrees(stated: str, content: bytes) -> bool:
    name, _, value = stated.partition(":")
    if name not in ("md5", "sha1", "sha256", "sha512"):
        return True
    return hashlib.new(name, content, usedforsecurity=False).hexdigest() == value.lower()
