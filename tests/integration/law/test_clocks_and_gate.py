"""The gate on the days that matter, clocks as a state machine, holds, retention, classification."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.cast import Cast
from tutela import clock
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.law import acts, classification, clocks, detection_gate, holds, retention
from tutela.law.clock_kinds import ALL, KINDS, add_months
from tutela.law.clocks import ClockMove, state_of
from tutela.law.errors import BadStep, HoldTooLong, NoLegalBasis, UnknownClassification
from tutela.law.models import Tombstone

INTERPERSONAL = detection_gate.Activity("interpersonal", "private", "hash")
T0 = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _law() -> None:
    acts.seed()


@pytest.mark.parametrize(
    ("day", "named"),
    [
        (date(2026, 4, 3), "interim-2021"),
        (date(2026, 4, 4), None),
        (date(2026, 7, 30), None),
        (date(2026, 7, 31), "interim-2026"),
        (date(2028, 4, 3), "interim-2026"),
        (date(2028, 4, 4), None),
    ],
)
def test_interpersonal_detection_is_only_simulated_while_nobody_checked_the_act(day: date, named: str | None) -> None:
    decision = detection_gate.decide(INTERPERSONAL, day)
    assert not decision.allowed
    assert [s.split(" ")[0] for s in decision.simulated] == ([named] if named else [])
    assert "2002/58/EC" in decision.article


def test_the_gap_is_named() -> None:
    assert "2026-04-04 to 2026-07-30" in detection_gate.decide(INTERPERSONAL, date(2026, 5, 1)).reason


@pytest.mark.parametrize("channel", ["audio", "e2ee"])
@pytest.mark.parametrize("day", [date(2022, 1, 1), date(2026, 5, 1), date(2027, 1, 1)])
def test_audio_and_encrypted_channels_are_covered_on_no_day(channel: str, day: date) -> None:
    with pytest.raises(NoLegalBasis):
        detection_gate.require(detection_gate.Activity("interpersonal", channel, "hash"), day)


def test_the_projects_own_basis_for_hosting_is_unchecked_and_only_simulated() -> None:
    decision = detection_gate.decide(detection_gate.Activity("hosting", "public", "hash"), date(2026, 11, 25))
    assert not decision.allowed
    assert [one.split(" ")[0] for one in decision.simulated] == ["own-initiative-hosting"]
    assert "has not been checked" in decision.reason


def test_a_reading_by_a_named_person_makes_the_act_work(cast: Cast) -> None:
    fields = {
        "status": "in_force",
        "applies_from": date(2026, 7, 31),
        "applies_to": date(2028, 4, 3),
        "note": "OJ read",
    }
    acts.record_reading(cast.centre, "2026/1881", checked=True, **fields)  # type: ignore[arg-type]
    try:
        assert detection_gate.decide(INTERPERSONAL, date(2026, 11, 25)).allowed
        assert not detection_gate.decide(INTERPERSONAL, date(2026, 7, 30)).allowed
    finally:
        acts.record_reading(cast.centre, "2026/1881", checked=False, **fields)  # type: ignore[arg-type]
    assert not detection_gate.decide(INTERPERSONAL, date(2026, 11, 25)).allowed


def test_what_lapsed_without_a_last_day_acts_on_no_day(cast: Cast) -> None:
    lead = cast.actor(cast.centre, "lead")
    today = clock.now().date()
    reading = {"checked": True, "applies_from": date(2020, 1, 1), "note": "read for a test"}
    with pytest.raises(Invalid) as refused:
        acts.record_reading(lead, "2026/1881", status="lapsed", applies_to=None, **reading)
    assert refused.value.field == "applies_to"
    state = acts.ActState("x", "x", "x", "lapsed", "lapsed", True, False, date(2020, 1, 1), None, "", "", None)
    assert not state.acts_on(today)


def test_a_proposal_never_acts() -> None:
    assert not acts.state("CSAR").acts_on(date(2026, 11, 25))


def test_whatever_clock_a_proposal_asks_for_is_simulated() -> None:
    """What runs for real rests on an act in force, and where the length is our own it says so and names no proposal."""
    assert all(spec.act for spec in ALL if "CSAR" in spec.source), "a proposal's timing without its act"
    assert {spec.kind for spec in ALL if spec.act == "CSAR"} <= clocks.simulated()
    preserved = KINDS["preservation"]
    assert preserved.kind not in clocks.simulated(), "data are deleted by an act in force"
    assert "GDPR 5(1)(e)" in preserved.source
    for step in ("pause", "extend"):  # the further months of CSAR 22(2)
        with pytest.raises(BadStep):
            state_of(preserved, [ClockMove("start", T0), ClockMove(step, T0, timedelta(days=30))], T0)


def test_the_erasure_of_what_was_preserved_rests_on_no_proposal() -> None:
    assert "CSAR" not in retention.RULES["preserved"].source


def test_a_month_after_the_last_of_january_is_the_last_of_february() -> None:
    assert add_months(T0, 1).date() == date(2026, 2, 28)


def test_a_paused_clock_keeps_the_time_that_was_left() -> None:
    spec = KINDS["removal_order"]
    steps = [
        ClockMove("start", T0),
        ClockMove("pause", T0 + timedelta(hours=10)),
        ClockMove("resume", T0 + timedelta(hours=50)),
    ]
    assert state_of(spec, steps[:2], T0 + timedelta(hours=49)).left == timedelta(hours=14)
    assert state_of(spec, steps, T0 + timedelta(hours=51)).deadline == T0 + timedelta(hours=64)
    assert state_of(spec, steps, T0 + timedelta(hours=64)).state == "expired"


def test_a_duty_that_arises_again_has_its_whole_length_and_its_own_extension() -> None:
    spec, day = KINDS["assessment_new"], timedelta(days=1)
    steps = [ClockMove("start", T0), ClockMove("extend", T0 + day, 20 * day), ClockMove("stop", T0 + 2 * day)]
    again = [*steps, ClockMove("start", T0 + 3 * day)]
    assert state_of(spec, again, T0 + 4 * day).deadline == add_months(T0 + 3 * day, 1)
    extended = [*again, ClockMove("extend", T0 + 5 * day, 20 * day)]
    assert state_of(spec, extended, T0 + 6 * day).deadline == add_months(T0 + 3 * day, 1) + 20 * day


@pytest.mark.parametrize("moves", [["start"], ["stop", "pause"], ["stop", "stop"], ["pause", "start"]])
def test_a_clock_refuses_what_cannot_be(moves: list[str]) -> None:
    steps = [ClockMove("start", T0), *(ClockMove(move, T0 + timedelta(hours=1)) for move in moves)]
    with pytest.raises(BadStep):
        state_of(KINDS["removal_order"], steps, T0 + timedelta(hours=2))


def test_a_clock_that_ran_out_can_start_anew(cast: Cast) -> None:
    actor = cast.pixelpost
    for moment, deadline in ((T0, T0), (T0 + timedelta(hours=5), T0), (T0 + timedelta(hours=30),) * 2):
        with clock.simulate(moment), acting(actor):
            clocks.restart(actor, "removal_order", "order", "again", missed=True)
            ((_spec, standing),) = clocks.of_subject("order", "again")
            assert standing.deadline == deadline + timedelta(hours=24)


def test_an_extension_beyond_the_law_is_refused() -> None:
    with pytest.raises(BadStep, match="longer than the law"):
        state_of(KINDS["assessment_new"], [ClockMove("start", T0), ClockMove("extend", T0, timedelta(days=40))], T0)


@given(st.lists(st.tuples(st.sampled_from(["pause", "resume", "stop", "start"]), st.integers(0, 40)), max_size=8))
def test_a_clock_never_gains_running_time(moves: list[tuple[str, int]]) -> None:
    """Whatever the history, time run since the last start plus time left is the clock's length."""
    spec, now, steps = KINDS["removal_order"], T0, [ClockMove("start", T0)]
    running = timedelta()
    for step, hours in moves:
        was = state_of(spec, steps, now)
        if was.state not in ("running", "paused") and step != "start":
            break
        later = now + timedelta(hours=hours)
        at = state_of(spec, steps, later)
        if at.state == "running":
            running += later - now
            assert running + at.left == timedelta(hours=24)
        elif at.state == "paused":
            assert running + at.left == timedelta(hours=24)
        now = later
        try:
            state_of(spec, [*steps, ClockMove(step, now)], now)
        except BadStep:
            continue
        steps.append(ClockMove(step, now))
        if step == "start":
            running = timedelta()


