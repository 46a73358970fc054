"""On-call roster: shifts of people who may answer alerts, each change one event, and what strangers may know."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from tests.support.cast import Cast
from tests.support.rosters import shifts_of
from tutela.casework.alerts import roster
from tutela.casework.alerts.errors import AlreadyEnded, SameShift
from tutela.casework.alerts.roster import ShiftInput
from tutela.casework.alerts.subjects import answer_permissions
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.organisations.models import PersonStatus
from tutela.organisations.people.members import actor_of
from tutela.organisations.vocabulary.roles_and_permissions import PERMISSIONS

# A Monday, noon in Dublin.
NOW = datetime(2026, 5, 4, 11, 0, tzinfo=UTC)


@pytest.fixture
def analyst(cast: Cast) -> Actor:
    """An analyst of a hotline, who is the person of most shifts."""
    return actor_of(cast.person(cast.hotline_ie, "analyst", name="Aoife"))


def office(person: Actor, /, **other: object) -> ShiftInput:
    made = ShiftInput(person.reference, [0, 1, 2, 3, 4], time(9), time(17), "Europe/Dublin", date(2026, 1, 1))
    return replace(made, **other)  # type: ignore[arg-type]


def events(actor: Actor, shift: UUID) -> list[str]:
    with acting(actor):
        return list(Event.objects.filter(subject_id=str(shift)).order_by("pk").values_list("kind", flat=True))


def test_who_may_answer_alerts_reads_the_roster_of_every_desk() -> None:
    answers = answer_permissions()
    assert answers == {
        "detection.review",
        "hand_overs.work",
        "privacy.manage",
        "removal_items.review",
        "removals.work",
        "reports.assess",
        "returns.file",
        "returns.receive",
        "reversals.answer",
        "support.work",
        "takedown.assess",
    }
    for role, permissions in PERMISSIONS.items():
        assert bool(answers & permissions) == (roster.READ in permissions), role
    kinds = {kind for (kind, _role), permissions in PERMISSIONS.items() if answers & permissions}
    assert kinds == {kind for (kind, _role), permissions in PERMISSIONS.items() if roster.MANAGE in permissions}


def test_a_shift_is_added_counts_and_is_ended(analyst: Actor) -> None:
    made = roster.add_shift(analyst, office(analyst), NOW)
    (found,) = roster.on_call_now(analyst, NOW)
    assert (found.reference, found.name, found.until) == (
        analyst.reference,
        "Aoife",
        datetime(2026, 5, 4, 16, tzinfo=UTC),
    )
    assert "@" in found.email
    assert roster.coverage(analyst, NOW).next_begin == datetime(2026, 5, 5, 8, tzinfo=UTC)
    assert roster.coverage(analyst, NOW).hours == ["Mon–Fri 09:00–17:00 (Europe/Dublin)"]
    (state,) = shifts_of(analyst)
    assert (state.row.pk, state.text, state.counts) == (made, "Mon–Fri 09:00–17:00 (Europe/Dublin)", True)
    roster.end_shift(analyst, made, NOW + timedelta(hours=1))
    with pytest.raises(AlreadyEnded):
        roster.end_shift(analyst, made, NOW + timedelta(hours=2))
    later = NOW + timedelta(hours=1)
    assert shifts_of(analyst) == []
    assert roster.on_call_now(analyst, later) == []
    assert roster.coverage(analyst, later) == roster.Coverage(exists=False, now=False, next_begin=None, hours=[])
    assert events(analyst, made) == ["shift.added", "shift.ended"]


def test_the_same_shift_twice_is_refused_and_shifts_may_overlap(cast: Cast, analyst: Actor) -> None:
    roster.add_shift(analyst, office(analyst), NOW)
    with pytest.raises(SameShift):
        roster.add_shift(analyst, office(analyst, weekdays=[4, 3, 2, 1, 0, 0]), NOW)
    roster.add_shift(analyst, office(analyst, end=time(20)), NOW)
    colleague = actor_of(cast.person(cast.hotline_ie, "analyst", name="Brendan"))
    roster.add_shift(analyst, office(colleague), NOW)
    found = roster.on_call_now(analyst, NOW)
    assert [one.name for one in found] == ["Aoife", "Brendan"], "a person with two shifts is one"
    assert found[0].until == datetime(2026, 5, 4, 19, tzinfo=UTC), "until the later end"
    (monday, *_rest) = roster.load(analyst, NOW, ZoneInfo("Europe/Dublin")).week
    assert monday.hours == [0] * 9 + [2] * 8 + [1] * 3 + [0] * 4


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("weekdays", []),
        ("weekdays", [7]),
        ("zone", "Europe/Atlantis"),
        ("zone", "../etc/passwd"),
        ("start", time(9, 0, 1)),
        ("end", time(9, tzinfo=UTC)),
        ("valid_from", date(1, 1, 1)),
        ("valid_from", date(9999, 12, 31)),
        ("person", "person:x"),
    ],
)
def test_bad_input_is_refused_by_its_field(analyst: Actor, field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        roster.add_shift(analyst, office(analyst, **{field: value}), NOW)
    assert refused.value.field == field
    assert shifts_of(analyst) == []


def test_only_people_who_may_answer_alerts_are_on_call(cast: Cast, analyst: Actor) -> None:
    clerk = actor_of(cast.person(cast.hotline_ie, "administrator"))
    stranger = actor_of(cast.person(cast.hotline_de, "analyst"))
    for other in (clerk, stranger):
        with pytest.raises(Invalid):
            roster.add_shift(analyst, office(other), NOW)
    leaver = cast.person(cast.hotline_ie, "analyst", name="Ciara")
    roster.add_shift(analyst, office(actor_of(leaver)), NOW)
    PersonStatus.objects.create(person=leaver, status="deactivated", by="test", reason="left")
    assert roster.on_call_now(analyst, NOW) == []
    assert roster.coverage(analyst, NOW).next_begin is None
    assert not roster.coverage(analyst, NOW).exists
    assert [one.counts for one in shifts_of(analyst)] == [False]


def test_another_organisation_and_a_wrong_role_change_nothing(cast: Cast, analyst: Actor) -> None:
    made = roster.add_shift(analyst, office(analyst), NOW)
    stranger = cast.actor(cast.hotline_de, "analyst")
    for shift in (made, uuid4()):
        with pytest.raises(NotFound):
            roster.end_shift(stranger, shift, NOW)
    assert roster.on_call_now(stranger, NOW) == []
    reader = cast.actor(cast.centre, "analyst")
    with pytest.raises(Forbidden):
        roster.add_shift(reader, office(reader), NOW)
    with pytest.raises(Forbidden):
        roster.end_shift(reader, made, NOW)
    with pytest.raises(Forbidden):
        shifts_of(cast.actor(cast.hotline_ie, "administrator"))


def test_hours_are_lines_of_text(analyst: Actor) -> None:
    roster.add_shift(analyst, office(analyst, weekdays=[0, 1, 4]), NOW)
    roster.add_shift(analyst, office(analyst, weekdays=[5, 6], start=time(20), end=time(), zone="UTC"), NOW)
    roster.add_shift(analyst, office(analyst, weekdays=[2], start=time(22), end=time(6), zone="UTC"), NOW)
    roster.add_shift(analyst, office(analyst, start=time(1), valid_from=date(2026, 6, 1)), NOW)
    assert roster.coverage(analyst, NOW).hours == [
        "Mon, Tue, Fri 09:00–17:00 (Europe/Dublin)",
        "Wed 22:00–06:00 (UTC)",
        "Sat, Sun 20:00–24:00 (UTC)",
    ], "a shift that begins in a month is none of this week"


def test_the_week_has_no_hour_that_the_clocks_skip(analyst: Actor) -> None:
    always = office(analyst, weekdays=list(range(7)), start=time(), end=time(), zone="Europe/Berlin")
    roster.add_shift(analyst, always, NOW)
    before = datetime(2027, 3, 27, 12, tzinfo=UTC)
    saturday, sunday, *_rest = roster.load(analyst, before, ZoneInfo("Europe/Berlin")).week
    assert saturday.hours == [1] * 24
    assert sunday.hours == [1, 1, None, *[1] * 21]
