"""Histories of indicators, drawn at random, and what must hold after each act, written down a second time."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from tutela.indicators.lifecycle import state_machine
from tutela.indicators.lifecycle.state_machine import (
    AcceptHeld,
    Action,
    Certify,
    Decide,
    Dispute,
    IndicatorState,
    Propose,
    ReportFalse,
    Revoke,
    Rules,
    State,
    Suspend,
)

ORGANISATIONS = [("hotline-ie", "IE"), ("garda-ie", "IE"), ("hotline-de", "DE"), ("bka-de", "DE"), ("police-fr", "FR")]
PROVIDERS = ["pixelpost", "chatterbox", "album"]
CATEGORIES = ["a:known", "a:other", "b:known"]
POLICIES = [
    Rules(categories=frozenset({"a:known"})),
    Rules(categories=frozenset({"a:*"})),
    Rules(),
    Rules(organisations=3, jurisdictions=2, categories=frozenset({"a:known", "b:*"})),
    Rules(organisations=3, jurisdictions=3),
]


# Of what is said so much is said in a flood, and waits for the Centre.
IN_FLOODS = 0.25


def drawn(dice: random.Random) -> Action:
    """Any act, by anybody; what is said in a flood waits, and may be heard later, by whoever said it or anybody."""
    organisation, country = dice.choice(ORGANISATIONS)
    number = dice.random()
    if number < 0.12:
        return Propose(organisation, country, dice.choice(CATEGORIES))
    if number < 0.55:
        return Certify(organisation, country)
    if number < 0.66:
        return Dispute(organisation, waits=dice.random() < IN_FLOODS)
    if number < 0.76:
        return ReportFalse(dice.choice(PROVIDERS), waits=dice.random() < IN_FLOODS)
    if number < 0.81:
        return AcceptHeld(dice.choice([organisation, dice.choice(PROVIDERS)]))
    if number < 0.85:
        return Suspend()
    return Decide(dice.random() < 0.2) if number < 0.98 else Revoke()


@dataclass
class Witness:
    """Judges a history by its acts alone, knowing nothing of how a standing is computed."""

    since: set[tuple[str, str]] = field(default_factory=set)
    ended: bool = False
    rests_on: set[str] = field(default_factory=set)
    doubts: set[str] = field(default_factory=set)
    reports: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    was: State = State.NONE
    category: str = ""

    def sees(self, act: Action, now: IndicatorState, rules: Rules) -> None:
        """After an act that was possible."""
        if isinstance(act, Propose):
            self.category, self.since = act.category, {(act.organisation, act.country)}
        elif isinstance(act, Certify):
            self.since.add((act.organisation, act.country))
        elif isinstance(act, Decide) and self.was is State.SUSPENDED:
            self.since = set()
        self._hears(act)
        if self.was is State.ACTIVE and now.state is State.SUSPENDED:
            assert isinstance(act, Suspend) or self._grounds(act), "one organisation emptied the list"
        if isinstance(act, Dispute | ReportFalse) and act.waits:
            assert now.state is self.was, "a flood did something by itself"
        if isinstance(act, Decide):
            self.doubts, self.reports, self.waiting = set(), set(), set()
        self.ended = self.ended or isinstance(act, Revoke) or (isinstance(act, Decide) and act.upheld)
        assert not self.ended or now.state is State.REVOKED, "something came back after its end"
        if now.state is State.ACTIVE and self.was is not State.ACTIVE:
            assert len({name for name, _ in self.since}) >= rules.organisations >= 2, "too few organisations"
            assert len({country for _, country in self.since}) >= rules.jurisdictions >= 2, "too few jurisdictions"
            assert rules.permits(self.category), "outside the policy"
            assert self.was is State.PROPOSED, "it came back without a new round"
            self.rests_on = {name for name, _ in self.since}
        self.was = now.state

    def _hears(self, act: Action) -> None:
        match act:
            case Dispute(organisation=organisation):
                self.doubts.add(organisation)
            case ReportFalse(provider=provider, waits=waits):
                (self.waiting if waits else self.reports).add(provider)
            case AcceptHeld(organisation=organisation) if organisation in self.waiting:
                self.reports.add(organisation)

    def _grounds(self, act: Action) -> bool:
        """Whether what was said so far stops it: one on whom it rests doubts it, or two do, or two providers report."""
        doubter = act.organisation if isinstance(act, Dispute | AcceptHeld) else ""
        doubted = doubter in self.doubts and (doubter in self.rests_on or len(self.doubts) >= 2)
        return doubted or (isinstance(act, ReportFalse | AcceptHeld) and len(self.reports) >= 2)


def _let_count(now: IndicatorState, act: Action, witness: Witness) -> IndicatorState:
    """As the rows have it once the Centre lets a flood count: a report that waited stands among the others."""
    if isinstance(act, AcceptHeld) and act.organisation in witness.waiting:
        return replace(now, reports=now.reports | {act.organisation})
    return now


def play(dice: random.Random, most: int = 12) -> tuple[int, int]:
    """One history under policies that change; how many acts were possible, and how often it became active."""
    now, witness, rules = IndicatorState(), Witness(), dice.choice(POLICIES)
    possible = active = 0
    for number in range(dice.randint(2, most)):
        if dice.random() < 0.05:
            rules = dice.choice(POLICIES)
        # Most lives begin as they should; the rest try to begin in the middle.
        beginning = number == 0 and dice.random() < 0.9
        act = Propose(*dice.choice(ORGANISATIONS), dice.choice(CATEGORIES)) if beginning else drawn(dice)
        before = now = _let_count(now, act, witness)
        try:
            now = state_machine.next_state(now, act, rules)
        except state_machine.ActionNotAllowed:
            assert now is before
            continue
        possible += 1
        active += now.state is State.ACTIVE and before.state is not State.ACTIVE
        witness.sees(act, now, rules)
    return possible, active
