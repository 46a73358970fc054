"""Conversion of indicators to entries of the Hash Sharing format, and of entry names to indicators.

The format has one fingerprint of a kind per entry, so an indicator with variants becomes several entries: `ID`, `ID-2`,
`ID-3`. The format has no SHA-256, no windows and no video frame hashes; such values stay in the releases. Each entry of
a removed indicator is a tombstone, also after its hashes were erased, because the number of entries is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import zip_longest
from typing import Any
from uuid import UUID

from tutela.events.actor import REGISTER_KINDS, Actor
from tutela.events.transaction import acting
from tutela.exchange.hash_sharing.entries import Media, SharedEntry, SharedOpinion, SharedReason, SharingMember
from tutela.exchange.hash_sharing.parser import CLASSES
from tutela.indicators.hashes import encryption
from tutela.indicators.models import Certification, Dispute, FeedEntry, Ground, IndicatorHash, Suspension, Vote
from tutela.indicators.register import votes as register_votes
from tutela.organisations.people import directory

KINDS = {Media.IMAGE: ("md5", "sha1", "pdq"), Media.VIDEO: ("md5", "sha1")}
# The reasons for a no, with ids of their own for good.
REASONS = {
    "not_csam": SharedReason("7c1f0c9a-5f0e-4a0b-9b53-6d2f6a5e1a01", "Not child sexual abuse material"),
    "doubt": SharedReason("7c1f0c9a-5f0e-4a0b-9b53-6d2f6a5e1a02", "Wrongly listed"),
    "false": SharedReason("7c1f0c9a-5f0e-4a0b-9b53-6d2f6a5e1a03", "Matches something else"),
}
_NAME = re.compile(r"([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?:-([2-9]|[1-9]\d{1,2}))?")


def number_of(organisation_id: UUID) -> int:
    """The number by which the format knows an organisation: the same for good, below 2^31."""
    return int.from_bytes(hashlib.sha256(organisation_id.bytes).digest()[:4]) & 0x7FFFFFFF


def members(*others: UUID) -> list[SharingMember]:
    """Everybody who enters and judges entries, and the others."""
    known = directory.list_organisations()
    chosen = [one for one in known if one.id in others or (one.kind in REGISTER_KINDS and one.verified)]
    return [SharingMember(number_of(one.id), one.name) for one in chosen]


def indicator_of(name: str) -> UUID | None:
    """The indicator of an entry's name; None for a name that no entry has."""
    found = _NAME.fullmatch(name)
    return UUID(found[1]) if found else None


def entered_by(centre: Actor, indicator: UUID, member: int) -> bool:
    """Whether the feed has an entry of this indicator under the member's number."""
    with acting(centre):
        row = FeedEntry.objects.filter(indicator=indicator).values_list("indicator__organisation_id", flat=True).first()
    return row is not None and number_of(row) == member


def entries_of(indicators: Any, chosen: list[tuple[datetime, UUID]], good: Collection[UUID]) -> list[SharedEntry]:
    """The entries of these indicators at these times. `indicators` carry their state; any but the `good` ones are gone.

    Call inside `acting(centre)`.
    """
    wanted = [one for _, one in chosen]
    rows = {row.pk: row for row in indicators.filter(pk__in=wanted)}
    digests: dict[UUID, dict[str, list[str]]] = {one: {} for one in wanted}
    for row in IndicatorHash.objects.filter(indicator_id__in=wanted, kind__in=("md5", "sha1", "pdq")).order_by("pk"):
        kind, value = encryption.plain(row)
        digests[row.indicator_id].setdefault(kind, []).append(value)
    said, classes = _opinions(wanted, {row.organisation_id for row in rows.values()}), register_votes.classes(wanted)
    erased = dict(FeedEntry.objects.filter(indicator__in=wanted).values_list("indicator", "variants"))
    out = list[SharedEntry]()
    for at, one in chosen:
        row, prints = rows[one], _prints(rows[one], digests[one])
        member = SharingMember(number_of(row.organisation_id), said.names[row.organisation_id])
        if row.state == "active" and one in good:
            counts = _class(classes.get(one, row.classification))
            out += _entries(row, member, at, counts, prints, said.opinions.get(one, []))
        else:
            out += _gone(row, member, at, len(prints) or erased[one] or 0)
    return out


def _prints(row: Any, digests: dict[str, list[str]]) -> list[dict[str, str]]:
    """The fingerprints of each entry of an indicator."""
    kinds = KINDS[Media(row.media_type)]
    variants = zip_longest(*(digests.get(kind, []) for kind in kinds))
    return [{kind: value for kind, value in zip(kinds, values, strict=True) if value} for values in variants]


def _entries(
    row: Any,
    member: SharingMember,
    at: datetime,
    counts: str,
    prints: list[dict[str, str]],
    opinions: list[SharedOpinion],
) -> Iterable[SharedEntry]:
    for number, own in enumerate(prints, 1):
        judged = tuple(SharedOpinion(kind, *one[1:]) for one in opinions for kind in own)
        yield SharedEntry(member, _name(row, number), Media(row.media_type), at, False, counts, own, judged)


def _gone(row: Any, member: SharingMember, at: datetime, many: int) -> Iterable[SharedEntry]:
    for number in range(1, many + 1):
        yield SharedEntry(member, _name(row, number), Media(row.media_type), at, deleted=True)


def _name(row: Any, number: int) -> str:
    return str(row.pk) if number == 1 else f"{row.pk}-{number}"


class _Said:
    """Opinions of members on some indicators, and the names of all members involved."""

    def __init__(self) -> None:
        self.opinions: dict[UUID, list[SharedOpinion]] = {}
        self.names: dict[UUID, str] = {}


def _opinions(wanted: list[UUID], owners: set[UUID]) -> _Said:
    """Return opinions on indicators.

    Certifiers other than the proposer, and confirmers, count as yes. Open disputes count as no with a reason.
    """
    later = dict(Suspension.objects.filter(indicator__in=wanted).order_by("round").values_list("indicator", "round"))
    certified = Certification.objects.filter(indicator__in=wanted).select_related("indicator")
    yes = [
        (c.indicator_id, c.organisation_id, c.created_at)
        for c in certified
        if c.organisation_id != c.indicator.organisation_id and c.round > later.get(c.indicator_id, 0)
    ]
    votes = Vote.objects.filter(indicator__in=wanted, kind="confirm")
    yes += [(v.indicator_id, v.organisation_id, v.created_at) for v in votes]
    no = list(Dispute.objects.filter(indicator__in=wanted, decision__isnull=True))
    said = _Said()
    said.names = directory.names(owners | {one[1] for one in yes} | {one.organisation_id for one in no})
    seen = set[tuple[UUID, UUID]]()
    for indicator, judge, at in sorted(yes, key=lambda one: one[2]):
        if (indicator, judge) not in seen:
            seen.add((indicator, judge))
            member = SharingMember(number_of(judge), said.names[judge])
            said.opinions.setdefault(indicator, []).append(SharedOpinion("", (member,), at))
    for one in no:
        member = SharingMember(number_of(one.organisation_id), said.names[one.organisation_id])
        reason = REASONS["not_csam" if one.ground == Ground.NOT_CSAM else "doubt"]
        said.opinions.setdefault(one.indicator_id, []).append(SharedOpinion("", (member,), one.created_at, reason))
    return said


def _class(classification: str) -> str:
    """The format's own scale, where the register uses it: its schemes write values in small letters."""
    scheme, _, value = classification.partition(":")
    return value.upper() if scheme == "ncmec" and value.upper() in CLASSES else ""
