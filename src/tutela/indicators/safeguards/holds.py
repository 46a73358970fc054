"""Holds: place one, and find what is held. `hold_release` has the Centre's decision, `hold_effects` its effects.

`quarantine` holds unusual proposals and imports, `rate_limits` what an organisation says beyond a limit. A hold begins
with an event. Triggers refuse an activation of held indicators.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, F, Func, Q, QuerySet

from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.bulk_insert import insert_ignore
from tutela.events.record import record
from tutela.events.sql import run_statements
from tutela.indicators import enqueue
from tutela.indicators.hashes.anomalies import Odd
from tutela.indicators.models import OF_MATERIAL, Dispute, Feedback, Hold, HoldKind, Indicator


def place(actor: Actor, kind: HoldKind, subject: UUID, odd: Sequence[Odd]) -> Hold:
    """Hold material or an organisation for these reasons, and enqueue the effects. Call inside `acting(actor)`."""
    reasons = {one.code.value: dict(one.values) for one in reversed(odd)}
    row = Hold(
        organisation_id=actor.organisation_id,
        kind=kind,
        subject_id=subject,
        reasons=[{"code": code, "values": values} for code, values in reversed(reasons.items())],
    )
    if insert_ignore(row):
        record(actor, "register.held", "hold", row.pk, of=kind.value, about=subject, codes=row.codes)
        if kind in OF_MATERIAL:
            enqueue.apply_hold(row.pk)
    return row


def open_on(kind: HoldKind, subject: UUID) -> Hold | None:
    """The open hold of an organisation or a person.

    The lock excludes parallel statements of the same kind, and a release meanwhile.
    """
    lock(f"hold:{kind}:{subject}")
    return open_holds().filter(subject_id=subject, kind=kind).first()


def open_holds() -> QuerySet[Hold]:
    """Return the holds that await the Centre."""
    return Hold.objects.filter(decision__isnull=True)


def is_held(indicator: UUID | None, run_id: UUID | None) -> bool:
    """Whether nobody has released what holds an indicator, or an import. Call inside `acting(actor)`."""
    return bool(run_statements([("SELECT indicators_is_held(%s, %s)", [indicator, run_id])])[0][0][0])


def of_runs(runs: Iterable[UUID]) -> set[UUID]:
    """Return those of some imports that are held and not released. Call inside `acting(actor)`."""
    rows = Hold.objects.filter(subject_id__in=list(runs), kind=HoldKind.IMPORT).exclude(decision__accepted=True)
    return set(rows.values_list("subject_id", flat=True))


def not_held(rows: QuerySet[Indicator]) -> QuerySet[Indicator]:
    """Return the indicators that are not held."""
    held = Func(F("pk"), F("run_id"), function="indicators_is_held", output_field=BooleanField())
    return rows.alias(held_by_any=held).filter(held_by_any=False)


def of_indicator(row: Indicator) -> QuerySet[Hold]:
    """Return an indicator's holds, pending or decided: pending ones first, then the newest."""
    rows = Hold.objects.filter(
        Q(subject_id=row.pk, kind=HoldKind.INDICATOR) | Q(subject_id=row.run_id, kind=HoldKind.IMPORT)
    )
    return rows.select_related("decision").order_by(F("decision__created_at").desc(nulls_first=True), "-created_at")


def indicators_of(row: Hold) -> QuerySet[Indicator]:
    """The indicators that are held, or that held statements are about."""
    if row.kind == HoldKind.INDICATOR:
        return Indicator.objects.filter(pk=row.subject_id)
    if row.kind == HoldKind.IMPORT:
        return Indicator.objects.filter(run_id=row.subject_id)
    said: Any = Dispute if row.kind == HoldKind.DISPUTES else Feedback
    return Indicator.objects.filter(pk__in=said.objects.filter(hold=row).values("indicator"))
