"""Results of drills, for the page and the command: who had the entry, who lost it, who answered, and who was late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.redress.drills.run import EDGES_TARGET, RECIPIENTS_TARGET, SUBJECT
from tutela.redress.errors import UnknownDrill
from tutela.redress.models import Drill, DrillParty, DrillPartyKind, DrillStep, DrillStepKind, Reversal
from tutela.redress.reversals import hops

READ, PER_PAGE = "reversals.read", 20
# Step of a party, the step from which it is counted, and its target.
MEASURED = {
    DrillPartyKind.EDGE: (
        (DrillStepKind.HAS, DrillStepKind.CERTIFIED, EDGES_TARGET),
        (DrillStepKind.WITHOUT, DrillStepKind.REVERSED, EDGES_TARGET),
    ),
    DrillPartyKind.RECIPIENT: ((DrillStepKind.ACKNOWLEDGED, DrillStepKind.REVERSED, RECIPIENTS_TARGET),),
}


@dataclass(frozen=True)
class Measured:
    """One time of a party: seconds after the step that it follows, None while it is missing; and whether it is late."""

    step: DrillStepKind
    seconds: float | None
    target: float
    late: bool

    @property
    def shown(self) -> str:
        """Seconds with one decimal."""
        return "—" if self.seconds is None else f"{self.seconds:.1f} s"


@dataclass(frozen=True)
class DrillLine:
    """A party with its times; none if it was away."""

    name: str
    kind: str
    kind_label: str
    connected: bool
    times: list[Measured]

    @property
    def late(self) -> bool:
        """Whether anything came after its target, or not at all."""
        return any(one.late for one in self.times)


@dataclass(frozen=True)
class DrillView:
    """A drill with its parties."""

    row: Drill
    certifiers: list[str]
    lines: list[DrillLine]

    @property
    def late(self) -> list[DrillLine]:
        """Parties that were late, or did not answer."""
        return [one for one in self.lines if one.late]

    def slowest(self, step: DrillStepKind) -> float | None:
        """The time of the last party, in seconds; None if one is missing or nobody was there."""
        found = [each.seconds for one in self.lines for each in one.times if each.step == step]
        known = [one for one in found if one is not None]
        return max(known) if known and len(known) == len(found) else None

    @property
    def slowest_has(self) -> float | None:
        """When the last Edge had the entry."""
        return self.slowest(DrillStepKind.HAS)

    @property
    def slowest_without(self) -> float | None:
        """When the last Edge no longer had the entry."""
        return self.slowest(DrillStepKind.WITHOUT)

    @property
    def slowest_answer(self) -> float | None:
        """When the last recipient had answered."""
        return self.slowest(DrillStepKind.ACKNOWLEDGED)


def list_drills(actor: Actor, part: ListPage = FIRST_PAGE) -> tuple[list[DrillView], bool]:
    """The drills of the actor's Centre, newest first. The view is recorded."""
    actor.require(READ)
    with acting(actor):
        found, more = part.of(Drill.objects.order_by("-created_at", "-pk"), {}, PER_PAGE)
        noted(actor, SUBJECT, (one.pk for one in found), part)
        return [_view(one) for one in found], more


def load(actor: Actor, drill_id: UUID) -> DrillView:
    """One drill. The view is recorded. Raises `UnknownDrill`."""
    actor.require(READ)
    with acting(actor):
        row = Drill.objects.filter(pk=drill_id).first()
        if row is None:
            raise UnknownDrill
        record(actor, "drill.viewed", SUBJECT, row.pk)
        return _view(row)


def received(actor: Actor) -> list[Reversal]:
    """Test reversals that reached the actor's organisation, newest first."""
    actor.require(READ)
    with acting(actor):
        rows = Reversal.objects.filter(hops.TEST, sender_id__isnull=False).order_by("-created_at")[:PER_PAGE]
        return list(rows)


def _view(row: Drill) -> DrillView:
    steps = {(one.party_id, one.kind): one for one in row.steps.all()}
    names = directory.names(UUID(one) for one in row.certifiers)
    lines = [_line(row, one, steps) for one in row.parties.all()]
    return DrillView(row, [names[UUID(one)] for one in row.certifiers], lines)


def _line(row: Drill, party: DrillParty, steps: dict[tuple[UUID | None, str], DrillStep]) -> DrillLine:
    measured = MEASURED[DrillPartyKind(party.kind)] if party.connected else ()
    times = [
        _measured(row, step, steps.get((None, since)), steps.get((party.pk, step)), target)
        for step, since, target in measured
    ]
    return DrillLine(party.recipient_name, party.kind, str(party.get_kind_display()), party.connected, times)


def _measured(
    row: Drill, step: DrillStepKind, since: DrillStep | None, done: DrillStep | None, target: timedelta
) -> Measured:
    if done is None or since is None:
        return Measured(step, None, target.total_seconds(), row.ended_at is not None)
    seconds = max((done.at - since.at).total_seconds(), 0.0)
    return Measured(step, seconds, target.total_seconds(), seconds > target.total_seconds())
