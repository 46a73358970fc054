"""One received notice with everything about it; the view is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.record import Recorded, record, timeline
from tutela.events.transaction import acting
from tutela.exchange.takedown.notice import Location
from tutela.exchange.takedown.notice import Notice as Wire
from tutela.organisations.errors import Erased
from tutela.organisations.keys import subject_keys
from tutela.takedown.host_desk import answers, flaggers
from tutela.takedown.host_desk import notice_rows as rows
from tutela.takedown.models import FlaggerStatus, HostAction, HostDecision, HostStatement, IncomingNotice


@dataclass(frozen=True)
class Place:
    """One address of a notice, and the action that counts."""

    number: int
    location: Location
    action: str = ""

    @property
    def label(self) -> str:
        """The action in words."""
        return str(HostAction(self.action).label) if self.action else ""

    @property
    def restorable(self) -> bool:
        """Whether the address is removed or disabled."""
        return self.action in (HostAction.REMOVED, HostAction.DISABLED)


@dataclass(frozen=True)
class IncomingView:
    """A received notice as its page shows it. `notice` is None once the contents are erased."""

    row: IncomingNotice
    notice: Wire | None
    places: list[Place]
    decisions: list[HostDecision]
    flagger: FlaggerStatus | None
    precision: flaggers.Precision | None
    statement: HostStatement | None
    takes_answers: bool
    events: list[Recorded]

    @property
    def restorable(self) -> list[Place]:
        """Addresses whose decision can be reversed."""
        return [one for one in self.places if one.restorable]


def load_notice(actor: Actor, notice_id: UUID) -> IncomingView:
    """A received notice with everything about it. Raises `UnknownNotice`."""
    actor.require(rows.READ)
    with acting(actor):
        row = rows.find(notice_id)
        record(actor, "hosting.viewed", rows.SUBJECT, row.pk)
        try:
            notice = rows.wire_of(row)
        except Erased:
            notice = None
        actions, decisions = rows.newest_actions(row), list(row.decisions.order_by("sequence"))
        subject_keys.open_words(rows.SUBJECT, row.pk, decisions)
        places = enumerate(notice.locations if notice else ())
        return IncomingView(
            row=row,
            notice=notice,
            places=[Place(place, one, actions.get(place, "")) for place, one in places],
            decisions=decisions,
            flagger=FlaggerStatus.objects.filter(notifier_id=row.notifier_id).order_by("-created_at", "-pk").first(),
            precision=flaggers.precisions([row.notifier_id]).get(row.notifier_id),
            takes_answers=answers.takes_answers(row),
            statement=HostStatement.objects.filter(decision__notice=row).first(),
            events=timeline(rows.SUBJECT, row.pk),
        )
