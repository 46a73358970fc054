"""Facts about a decided notice for whoever decides a complaint: who decided, who asked for it, what is in effect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela.events.actor import Actor
from tutela.takedown.host_desk import decide, notice_rows
from tutela.takedown.host_desk.enter import UNNAMED
from tutela.takedown.models import HostStatement, IncomingNotice, NoticeOrigin


@dataclass(frozen=True)
class NoticeFacts:
    """A notice that this host decided. `reference` is the notifier's own number.

    `listed`: the notifier is an organisation of the directory; `named`: there is somebody who can be told.
    """

    notice_id: UUID
    number: str
    notifier_id: UUID
    notifier_name: str
    reference: str
    decided_at: datetime | None
    deciders: tuple[str, ...]
    in_effect: int
    listed: bool
    named: bool


def by_number(number: str) -> NoticeFacts | None:
    """The received notice with this number. Call inside `acting(actor)`."""
    row = IncomingNotice.objects.filter(number=number.strip().upper()).first()
    if row is None:
        return None
    people = {one for one in row.decisions.values_list("by", flat=True) if one.startswith("person:")}
    effect = len(notice_rows.in_effect(notice_rows.newest_actions(row)))
    return NoticeFacts(
        row.pk,
        row.number,
        row.notifier_id,
        row.notifier_name,
        row.reference,
        row.decided_at,
        tuple(sorted(people)),
        effect,
        row.origin == NoticeOrigin.API,
        row.notifier_name != UNNAMED,
    )


def restore_all(actor: Actor, number: str, reason: str) -> int:
    """Restore every address of a notice that is removed or disabled; returns how many.

    Raises `Erased` if the addresses are no longer kept.
    """
    row = IncomingNotice.objects.filter(number=number).first()
    places = notice_rows.in_effect(notice_rows.newest_actions(row)) if row is not None else []
    if row is not None and places:
        decide.restore(actor, row.pk, places, reason)
    return len(places)


def by_reference(notifier_id: UUID, reference: str) -> str | None:
    """The own number of the notice that a notifier knows by this reference. Call inside `acting(actor)`."""
    rows = IncomingNotice.objects.filter(notifier_id=notifier_id, reference=reference)
    return rows.values_list("number", flat=True).first()


def by_statement(number: str) -> str:
    """The number of the notice whose statement of reasons has this number; empty if there is none.

    Call inside `acting(actor)`.
    """
    rows = HostStatement.objects.filter(number=number.strip().upper()[:20])
    return rows.values_list("decision__notice__number", flat=True).first() or ""
