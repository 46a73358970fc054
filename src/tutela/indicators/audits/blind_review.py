"""Blind review of a sample: each organisation re-examines the items and answers once (`results`, 2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Conflict, Invalid, NotFound
from tutela.events.record import EventFilter, mentioned, record, timeline
from tutela.events.transaction import acting
from tutela.indicators.hashes import encryption
from tutela.indicators.models import AuditAnswer, AuditItem, Certification, Finding
from tutela.law.classification import checked_code

_SHOWN = ("indicator.viewed", "indicator.downloaded")


@dataclass(frozen=True)
class ReviewItem:
    """Item to re-examine: the digests to find it by, and the number of pending items."""

    id: UUID
    media_type: str
    digests: list[tuple[str, str]]
    waiting: int


def count_waiting(actor: Actor) -> int:
    """The number of items that await a review by the actor's organisation."""
    with acting(actor):
        return _open(actor).count()


def following(actor: Actor) -> ReviewItem | None:
    """Return the next item to review; None if none is pending."""
    actor.require("indicators.certify")
    with acting(actor):
        rows = _open(actor)
        row = rows.select_related("indicator").order_by("sample__created_at", "place").first()
        if row is None:
            return None
        found = [_shown(one) for one in row.indicator.hashes.order_by("kind", "pk")]
        record(actor, "audit_item.viewed", "audit_item", row.pk)
        return ReviewItem(row.pk, row.indicator.media_type, list(dict.fromkeys(found)), rows.count())


def answer(actor: Actor, item_id: UUID, finding: str, classification: str = "", note: str = "") -> None:
    """Say what was found; once for an organisation. Raises `Invalid` naming the field, `NotFound`, `Conflict`."""
    actor.require("indicators.certify")
    actor.require_verified()
    if finding not in Finding.values:
        raise Invalid("Choose one of: {known}.", field="finding", known=", ".join(Finding.values))
    if finding == Finding.BELONGS:
        checked_code(classification)
    if finding == Finding.NOT and not note.strip():
        raise Invalid("Enter why this item does not belong in the register.", field="note")
    with acting(actor):
        row = AuditItem.objects.select_related("sample").filter(pk=item_id).first()
        if row is None:
            raise NotFound
        lock(f"sample:{row.sample_id}")
        if not _open(actor).filter(pk=item_id).exists():
            if AuditAnswer.objects.filter(item=row, organisation_id=actor.organisation_id).exists():
                raise Conflict("Your organisation has already answered for this item.")
            raise NotFound
        AuditAnswer.objects.create(
            organisation_id=actor.organisation_id,
            item=row,
            finding=finding,
            note=note.strip()[:300],
            classification=classification if finding == Finding.BELONGS else "",
            blind=_blind(actor, row),
            by=actor.reference,
        )
        record(actor, "audit_item.answered", "audit_item", row.pk, sample=row.sample.number)


def _open(actor: Actor) -> QuerySet[Any]:
    """Items of open samples that the actor may answer: held by their organisation, not certified by themselves."""
    mine = Certification.objects.filter(indicator=OuterRef("indicator"), organisation_id=actor.organisation_id)
    said = AuditAnswer.objects.filter(item=OuterRef("pk"), organisation_id=actor.organisation_id)
    rows = AuditItem.objects.filter(Exists(mine), sample__closing__isnull=True)
    return rows.exclude(Exists(mine.filter(by=actor.reference))).exclude(Exists(said))


def _blind(actor: Actor, row: AuditItem) -> bool:
    """Return true if no one in the organisation saw the class or votes since the draw.

    The indicator's page, the file of its certifications, and every list that contained it are checked.
    """
    since = row.sample.created_at
    seen = timeline("indicator", row.indicator_id)
    mine = [one for one in seen if one.organisation_id == actor.organisation_id and one.kind in _SHOWN]
    return not any(one.at >= since for one in mine) and not _listed(actor, str(row.indicator_id), since)


def _listed(actor: Actor, indicator: str, since: datetime) -> bool:
    """Whether a list showed it to the organisation; one whose facts were erased counts as one that did."""
    return mentioned(actor, EventFilter(kind="indicator.listed", since=since), indicator)


def _shown(row: Any) -> tuple[str, str]:
    """A digest whole, to find the item by; a perceptual hash is cut short."""
    kind, value = encryption.plain(row)
    return kind, value if kind != "pdq" else f"{value[:8]}…"
