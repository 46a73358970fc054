"""What was referred and nobody has: urgent packages that do not arrive, and copies that come back for nobody."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from tests.integration.reports.followups.test_spot_checks import draw
from tests.support.cast import Cast
from tests.support.reports_copies import States
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.casework.alerts import desk_bell, on_call
from tutela.casework.alerts.messages import DueAlert
from tutela.casework.models import Alert, Channel
from tutela.events.transaction import acting
from tutela.exchange.referral.outcome import Acknowledgement
from tutela.law import clocks
from tutela.reports import jobs
from tutela.reports.alerts import duty_screen, pending_reports
from tutela.reports.alerts.subject_kinds import KINDS
from tutela.reports.dashboard import dashboard
from tutela.reports.followups import spot_checks
from tutela.reports.models import Referral, Report, Undelivered
from tutela.reports.referrals import country_override, outcomes, refer, undelivered
from tutela.reports.scoring.lanes import OPEN, OWN
from tutela.reports.triage import assess

URGENT = {"urgent": True, "reason": "token"}
AFTER = undelivered.AFTER + timedelta(minutes=1)


def rings(centre: Centre, report_id: UUID) -> list[str]:
    with acting(centre.machine):
        rows = Alert.objects.filter(subject_id=report_id).order_by("created_at", "id")
        return list(rows.values_list("reason", flat=True))


def standing(centre: Centre, report_id: UUID) -> pending_reports.ReportAlert | None:
    with acting(centre.machine):
        return next((one for one in pending_reports.pending_alerts() if one.row.report_id == report_id), None)


def sent(centre: Centre, report_id: UUID) -> Referral:
    with acting(centre.machine):
        return Referral.objects.get(report__report_id=report_id)


def referred(centre: Centre, authority: Authority, **changes: object) -> UUID:
    """A report that was referred and waits in the outbox; whoever calls before has been answered."""
    made = centre.file(authority.report(**changes))
    if changes:
        duty_screen.answer(centre.analyst, made)
    assess.assess(centre.analyst, made, "forward", "", seen=0)
    refer.refer(centre.analyst, made)
    return made


def test_an_urgent_package_calls_until_it_has_arrived(cast: Cast) -> None:
    centre, now = Centre(cast), clock.now()
    authority = Authority(centre, "MT")
    made, calm = referred(centre, authority, urgency=URGENT), referred(centre, authority)
    undelivered.detect_undelivered(centre.machine)
    assert standing(centre, made) is None, "it is on its way"
    with clock.simulate(now + AFTER):
        before = desk_bell.bell(centre.analyst)[0].unanswered
        jobs.look_undelivered(0)
        assert rings(centre, made) == ["new", "unarrived"]
        assert (centre.row(made).undelivered, centre.row(calm).undelivered) == (Undelivered.UNARRIVED, 0)
        found = standing(centre, made)
        assert found is not None
        assert found.unanswered
        assert desk_bell.bell(centre.analyst)[0].unanswered > before
        page = cast.client(cast.centre, "analyst").get("/desk/reports/undelivered/").content.decode()
        assert centre.row(made).number in page
        assert centre.row(calm).number not in page
        jobs.look_undelivered(0)
        assert len(rings(centre, made)) == 2, "once"
    with clock.simulate(now + 2 * AFTER):
        duty_screen.raise_again(centre.machine)
        assert rings(centre, made)[2:] == ["unanswered"]
        duty_screen.answer(centre.analyst, made)
    with clock.simulate(now + timedelta(hours=4)):
        duty_screen.raise_again(centre.machine)
        assert len(rings(centre, made)) == 3, "somebody sees to it"
    with clock.simulate(now + AFTER + timedelta(hours=4, minutes=1)):
        duty_screen.raise_again(centre.machine)
        assert rings(centre, made)[3:] == ["late"]
    centre.deliver(authority.machine)
    undelivered.detect_undelivered(centre.machine)
    assert centre.row(made).undelivered == 0
    assert standing(centre, made) is None


def test_what_is_found_urgent_while_a_copy_is_nobody_s_calls(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    states = States(cast, monkeypatch, "SK", "DE", "")
    centre = states.centre
    made = states.referred("DE", "SK")
    draw(centre, made)
    for country in ("SK", ""):
        states.give_back(made, country)
    undelivered.detect_undelivered(centre.machine)
    assert rings(centre, made) == []
    spot_checks.examine(centre.analyst, made, "a child at risk", urgent=True)
    duty_screen.raise_again(centre.machine)
    assert rings(centre, made) == ["new"]
    found = standing(centre, made)
    assert found is not None
    assert found.unanswered
    duty_screen.answer(centre.analyst, made)
    with clock.simulate(clock.now() + timedelta(hours=4, minutes=1)):
        duty_screen.raise_again(centre.machine)
        found = standing(centre, made)
        assert found is not None
        assert (found.late, found.unanswered) == (True, True), "no answer is for ever"
        assert rings(centre, made) == ["new", "late"]


def test_what_is_acknowledged_has_arrived_by_whichever_way(cast: Cast) -> None:
    centre, now = Centre(cast), clock.now()
    authority = Authority(centre, "CY")
    made = referred(centre, authority, urgency=URGENT)
    package = sent(centre, made)

    def running() -> dict[str, str]:
        with acting(centre.machine):
            return {spec.kind: one.state for spec, one in clocks.of_subject("referral", package.referral_id)}

    assert running() == {"acknowledgement_urgent": "running"}
    with clock.simulate(now + AFTER):
        undelivered.detect_undelivered(centre.machine)
        assert centre.row(made).undelivered
        said = Acknowledgement(
            referral_id=package.referral_id,
            referral_sha256=package.sha256,
            received_at=clock.now(),
            acknowledged_at=clock.now(),
            authority="Kriminalamt",
        )
        outcomes.acknowledge(centre.machine, authority.machine, said)
        undelivered.detect_undelivered(centre.machine)
    assert not centre.row(made).undelivered
    assert running() == {"acknowledgement_urgent": "stopped"}


@pytest.mark.parametrize("lane", [OPEN, OWN])
def test_duty_officers_read_that_it_is_to_be_there(cast: Cast, monkeypatch: pytest.MonkeyPatch, lane: int) -> None:
    centre, now = Centre(cast), clock.now()
    made = referred(centre, Authority(centre, "LU"), urgency=URGENT)
    number = centre.row(made).number
    with acting(centre.machine):
        Report.objects.filter(report_id=made).update(lane=lane)
    heard: list[DueAlert] = []
    monkeypatch.setattr("django.conf.settings.ALERT_WEBHOOK", "https://pager.example/")
    with clock.simulate(now + AFTER):
        undelivered.detect_undelivered(centre.machine)
        on_call.tell(centre.machine, KINDS, {Channel.WEBHOOK: heard.extend})
    (call,) = [one for one in heard if one.state.number == number]
    assert (call.reason, call.state.handed_on) == ("unarrived", True)
    address = f"/desk/reports/{made}/alert/"
    with clock.simulate(now + AFTER):
        assert address in cast.client(cast.centre, "analyst").get("/desk/reports/alerts/?sort=-since").content.decode()


@pytest.mark.parametrize("urgent", [True, False])
def test_a_copy_that_came_back_for_nobody_is_on_a_list_and_calls_if_it_is_urgent(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, urgent: bool
) -> None:
    states = States(cast, monkeypatch, "SK", "DE", "FR", "")
    centre = states.centre
    made = states.referred("DE", "SK")
    with acting(centre.machine):
        Report.objects.filter(report_id=made).update(urgent=urgent)
    for country in ("SK", ""):
        undelivered.detect_undelivered(centre.machine)
        assert centre.row(made).undelivered == 0, "it goes on by itself"
        states.give_back(made, country)
    assert states.standing(made) == ["DE"]
    assert centre.row(made).state == "referred"
    undelivered.detect_undelivered(centre.machine)
    assert centre.row(made).undelivered == Undelivered.UNASSIGNED
    assert rings(centre, made) == (["returned"] if urgent else [])
    found = dashboard.overview(centre.analyst)
    assert found is not None
    assert next(count for label, count, *_ in found["todos"] if label == "Undelivered referrals")
    page = cast.client(cast.centre, "lead").get("/desk/reports/undelivered/").content.decode()
    assert f"/desk/reports/{made}/routing/" in page
    country_override.choose_country(centre.lead, made, "FR", "The child lives there")
    refer.refer(centre.analyst, made)
    undelivered.detect_undelivered(centre.machine)
    assert states.standing(made) == ["DE", "FR"]
    assert centre.row(made).undelivered == 0
