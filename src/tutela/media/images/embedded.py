"""Pictures embedded in a text: rasters in an SVG, and data URIs.

An SVG is read by expat up to where it stops being XML. Every attribute and every text with a data URI counts. Many
elements can show such a URI (an image, a pattern, a filter, a page, a style sheet). A picture that is not shown costs
only a look-up. Only entities of the file itself are expanded, and expat limits their growth. An SVG or a style sheet in
an SVG is also read, three levels deep. The largest picture comes first.

The answer is not whole if an address is too long to be read, if the file stops being XML, or if a script or a page in
it may show more.
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
# What may show what stands nowhere in the file as it is read here.
_ACTIVE = frozenset({"script", "foreignObject", "iframe", "handler"})
# So many pictures are looked at for which are the largest.
_MOST = 4096
# What draws nothing but pictures.
_PLAIN = frozenset({"svg", "image", "g", "a", "defs", "title", "desc", "metadata", "use", "symbol"})
# What may change a picture where it is shown.
_CHANGING = frozenset({"filter", "style", "mask", "clip-path", "opacity", "class", "mix-blend-mode"})
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


@dataclass(slots=True)
class _Texts:
    """Texts of an XML file in which a picture may be written."""

    found: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    drawn: bool = False
    whole: bool = True
    # How deep in a style sheet: its text goes on over elements in it.
    styles: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if not self.styles:
            self.flush()
        self.styles += bool(self.styles) or local == "style"
        self.drawn = self.drawn or local not in _PLAIN or not _CHANGING.isdisjoint(attributes)
        self.whole = self.whole and local not in _ACTIVE
        self.found += [one for one in attributes.values() if ":" in one or "\\" in one]

    def end(self, _name: str = "") -> None:
        self.styles -= bool(self.styles)
        if not self.styles:
            self.flush()

    def flush(self) -> None:
        if self.text:
            self.found.append("".join(self.text))
            self.text.clear()


class _First(Exception):
    """The first element was found."""


class EmbeddedPictures(NamedTuple):
    """Pictures, and whether they are all that there are."""

    pictures: list[bytes]
    whole: bool


def is_svg(data: bytes) -> bool:
    """Whether this is text that begins like an SVG."""
    if _FIRST.match(data) is None:
        return False
    if _root_of(data) == _ROOT:
        return True
    head = data[:_HEAD_BYTES]
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


def draws_more(data: bytes) -> bool:
    """Whether an SVG draws with more than its pictures, and may look otherwise than they do."""
    return _texts(data).drawn


def pictures(data: bytes, limits: Limits) -> EmbeddedPictures:
    """Return the pictures in the data URIs of an SVG and of SVGs inside it: without duplicates, the largest first."""
    found = _kept(_in_svg(data, limits, 0))
    return EmbeddedPictures(sorted(dict.fromkeys(found.pictures), key=len, reverse=True), found.whole)


def of_uri(data: bytes, limits: Limits) -> EmbeddedPictures:
    """Return the pictures in a data URI."""
    return _kept(_held(data.decode("utf-8", "replace"), limits, 0))


def _kept(found: Iterator[bytes | None]) -> EmbeddedPictures:
    some = list(islice(found, _MOST + 1))
    return EmbeddedPictures([one for one in some[:_MOST] if one], len(some) <= _MOST and None not in some)


def _in_svg(data: bytes, limits: Limits, depth: int) -> Iterator[bytes | None]:
    texts = _texts(data)
    if not texts.whole:
        yield None
    for text in texts.found:
        yield from _held(text, limits, depth)


def _held(text: str, limits: Limits, depth: int) -> Iterator[bytes | None]:
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
        body = _body(text, found.start(), comma)
        if is_svg(body):
            yield from _in_svg(body, limits, depth + 1) if depth < _DEEPEST else (None,)
        elif kind.lstrip()[:5].lower() == "text/":
            yield from _held(body.decode("utf-8", "replace"), limits, depth + 1) if depth < _DEEPEST else (None,)
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
    parser.ProcessingInstructionHandler = lambda _target, said: texts.found.append(said)
    # An entity that the file does not explain is passed over, as in a browser.
    parser.UseForeignDTD(True)
    parser.ExternalEntityRefHandler = lambda *_: 1
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        # Of a file that is cut a browser shows as much. What else is no XML here may be some to a browser.
        texts.whole = texts.whole and error.code in _CUT
    except ValueError:
        texts.whole = False
    texts.flush()
    return texts


def _body(text: str, begin: int, comma: int) -> bytes:
    """Content of the address from `begin`, after its comma and up to its end."""
    quote, after = text[begin - 1] if begin else "", comma + 1
    end = text.find(quote, after) if quote in ("'", '"') else text.find(")", after) if quote == "(" else -1
    written = text[after : end if end >= 0 else len(text)]
    raw = unquote_to_bytes(written.partition("#")[0])
    if not re.search(r";\s*base64\s*$", text[begin:comma], re.IGNORECASE):
        return raw
    coded = _NOT_BASE64.sub(b"", raw)
    return binascii.a2b_base64(coded[: len(coded) - (len(coded) % 4 == 1)] + b"=" * (-len(coded) % 4))