def test_a_clock_is_stored_with_its_steps_and_found_when_due(cast: Cast) -> None:
    actor = cast.pixelpost
    with clock.simulate(T0):
        with acting(actor):
            clocks.start(actor, "relevance", "report", "1")
        clocks.take(actor, "relevance", "report", "1", ClockMove("pause", T0 + timedelta(hours=1)), "force majeure")
        with acting(actor):
            assert clocks.due(T0 + timedelta(days=9)) == []
        clocks.take(actor, "relevance", "report", "1", ClockMove("resume", T0 + timedelta(hours=2)))
        with acting(actor):
            assert [row.deadline for row in clocks.due(T0 + timedelta(days=9))] == [T0 + timedelta(hours=73)]


def test_a_clock_of_a_proposal_is_a_simulation_and_nobody_is_late_by_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, later = cast.pixelpost, clock.now() + timedelta(days=9)
    with acting(actor):
        clocks.start(actor, "removal_order", "order", "3")
        clocks.start(actor, "complaint", "order", "3")
        assert {spec.kind: spec.simulated for spec, _ in clocks.of_subject("order", "3")} == {
            "removal_order": True,
            "complaint": False,
        }
        assert clocks.due(later) == []
        in_force = [
            replace(one, status="in_force", checked=True, applies_from=date(2026, 1, 1)) for one in acts.states()
        ]
        monkeypatch.setattr(acts, "states", lambda: in_force)
        assert [row.kind for row in clocks.due(later)] == ["removal_order"]


