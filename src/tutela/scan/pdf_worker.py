"""Extract pictures: `python -m tutela.scan.pdf_worker <limits>`, PDF on stdin, pictures on stdout.

Runs confined: every module is loaded, then the process enters the decoders' cage, and only then reads the first byte.
The output is frames: one byte (`PICTURE`, `LEFT_OUT` or `END`), a length, and so many bytes. A JPEG or JPEG 2000 is
output unchanged; other pixels become a PNG.
"""

from __future__ import annotations

import codecs
import io
import logging
import re
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from tutela.media.limits import Limits
from tutela.media.sandbox import cage

HEADER = struct.Struct(">BI")
PICTURE, LEFT_OUT, END = 1, 2, 3
# What texts of a PDF are written in. Python loads an encoding from a file at its first use, which the cage forbids.
_ENCODINGS = ("ascii", "charmap", "latin-1", "utf-8", "utf-16", "utf-16-be", "utf-16-le")
# Where the data of a stream begins or ends, and where an object begins, at most so many bytes before.
_STREAM, _OBJECT, _DICTIONARY = re.compile(rb"stream[\r\n]"), re.compile(rb"(\d{1,10})\s+(\d{1,5})\s+obj\b"), 1 << 16
# Filters whose bytes are output unchanged: the hasher knows the format, or reports that it does not.
_AS_IT_IS = (["/DCTDecode"], ["/DCT"], ["/JPXDecode"])


def main(arguments: list[str]) -> int:
    """Answer every picture of the PDF on stdin."""
    limits = Limits.from_text(arguments[1])
    logging.disable()
    _warm_up()
    cage.lock(limits)
    out = sys.stdout.buffer
    try:
        for kind, data in _pictures(sys.stdin.buffer.read(limits.max_bytes + 1)):
            _send(out, kind, data)
        _send(out, END, b"")
    except MemoryError:
        _send(out, END, b"it needs more memory than one file may use")
    except Exception as error:  # noqa: BLE001 - hostile bytes make a library raise anything
        _send(out, END, f"cannot be read ({type(error).__name__})".encode())
    return 0


def _send(out: BinaryIO, kind: int, data: bytes) -> None:
    out.write(HEADER.pack(kind, len(data)) + data)
    out.flush()


