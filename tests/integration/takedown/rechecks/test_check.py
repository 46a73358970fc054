"""Rechecks of due cases: many at once, each stored once, and none whose contents are gone."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from tests.support.cast import Cast
from tests.support.takedown_world import PUBLIC, Hotline
from tutela import clock
from tutela.casework.alerts import answers
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.exchange.takedown.look import Answer, Conditions, Watcher
from tutela.exchange.takedown.web_address import WebAddress
from tutela.takedown import alerts, retention
from tutela.takedown.case_work import detail
from tutela.takedown.models import Availability, Channel, Recheck
from tutela.takedown.notices import notify
from tutela.takedown.rechecks import access_conditions, check


def _watcher(status: int) -> Watcher:
    transport = httpx.MockTransport(lambda _request: httpx.Response(status))
    return Watcher(resolve=lambda _host, _port: [PUBLIC], transport=transport)


def test_due_cases_are_rechecked_together_and_move_on(cast: Cast) -> None:
    hotline = Hotline(cast)
    cases = [hotline.assessed("unreachable") for _ in range(5)]
    later = clock.now() + timedelta(hours=2)
    with clock.simulate(later):
        assert check.recheck_due(hotline.analyst, [_watcher(200)]) == 5
        assert check.recheck_due(hotline.analyst, [_watcher(200)]) == 0
    with acting(hotline.analyst):
        assert Recheck.objects.filter(case__in=cases).count() == 5
    assert {hotline.row(one).availability for one in cases} == {Availability.UP}


def test_two_vantage_points_tell_a_block_from_a_removal(cast: Cast) -> None:
    hotline = Hotline(cast)
    case = hotline.assessed("unreachable")
    with clock.simulate(clock.now() + timedelta(hours=2)):
        check.recheck_due(hotline.analyst, [_watcher(200), _watcher(451)])
    assert hotline.row(case).availability == Availability.GEO_BLOCKED


def test_conditions_are_sealed_and_the_newest_count(cast: Cast) -> None:
    hotline = Hotline(cast)
    case = hotline.reported().id
    for cookie in ("a=1", "a=2"):
        access_conditions.set_conditions(hotline.analyst, case, Conditions(cookie=cookie, country="DE"))
    with acting(hotline.analyst):
        assert access_conditions.conditions_of(hotline.row(case)).cookie == "a=2"


def test_an_erased_case_is_never_asked_and_begins_again_when_it_is_reported(cast: Cast) -> None:
    hotline = Hotline(cast)
    address = "https://erased.example.org/x"
    case = hotline.assessed("legal", case=hotline.reported(address).id)
    with acting(hotline.machine):
        erased = list(retention.erase_closed(hotline.machine, clock.now() + timedelta(days=1)))
    assert ("takedown", str(case)) in erased
    assert check.recheck(hotline.analyst, case, [_watcher(200)]) is None
    again = hotline.reported(address)
    assert (again.id, again.reopened) == (case, True)
    assert hotline.row(case).erased_at is None


def test_an_urgent_report_of_an_absent_address_is_never_closed_by_a_recheck(cast: Cast) -> None:
    hotline = Hotline(cast)
    address = "https://cloaked.example.org/x"
    case = hotline.assessed(case=hotline.reported(address).id)
    check.seen(hotline.analyst, case, absent=True)
    assert hotline.row(case).stage == "closed"
    hotline.reported(address, urgent=True)
    row = hotline.row(case)
    assert (row.stage, row.availability, row.next_check_at) == ("assess", "", None)
    for status in (404, 500, 0):
        check.store(hotline.analyst, case, [Answer(status)])
        assert hotline.row(case).stage == "assess"
    with acting(hotline.analyst):
        assert case in [one.subject_id for one in alerts.CASES.pending()]


def test_an_urgent_report_of_a_case_under_way_raises_an_alert_too(cast: Cast) -> None:
    hotline = Hotline(cast)
    address = "https://known.example.org/x"
    case = hotline.assessed(case=hotline.reported(address).id)
    with acting(hotline.analyst):
        assert case not in [one.subject_id for one in alerts.CASES.pending()]
    hotline.reported(address, urgent=True)
    with acting(hotline.analyst):
        assert case in [one.subject_id for one in alerts.CASES.pending()]
    answers.answer(hotline.analyst, "takedown", case)
    with acting(hotline.analyst):
        assert case not in [one.subject_id for one in alerts.CASES.pending()]


def test_what_an_erased_key_sealed_is_left_out_and_stops_no_other_case(cast: Cast) -> None:
    hotline = Hotline(cast)
    address = "https://again.example.org/x"
    case = hotline.reported(address).id
    hotline.traced(case)
    access_conditions.set_conditions(hotline.analyst, case, Conditions(cookie="a=1"))
    hotline.assessed("legal", case=case)
    later = clock.now() + timedelta(days=2)
    with clock.simulate(later), acting(hotline.machine):
        assert ("takedown", str(case)) in list(retention.erase_closed(hotline.machine, later))
    with clock.simulate(later + timedelta(hours=1)):
        hotline.reported(address)
        shown = detail.load_case(hotline.analyst, case)
        assert (shown.traces, shown.conditions) == ([], Conditions())
        hotline.traced(case)
        hotline.assessed("unreachable", case=case)
    other = hotline.assessed("unreachable")
    with clock.simulate(later + timedelta(days=1)):
        check.recheck_due(hotline.analyst, [_watcher(200)])
    assert {hotline.row(one).availability for one in (case, other)} == {Availability.UP}


@pytest.mark.parametrize("name", ["referrer", "cookie", "device"])
def test_a_condition_that_no_request_can_carry_is_refused(cast: Cast, name: str) -> None:
    hotline = Hotline(cast)
    case = hotline.reported().id
    with pytest.raises(Invalid) as refused:
        access_conditions.set_conditions(hotline.analyst, case, Conditions(**{name: "https://ex\u00e4mple.de/"}))
    assert refused.value.field == name


def test_one_look_that_fails_stops_no_other(cast: Cast) -> None:
    class Broken(Watcher):
        def look(self, address: WebAddress, conditions: Conditions | None = None) -> Answer:
            if address.host.startswith("broken"):
                raise UnicodeEncodeError("ascii", "x", 0, 1, "no")
            return Answer(404)

    hotline = Hotline(cast)
    broken = hotline.assessed("unreachable", case=hotline.reported("https://broken.example.org/x").id)
    other = hotline.assessed("unreachable")
    with clock.simulate(clock.now() + timedelta(hours=2)):
        assert check.recheck_due(hotline.analyst, [Broken()]) == 2
        assert check.due(hotline.analyst) == []
    with acting(hotline.analyst):
        assert Recheck.objects.get(case=broken).fault == "connection"
        assert Recheck.objects.get(case=other).status == 404


@pytest.mark.parametrize("status", [401, 403, 451, 500, 0])
def test_no_refusal_ends_the_watch_after_an_absence(cast: Cast, status: int) -> None:
    hotline = Hotline(cast)
    case = hotline.assessed()
    check.seen(hotline.analyst, case, absent=True)
    assert check.store(hotline.analyst, case, [Answer(status)]) == Availability.ABSENT
    assert hotline.row(case).next_check_at is not None
    assert check.store(hotline.analyst, case, [Answer(200), Answer(451)]) == Availability.REAPPEARED


def test_what_could_not_be_reached_is_assessed_once_it_answers(cast: Cast) -> None:
    hotline = Hotline(cast)
    case = hotline.assessed("unreachable")
    check.store(hotline.analyst, case, [Answer(500)])
    assert hotline.row(case).stage == "recheck"
    check.store(hotline.analyst, case, [Answer(200)])
    assert hotline.row(case).stage == "assess"
    hotline.assessed(case=case)


def test_what_a_person_sees_again_is_reopened(cast: Cast) -> None:
    hotline = Hotline(cast)
    case = hotline.assessed()
    check.seen(hotline.analyst, case, absent=True)
    assert check.seen(hotline.analyst, case, absent=False) == Availability.REAPPEARED
    assert hotline.row(case).stage == "act"


def test_the_pace_of_rechecks_counts_from_the_notice(cast: Cast) -> None:
    hotline = Hotline(cast)
    with clock.simulate(clock.now() - timedelta(days=60)):
        case = hotline.reported().id
    hotline.assessed(case=case)
    hotline.police_know(case)
    notify.queue(hotline.analyst, case, notify.Recipient(channel=Channel.FILE))
    check.store(hotline.analyst, case, [Answer(200)])
    due = hotline.row(case).next_check_at
    assert due is not None
    assert due - clock.now() < timedelta(hours=2)
