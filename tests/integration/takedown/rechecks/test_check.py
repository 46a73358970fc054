"""Rechecks of due cases: many at once, each stored once, and none whose contents are gone."""

from __future__ import annotations

from datetime import timedelta

import httpx

from tests.support.cast import Cast
from tests.support.takedown_world import PUBLIC, Hotline
from tutela import clock
from tutela.casework.alerts import answers
from tutela.events.transaction import acting
from tutela.takedown import alerts, retention
from tutela.takedown.case_work import detail
from tutela.takedown.models import Availability, Recheck
from tutela.takedown.rechecks import check
from tutela.takedown.rechecks.findings import Answer
from tutela.takedown.rechecks.look import Conditions, Watcher


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
        check.set_conditions(hotline.analyst, case, Conditions(cookie=cookie, country="DE"))
    with acting(hotline.analyst):
        assert check.conditions_of(hotline.row(case)).cookie == "a=2"


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
    check.set_conditions(hotline.analyst, case, Conditions(cookie="a=1"))
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