def _pictures(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Every picture object, used by a page or not, and inline pictures in page-like texts.

    An object that cannot be read at all is reported as left out, and so is a stream of which only the beginning can be:
    the library takes it for something without data, while a viewer may be more patient.
    """
    from pypdf.generic import IndirectObject, StreamObject

    reader = _opened(data)
    if reader.is_encrypted and not reader.decrypt(""):
        raise PermissionError
    # Objects that the file lists; an object inside an object stream has generation 0.
    streams = _streams(data)
    known = {(number, generation) for generation, objects in reader.xref.items() for number in objects}
    for number, generation in sorted(known | {(number, 0) for number in reader.xref_objStm}):
        try:
            found = reader.get_object(IndirectObject(number, generation, reader))
            is_picture = isinstance(found, StreamObject) and _value(found, "/Subtype") == "/Image"
            texts = _texts(found)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - what it is cannot be known, and a viewer may be more patient
            yield LEFT_OUT, type(error).__name__.encode()
            continue
        if is_picture:
            yield _handed(found)
        elif (number, generation) in streams and not isinstance(found, StreamObject):
            yield LEFT_OUT, b"damaged"
        for text in texts:
            yield from _in_text(_as_page(reader, text))
    for page in reader.pages:
        yield from _in_text(page)


def _streams(data: bytes) -> set[tuple[int, int]]:
    """Number and generation of each object that has data, by the bytes of the file alone."""
    found, last = set[tuple[int, int]](), 0
    for mark in _STREAM.finditer(data):
        if data[mark.start() - 3 : mark.start()] != b"end":
            before = data[max(last, mark.start() - _DICTIONARY) : mark.start()]
            found |= {(int(one[1]), int(one[2])) for one in _OBJECT.finditer(before[before.rfind(b"endobj") + 1 :])}
        last = mark.end()
    return found


def _value(found: Any, name: str) -> Any:
    """Value of an entry, direct or by reference; None if absent."""
    try:
        return found[name]  # `get` would not follow a reference
    except KeyError:
        return None


def _texts(found: Any) -> list[Any]:
    """Texts that are drawn like a page: a form, a pattern, the glyphs of a font."""
    from pypdf.generic import DictionaryObject, StreamObject

    if not isinstance(found, DictionaryObject):
        return []
    if isinstance(found, StreamObject):
        return [found] if _value(found, "/Subtype") == "/Form" or _value(found, "/PatternType") == 1 else []
    letters = _value(found, "/CharProcs") if _value(found, "/Subtype") == "/Type3" else None
    return [one.get_object() for one in letters.values()] if isinstance(letters, DictionaryObject) else []


def _as_page(reader: Any, text: Any) -> Any:
    from pypdf import PageObject
    from pypdf.generic import NameObject

    page = PageObject(reader)
    page[NameObject("/Contents")] = text
    return page


def _in_text(page: Any) -> Iterator[tuple[int, bytes]]:
    """Pictures embedded in the text itself."""
    try:
        names = [name for name in page.images.keys() if isinstance(name, str) and name.startswith("~")]  # noqa: SIM118
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - it is said, and what follows is read
        yield LEFT_OUT, type(error).__name__.encode()
        return
    for name in names:
        yield _guarded(lambda name=name: page.images[name].data)


def _opened(data: bytes) -> Any:
    """A reader; of a file that is cut off, one that looks for its objects, as viewers do."""
    from pypdf import PdfReader
    from pypdf.errors import PdfReadError

    try:
        return PdfReader(io.BytesIO(data))
    except PdfReadError:
        return PdfReader(io.BytesIO(data + b"\nstartxref\n0\n%%EOF\n"))


def _handed(found: Any) -> tuple[int, bytes]:
    return _guarded(lambda: found.get_data() if _filters(found)[-1:] in _AS_IT_IS else _png(found))


def _filters(found: Any) -> list[str]:
    """The names of its filters; what stands elsewhere is written into the list, for the library does not follow it."""
    said = _value(found, "/Filter") or []
    if not isinstance(said, list):
        return [str(said)]
    said[:] = [one.get_object() for one in said]
    return [str(one) for one in said]


def _guarded(read: Any) -> tuple[int, bytes]:
    try:
        return PICTURE, read()
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - one picture that cannot be taken out is said, and the next is tried
        return LEFT_OUT, type(error).__name__.encode()


def _png(found: Any) -> bytes:
    out = io.BytesIO()
    image = found.decode_as_image()
    image.convert("RGB" if image.mode in ("CMYK", "LAB", "YCbCr") else image.mode).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _warm_up() -> None:
    """Load what a picture could ask for: nothing can be opened later."""
    import pypdf._crypt_providers
    import pypdf.filters
    import pypdf.generic._image_xobject  # noqa: F401
    from PIL import Image
    from pypdf import PdfWriter

    Image.init()
    for encoding in _ENCODINGS:
        codecs.lookup(encoding)
    out, drawn = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (16, 16)).save(drawn, "PDF")
    writer = PdfWriter(clone_from=io.BytesIO(drawn.getvalue()))
    writer.encrypt("", algorithm="RC4-128")
    writer.write(out)
    for data in (drawn.getvalue(), out.getvalue(), _FLAT, b"%PDF-1.7 broken"):
        with suppress(Exception):  # only for what it loads
            list(_pictures(data))


_FLAT = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R>>endobj\n"
    b"4 0 obj<</Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceRGB/BitsPerComponent 8/Length 12>>stream\n"
    b"abcdefghijkl\nendstream endobj\n5 0 obj<</Length 61>>stream\n"
    b"q BI /W 2 /H 2 /CS /G /BPC 8 /F /AHx ID 00ff00ff> EI Q /I Do  \nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)

if __name__ == "__main__":
    sys.exit(main(sys.argv))
