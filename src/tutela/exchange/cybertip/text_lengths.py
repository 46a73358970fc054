"""Fit texts into elements of a written document; a text that does not fit goes to the notes."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml import etree

from tutela.exchange.report.fields import Attachment, NetworkLocation, Pdq

# What no document of XML can hold.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Notes:
    """The text that takes what has no element of its own, in its order."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, name: str, text: object) -> None:
        if text not in (None, ""):
            self.lines.append(f"{name}: {clean(str(text))}")

    def into(self, parent: etree._Element) -> None:
        if self.lines:
            put(parent, "additionalInfo", "\n".join(self.lines))


def fit(parent: etree._Element, name: str, text: str | None, most: int, notes: Notes) -> None:
    """A text, or as much of it as the element takes and the whole among the notes."""
    if not text:
        return
    whole = clean(text)
    put(parent, name, whole[:most])
    if len(whole) > most:
        notes.add(name, whole)


def web_address(url: str) -> str:
    """An address of the web that the format takes; empty for any other text."""
    try:
        parts = urlsplit(url.strip())
        good = parts.scheme.isascii() and parts.scheme and parts.hostname and len(url) <= 2083
    except ValueError:
        return ""
    return url if good and not any(c.isspace() for c in url) else ""


def put_url(parent: etree._Element, name: str, url: str) -> bool:
    """An address, if the element takes it; whether it did."""
    if web_address(url):
        put(parent, name, url)
    return bool(web_address(url))


def put(parent: etree._Element, name: str, text: str | None) -> etree._Element:
    """A child with this text."""
    child = etree.SubElement(parent, name)
    child.text = clean(text or "")
    return child


def clean(text: str) -> str:
    """The text with spaces for what XML cannot hold."""
    return _NOT_XML.sub(" ", text)


def perceptual(one: Pdq) -> str:
    """A perceptual hash with what is needed to compare it."""
    frame = "" if one.frame is None else f", frame {one.frame}"
    return f"{one.hash} (quality {one.quality}, {one.hasher}{frame})"


def connection(place: NetworkLocation) -> str:
    """An address of the net with its moment."""
    port = f" port {place.port}" if place.port else ""
    return f"from {place.ip}{port} at {place.at.isoformat()}{f' ({place.time_zone})' if place.time_zone else ''}"


def held(one: Attachment) -> str:
    """Text that states where material outside the report is held."""
    about = f"{one.size} bytes, {one.media_type}"
    said = f": {one.description}" if one.description else ""
    return f"{one.reference}, SHA-256 {one.sha256}, {about}, at {one.held_by}{said}"
