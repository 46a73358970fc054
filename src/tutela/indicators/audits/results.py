"""Blind audit of the register by a random sample with a recorded seed.

1. The auditor draws n of the indicators that were active a minute ago: those with the smallest SHA-256 of seed and id.
   The node generates the seed, and every draw stays in the history (`sample_selection`). An auditor therefore cannot
   draw until the sample suits them.
2. Each organisation that certified a drawn item answers once, through a person who did not certify it. Its page shows
   digests to find the item, but no class, vote, name or number (`blind_review`).
3. An item is wrong if any reviewer found that it does not belong. Answered items give the share and its exact interval.
   Items that no reviewer could answer are counted separately.
4. The organisation that drew the sample closes it. Then every member of the register sees the result; before that, no
   one sees an answer.
5. Anyone permitted to draw can repeat the draw from seed and time and compare. Anyone with the file can recount it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef

from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Conflict, NotFound
from tutela.events.list_access import FIRST_PAGE, ListPage, every
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.indicators.audits import sample_selection
from tutela.indicators.audits.confidence_intervals import exact
from tutela.indicators.models import AuditAnswer, AuditClosing, AuditDraw, AuditItem, AuditSample, Finding
from tutela.indicators.register import revoke
from tutela.organisations.people import directory

PER_PAGE = 30
# Sort orders in addition to newest first; samples are few.
SORTS = {
    "sample": ("number",),
    "-sample": ("-number",),
    "drawn": ("created_at", "id"),
    "-drawn": ("-created_at", "-id"),
    "active": ("population", "id"),
    "-active": ("-population", "-id"),
    "entries": ("size", "id"),
    "-entries": ("-size", "-id"),
}


@dataclass(frozen=True)
class Share:
    """Share of a sample, `count` of `of`, with the bounds of the whole population's share at 95 % confidence."""

    count: int
    of: int

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper bound, as shares."""
        return exact(self.count, self.of)

    @property
    def percent(self) -> tuple[str, str, str]:
        """The share and its bounds, in per cent."""
        (low, high), share = self.bounds, self.count / self.of if self.of else 0.0
        return f"{100 * share:.3f}", f"{100 * low:.3f}", f"{100 * high:.3f}"


@dataclass(frozen=True)
class SampleView:
    """A sample as its page shows it. `wrong` and `otherwise` are None until it is closed."""

    row: AuditSample
    owner: str
    mine: bool
    closing: AuditClosing | None
    asked: int
    answered: int
    wrong: Share | None = None
    otherwise: Share | None = None
    compared: AuditDraw | None = None


@dataclass
class ReviewResult:
    """Review result of one item."""

    item: AuditItem
    answers: list[AuditAnswer] = field(default_factory=list)

    @property
    def said(self) -> bool:
        """Whether anybody could say."""
        return any(one.finding != Finding.CANNOT_SAY for one in self.answers)

    @property
    def wrong(self) -> bool:
        """Whether anybody found that it does not belong."""
        return any(one.finding == Finding.NOT for one in self.answers)

    @property
    def otherwise(self) -> bool:
        """Whether the item belongs in the register, but a reviewer would assign another class."""
        mine = self.item.indicator.classification
        classes = {one.classification for one in self.answers if one.finding == Finding.BELONGS}
        return not self.wrong and bool(classes - {mine})


def close(actor: Actor, sample_id: UUID, note: str = "", *, suspend: bool = False) -> list[UUID]:
    """End a sample of one's own; returns the indicators that were found wrong. With `suspend` they are stopped with it.

    Raises `NotFound`, `Conflict`, and then nothing has changed.
    """
    actor.require("audit.sample")
    if suspend:
        actor.require("indicators.revoke")
    with acting(actor):
        lock(f"sample:{sample_id}")
        row = AuditSample.objects.filter(pk=sample_id, organisation_id=actor.organisation_id).first()
        if row is None:
            raise NotFound
        if AuditClosing.objects.filter(sample=row).exists():
            raise Conflict("This sample is already closed.")
        found = results(row)
        said = [one for one in found if one.said]
        wrong = [one for one in said if one.wrong]
        AuditClosing.objects.create(
            organisation_id=actor.organisation_id,
            sample=row,
            answered=len(said),
            wrong=len(wrong),
            otherwise=sum(one.otherwise for one in said),
            note=note.strip()[:300],
            by=actor.reference,
        )
        record(
            actor,
            "audit_sample.closed",
            "audit_sample",
            row.pk,
            number=row.number,
            answered=len(said),
            wrong=len(wrong),
        )
        if suspend:
            for one in sorted(wrong, key=lambda one: str(one.item.indicator_id)):
                revoke.suspend(actor, one.item.indicator_id, f"Found wrong in sample {row.number}")
    return [one.item.indicator_id for one in wrong]


def list_samples(actor: Actor, part: ListPage = FIRST_PAGE, state: str = "") -> tuple[list[SampleView], bool]:
    """A part of the samples (`open`, `closed` or all), the newest first or by one of `SORTS`; whether more follow."""
    actor.require("indicators.read")
    with acting(actor):
        rows = AuditSample.objects.select_related("closing").order_by("-created_at", "-id")
        if state in ("open", "closed"):
            rows = rows.filter(closing__isnull=state == "open")
        found, more = part.of(rows, SORTS, PER_PAGE)
        return _shown(actor, found), more


def load_sample(actor: Actor, sample_id: UUID) -> tuple[SampleView, list[ReviewResult]]:
    """Return a sample, with its findings once it is closed, and record the access.

    After closing, access is also recorded for each indicator: a reader of the findings is not blind when one of them is
    drawn again. Raises `NotFound`.
    """
    actor.require("indicators.read")
    with acting(actor):
        row = AuditSample.objects.select_related("closing").filter(pk=sample_id).first()
        if row is None:
            raise NotFound
        record(actor, "audit_sample.viewed", "audit_sample", row.pk, number=row.number)
        (shown,) = _shown(actor, [row])
        shown = replace(shown, compared=sample_selection.compared(actor, sample_id))
        found = results(row) if shown.closing else []
        if shown.closing:
            every(actor, "indicator", (one.item.indicator_id for one in found), sample=row.number)
        return shown, found


def exported(actor: Actor, sample_id: UUID) -> dict[str, Any]:
    """Export a closed sample, so that it can be drawn and counted again. Raises `NotFound`."""
    shown, found = load_sample(actor, sample_id)
    if shown.closing is None or shown.wrong is None or shown.otherwise is None:
        raise NotFound
    row = shown.row
    names = directory.names(answer.organisation_id for one in found for answer in one.answers)
    return {
        "sample": row.number,
        "drawn_by": shown.owner,
        "drawn_at": row.created_at.isoformat(),
        "reason": row.reason,
        "rule": "the indicators active at `moment` with the smallest SHA-256 of `seed` and id, both as text",
        "seed": row.seed,
        "moment": row.moment.isoformat(),
        "population": row.population,
        "size": row.size,
        "closed_at": shown.closing.created_at.isoformat(),
        "answered": shown.closing.answered,
        "confidence": 0.95,
        "interval": "Clopper-Pearson",
        "wrong": {"count": shown.wrong.count, "interval": shown.wrong.bounds},
        "other_class": {"count": shown.otherwise.count, "interval": shown.otherwise.bounds},
        "items": [_exported_item(one, names) for one in found],
    }


def _exported_item(one: ReviewResult, names: dict[UUID, str]) -> dict[str, Any]:
    return {
        "place": one.item.place,
        "indicator": one.item.indicator_id,
        "number": one.item.indicator.number,
        "answers": [
            {
                "organisation": names[a.organisation_id],
                "finding": a.finding,
                "classification": a.classification,
                "blind": a.blind,
                "at": a.created_at.isoformat(),
            }
            for a in one.answers
        ],
    }


def results(row: AuditSample) -> list[ReviewResult]:
    """Every item with its answers. Call inside `acting(actor)`."""
    found = {one.pk: ReviewResult(one) for one in row.items.select_related("indicator").order_by("place")}
    for answer in AuditAnswer.objects.filter(item__sample=row).order_by("created_at"):
        found[answer.item_id].answers.append(answer)
    return list(found.values())


def _shown(actor: Actor, rows: Sequence[AuditSample]) -> list[SampleView]:
    names = directory.names(row.organisation_id for row in rows)
    items = AuditItem.objects.filter(sample__in=rows).values_list("sample").order_by()
    asked = dict(items.annotate(n=Count("pk")))
    answered = dict(items.filter(Exists(AuditAnswer.objects.filter(item=OuterRef("pk")))).annotate(n=Count("pk")))
    return [
        SampleView(
            row,
            names[row.organisation_id],
            row.organisation_id == actor.organisation_id,
            closing,
            asked.get(row.pk, 0),
            answered.get(row.pk, 0),
            Share(closing.wrong, closing.answered) if closing else None,
            Share(closing.otherwise, closing.answered) if closing else None,
        )
        for row in rows
        for closing in [getattr(row, "closing", None)]
    ]
