"""Addresses of the pictures and videos that a web page shows or links to, in the order of the page.

Only the source text is read: no script runs. What a script would load is not found, and the analyst sees it only in a
browser.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

MOST_PAGE_BYTES = 8 << 20
# Files that a link names.
_MEDIA = re.compile(
    r"\.(jpe?g|jfif|png|gif|webp|avif|heic|heif|bmp|tiff?|svg|ico|mp4|m4v|mov|webm|mkv|avi|mpe?g|ogv|3gp|flv|ts)$", re.I
)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.I)
# Charsets of pages whose decoding takes no longer than they are long.
_CHARSETS = re.compile(
    r"utf-?8|utf-?16(le|be)?|us-ascii|(iso-?8859-|latin-?|windows-125|cp125)\d{1,2}|koi8-[ru]|shift_jis|euc-(jp|kr)|gb2312|gbk|gb18030|big5",
    re.I,
)
_BACKGROUND = re.compile(r"url\(", re.I)
MOST_ADDRESSES = 2000
_SHOWN_META = ("og:image", "og:image:url", "og:video", "og:video:url", "twitter:image")
_SCHEMES = ("http", "https", "data")


def is_page(media_type: str, data: bytes) -> bool:
    """Whether an answer is a web page, by its type or its first bytes."""
    return media_type.partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml") or looks_like_page(
        data
    )


def looks_like_page(data: bytes) -> bool:
    """Whether the first bytes are those of a web page. A browser shows a picture whatever its type says."""
    start = data[:4096].lstrip()
    while start.startswith(b"<!--"):
        _comment, _end, start = start.partition(b"-->")
        start = start.lstrip()
    return _PAGE.match(start) is not None


@dataclass(frozen=True)
class PageItems:
    """Addresses of the files that a page shows, each once, and how much more it shows that was not read.

    Not read: frames, backgrounds of styles, and addresses beyond `MOST_ADDRESSES`.
    """

    addresses: tuple[str, ...]
    not_read: int


def page_items(data: bytes, media_type: str, base: str) -> PageItems:
    """Absolute addresses of what a page shows. Never raises for what `data` holds."""
    reader = _Reader(base)
    reader.feed(data[:MOST_PAGE_BYTES].decode(_charset(media_type), errors="replace"))
    reader.close()
    found = tuple(dict.fromkeys(reader.found))
    beyond = max(0, len(found) - MOST_ADDRESSES) + int(len(data) > MOST_PAGE_BYTES)
    return PageItems(found[:MOST_ADDRESSES], reader.not_read + beyond)


class _Reader(HTMLParser):
    """Collects addresses. `base` changes with the page's own `<base>`."""

    def __init__(self, base: str) -> None:
        super().__init__(convert_charrefs=True)
        self._base = base
        self.found: list[str] = []
        self.not_read = 0
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value for name, value in reversed(attrs) if value}
        self._in_style = tag == "style"
        self.not_read += len(_BACKGROUND.findall(said.get("style", "")))
        if tag == "base" and "href" in said:
            self._base = _joined(self._base, said["href"]) or self._base
        elif tag in ("img", "source", "video", "image", "embed", "input"):
            for name in ("src", "data-src", "poster", "href", "xlink:href"):
                self._add(said.get(name))
            for name in ("srcset", "data-srcset"):
                self._add(_largest(said.get(name, "")))
        elif tag in ("iframe", "frame"):
            self.not_read += bool(said.get("src") or said.get("srcdoc"))
        elif tag == "object":
            self._add(said.get("data"))
        elif tag == "meta" and (said.get("property") or said.get("name", "")).lower() in _SHOWN_META:
            self._add(said.get("content"))
        elif (tag == "link" and said.get("as", "").lower() in ("image", "video")) or (
            tag == "a" and _MEDIA.search(_path(said.get("href", "")))
        ):
            self._add(said.get("href"))

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.not_read += len(_BACKGROUND.findall(data))

    def _add(self, text: str | None) -> None:
        address = _joined(self._base, text.strip()) if text else ""
        if address:
            self.found.append(address)


def _largest(srcset: str) -> str | None:
    """The candidate of the largest width or density."""
    best, best_size = None, -1.0
    for one in re.split(r",\s+", srcset):
        words = one.split()
        if not words:
            continue
        number = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)[wx]", words[-1]) if len(words) > 1 else None
        size = float(number[1]) if number else 1.0
        if size > best_size:
            best, best_size = words[0].rstrip(","), size
    return best


def _joined(base: str, text: str) -> str:
    try:
        address = urljoin(base, text)
        return address if urlsplit(address).scheme in _SCHEMES else ""
    except ValueError:
        return ""


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _charset(media_type: str) -> str:
    named = re.search(r"charset=\"?([A-Za-z0-9._-]+)", media_type)
    return named[1] if named and _CHARSETS.fullmatch(named[1]) and _known(named[1]) else "utf-8"


def _known(charset: str) -> bool:
    try:
        codecs.lookup(charset)
    except LookupError:
        return False
    return True