def test_a_pause_without_a_reason_is_refused(cast: Cast) -> None:
    with acting(cast.pixelpost):
        clocks.start(cast.pixelpost, "removal_order", "order", "2")
    with pytest.raises(BadStep, match="reason"):
        clocks.take(cast.pixelpost, "removal_order", "order", "2", ClockMove("pause", clock.now()))


def test_a_hold_ends_at_its_date_and_never_lasts_longer_than_the_law(cast: Cast) -> None:
    actor, now = cast.centre, clock.now()
    with pytest.raises(HoldTooLong):
        holds.place(
            actor, "report", "h", asked_by=cast.authority.organisation_id, reason="x", until=add_months(now, 19)
        )
    holds.place(actor, "report", "h", asked_by=cast.authority.organisation_id, reason="x", until=add_months(now, 6))
    with acting(actor):
        assert holds.held("report", "h")
        with clock.simulate(add_months(now, 7)):
            assert holds.held("report", "h") is None


def test_a_deletion_leaves_a_tombstone(cast: Cast) -> None:
    with acting(cast.pixelpost):
        retention.bury(cast.pixelpost, "candidate.rejected", "candidate", "gone")
        assert Tombstone.objects.filter(subject_id="gone").count() == 1


def test_schemes_are_imported_once_and_unknown_values_refused(cast: Cast) -> None:
    scheme = {
        "code": "test-scheme",
        "title": "Test",
        "version": "1",
        "source": "tests",
        "values": [
            {
                "value": "a",
                "label": "A",
                "legality": [{"country": "DE", "illegal": True, "citation": "StGB 184b", "applies_from": "2021-07-01"}],
            }
        ],
    }
    classification.import_scheme(cast.centre, scheme)
    assert classification.import_scheme(cast.centre, scheme) == 0
    assert classification.checked_code("test-scheme:a") == "test-scheme:a"
    german = classification.illegal_in("test-scheme:a", "DE", date(2026, 1, 1))
    assert german
    assert german.illegal
    assert classification.illegal_in("test-scheme:a", "FR", date(2026, 1, 1)) is None
    with pytest.raises(UnknownClassification):
        classification.checked_code("test-scheme:b")
