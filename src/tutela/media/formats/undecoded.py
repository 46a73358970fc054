"""Picture formats that are recognised and not decoded: they are refused by their own name."""

from __future__ import annotations

import re
from struct import unpack_from

from tutela.media.results import Code, Refusal

_MAGICS = {
    b"\x00\x00\x00\x0cJXL \r\n": "JPEG XL",
    b"\xff\x0a": "JPEG XL",
    b"\x00\x00\x00\x0cjP  \r\n": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
    b"8BPS": "Photoshop",
    b"\x76\x2f\x31\x01": "OpenEXR",
    b"DDS ": "DirectDraw surface",
    b"%PDF-": "PDF",
}
_SPACE = rb"\s+(?:#[^\n]*\n\s*)*"
_PORTABLE = re.compile(rb"P[1-6]" + _SPACE + rb"\d+" + _SPACE + rb"\d+\s|P7\nWIDTH |P[Ff]\n\d+ \d+\n")
_TARGA_HEAD, _TARGA_END = 18, b"TRUEVISION-XFILE.\0"
# Bits a pixel by the kind of a TGA: with a table of colours, in colours, in grey. Kinds in runs are numbered 8 higher.
_TARGA_DEPTHS = {1: (8, 16), 2: (15, 16, 24, 32), 3: (8, 16)}
_RUNS = 8


def undecoded(name: str) -> Refusal:
    """The refusal of a picture in a format of this name."""
    return Refusal(Code.UNSUPPORTED, f"{name} is not a format this hasher reads")


def name_of(data: bytes) -> str:
    """The name of the format, or an empty text for a file in none of these."""
    for magic, name in _MAGICS.items():
        if data.startswith(magic):
            return name
    if _PORTABLE.match(data) is not None:
        return "PPM"
    return "TGA" if data.endswith(_TARGA_END) or has_targa_head(data) else ""


def has_targa_head(data: bytes) -> bool:
    """Whether every field of the header is one that a TGA may have: most have no other sign."""
    if len(data) < _TARGA_HEAD:
        return False
    table, kind, *colours, _, _, width, height, depth, flags = unpack_from("<xBBHHBHHHHBB", data)
    fits = colours[2] in (15, 16, 24, 32) and colours[1] > 0 if table else not any(colours)
    kind = kind - _RUNS if kind > _RUNS else kind
    known = table == (kind == 1) and depth in _TARGA_DEPTHS.get(kind, ())
    return bool(known and fits and width and height and flags < 64)
