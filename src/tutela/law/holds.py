"""Holds: an authority requests that data stays unchanged, for at most eighteen months.

CSAR 48(6)-(7).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Q, QuerySet
from django.db.models.expressions import RawSQL

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.law.clock_kinds import LONGEST_HOLD_MONTHS, add_months
from tutela.law.errors import HoldTooLong
from tutela.law.models import Hold
from tutela.organisations.keys import subject_keys

LONGEST_MONTHS = LONGEST_HOLD_MONTHS


def check_longest(subject_kind: str, subject_id: object, asked_by: UUID, until: datetime) -> None:
    """Raises `HoldTooLong` where asking again would make an organisation's holds of a subject last longer than one may.

    Call inside `acting(actor)`.
    """
    rows = Hold.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id), asked_by=asked_by)
    first = rows.order_by("created_at").values_list("created_at", flat=True).first()
    if first is not None and until > add_months(first, LONGEST_MONTHS):
        raise HoldTooLong


def place(
    actor: Actor,
    subject_kind: str,
    subject_id: object,
    *,
    asked_by: UUID,
    reason: str,
    until: datetime,
    content_until: datetime | None = None,
) -> UUID:
    """Place a hold: the user is not notified; until `content_until`, within the hold, content is not removed either.

    Raises `HoldTooLong`.
    """
    if until > add_months(clock.now(), LONGEST_MONTHS):
        raise HoldTooLong
    with acting(actor):
        row = Hold(
            organisation_id=actor.organisation_id,
            subject_kind=subject_kind,
            subject_id=str(subject_id),
            asked_by=asked_by,
            reason=reason[:300],
            until=until,
            content_until=content_until,
        )
        subject_keys.seal_words(actor, subject_kind, subject_id, row)
        row.save()
        record(
            actor,
            "hold.placed",
            subject_kind,
            subject_id,
            hold=row.id,
            until=until,
            asked_by=asked_by,
            content=content_until,
        )
    return row.id


def lift(actor: Actor, hold_id: UUID) -> None:
    """End a hold before its date. Raises `NotFound` for one that has ended."""
    with acting(actor):
        row = Hold.objects.select_for_update().filter(pk=hold_id, lifted_at=None).first()
        if row is None:
            raise NotFound
        row.lifted_at, row.lifted_by = clock.now(), actor.reference
        row.save(update_fields=["lifted_at", "lifted_by"])
        record(actor, "hold.lifted", row.subject_kind, row.subject_id, hold=row.id)


def lift_of(actor: Actor, subject_kind: str, subject_id: object, asked_by: UUID, but: UUID | None = None) -> int:
    """End everything that one organisation asked for about a subject, `but` one; returns how many holds."""
    with acting(actor):
        rows = Hold.objects.filter(
            subject_kind=subject_kind, subject_id=str(subject_id), asked_by=asked_by, lifted_at=None
        )
        ids = [pk for pk in rows.values_list("pk", flat=True) if pk != but]
        for pk in ids:
            lift(actor, pk)
    return len(ids)


def stood_after(subject_kind: str, subject_id: object, moment: datetime) -> bool:
    """Whether a hold about a subject was in effect after a moment. Call inside `acting(actor)`."""
    rows = Hold.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id), until__gt=moment)
    return rows.filter(Q(lifted_at=None) | Q(lifted_at__gt=moment)).exists()


def held(subject_kind: str, subject_id: object) -> Hold | None:
    """The hold that is in effect now, the longest first. Call inside `acting(actor)`."""
    longest = in_effect(subject_kind).filter(subject_id=str(subject_id)).order_by("-until").first()
    subject_keys.open_words(subject_kind, subject_id, [longest])
    return longest


def since(subject_kind: str, subject_id: object) -> datetime | None:
    """Return when the current hold began. Holds that follow one another without a gap are one. None: no hold is active.

    Call inside `acting(actor)`.
    """
    rows = Hold.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id)).order_by("-created_at")
    now = clock.now()
    began: datetime | None = None
    for placed, until, lifted in rows.values_list("created_at", "until", "lifted_at"):
        ended = min(until, lifted) if lifted else until
        if ended > now if began is None else ended >= began:
            began = placed
    return began


def content_kept(subject_kind: str, subject_id: object) -> datetime | None:
    """Return until when a hold in effect bars removal of the content; None if no hold does.

    Call inside `acting(actor)`.
    """
    rows = in_effect(subject_kind).filter(subject_id=str(subject_id), content_until__gt=clock.now())
    latest: datetime | None = rows.aggregate(latest=Max("content_until"))["latest"]
    return latest


def content_spans(subject_kind: str, subjects: Iterable[object]) -> dict[str, list[tuple[datetime, datetime]]]:
    """From when to when holds barred removal of the content, by the subject's ID; a lifted hold ended then.

    Call inside `acting(actor)`.
    """
    wanted = RawSQL("SELECT unnest(%s::text[])", [[str(one) for one in subjects]])
    rows = Hold.objects.filter(subject_kind=subject_kind, subject_id__in=wanted).exclude(content_until=None)
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    for subject, placed, until, lifted in rows.values_list("subject_id", "created_at", "content_until", "lifted_at"):
        if until is not None and (ended := min(until, lifted or until)) > placed:
            found.setdefault(subject, []).append((placed, ended))
    return found


def in_effect(subject_kind: str) -> QuerySet[Hold]:
    """The holds in effect now about subjects of a kind, to be joined with these. Call inside `acting(actor)`."""
    return Hold.objects.filter(subject_kind=subject_kind, lifted_at=None, until__gt=clock.now())
