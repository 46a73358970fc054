"""Simulated histories, lived through by the steps of a hotline's desk at their simulated times."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tests.support.takedown_histories import BASE, Happened, Truth, simulated
from tests.support.takedown_world import Hotline
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.takedown.look import Answer
from tutela.law import classification
from tutela.takedown.assessment import assess
from tutela.takedown.models import Channel, HostTrace, StepKind, TakedownCase
from tutela.takedown.notices import notify
from tutela.takedown.police import police_steps
from tutela.takedown.rechecks import check

SCHEME = {
    "code": "sim-2026",
    "title": "Simulation",
    "version": "1",
    "source": "D",
    "values": [{"value": "second", "label": "Second type"}],
}


def send_notice(actor: Actor, case_id: UUID, provider: str, country: str) -> UUID:
    """A trace, and the notice. A notice that waits for an answer is escalated first."""
    with acting(actor):
        case = TakedownCase.objects.get(pk=case_id)
        for row in case.notices.filter(state__in=notify.WAITING):
            notify.step(actor, row, StepKind.ESCALATED)
        case.refresh_from_db()
        HostTrace.objects.create(
            organisation_id=actor.organisation_id,
            case=case,
            sealed=b"",
            provider=provider,
            location_country=country,
            by=actor.reference,
        )
        case.provider, case.hosting_country = provider, country
        case.save(update_fields=["provider", "hosting_country"])
    return notify.queue(actor, case_id, notify.Recipient(channel=Channel.FILE))


class Lived:
    """One simulated case at a hotline."""

    def __init__(self, hotline: Hotline, seed: int) -> None:
        self.hotline, self.simulation = hotline, simulated(seed)
        classification.import_scheme(hotline.cast.centre, SCHEME)
        self.truth: list[Truth] = self.simulation.truth
        with clock.simulate(BASE - timedelta(hours=2)):
            self.case = hotline.reported().id
            label = self.truth[0].label if self.truth else "eu-2011-93:known-material"
            assess.assess(hotline.analyst, self.case, assess.Judgement("illegal", label=label, reality="unclear"))
            hotline.police_know(self.case)
        for one in self.simulation.events:
            with clock.simulate(one.at):
                getattr(self, f"_{one.kind}")(one)

    def _notice(self, one: Happened) -> None:
        provider, country, _label = one.said
        self.notice: UUID = send_notice(self.hotline.analyst, self.case, provider, country)

    def _answer(self, one: Happened) -> None:
        notify.answered(self.hotline.analyst, self.notice, one.said[0])

    def _absent(self, _one: Happened) -> None:
        check.seen(self.hotline.analyst, self.case, absent=True)

    def _reappeared(self, _one: Happened) -> None:
        assert check.store(self.hotline.machine, self.case, [Answer(200)]) == "reappeared"

    def _legal(self, _one: Happened) -> None:
        assess.assess(self.hotline.colleague, self.case, assess.Judgement("legal"))

    def _hold(self, one: Happened) -> None:
        """Placed with a later end and lifted, or left to end by itself."""
        end, lifted = BASE + timedelta(hours=int(one.said[0])), bool(one.said[1])
        until = end + timedelta(days=3) if lifted else end
        authority = self.hotline.cast.authority.organisation_id
        actor = self.hotline.analyst
        with acting(actor):
            made = police_steps.hold(actor, self.case, authority, until, "A search is planned.")
        if lifted:
            with clock.simulate(end):
                police_steps.end_hold(actor, self.case, made)
