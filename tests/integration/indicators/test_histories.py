"""Histories through the database, act by act beside the pure function: what may happen, happens; nothing else does."""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import connection
from django.db.utils import IntegrityError
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.cast import Cast
from tests.integration.indicators.test_register import CLASS, _scheme
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.events.ids import uuid7
from tutela.indicators import flooding, life, policy, register, standing, votes
from tutela.indicators.hashes import Given
from tutela.indicators.life import Certify, Decide, Doubt, Propose, ReportFalse, Revoke, Standing, State, Suspend
from tutela.indicators.queries import with_now, with_state
from tutela.indicators.releases import LIST_ID

__all__ = ["_scheme"]
pytestmark = pytest.mark.slow
# In continuous integration all of them; elsewhere enough to see that nothing is broken.
HISTORIES = 10_000 if os.environ.get("CI") else 300
# Beside each other in one world; each is a history of its own.
AT_ONCE, STEPS = 50, 120


class World:
    """Two organisations in Ireland, two in Germany, one in France, two providers; the same for every history."""

    def __init__(self) -> None:
        self.cast = Cast()
        self.centre = self.cast.centre
        kinds = (("hotline", "IE"), ("authority", "IE"), ("hotline", "DE"), ("authority", "DE"), ("authority", "FR"))
        self.members = [self.cast.organisation(f"Member {n}", *kind) for n, kind in enumerate(kinds)]
        self.providers = [self.cast.organisation(f"Provider {n}", "provider", "IE") for n in range(2)]
        self.played = self.became_active = 0
        self.rules = policy.rules()


_world: World | None = None


class Histories(RuleBasedStateMachine):
    """Each rule draws an indicator and an act, and tries it on both sides."""

    @initialize()
    def begin(self) -> None:
        assert _world is not None
        self.world, self.expected = _world, dict[UUID, Standing]()
        self.touched: UUID | None = None

    @rule(who=st.integers(0, 4))
    def propose(self, who: int) -> None:
        if len(self.expected) >= AT_ONCE:
            return
        actor = self.world.members[who]
        made = register.propose(
            actor, given=[Given("sha256", secrets.token_hex(32))], media_type="image", classification=CLASS, reason="x"
        )
        act = Propose(str(actor.organisation_id), actor.country, CLASS)
        self.expected[made] = life.after(Standing(), act, self.world.rules)
        self.world.played += 1
        self.touched = made

    @rule(which=st.integers(0, AT_ONCE), who=st.integers(0, 4))
    def certify(self, which: int, who: int) -> None:
        actor = self.world.members[who]
        self._both(which, Certify(str(actor.organisation_id), actor.country), lambda one: register.certify(actor, one))

    @rule(which=st.integers(0, AT_ONCE), who=st.integers(0, 4))
    def doubt(self, which: int, who: int) -> None:
        actor = self.world.members[who]
        self._both(which, Doubt(str(actor.organisation_id)), lambda one: register.dispute(actor, one, "x"))

    @rule(which=st.integers(0, AT_ONCE), who=st.integers(0, 1))
    def report(self, which: int, who: int) -> None:
        sender = self.world.providers[who]
        one = self._chosen(which)
        if one is None or self.expected[one].state is not State.ACTIVE:
            return  # of what is not active there are no matches
        votes.feedback(self.world.centre, sender, LIST_ID, one, "false")
        self.expected[one] = life.after(self.expected[one], ReportFalse(str(sender.organisation_id)), self.world.rules)
        self.touched = one

    @rule(which=st.integers(0, AT_ONCE))
    def suspend(self, which: int) -> None:
        one = self._chosen(which)
        if one is not None and self.expected[one].state is State.ACTIVE:
            self._both(which, Suspend(), lambda one: register.suspend(self.world.centre, one, "x"))

    @rule(which=st.integers(0, AT_ONCE), upheld=st.booleans())
    def decide(self, which: int, upheld: bool) -> None:
        self._both(
            which, Decide(upheld), lambda one: register.decide(self.world.centre, one, upheld=upheld, reason="x")
        )

    @rule(which=st.integers(0, AT_ONCE), late=st.booleans())
    def revoke(self, which: int, late: bool) -> None:
        if late:
            self._both(which, Revoke(), lambda one: register.revoke(self.world.centre, one, "x"))

    @rule(which=st.integers(0, AT_ONCE), who=st.integers(0, 4))
    def activate_by_sql(self, which: int, who: int) -> None:
        """What code would not do: an activation in the present round, whatever stands behind it."""
        one, actor = self._chosen(which), self.world.members[who]
        if one is None or self.expected[one].state is State.ACTIVE:
            return
        values = [uuid7(), actor.organisation_id, one, self.expected[one].round]
        with pytest.raises(IntegrityError), acting(actor), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO indicators_activation (id, organisation_id, created_at, indicator_id, round, by)"
                " VALUES (%s, %s, now(), %s, %s, 'attack')",
                values,
            )

    @invariant()
    def both_agree(self) -> None:
        one = getattr(self, "touched", None)
        if one is None:
            return
        with acting(self.world.centre):
            found, said = standing.of(one), with_state().get(pk=one).state
            kept = with_now().get(pk=one).state
        expected = self.expected[one]
        assert kept == said == expected.state.value, "what triggers keep for lists, and what lists work out"
        assert found.state is expected.state
        if expected.state is not State.REVOKED:
            assert found == expected
        self.touched = None

    def _chosen(self, which: int) -> UUID | None:
        known = list(self.expected)
        return known[which % len(known)] if known else None

    def _both(self, which: int, act: life.Act, do: object) -> None:
        one = self._chosen(which)
        if one is None:
            return
        self.touched = one
        try:
            now = life.after(self.expected[one], act, self.world.rules)
        except life.Impossible:
            with pytest.raises(TutelaError):
                do(one)  # type: ignore[operator]
            return
        do(one)  # type: ignore[operator]
        self.world.became_active += now.state is State.ACTIVE and self.expected[one].state is not State.ACTIVE
        self.expected[one] = now


