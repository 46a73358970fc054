"""Telling the user: what makes it due, what a hold keeps still, what is recorded."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.cast import Cast
from tests.support.detection_world import World, receipt
from tutela import clock
from tutela.detection import jobs
from tutela.detection.dashboard import dashboard
from tutela.detection.drafts import drafts, send
from tutela.detection.errors import AlreadyTold, Held, NothingToTell
from tutela.detection.models import InformationDue, UserInformed
from tutela.detection.notices import schedule
from tutela.detection.outcomes import centre_feedback, report_list
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.identifiers import uuid7
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.exchange.report.feedback import Feedback, FeedbackKind
from tutela.law import acts, clocks, holds


@pytest.fixture
def world(cast: Cast) -> World:
    made = World(cast)
    made.join()
    return made


def _sent(world: World) -> UUID:
    made = world.draft()
    send.send(world.lead, made)
    world.deliver(made, receipt(world.cast.centre))
    return made


def _word(world: World, report: UUID, kind: str, until: datetime | None = None) -> None:
    message = Feedback(
        feedback_id=uuid7(),
        report_id=report,
        kind=FeedbackKind(kind),
        at=clock.now(),
        until=until,
        centre="Centre",
        reason="x" if kind == "not_relevant" else None,
    )
    with acting(world.provider):
        centre_feedback.receive(world.provider, message, world.cast.centre.organisation_id)


def _standing(world: World, report: UUID) -> str:
    return schedule.load_notice(world.lead, report).line.standing.state


def _due(world: World, report: UUID) -> list[str]:
    with acting(world.lead):
        return [row.rule for row in InformationDue.objects.filter(draft_id=report).order_by("created_at", "id")]


def _end_holds(world: World) -> None:
    """What `jobs.end_holds` does for each provider, for this one."""
    centre_feedback.end_holds(world.provider)
    schedule.make_due(world.provider)


def _clocks(world: World, report: UUID) -> dict[str, str]:
    with acting(world.lead):
        return {spec.kind: one.state for spec, one in clocks.of_subject("report", report)}


def test_stranger_and_other_provider_find_nothing(cast: Cast, world: World) -> None:
    made = _sent(world)
    for address in ("/desk/drafts/notices/", f"/desk/drafts/{made}/notice/"):
        assert Client().get(address).status_code == 302
        assert cast.client(cast.centre, "lead").get(address).status_code == 404
    other = cast.client(cast.other_provider, "lead")
    assert other.get(f"/desk/drafts/{made}/notice/").status_code == 404
    assert other.post(f"/desk/drafts/{made}/notified/", {"audience": "adult"}).status_code == 404
    with pytest.raises(NotFound):
        schedule.tell(cast.actor(cast.other_provider, "lead"), made, audience="adult", language="en")
    with pytest.raises(Forbidden):
        schedule.tell(world.reviewer, made, audience="adult", language="en")


def test_a_report_that_was_not_sent_has_nothing_to_tell(world: World) -> None:
    made = world.draft()
    with pytest.raises(NothingToTell):
        schedule.load_notice(world.lead, made)
    with pytest.raises(NothingToTell):
        schedule.tell(world.lead, made, audience="adult", language="en")
    assert made not in {line.id for line in schedule.list_notices(world.lead)[0]}
    with pytest.raises(NotFound):
        schedule.load_notice(world.lead, uuid4())


def test_three_months_without_a_hold_make_it_due_once(world: World) -> None:
    made = _sent(world)
    jobs.end_holds(0)
    assert (_standing(world, made), _due(world, made)) == ("waiting", [])
    with clock.simulate(clock.now() + timedelta(days=93)):
        for _ in range(2):
            jobs.end_holds(0)
        assert (_standing(world, made), _due(world, made)) == ("due", ["three_months"])
        assert _clocks(world, made)["user_promptly"] == "running"
        assert _clocks(world, made)["user_information"] == "stopped"


def test_an_unfounded_notice_makes_it_due_at_once(world: World) -> None:
    made = _sent(world)
    _word(world, made, "not_relevant")
    assert (_standing(world, made), _due(world, made)) == ("due", ["unfounded"])
    schedule.tell(world.lead, made, audience="teenager", language="en", way="in the app")
    found = schedule.load_notice(world.lead, made)
    assert found.told is not None
    assert (found.line.standing.state, found.told.audience, found.told.way) == ("told", "teenager", "in the app")
    assert {_clocks(world, made)[kind] for kind in ("user_information", "user_promptly")} == {"stopped"}
    with pytest.raises(AlreadyTold):
        schedule.tell(world.lead, made, audience="adult", language="en")


def test_a_hold_keeps_it_still_and_its_end_makes_it_due(world: World) -> None:
    made, now = _sent(world), clock.now()
    _word(world, made, "hold", now + timedelta(days=200))
    _word(world, made, "not_relevant")
    with clock.simulate(now + timedelta(days=120)):
        _end_holds(world)
        assert (_standing(world, made), _due(world, made)) == ("held", [])
        with pytest.raises(Held):
            schedule.tell(world.lead, made, audience="adult", language="en")
    with clock.simulate(now + timedelta(days=201)):
        _end_holds(world)
        assert (_standing(world, made), _due(world, made)) == ("due", ["hold_ended"])
        _word(world, made, "hold", now + timedelta(days=300))
        assert _standing(world, made) == "held"
        assert _clocks(world, made)["user_promptly"] == "paused"
        with pytest.raises(Held):
            schedule.tell(world.lead, made, audience="adult", language="en")
    with clock.simulate(now + timedelta(days=301)):
        _end_holds(world)
        assert _standing(world, made) == "due"
        assert _clocks(world, made)["user_promptly"] == "running"


def test_a_hold_that_is_ended_in_the_same_moment_is_over(world: World) -> None:
    made = _sent(world)
    _word(world, made, "hold", clock.now() + timedelta(days=200))
    _word(world, made, "hold", clock.now())
    assert _standing(world, made) == "due"


def test_while_the_act_is_a_proposal_it_is_a_simulation_and_no_task(cast: Cast, world: World) -> None:
    made = _sent(world)
    _word(world, made, "not_relevant")
    found = schedule.load_notice(world.lead, made)
    assert found.simulated
    with acting(world.lead):
        assert InformationDue.objects.get(draft_id=made).simulated
        assert schedule.due_count(world.lead) == 0
    assert b"proposal that is not law" in cast.client(world.provider, "lead").get("/desk/drafts/notices/").content


def test_once_the_act_is_in_force_and_checked_it_is_a_task(cast: Cast, world: World) -> None:
    made = _sent(world)
    lead, note = cast.actor(cast.centre, "lead"), "test"
    since = {"applies_from": date(2020, 1, 1), "applies_to": None, "note": note}
    acts.record_reading(lead, "CSAR", status="in_force", checked=True, **since)
    try:
        _word(world, made, "not_relevant")
        with acting(world.lead):
            assert not InformationDue.objects.get(draft_id=made).simulated
        assert schedule.load_notice(world.lead, made).simulated is False
        todos = {str(label): count for label, count, *_ in (dashboard.overview(world.lead) or {})["todos"]}
        assert todos["Users to notify"] == 1
    finally:
        acts.record_reading(
            lead, "CSAR", status="proposal", checked=True, applies_from=None, applies_to=None, note=note
        )


def test_what_is_said_depends_on_the_reader_and_names_nobody(world: World) -> None:
    made = _sent(world)
    texts = {
        who: " ".join(schedule.load_notice(world.lead, made, who).paragraphs) for who in ("adult", "teenager", "child")
    }
    assert len(set(texts.values())) == 3
    for text in texts.values():
        assert "acc-1" not in text
        assert "eu-register" not in text
    assert "Coordinating Authority" in texts["adult"]
    assert "Coordinating" not in texts["child"]
    assert "116 111" in texts["child"]
    assert schedule.load_notice(world.lead, made, "somebody", "xx").audience == "adult"
    with pytest.raises(Invalid):
        schedule.tell(world.lead, made, audience="somebody", language="en")


def test_the_page_shows_text_moment_and_reason_and_records(cast: Cast, world: World) -> None:
    made = _sent(world)
    client = cast.client(world.provider, "lead")
    listed = client.get("/desk/drafts/notices/").content.decode()
    assert f"/desk/drafts/{made}/notice/" in listed
    page = client.get(f"/desk/drafts/{made}/notice/?audience=child").content.decode()
    assert "grown-up" in page
    assert "The rule does not require the notice yet" in page
    answer = client.post(f"/desk/drafts/{made}/notified/", {"audience": "child", "language": "en", "way": "letter"})
    assert answer.status_code == 302
    assert "letter" in client.get(f"/desk/drafts/{made}/notice/").content.decode()
    assert str(made) in client.get("/desk/drafts/notices/?state=told").content.decode()
    with acting(world.lead):
        assert Event.objects.filter(kind="user.notified", subject_id=str(made)).count() == 1
        assert UserInformed.objects.get(draft_id=made).sha256
    reviewer = cast.client(world.provider, "reviewer").get(f"/desk/drafts/{made}/notice/").content.decode()
    assert "Record that this text was sent" not in reviewer


step = st.one_of(
    st.tuples(st.just("hold"), st.integers(-5, 400)),
    st.tuples(st.just("jump"), st.integers(0, 200)),
    st.tuples(st.just("not_relevant"), st.just(0)),
    st.tuples(st.just("relevant"), st.just(0)),
    st.tuples(st.just("closed"), st.just(0)),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(step, min_size=2, max_size=8))
def test_no_history_of_holds_outcomes_and_jumps_fires_within_a_hold(world: World, steps: list[tuple[str, int]]) -> None:
    made, now = _sent(world), clock.now()
    fired = 0
    for kind, days in steps:
        if kind == "jump":
            now += timedelta(days=days)
        with clock.simulate(now):
            if kind == "hold":
                _word(world, made, "hold", now + timedelta(days=days))
            elif kind != "jump":
                _word(world, made, kind)
            _end_holds(world)
            after = len(_due(world, made))
            with acting(world.lead):
                stands = holds.held("report", made) is not None
            if stands:
                assert after == fired, "it became due while a hold stands"
                with pytest.raises(Held):
                    schedule.tell(world.lead, made, audience="adult", language="en")
                assert _clocks(world, made).get("user_promptly") != "running"
            assert (_standing(world, made) == "held") is stands
            fired = after


def test_an_erased_report_still_has_a_text(world: World) -> None:
    made = _sent(world)
    with acting(world.lead):
        drafts.Revision.objects.filter(draft_id=made).delete()
    found: Any = schedule.load_notice(world.lead, made)
    assert found.paragraphs[0] == "We reported something from your account to the responsible authority."


def test_a_hold_of_the_content_stands_on_the_report_until_it_is_over(cast: Cast, world: World) -> None:
    made, until = _sent(world), clock.now() + timedelta(days=30)
    asked = Feedback(
        feedback_id=uuid7(),
        report_id=made,
        kind=FeedbackKind.HOLD,
        at=clock.now(),
        until=until,
        content_until=until,
        centre="Centre",
    )
    with acting(world.provider):
        centre_feedback.receive(world.provider, asked, cast.centre.organisation_id)
    assert report_list.load_report(world.lead, made).content_until == until
    page = cast.client(world.provider, "lead").get(f"/desk/drafts/{made}/").content.decode()
    assert "An authority asked you not to remove the content" in page
    _word(world, made, "hold", clock.now() + timedelta(days=10))
    found = report_list.load_report(world.lead, made)
    assert (found.content_until, found.hold is not None) == (None, True)
    _word(world, made, "hold", clock.now())
    assert report_list.load_report(world.lead, made).hold is None
