"""Write the documents of a server. Children are in the order of the format's own documentation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from lxml import etree

from tutela.exchange.hash_sharing.entries import (
    KINDS,
    NAMESPACE,
    Media,
    SharedEntry,
    SharedOpinion,
    SharedReason,
    SharingMember,
    moment,
)
from tutela.exchange.message.xml_documents import document_bytes

_SPELT = {"md5": "Md5", "sha1": "Sha1", "pdna": "Pdna", "pdq": "Pdq"}


def status(address: str, user: str, member: SharingMember) -> bytes:
    """Document about the caller."""
    root = _root("status")
    _put(root, "ipAddress", address)
    _put(root, "username", user)
    _member(root, member)
    return document_bytes(root)


def members(known: Iterable[SharingMember]) -> bytes:
    """Document of the members."""
    root = _root("members")
    for one in known:
        _member(root, one)
    return document_bytes(root)


def entries(found: list[SharedEntry], next_: str = "") -> bytes:
    """A page of what changed; `next_` is appended to the base as it is."""
    root = _root("queryResult")
    for media in Media:
        mine = [one for one in found if one.media is media]
        inside = etree.SubElement(root, _name(f"{media}s"), count=str(len(mine)))
        if mine:
            inside.set("maxTimestamp", moment(max(one.at for one in mine)))
        for one in mine:
            _entry(inside, one)
    if next_:
        _put(etree.SubElement(root, _name("paging")), "next", next_)
    return document_bytes(root)


def reasons(kind: str, known: Iterable[SharedReason]) -> bytes:
    """Document of the reasons to deny a fingerprint of this kind."""
    root = _root("availableFeedbackReasons")
    for one in known:
        etree.SubElement(root, _name("reason"), guid=one.guid, name=one.name, type=KINDS[kind])
    return document_bytes(root)


def feedback(guid: str = "") -> bytes:
    """A vote: a yes, or a no with the id of its reason."""
    root = _root("feedbackSubmission")
    if not guid:
        etree.SubElement(root, _name("affirmative"))
        return document_bytes(root)
    _put(etree.SubElement(etree.SubElement(root, _name("negative")), _name("reasonIds")), "guid", guid)
    return document_bytes(root)


def accepted(count: int = 1) -> bytes:
    """Document that confirms feedback. The format does not define its contents."""
    root = _root("submissionResult")
    _put(root, "accepted", str(count))
    return document_bytes(root)


def refusal(reason: str) -> bytes:
    """Document with the reason of a refusal, as text. The format does not define its contents."""
    root = _root("error")
    _put(root, "message", reason)
    return document_bytes(root)


def _entry(parent: etree._Element, one: SharedEntry) -> None:
    if one.deleted:
        row = etree.SubElement(parent, _name(f"deleted{one.media.capitalize()}"))
        _member(row, one.member)
        _put(row, "id", one.id)
        _put(row, "timestamp", moment(one.at))
        return
    row = etree.SubElement(parent, _name(one.media))
    _member(row, one.member)
    _put(row, "timestamp", moment(one.at))
    _put(row, "id", one.id)
    if one.classification:
        _put(row, "classification", one.classification)
    prints = etree.SubElement(row, _name("fingerprints"))
    for kind in KINDS:
        if kind in one.fingerprints:
            _put(prints, kind, one.fingerprints[kind])
    _feedback(row, one.opinions)


def _feedback(parent: etree._Element, opinions: tuple[SharedOpinion, ...]) -> None:
    root = etree.SubElement(parent, _name("feedback"))
    if not opinions:
        return
    root.set("lastUpdateTimestamp", moment(max(one.at for one in opinions)))
    merged = _merged(opinions)
    for kind, of_kind in groupby(merged, lambda o: o.kind):
        judged = list(of_kind)
        yes, no = [one for one in judged if one.reason is None], [one for one in judged if one.reason is not None]
        if yes:
            row = _sentiment(root, "affirmativeFeedback", kind, yes)
            for one in yes:
                _judges(row, one)
        if no:
            inside = etree.SubElement(_sentiment(root, "negativeFeedback", kind, no), _name("reasons"))
            for one in no:
                said = one.reason or SharedReason("", "")
                etree.SubElement(inside, _name("reason"), guid=said.guid, name=said.name, type=_SPELT.get(kind, kind))
                _judges(inside, one)


def _merged(opinions: tuple[SharedOpinion, ...]) -> list[SharedOpinion]:
    """One for each kind and reason: readers look at the first block of members alone."""
    found: dict[tuple[str, SharedReason | None], SharedOpinion] = {}
    for one in sorted(opinions, key=lambda o: o.kind):
        before = found.get((one.kind, one.reason))
        members = tuple(dict.fromkeys((*(before.members if before else ()), *one.members)))
        at = max(before.at, one.at) if before else one.at
        found[one.kind, one.reason] = SharedOpinion(one.kind, members, at, one.reason)
    return list(found.values())


def _sentiment(parent: etree._Element, name: str, kind: str, said: list[SharedOpinion]) -> etree._Element:
    newest: datetime = max(one.at for one in said)
    return etree.SubElement(parent, _name(name), type=_SPELT.get(kind, kind), lastUpdateTimestamp=moment(newest))


def _judges(parent: etree._Element, one: SharedOpinion) -> None:
    inside = etree.SubElement(parent, _name("members"), timestamp=moment(one.at))
    for member in one.members:
        _member(inside, member)


def _member(parent: etree._Element, member: SharingMember) -> None:
    etree.SubElement(parent, _name("member"), id=str(member.id)).text = _clean(member.name)


def _root(name: str) -> etree._Element:
    return etree.Element(_name(name), nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # the stubs know no default


def _put(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, _name(name)).text = _clean(text)


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"