@pytest.fixture
def world(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    global _world
    monkeypatch.setattr(policy, "proposals_per_hour", lambda: 10**9)
    for most in ("DISPUTES_PER_HOUR", "FALSE_PER_HOUR", "FALSE_PER_DAY"):
        monkeypatch.setattr(flooding, most, 10**9)
    monkeypatch.setattr(votes, "current_grant", lambda *_: object())
    _world = World()
    yield _world
    _world = None


def test_no_history_through_the_database_does_what_the_life_does_not_allow(world: World) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    chosen = settings(max_examples=30, stateful_step_count=STEPS, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(Histories, settings=chosen)
    assert world.became_active > 5, "histories that prove nothing"


def _tried(world: World, one: UUID, act: life.Act, who: dict[str, Actor]) -> None:
    """The act on the database, as the capability that people call."""
    match act:
        case Certify(organisation=name):
            register.certify(who[name], one)
        case Doubt(organisation=name):
            register.dispute(who[name], one, "x")
        case ReportFalse(provider=name):
            votes.feedback(world.centre, who[name], LIST_ID, one, "false")
        case Decide(upheld=upheld):
            register.decide(world.centre, one, upheld=upheld, reason="x")
        case Revoke():
            register.revoke(world.centre, one, "x")
        case _:
            register.suspend(world.centre, one, "x")


def _drawn(dice: random.Random, world: World) -> life.Act:
    member = dice.choice(world.members)
    name, number = str(member.organisation_id), dice.random()
    if number < 0.6:
        return Certify(name, member.country)
    if number < 0.75:
        return Doubt(name)
    if number < 0.85:
        return ReportFalse(str(dice.choice(world.providers).organisation_id))
    return Decide(dice.random() < 0.2) if number < 0.97 else Revoke()


def _history(world: World, dice: random.Random, who: dict[str, Actor]) -> int:
    """One life, act by act on both sides; how often it became active."""
    proposer = dice.choice(world.members)
    one = register.propose(
        proposer, given=[Given("sha256", secrets.token_hex(32))], media_type="image", classification=CLASS, reason="x"
    )
    now = life.after(Standing(), Propose(str(proposer.organisation_id), proposer.country, CLASS), world.rules)
    became = 0
    for _ in range(dice.randint(1, 6)):
        act = _drawn(dice, world)
        if isinstance(act, ReportFalse) and now.state is not State.ACTIVE:
            continue  # of what is not active there are no matches
        try:
            after = life.after(now, act, world.rules)
        except life.Impossible:
            with pytest.raises(TutelaError):
                _tried(world, one, act, who)
            continue
        _tried(world, one, act, who)
        became += after.state is State.ACTIVE and now.state is not State.ACTIVE
        now = after
    with acting(world.centre):
        found = standing.of(one)
    assert found == now or found.state is now.state is State.REVOKED
    return became


def test_ten_thousand_histories_through_the_database_keep_every_promise(world: World) -> None:
    dice = random.Random(20261125)
    who = {str(one.organisation_id): one for one in (*world.members, *world.providers)}
    active = sum(_history(world, dice, who) for _ in range(HISTORIES))
    assert active > HISTORIES / 20, "histories that prove nothing"
