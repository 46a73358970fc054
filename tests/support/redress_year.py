"""A simulated year at a provider, the Centre, two hotlines and an authority, whose truth is counted as it is made up.

The counts of `Truth` are written by the story alone. Nothing of them is read from the tables or figures they check.
"""

from __future__ import annotations

import random
import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from tests.support.detection_world import CONFIRM, CONFIRM_VIEWED, REJECT, body
from tests.support.redress_world import Redress, recorded
from tutela import clock
from tutela.detection.review import review
from tutela.law import recorded_bases
from tutela.redress.complaints import decide, intake
from tutela.redress.complaints.decide import Judgement
from tutela.redress.complaints.measure import MeasureInput
from tutela.redress.reversals import accept

MONTHS, HOUR = 12, timedelta(hours=1)
EXACT, NEAR = "exact-sha256", "near-pdq"


@dataclass
class Truth:
    """What really happened."""

    matched: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    confirmed: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    reports: int = 0
    decided: int = 0
    reversed: int = 0
    late: int = 0
    hours: float = 0.0
    accounts: int = 0
    consequences: Counter[str] = field(default_factory=Counter)
    reviews: int = 0


@dataclass
class Year:
    """Plays month after month. `errors` of all confirmed matches were wrong and are complained about."""

    world: Redress
    seed: int = 20260207
    truth: Truth = field(default_factory=Truth)

    def __post_init__(self) -> None:
        self.random, self.start = random.Random(self.seed), clock.now() + HOUR

    def play(self) -> datetime:
        """Play the year; returns its end."""
        # The basis of the cast ends within the year.
        recorded_bases.record_demonstration(self.world.provider)
        at = self.start
        for month in range(MONTHS):
            for _ in range(self.random.randint(2, 4)):
                at += timedelta(hours=self.random.randint(8, 40))
                self._at(at, self._ordinary)
            for _ in range(1 if month % 2 else 0):
                at += timedelta(hours=self.random.randint(8, 40))
                at = self._wrong(at)
            at += timedelta(hours=self.random.randint(8, 40))
            self._at(at, self._upheld)
            at = max(at, self.start + timedelta(days=30 * (month + 1)))
        self.truth.reviews = self.truth.errors.total() // 3
        return at + HOUR

    def _at(self, moment: datetime, work: object) -> None:
        with clock.simulate(moment):
            work()  # type: ignore[operator]

    def _ordinary(self) -> None:
        """A match that people decide, and that nobody complains about."""
        near = self.random.random() < 0.5
        rule = NEAR if near else EXACT
        candidate = self.world.desk.candidate(body(rule))
        wrong = self.random.random() < 0.4
        self.truth.matched[rule] += 1
        (self.truth.rejected if wrong else self.truth.confirmed)[rule] += 1
        desk = self.world.desk
        if wrong:
            desk.opened(desk.reviewer, candidate, REJECT)
        elif near:
            desk.opened(desk.reviewer, candidate, CONFIRM_VIEWED)
        else:
            review.decide(desk.reviewer, candidate, CONFIRM)

    def _wrong(self, at: datetime) -> datetime:
        """A wrong match is confirmed and reported; its user complains; everybody corrects it."""
        world, down, search = self.world, self.random.randint(20, 90), self.random.random() < 0.5
        account = self.random.random() < 0.7
        with clock.simulate(at):
            report, _entry = world.flagged()
        self.truth.matched[EXACT] += 1
        self.truth.confirmed[EXACT] += 1
        self.truth.reports += 1
        self.truth.errors[EXACT] += 1
        begun = at + timedelta(hours=down)
        with clock.simulate(begun):
            complaint = intake.enter(world.judge, "Please look again.", "en")
            kind = "account" if account else "removal"
            world.measured(complaint, report, measure=kind, measure_at=at)
        late = self.random.random() < 0.3
        decided = begun + (timedelta(days=15) if late else 2 * HOUR)
        with clock.simulate(decided):
            row = world.reversed(complaint)
            world.post()
        with clock.simulate(decided + HOUR):
            accept.accept(world.centre.lead, world.at(world.centre.machine, row.root_id).pk)
            world.post()
        ended = decided + 3 * HOUR
        with clock.simulate(ended):
            for hotline in world.hotlines:
                world.answered(world.cast.actor(hotline, "analyst"), row.root_id)
            found = ("search", "police_contact") if search else ()
            world.answered(world.authority.investigator, row.root_id, "erased", consequences=found)
            world.answered(world.judge, row.root_id)
            world.post()
        self.truth.decided += 1
        self.truth.reversed += 1
        self.truth.late += late
        self.truth.hours += (ended - at).total_seconds() / 3600
        self.truth.accounts += account
        self.truth.consequences.update(found)
        return self._again(report, at, ended, kind) if self.truth.errors.total() % 2 else ended

    def _again(self, report: UUID, at: datetime, ended: datetime, kind: str) -> datetime:
        """Another person complains about the same measure, which is undone already: one mistake, two decisions."""
        world, first = self.world, self.world.judge
        world.judge = world.cast.actor(world.provider, "lead")
        with clock.simulate(ended + HOUR):
            complaint = intake.enter(world.judge, "It was my picture too.", "en")
            world.measured(complaint, report, measure=kind, measure_at=at)
            row = world.reversed(complaint)
            world.post()
            accept.accept(world.centre.lead, world.at(world.centre.machine, row.root_id).pk)
            world.post()
            world.answered(world.authority.investigator, row.root_id, "erased")
            world.answered(world.judge, row.root_id)
            world.post()
        world.judge = first
        self.truth.decided += 1
        self.truth.reversed += 1
        return ended + 2 * HOUR

    def _upheld(self) -> None:
        """A complaint without ground."""
        judge, reviewer = self.world.judge, self.world.desk.reviewer.person_id
        made = intake.enter(judge, f"Give it back {secrets.token_hex(2)}.", "en")
        assert reviewer
        recorded(judge, made, MeasureInput("user", "removal", deciders=(reviewer,)))
        decide.decide(judge, made, Judgement("uphold", "terms", "The terms forbid it."))
        self.truth.decided += 1


__all__ = ["EXACT", "NEAR", "Truth", "Year"]
