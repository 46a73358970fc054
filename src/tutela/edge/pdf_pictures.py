"""The pictures in a PDF: `python -m tutela.edge.pdf_pictures <limits>`, a PDF on stdin, pictures on stdout.

Runs confined: every module is loaded, then the process locks itself into the decoders' cage, and only then reads the
first byte. It answers frames: one byte (`PICTURE`, `LEFT_OUT` or `END`), a length, and so many bytes. A JPEG or JPEG
2000 is handed on as it stands in the file; other pixels become a PNG.
"""

from __future__ import annotations

import io
import logging
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from tutela.media import cage
from tutela.media.limits import Limits

HEADER = struct.Struct(">BI")
PICTURE, LEFT_OUT, END = 1, 2, 3
# What is handed on as it is: the file's own bytes of a format that a hasher knows, or says that it does not.
_AS_IT_IS = frozenset(("/DCTDecode", "/DCT", "/JPXDecode"))


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
        _send(out, END, f"it cannot be read ({type(error).__name__})".encode())
    return 0


def _send(out: BinaryIO, kind: int, data: bytes) -> None:
    out.write(HEADER.pack(kind, len(data)) + data)
    out.flush()


def _pictures(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Every picture object, used by a page or not, and those that stand in a page's own text."""
    from pypdf.generic import IndirectObject, StreamObject

    reader = _opened(data)
    if reader.is_encrypted and not reader.decrypt(""):
        raise PermissionError
    # Numbers of objects that the file says it has; what is hidden in a list of objects has one, too.
    numbers = {number for generation in reader.xref.values() for number in generation} | set(reader.xref_objStm)
    for number in sorted(numbers):
        try:
            found = reader.get_object(IndirectObject(number, 0, reader))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001, S112 - an object that cannot be read is no picture that anybody sees
            continue
        if isinstance(found, StreamObject) and found.get("/Subtype") == "/Image":
            yield _handed(found)
    for page in reader.pages:
        for name in page.images.keys():  # noqa: SIM118 - a sequence of its own kind, not a dictionary
            if isinstance(name, str) and name.startswith("~"):
                yield _guarded(lambda page=page, name=name: page.images[name].data)


def _opened(data: bytes) -> Any:
    """A reader; of a file that is cut off, one that looks for its objects, as viewers do."""
    from pypdf import PdfReader
    from pypdf.errors import PdfReadError

    try:
        return PdfReader(io.BytesIO(data))
    except PdfReadError:
        return PdfReader(io.BytesIO(data + b"\nstartxref\n0\n%%EOF\n"))


def _handed(found: Any) -> tuple[int, bytes]:
    filters = found.get("/Filter", [])
    names = [str(one) for one in (filters if isinstance(filters, list) else [filters])]
    return _guarded(found.get_data if names and names[-1] in _AS_IT_IS else lambda: _png(found))


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
