"""Pictures embedded in a text: rasters in an SVG, and data URIs.

An SVG is read by expat up to where it stops being XML. Every attribute and every text with a data URI counts. Many
elements can show such a URI (an image, a pattern, a filter, a page, a style sheet). A picture that is not shown costs
only a look-up. Only entities of the file itself are expanded, and expat limits their growth. An SVG or a style sheet in
an SVG is also read, three levels deep. The largest picture comes first.

An SVG is plain if it shows one picture whole and nothing else: only then its picture is all that a browser shows. An
SVG with shapes, styles, scripts, several pictures or a cut picture is not plain, and the answer is incomplete.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote_to_bytes
from xml.parsers import expat

from tutela.media.limits import Limits

# So far is looked for the first tag of what is not XML, or names no namespace.
_HEAD_BYTES = 1 << 20
_DEEPEST = 3
_ROOT = "http://www.w3.org/2000/svg svg"
_BEGIN = re.compile(r"d\s*a\s*t\s*a\s*:", re.IGNORECASE)
# So many characters may stand before the comma of an address: its kind and parameters.
_LONGEST_KIND = 65_536
_FIRST = re.compile(rb"\0?[\s<]|\xef\xbb\xbf|\xff\xfe|\xfe\xff")
_SVG = re.compile(rb"<(?:[\w.-]+:)?svg[\s>/]", re.IGNORECASE)
# Escapes of a style sheet: a number and the space that may end it, the end of a line, or any other character.
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\r\n\f]?|(?:\r\n|[\n\r\f])|(.))")
# Errors of expat where a file ends too early.
_CUT = frozenset(
    expat.errors.codes[one]
    for one in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)
# So many pictures are looked at for which are the largest.
_MOST = 4096
# Elements and attributes of a plain SVG. All others may draw, style, move or cut.
_ELEMENTS = frozenset({"svg", "image", "g", "defs", "title", "desc", "metadata"})
_ATTRIBUTES = frozenset(
    {"id", "version", "baseProfile", "xml:space", "xml:lang", "xmlns", "href", "xlink:href"}
    | {"x", "y", "width", "height", "viewBox", "preserveAspectRatio"}
)
_LENGTH = re.compile(r"\s*\+?(\d+(?:\.\d+)?)(?:px)?\s*")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


@dataclass(slots=True)
class _Texts:
    """Texts of an XML file in which a picture may be written."""

    found: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    # Attributes of each `svg` and `image`.
    frames: list[dict[str, str]] = field(default_factory=list)
    images: list[dict[str, str]] = field(default_factory=list)
    plain: bool = True
    # How deep in a style sheet: its text goes on over elements in it.
    styles: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if not self.styles:
            self.flush()
        self.styles += bool(self.styles) or local == "style"
        known = all(one in _ATTRIBUTES or one.startswith("xmlns:") for one in attributes)
        self.plain = self.plain and known and local in _ELEMENTS
        if local in ("svg", "image"):
            (self.frames if local == "svg" else self.images).append(attributes)
        self.found += [one for one in attributes.values() if ":" in one or "\\" in one]

    def end(self, _name: str = "") -> None:
        self.styles -= bool(self.styles)
        if not self.styles:
            self.flush()

    def flush(self) -> None:
        if self.text:
            self.found.append("".join(self.text))
            self.text.clear()

    def doctype(self, _name: str, _system: str | None, public: str | None, subset: int) -> None:
        # Others bring entities that a browser knows.
        known = public is None or public.startswith("-//W3C//DTD SVG ")
        self.plain = self.plain and known and not subset

    def instruction(self, _target: str, said: str) -> None:
        self.plain = False
        self.found.append(said)

    def shows_one_whole(self) -> bool:
        """Whether this is all of one picture and nothing else."""
        if not self.plain or len(self.frames) != 1 or len(self.images) != 1:
            return False
        (frame,), (shown,) = self.frames, self.images
        view = [_length(one) for one in re.split(r"[\s,]+", frame["viewBox"].strip())] if "viewBox" in frame else None
        size = [_length(frame.get("width", "")), _length(frame.get("height", ""))] if view is None else view[2:]
        sides = [
            side if shown.get(name) == "100%" else _length(shown.get(name, ""))
            for name, side in zip(("width", "height"), size, strict=False)
        ]
        return (
            (view is None or view[:2] == [0, 0])
            and sides == size
            and None not in size
            and all(_length(shown.get(name, "0")) == 0 for name in ("x", "y"))
            and "preserveAspectRatio" not in frame
            and shown.get("preserveAspectRatio", "xMidYMid") in ("xMidYMid", "xMidYMid meet")
        )


def _length(text: str) -> float | None:
    found = _LENGTH.fullmatch(text)
    return float(found[1]) if found else None


class _First(Exception):
    """The first element was found."""


class EmbeddedPictures(NamedTuple):
    """Pictures; whether they are all that there are; and whether a browser shows nothing else."""

    pictures: list[bytes]
    whole: bool
    plain: bool = True


def is_svg(data: bytes) -> bool:
    """Whether this is text that begins like an SVG."""
    if _FIRST.match(data) is None:
        return False
    if _root_of(data) == _ROOT:
        return True
    # An encoding that expat does not know is read to its end.
    head = data if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml") else data[:_HEAD_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
        head = head.replace(b"\0", b"")
    begin = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return begin.startswith(b"<") and _SVG.search(head) is not None


def _root_of(data: bytes) -> str:
    """The namespace and name of the first element; empty if there is none."""

    def start(name: str, _attributes: dict[str, str]) -> None:
        raise _First(name)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    try:
        parser.Parse(data, True)
    except _First as first:
        return str(first)
    except (expat.ExpatError, ValueError):
        pass
    return ""


def is_data_uri(data: bytes) -> bool:
    """Whether the file is one data URI and nothing else."""
    return data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:5].lower() == b"data:"


def pictures(data: bytes, limits: Limits) -> EmbeddedPictures:
    """Return the pictures in the data URIs of an SVG and of SVGs inside it: without duplicates, the largest first."""
    plain: list[bool] = []
    found = _kept(_in_svg(data, limits, 0, plain))
    each = sorted(dict.fromkeys(found.pictures), key=len, reverse=True)
    return EmbeddedPictures(each, found.whole, all(plain) and len(each) == 1)


def of_uri(data: bytes, limits: Limits) -> EmbeddedPictures:
    """Return the pictures in a data URI."""
    plain: list[bool] = []
    found = _kept(_held(data.decode("utf-8", "replace"), limits, 0, plain))
    return found._replace(plain=all(plain))


def _kept(found: Iterator[bytes | None]) -> EmbeddedPictures:
    some = list(islice(found, _MOST + 1))
    return EmbeddedPictures([one for one in some[:_MOST] if one], len(some) <= _MOST and None not in some)


def _in_svg(data: bytes, limits: Limits, depth: int, plain: list[bool]) -> Iterator[bytes | None]:
    texts = _texts(data)
    plain.append(texts.shows_one_whole())
    for text in texts.found:
        yield from _held(text, limits, depth, plain)


def _held(text: str, limits: Limits, depth: int, plain: list[bool]) -> Iterator[bytes | None]:
    """The body of each data URI; None for what is too deep or too long to be read."""
    if "\\" in text:
        text = _ESCAPE.sub(_character, text)
    at = 0
    while (found := _BEGIN.search(text, at)) is not None:
        comma = text.find(",", found.end(), found.end() + _LONGEST_KIND)
        if comma < 0:
            if found.end() + _LONGEST_KIND <= len(text):
                yield None
            return
        at, kind = comma + 1, text[found.end() : comma]
        body, part = _body(text, found.start(), comma)
        # A browser may show only the part that the address names.
        plain.append(not part)
        if is_svg(body):
            yield from _in_svg(body, limits, depth + 1, plain) if depth < _DEEPEST else (None,)
        elif kind.lstrip()[:5].lower() == "text/":
            plain.append(False)
            yield from _held(body.decode("utf-8", "replace"), limits, depth + 1, plain) if depth < _DEEPEST else (None,)
        elif body:
            yield body[: limits.max_bytes]


def _character(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return escape[2] or ""
    number = int(escape[1], 16)
    return chr(number) if 0 < number < 0xD800 else "\ufffd"


def _texts(data: bytes) -> _Texts:
    texts = _Texts()
    parser = expat.ParserCreate(namespace_separator=None)
    parser.buffer_text = True
    parser.StartElementHandler = texts.start
    parser.EndElementHandler = texts.end
    parser.CharacterDataHandler = texts.text.append
    parser.ProcessingInstructionHandler = texts.instruction
    parser.StartDoctypeDeclHandler = texts.doctype
    # An entity that the file does not explain is passed over, as in a browser.
    parser.UseForeignDTD(True)
    parser.ExternalEntityRefHandler = lambda *_: 1
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        # Of a file that is cut a browser shows as much. What else is no XML here may be some to a browser.
        texts.plain = texts.plain and error.code in _CUT
    except ValueError:
        texts.plain = False
    texts.flush()
    return texts


def _body(text: str, begin: int, comma: int) -> tuple[bytes, str]:
    """Content of the address from `begin`, after its comma and up to its end; and the part of it that is named."""
    quote, after = text[begin - 1] if begin else "", comma + 1
    end = text.find(quote, after) if quote in ("'", '"') else text.find(")", after) if quote == "(" else -1
    written = text[after : end if end >= 0 else len(text)]
    content, _, part = written.partition("#")
    raw = unquote_to_bytes(content)
    if not re.search(r";\s*base64\s*$", text[begin:comma], re.IGNORECASE):
        return raw, part
    coded = _NOT_BASE64.sub(b"", raw)
    return binascii.a2b_base64(coded[: len(coded) - (len(coded) % 4 == 1)] + b"=" * (-len(coded) % 4)), part
