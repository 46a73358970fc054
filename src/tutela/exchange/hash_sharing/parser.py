"""Read others' documents as hostile input: size limit, no entities, any namespace prefix or none.

1. At most `MOST_BYTES` bytes; no document type, so no entity is ever declared; nothing is fetched.
2. Content that is no such document raises `Unreadable`. One unusable entry is left out, with its reason.
3. A fingerprint is accepted in any case and spelling, and normalised; a fingerprint that is only linked is noted.
"""

from __future__ import annotations

import re

from lxml import etree

from tutela.exchange.hash_sharing.entries import (
    KINDS,
    Media,
    Page,
    SharedEntry,
    SharedOpinion,
    SharedReason,
    SharingMember,
    read_moment,
)
from tutela.exchange.message.xml_documents import DocumentTypeError, NotXmlError, root_of

# A page has a thousand entries of a few hundred bytes; feedback makes them longer.
MOST_BYTES = 32 << 20
MOST_ENTRIES = 20_000
_LONGEST = {"id": 200, "next": 2_000, "name": 300, "fingerprint": 8_000}
_HEX = {"md5": 32, "sha1": 40, "pdq": 64}
# Appended to the base as it is; nothing that could lead to another host.
_BELOW = re.compile(r"/v2/[A-Za-z0-9._~%/?&=:-]{1,300}")
CLASSES = ("A1", "A2", "B1", "B2")


class Unreadable(ValueError):
    """The content is not one document of the format; states the place."""


class _Broken(Unreadable):
    """An entry that cannot be used; the others can."""


def read_page(data: bytes) -> Page:
    """An answer to a query for entries. Raises `Unreadable`."""
    root = document(data, "queryResult")
    found, broken, unknown = list[SharedEntry](), list[str](), set[str]()
    for media in Media:
        for row in (one for inside in _all(root, f"{media}s") for one in inside):
            if len(found) + len(broken) >= MOST_ENTRIES:
                raise Unreadable(f"more than {MOST_ENTRIES} entries in one answer")
            try:
                found.append(_entry(row, media, unknown))
            except _Broken as error:
                broken.append(str(error))
    next_ = _text(_one(_one(root, "paging"), "next"), "next")
    return Page(found, next_, tuple(broken), tuple(sorted(unknown)))


def read_reasons(data: bytes) -> list[SharedReason]:
    """An answer to a query for reasons. Raises `Unreadable`."""
    root = document(data, "availableFeedbackReasons")
    return [SharedReason(one.get("guid", "")[:80], one.get("name", "")[:200]) for one in _all(root, "reason")][:200]


def read_feedback(data: bytes) -> list[str] | None:
    """A vote: None for an affirmative one, the reasons' ids for a negative one. Raises `Unreadable`."""
    root = document(data, "feedbackSubmission")
    yes, no = _one(root, "affirmative"), _one(root, "negative")
    if (yes is None) == (no is None):
        raise Unreadable("feedbackSubmission: must contain either affirmative or negative")
    if yes is not None:
        return None
    guids = [_text(one, "id") for one in _all(_one(no, "reasonIds"), "guid")]
    if not guids or len(guids) > 20:
        raise Unreadable("negative/reasonIds: must contain 1 to 20 GUIDs")
    return guids


def document(data: bytes, name: str) -> etree._Element:
    """The root of a document that is called so. Raises `Unreadable`."""
    if len(data) > MOST_BYTES:
        raise Unreadable(f"more than {MOST_BYTES} bytes")
    try:
        root = root_of(data)
    except NotXmlError as error:
        raise Unreadable(f"not an XML document ({error})") from None
    except DocumentTypeError as error:
        raise Unreadable(str(error)) from None
    if _local(root) != name:
        raise Unreadable(f"the root is not {name}")
    return root


def _entry(row: etree._Element, media: Media, unknown: set[str]) -> SharedEntry:
    deleted = _local(row) == f"deleted{media.capitalize()}"
    if not deleted and _local(row) != media:
        raise _Broken(f"{media}s: an element that is not an entry")
    name, member = _text(_one(row, "id"), "id"), _member(_one(row, "member"))
    if not name:
        raise _Broken("id: missing")
    try:
        at = read_moment(_text(_one(row, "timestamp"), "id"))
    except ValueError:
        raise _Broken(f"{member.id}-{name}: timestamp: must be a time with a time zone") from None
    if deleted:
        return SharedEntry(member, name, media, at, deleted=True)
    known = ("member", "timestamp", "id", "classification", "fingerprints", "feedback")
    unknown.update(_local(one) for one in row if _local(one) not in known)
    prints, elsewhere = _fingerprints(_one(row, "fingerprints"), f"{member.id}-{name}", unknown)
    said = _text(_one(row, "classification"), "id")
    if said and said not in CLASSES:
        unknown.add("classification of another scale")
    return SharedEntry(member, name, media, at, False, said, prints, _opinions(_one(row, "feedback")), elsewhere)


def _fingerprints(inside: etree._Element | None, key: str, unknown: set[str]) -> tuple[dict[str, str], dict[str, str]]:
    found, elsewhere = dict[str, str](), dict[str, str]()
    for one in _children(inside):
        kind, text = _local(one), _text(one, "fingerprint")
        if kind not in KINDS:
            unknown.add(f"fingerprints/{kind[:40]}")
            continue
        if not text:
            href = one.get("href", "").strip()
            elsewhere[kind] = href if _BELOW.fullmatch(href) else ""
            continue
        if kind in _HEX:
            text = text.lower()
            if not re.fullmatch(f"[0-9a-f]{{{_HEX[kind]}}}", text):
                raise _Broken(f"{key}: {kind}: must be {_HEX[kind]} hexadecimal digits")
        found[kind] = text
    return found, elsewhere


def _opinions(inside: etree._Element | None) -> tuple[SharedOpinion, ...]:
    """Opinions that can be read: unreadable feedback never costs an entry."""
    found = list[SharedOpinion]()
    for sentiment in _children(inside):
        kind = sentiment.get("type", "").lower().replace("_", "-")[:40]
        reason: SharedReason | None = None
        negative = _local(sentiment) == "negativeFeedback"
        for one in _children(_one(sentiment, "reasons") if negative else sentiment):
            try:
                if _local(one) == "reason":
                    reason = SharedReason(one.get("guid", "")[:80], one.get("name", "")[:200])
                elif _local(one) == "members" and (reason is not None or not negative):
                    at = read_moment(one.get("timestamp", ""))
                    found.append(SharedOpinion(kind, tuple(_member(m) for m in _children(one)), at, reason))
            except ValueError:
                continue
    return tuple(found)


def _member(row: etree._Element | None) -> SharingMember:
    number = row.get("id", "") if row is not None else ""
    if row is None or not (number.isascii() and number.isdecimal() and len(number) < 16):
        raise _Broken("member: its ID must be a number")
    return SharingMember(int(number), _text(row, "name"))


def _local(row: etree._Element) -> str:
    return etree.QName(row).localname if isinstance(row.tag, str) else ""


def _children(row: etree._Element | None) -> list[etree._Element]:
    return list(row) if row is not None else []


def _all(row: etree._Element | None, name: str) -> list[etree._Element]:
    return [one for one in _children(row) if _local(one) == name]


def _one(row: etree._Element | None, name: str) -> etree._Element | None:
    return next(iter(_all(row, name)), None)


def _text(row: etree._Element | None, what: str) -> str:
    text = (row.text or "").strip() if row is not None else ""
    if len(text) > _LONGEST[what]:
        raise _Broken(f"{_local(row) if row is not None else what}: longer than {_LONGEST[what]} characters")
    return text
