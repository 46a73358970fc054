"""Histories through the database, act by act beside the pure function: what may happen, happens; nothing else does."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.db.utils import IntegrityError
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.integration.indicators.register.test_register import CLASS, _scheme
from tests.support.cast import Cast
from tests.support.database import superuser
from tests.support.drills import LONG
from tests.unit.exchange.register.test_policy import policy as a_policy
from tests.unit.exchange.register.test_policy import signed
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.indicators.errors import OutsidePolicy
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.lifecycle import policy, state, state_machine
from tutela.indicators.lifecycle.queries import with_now, with_state
from tutela.indicators.lifecycle.state_machine import (
    Certify,
    Decide,
    Dispute,
    IndicatorState,
    Propose,
    ReportFalse,
    Revoke,
    State,
    Suspend,
)
from tutela.indicators.register import certify as register_certify
from tutela.indicators.register import dispute, match_feedback
from tutela.indicators.register import propose as register_propose
from tutela.indicators.register import revoke as register_revoke
from tutela.indicators.release_files.version_files import LIST_ID
from tutela.indicators.safeguards import rate_limits
from tutela.law import classification

__all__ = ["_scheme"]
pytestmark = pytest.mark.slow
# All of them in `make drills`; otherwise enough for every act under every policy to be seen many times.
HISTORIES = 10_000 if LONG else 200
# Beside each other in one world; each is a history of its own.
AT_ONCE, STEPS = 50, 120
OTHER = "histories:other"
CATEGORIES = [CLASS, CLASS, CLASS, OTHER]
# How often the policy changes before an act.
CHANGES = 0.03
# One after the other; each change forbids something that was permitted, or asks for more.
POLICIES: list[dict[str, Any]] = [
    {"categories": [CLASS]},
    {"categories": [CLASS, "histories:*"], "organisations": 3},
    {"categories": [OTHER]},
    {"categories": [CLASS], "jurisdictions": 3, "organisations": 3},
]


class Policies:
    """Signed policies in the database of all tests, of which one binds; they go again when the histories are over."""

    def __init__(self) -> None:
        self.owner = psycopg.connect(superuser(), autocommit=True)
        # Whoever owns the database puts the clock on: nobody else shortens a notice.
        self.owner.execute("SET session_replication_role = replica")
        self.long_ago, before = clock.now() - timedelta(days=90), None
        for number, change in enumerate(POLICIES, 1):
            said = a_policy(number, before, binds_from=self.long_ago, **change)
            self.owner.execute(
                "INSERT INTO indicators_policyversion (version, document, sha256, categories, organisations,"
                " jurisdictions, binds_from, made_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    number,
                    signed(said, 0, 1, 2, 3).to_bytes().decode(),
                    said.fingerprint(),
                    list(said.categories),
                    said.organisations,
                    said.jurisdictions,
                    self.long_ago,
                    self.long_ago,
                ],
            )
            before = said.fingerprint()

    def let(self, number: int) -> state_machine.Rules:
        """This one binds: the public log held it, and those before it, for thirty days; the later ones it does not."""
        self.owner.execute("DELETE FROM indicators_policynotice")
        self.owner.execute(
            "INSERT INTO indicators_policynotice SELECT version, %s FROM indicators_policyversion WHERE version <= %s",
            [self.long_ago, number],
        )
        found = policy.in_force()
        assert found is not None
        assert found.policy.version == number
        return policy.rules()

    def end(self) -> None:
        """As before."""
        self.owner.execute("DELETE FROM indicators_policynotice")
        self.owner.execute("DELETE FROM indicators_policyversion")
        self.owner.close()


class World:
    """Two organisations in Ireland, two in Germany, one in France, two providers; the same for every history."""

    def __init__(self) -> None:
        self.cast = Cast()
        self.centre = self.cast.centre
        kinds = (("hotline", "IE"), ("authority", "IE"), ("hotline", "DE"), ("authority", "DE"), ("authority", "FR"))
        self.members = [self.cast.organisation(f"Member {n}", *kind) for n, kind in enumerate(kinds)]
        self.providers = [self.cast.organisation(f"Provider {n}", "provider", "IE") for n in range(2)]
        self.played = self.became_active = self.refused = 0
        values = [{"value": "other", "label": "Other"}]
        scheme = {"code": "histories", "title": "T", "version": "1", "source": "A test", "values": values}
        classification.import_scheme(self.centre, scheme)
        self.policies = Policies()
        self.rules = self.policies.let(1)

    def change(self, number: int) -> None:
        """Another policy is in force from now on."""
        self.rules = self.policies.let(number)

    def propose(self, actor: Actor, category: str) -> UUID | None:
        """Through the front door; what the policy does not permit comes in by no other way either."""
        given = [HashValue("sha256", secrets.token_hex(32))]
        said: dict[str, Any] = {"given": given, "media_type": "image", "classification": category, "reason": "x"}
        if self.rules.permits(category):
            return register_propose.propose(actor, **said)
        with pytest.raises(OutsidePolicy):
            register_propose.propose(actor, **said)
        with pytest.raises(IntegrityError, match="does not permit"), acting(actor), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO indicators_indicator (id, organisation_id, created_at, number, media_type, classification,"
                " series, reason, proposed_by, source) VALUES (%s, %s, now(), %s, 'image', %s, '', 'x', 'attack', '')",
                [uuid7(), actor.organisation_id, secrets.token_hex(8), category],
            )
        self.refused += 1
        return None


_world: World | None = None


class Histories(RuleBasedStateMachine):
    """Each rule draws an indicator and an act, and tries it on both sides."""

    @initialize()
    def begin(self) -> None:
        assert _world is not None
        self.world, self.expected = _world, dict[UUID, IndicatorState]()
        self.touched: UUID | None = None

    @rule(number=st.integers(1, 4 * len(POLICIES)))
    def change(self, number: int) -> None:
        if number <= len(POLICIES):
            self.world.change(number)

    @rule(who=st.integers(0, 4), category=st.sampled_from(CATEGORIES))
    def propose(self, who: int, category: str) -> None:
        if len(self.expected) >= AT_ONCE:
            return
        actor = self.world.members[who]
        made = self.world.propose(actor, category)
        if made is None:
            return
        act = Propose(str(actor.organisation_id), actor.country, category)
        self.expected[made] = state_machine.next_state(IndicatorState(), act, self.world.rules)
        self.world.played += 1
        self.touched = made

    @rule(which=st.integers(0, AT_ONCE), who=st.integers(0, 4))
    def certify(self, which: int, who: int) -> None:
        actor = self.world.members[who]
        self._both(
            which, Certify(str(actor.organisation_id), actor.country), lambda one: register_certify.certify(actor, one)
        )

    @rule(which=st.integers(0, AT_ONCE), who=st.integers(0, 4))
    def doubt(self, which: int, who: int) -> None:
        actor = self.world.members[who]
        self._both(which, Dispute(str(actor.organisation_id)), lambda one: dispute.dispute(actor, one, "x"))

    @rule(which=st.integers(0, AT_ONCE), who=st.integers(0, 1))
    def report(self, which: int, who: int) -> None:
        sender = self.world.providers[who]
        one = self._chosen(which)
        if one is None or self.expected[one].state is not State.ACTIVE:
            return  # of what is not active there are no matches
        match_feedback.feedback(self.world.centre, sender, LIST_ID, one, "false")
        self.expected[one] = state_machine.next_state(
            self.expected[one], ReportFalse(str(sender.organisation_id)), self.world.rules
        )
        self.touched = one

    @rule(which=st.integers(0, AT_ONCE))
    def suspend(self, which: int) -> None:
        one = self._chosen(which)
        if one is not None and self.expected[one].state is State.ACTIVE:
            self._both(which, Suspend(), lambda one: register_revoke.suspend(self.world.centre, one, "x"))

    @rule(which=st.integers(0, AT_ONCE), upheld=st.booleans())
    def decide(self, which: int, upheld: bool) -> None:
        self._both(which, Decide(upheld), lambda one: dispute.decide(self.world.centre, one, upheld=upheld, reason="x"))

    @rule(which=st.integers(0, AT_ONCE), late=st.booleans())
    def revoke(self, which: int, late: bool) -> None:
        if late:
            self._both(which, Revoke(), lambda one: register_revoke.revoke(self.world.centre, one, "x"))

    @rule(which=st.integers(0, AT_ONCE), who=st.integers(0, 4))
    def activate_by_sql(self, which: int, who: int) -> None:
        """What code would not do: an activation in the present round, whatever stands behind it."""
        one, actor = self._chosen(which), self.world.members[who]
        if one is None or self.expected[one].state is State.ACTIVE or self._ripe(one):
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
            found, said = state.state_of(one), with_state().get(pk=one).state
            kept = with_now().get(pk=one).state
        expected = self.expected[one]
        assert kept == said == expected.state.value, "what triggers keep for lists, and what lists work out"
        assert found.state is expected.state
        if expected.state is not State.REVOKED:
            assert found == expected
        self.touched = None

    def _ripe(self, one: UUID) -> bool:
        """Enough stand behind it since a policy asked for more, or forbade it: the next certification activates it."""
        now, rules = self.expected[one], self.world.rules
        countries = {country for _, country in now.certified}
        enough = len(now.certified) >= rules.organisations and len(countries) >= rules.jurisdictions
        return now.state is State.PROPOSED and enough and rules.permits(now.category)

    def _chosen(self, which: int) -> UUID | None:
        known = list(self.expected)
        return known[which % len(known)] if known else None

    def _both(self, which: int, act: state_machine.Action, do: object) -> None:
        one = self._chosen(which)
        if one is None:
            return
        self.touched = one
        try:
            now = state_machine.next_state(self.expected[one], act, self.world.rules)
        except state_machine.ActionNotAllowed:
            with pytest.raises(TutelaError):
                do(one)  # type: ignore[operator]
            return
        do(one)  # type: ignore[operator]
        if now.state is State.ACTIVE and self.expected[one].state is not State.ACTIVE:
            assert self.world.rules.permits(now.category)
            self.world.became_active += 1
        self.expected[one] = now


@pytest.fixture
def world(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    global _world
    monkeypatch.setattr(policy, "proposals_per_hour", lambda: 10**9)
    for most in ("DISPUTES_PER_HOUR", "FALSE_PER_HOUR", "FALSE_PER_DAY"):
        monkeypatch.setattr(rate_limits, most, 10**9)
    monkeypatch.setattr(match_feedback, "current_grant", lambda *_: object())
    _world = World()
    try:
        yield _world
    finally:
        _world.policies.end()
        _world = None


def test_no_history_through_the_database_does_what_the_life_does_not_allow(world: World) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    _one_of_each(world)
    chosen = settings(
        max_examples=30 if LONG else 10, stateful_step_count=STEPS, deadline=None, suppress_health_check=checks
    )
    run_state_machine_as_test(Histories, settings=chosen)


def _one_of_each(world: World) -> None:
    """One history that is not drawn: under each policy one is refused, and one becomes active, is revoked and stays so.

    So it rests on no draw that both sides were seen to agree on an activation and on a refusal.
    """
    history = Histories()
    history.begin()
    for number in range(1, len(POLICIES) + 1):
        history.change(number)
        refused, active = world.refused, world.became_active
        for category in (CLASS, OTHER):
            before = len(history.expected)
            history.propose(0, category)
            if len(history.expected) == before:
                continue
            for who in range(5):
                history.certify(before, who)
                history.both_agree()
            history.revoke(before, late=True)
            history.both_agree()
        assert world.became_active > active
        assert world.refused > refused or number == 2
    history.teardown()


def _tried(world: World, one: UUID, act: state_machine.Action, who: dict[str, Actor]) -> None:
    """The act on the database, as the capability that people call."""
    match act:
        case Certify(organisation=name):
            register_certify.certify(who[name], one)
        case Dispute(organisation=name):
            dispute.dispute(who[name], one, "x")
        case ReportFalse(provider=name):
            match_feedback.feedback(world.centre, who[name], LIST_ID, one, "false")
        case Decide(upheld=upheld):
            dispute.decide(world.centre, one, upheld=upheld, reason="x")
        case Revoke():
            register_revoke.revoke(world.centre, one, "x")
        case _:
            register_revoke.suspend(world.centre, one, "x")


def _drawn(dice: random.Random, world: World) -> state_machine.Action:
    member = dice.choice(world.members)
    name, number = str(member.organisation_id), dice.random()
    if number < 0.6:
        return Certify(name, member.country)
    if number < 0.75:
        return Dispute(name)
    if number < 0.85:
        return ReportFalse(str(dice.choice(world.providers).organisation_id))
    return Decide(dice.random() < 0.2) if number < 0.97 else Revoke()


def _history(world: World, dice: random.Random, who: dict[str, Actor]) -> int:
    """One life, act by act on both sides; how often it became active."""
    proposer, category = dice.choice(world.members), dice.choice(CATEGORIES)
    one = world.propose(proposer, category)
    if one is None:
        return 0
    now = state_machine.next_state(
        IndicatorState(), Propose(str(proposer.organisation_id), proposer.country, category), world.rules
    )
    became = 0
    for _ in range(dice.randint(1, 6)):
        if dice.random() < CHANGES:
            world.change(dice.choice([1, 1, 1, 2, 3, 4]))
        act = _drawn(dice, world)
        if isinstance(act, ReportFalse) and now.state is not State.ACTIVE:
            continue  # of what is not active there are no matches
        try:
            after = state_machine.next_state(now, act, world.rules)
        except state_machine.ActionNotAllowed:
            with pytest.raises(TutelaError):
                _tried(world, one, act, who)
            continue
        _tried(world, one, act, who)
        if after.state is State.ACTIVE and now.state is not State.ACTIVE:
            assert world.rules.permits(category)
            became += 1
        now = after
    with acting(world.centre):
        found = state.state_of(one)
    assert found == now or found.state is now.state is State.REVOKED
    return became


def test_thousands_of_histories_through_the_database_keep_every_promise(world: World) -> None:
    dice = random.Random(20261125)
    who = {str(one.organisation_id): one for one in (*world.members, *world.providers)}
    active = sum(_history(world, dice, who) for _ in range(HISTORIES))
    assert min(active, world.refused) > HISTORIES / 20, "histories that prove nothing"
