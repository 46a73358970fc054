"""What a repetition brings reaches the authority: with the referral, or after it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.integration.reports.followups.test_duplicate_effects import URGENT, pair
from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_copies import States
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.events.errors import Invalid
from tutela.events.identifiers import uuid7
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.exchange.referral.outcome import Outcome, Returned
from tutela.exchange.referral.referral import Referral as Package
from tutela.exchange.report.report import Report
from tutela.investigations.models import Referral as Received
from tutela.investigations.referral_work import return_referral as giving
from tutela.investigations.referral_work import work_queue as inbox
from tutela.reports import jobs
from tutela.reports.errors import ReferralAnswered
from tutela.reports.followups import supplements as followups_supplements
from tutela.reports.models import Referral
from tutela.reports.referrals import delivery, outcomes, refer, returned
from tutela.reports.state import new_information, report_rows, status
from tutela.reports.triage import assess

PORT: dict[str, Any] = {"port": 4711}


def with_port(first: Report, **changes: Any) -> Report:
    """The same report once more, with the port of its address and what else is said."""
    value = first.model_dump(mode="json", exclude_none=True)
    places = [{**one, **PORT} for one in value["locations"]]
    return Report.model_validate({**value, "report_id": str(uuid7()), "locations": places, **changes})


def again(first: Report) -> Report:
    return first.model_copy(update={"report_id": uuid7()})


def packages(authority: Authority) -> list[Package]:
    """What the authority has, in the order in which it came."""
    with acting(authority.machine):
        ids = list(Received.objects.order_by("created_at", "id").values_list("referral_id", flat=True))
    found = [inbox.open_referral(authority.investigator, one).package for one in ids]
    return [one for one in found if one is not None]


def test_a_package_carries_every_repetition_that_says_more_and_names_the_others(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "LU")
    first, _ = pair({}, {}, geography=[{"country": "LU", "derived_from": "ip"}])
    more, same = with_port(first, victims=[{"other": "token"}]), again(first)
    for one in (first, more, same):
        centre.file(one)
    authority.referred(first.report_id)
    (package,) = packages(authority)
    assert [one.report_id for one in package.reports] == [first.report_id, more.report_id]
    assert package.reports[1].locations[0].port == 4711
    assert package.duplicates_of == (same.report_id,)
    assert not any("locations.0.port" in one for one in package.assessment.missing), "one of them has it"
    assert package.more_reports is None
    expiring = inbox.open_referral(authority.investigator, package.referral_id).expiring
    assert "192.0.2.7 port 4711" in [one.what for one in expiring], "the log is asked for by the port"


def test_where_a_repetition_says_that_somebody_lives_counts_for_the_state(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = States(cast, monkeypatch, "IT", "")
    first, _ = pair({}, {}, geography=[])
    users = [{**one.model_dump(mode="json", exclude_none=True), "residence": "IT"} for one in first.users]
    states.centre.file(first)
    states.centre.file(with_port(first, users=users))
    assess.assess(states.centre.analyst, first.report_id, "forward", "", seen=0)
    refer.refer(states.centre.analyst, first.report_id)
    assert states.sent(first.report_id) == [("IT", False)]


def test_what_comes_between_decision_and_referral_counts_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    states = States(cast, monkeypatch, "IT", "")
    first, _ = pair({}, {}, geography=[])
    states.centre.file(first)
    assess.assess(states.centre.analyst, first.report_id, "forward", "", seen=0)
    states.centre.file(with_port(first, geography=[{"country": "IT", "derived_from": "ip"}]))
    refer.refer(states.centre.analyst, first.report_id)
    assert states.sent(first.report_id) == [("IT", False)]
    assert len(states.packages(first.report_id)["IT"].reports) == 2


def test_the_own_reasons_of_an_urgent_repetition_go_with_it_in_words(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "MT")
    first, second = pair({}, {"urgency": {**URGENT, "reason": "a meeting today"}}, geography=[{"country": "MT"}])
    centre.file(first)
    centre.file(second)
    page = cast.client(cast.centre, "analyst").get(f"/desk/reports/{first.report_id}/").content.decode()
    assert "a meeting today" in page
    authority.referred(first.report_id)
    (package,) = packages(authority)
    number = centre.row(second.report_id).number
    assert f"report {number}: a meeting today" in (package.assessment.urgency_reason or "")


def test_an_answer_that_adds_a_port_reaches_the_authority(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "CY")
    first, _ = pair({}, {}, geography=[{"country": "CY", "derived_from": "ip"}])
    centre.file(first)
    assess.assess(centre.analyst, first.report_id, "ask", "Which port?", seen=0)
    centre.file(with_port(first))
    authority.referred(first.report_id)
    (package,) = packages(authority)
    assert [one.locations[0].port for one in package.reports] == [None, 4711]


class Supplemented:
    """A report that is referred, and a repetition that says more afterwards."""

    def __init__(self, cast: Cast, country: str) -> None:
        self.cast, self.centre = cast, Centre(cast)
        self.authority = Authority(self.centre, country)
        self.first, _ = pair({}, {}, geography=[{"country": country, "derived_from": "ip"}])
        self.centre.file(self.first)
        self.main = self.authority.referred(self.first.report_id)
        self.more = with_port(self.first)
        self.centre.file(self.more)
        self.centre.deliver(self.authority.machine)

    def sent(self) -> list[Referral]:
        with acting(self.centre.machine):
            rows = Referral.objects.filter(report__report_id=self.first.report_id).select_related("supplement_to")
            return list(rows.order_by("created_at", "id"))

    @property
    def supplement(self) -> UUID:
        return self.sent()[1].referral_id


def test_what_a_repetition_brings_after_the_referral_follows_it(cast: Cast) -> None:
    world = Supplemented(cast, "EE")
    before, after = packages(world.authority)
    assert after.supplement_to == before.referral_id == world.main
    assert [one.report_id for one in after.reports] == [world.more.report_id]
    assert after.duplicates_of == (world.first.report_id,)
    assert after.assessment.relevance_reason.startswith(f"Supplement to referral {before.case_number}: report R-")
    assert (after.handling, after.authority) == (before.handling, before.authority)
    assert world.centre.row(world.first.report_id).state == "referred"
    full = inbox.open_referral(world.authority.investigator, after.referral_id)
    assert "192.0.2.7 port 4711" in [one.what for one in full.expiring]
    assert full.row.expires_at is not None
    waiting, _more = delivery.pending_referrals(world.centre.machine, world.authority.machine)
    assert {world.main, after.referral_id} <= {one.referral_id for one in waiting}, "who fetches finds both"
    client = cast.client(world.authority.machine, "investigator")
    listed = client.get("/desk/inbox/").content.decode()
    assert listed.count("supplement</span>") == 1
    assert before.case_number in client.get(f"/desk/inbox/{after.referral_id}/").content.decode()
    assert after.case_number in client.get(f"/desk/inbox/{before.referral_id}/").content.decode()
    page = cast.client(cast.centre, "analyst").get(f"/desk/reports/{world.first.report_id}/").content.decode()
    assert "supplement</span>" in page


def test_however_many_repetitions_stand_before_it_what_one_brings_is_sent(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_information, "MOST_LOOKED", 1)
    centre = Centre(cast)
    authority = Authority(centre, "LV")
    first, _ = pair({}, {}, geography=[{"country": "LV", "derived_from": "ip"}])
    centre.file(first)
    authority.referred(first.report_id)
    made = [with_port(first, other={"text": f"token {number}"}) for number in range(3)]
    for one in made:
        centre.file(one)
        centre.deliver(authority.machine)
    sent = [[one.report_id for one in package.reports] for package in packages(authority)]
    assert sent == [[first.report_id], *([one.report_id] for one in made)]


def test_what_comes_without_end_after_a_referral_is_gathered_and_nothing_is_lost(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followups_supplements, "AT_ONCE", 2)
    monkeypatch.setattr(new_information, "MOST", 3)
    centre = Centre(cast)
    authority = Authority(centre, "SK")
    first, _ = pair({}, {}, geography=[{"country": "SK", "derived_from": "ip"}])
    centre.file(first)
    authority.referred(first.report_id)
    made = [with_port(first, other={"text": f"token {number}"}) for number in range(6)]
    for one in [*made, again(first)]:
        centre.file(one)

    def supplements() -> list[list[UUID]]:
        centre.deliver(authority.machine)
        return [[one.report_id for one in package.reports] for package in packages(authority)][1:]

    def waiting() -> int:
        found = followups_supplements.pending_supplements(centre.analyst)
        return sum(one.duplicates for one in found if one.report_id == first.report_id)

    at_once = [[one.report_id] for one in made[:2]]
    gathered = [one.report_id for one in made[2:5]]
    followups_supplements.gather(centre.machine)
    assert (supplements(), waiting()) == (at_once, 5)
    with acting(centre.machine):
        kinds = [one.kind for one in timeline("report", first.report_id)]
    assert kinds.count("report.gathering") == 1, "one alert"
    client, number = cast.client(cast.centre, "analyst"), centre.row(first.report_id).number
    page = client.get("/desk/reports/surges/").content.decode()
    assert re.search(rf"{number}</a> \([^)]+\): 5 duplicates since", " ".join(page.split()))
    assert "Reports with duplicates held for a supplement" in client.get("/desk/").content.decode()
    with clock.simulate(clock.now() + timedelta(hours=2)):
        jobs.minutely(0)
        jobs.minutely(0)
        assert (supplements(), waiting()) == ([*at_once, gathered], 2)
        third = packages(authority)[3]
        assert (third.more_reports, third.duplicates_of) == (2, (first.report_id,))
        assert third.assessment.relevance_reason.startswith("Supplement to referral F-")
        assert "3 reports are duplicates of report" in third.assessment.relevance_reason
        page = cast.client(authority.machine, "investigator").get(f"/desk/inbox/{third.referral_id}/").content.decode()
        assert "2 more reports are pending and follow in the next supplement" in page
    with clock.simulate(clock.now() + timedelta(hours=4)):
        jobs.minutely(0)
        assert (supplements(), waiting()) == ([*at_once, gathered, [made[5].report_id]], 0)
        assert packages(authority)[4].more_reports is None


def test_what_waits_for_a_supplement_goes_with_a_new_referral(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followups_supplements, "AT_ONCE", 0)
    states = States(cast, monkeypatch, "DE", "FR", "")
    made = states.referred("DE")
    with acting(states.centre.machine):
        body = report_rows.body_of(states.row(made))
    more = with_port(report(**body.model_dump(mode="json", exclude_none=True)), other={"text": "token"})
    states.centre.file(more)
    assert states.standing(made) == ["DE"]
    assert states.centre.row(more.report_id).to_send is not None
    message = Returned(
        referral_id=states._referrals(made)[0].referral_id,
        reason="Not ours",
        country="FR",
        at=clock.now(),
        authority="Kriminalamt",
    )
    returned.take(states.centre.machine, states.actors["DE"], message)
    assert states.packages(made)["FR"].reports[1].other is not None
    assert states.centre.row(more.report_id).to_send is None
    with clock.simulate(clock.now() + timedelta(hours=2)):
        followups_supplements.gather(states.centre.machine)
        assert states.standing(made) == ["FR"], "nobody gets it twice"


def test_of_an_error_nothing_waits_any_longer(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followups_supplements, "AT_ONCE", 0)
    world = Supplemented(cast, "NL")
    assess.declare_erroneous(world.centre.lead, world.first.report_id, "token", revoke=False)
    followups_supplements.gather(world.centre.machine)
    assert world.centre.row(world.more.report_id).to_send is None
    assert len(world.sent()) == 1


def test_a_page_opens_few_repetitions_says_how_many_more_there_are_and_leads_to_them(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_information, "MOST_SHOWN", 2)
    centre = Centre(cast)
    first, _ = pair({}, {})
    centre.file(first)
    more = [with_port(first, other={"text": f"token {number}"}) for number in range(5)]
    for one in more:
        centre.file(one)
    opened, unseal_all = list[Any](), new_information.unseal_all

    def counted(kind: str, rows: list[Any]) -> list[bytes | None]:
        opened.extend(rows)
        return unseal_all(kind, rows)

    monkeypatch.setattr(new_information, "unseal_all", counted)
    client, number = cast.client(cast.centre, "analyst"), centre.row(first.report_id).number
    page = client.get(f"/desk/reports/{first.report_id}/").content.decode()
    assert len(opened) == 2
    assert "3 further duplicates may contain new information" in page
    assert f"?state=duplicate&amp;text={number}" in page
    rest = client.get(f"/desk/reports/?state=duplicate&text={number}").content.decode()
    assert all(f"/desk/reports/{one.report_id}/" in rest for one in more)
    assert f"/desk/reports/{first.report_id}/" not in rest


def test_a_repetition_that_says_nothing_more_sends_nothing(cast: Cast) -> None:
    world = Supplemented(cast, "LV")
    world.centre.file(again(world.first))
    world.centre.file(again(world.more))
    assert len(world.sent()) == 2
    with acting(world.centre.machine):
        row = world.centre.row(world.first.report_id)
        assert [one.report_id for one, _body in new_information.merged_content(row).parts] == [
            world.first.report_id,
            world.more.report_id,
        ]


def test_what_becomes_of_a_supplement_is_said_of_its_referral(cast: Cast) -> None:
    world = Supplemented(cast, "LT")
    centre, sender = world.centre.machine, world.authority.machine
    message = Returned(
        referral_id=world.supplement, reason="Not ours", country=None, at=clock.now(), authority="Kriminalamt"
    )
    with pytest.raises(ReferralAnswered):
        returned.take(centre, sender, message)
    said = Outcome.model_validate(
        {
            "outcome_id": uuid7(),
            "referral_id": world.supplement,
            "kind": "taken_up",
            "release": "centre_only",
            "at": clock.now(),
            "authority": "Kriminalamt",
        }
    )
    outcomes.take_outcome(centre, sender, said)
    main, supplement = world.sent()
    with acting(centre):
        assert (main.outcomes.count(), supplement.outcomes.count()) == (1, 0)
    came = world.supplement
    with acting(sender):
        row = Received.objects.get(referral_id=came)
    assert (row.closed, row.acknowledged) == (True, False)


def test_who_gives_a_referral_back_gives_back_what_supplements_it(cast: Cast) -> None:
    world = Supplemented(cast, "SE")
    came = world.supplement
    with pytest.raises(Invalid, match="Return that referral instead"):
        giving.give_back(world.authority.investigator, came, reason="Not ours")
    giving.give_back(world.authority.investigator, world.main, reason="Not ours")
    world.authority.answer()
    with acting(world.authority.machine):
        rows = Received.objects.filter(referral_id__in=[world.main, came])
        assert list(rows.values_list("given_back", flat=True)) == [True, True]
    rows, _more = inbox.inbox(world.authority.investigator)
    assert not {one.referral_id for one in rows} & {world.main, came}
    with acting(world.centre.machine):
        found = status.referrals_that_stand(world.centre.row(world.first.report_id))
        assert not found.filter(authority_id=world.authority.machine.organisation_id).exists()


def test_a_supplement_stands_no_longer_than_its_referral(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    states = States(cast, monkeypatch, "DE", "FR", "")
    made = states.referred("DE")
    with acting(states.centre.machine):
        body = report_rows.body_of(states.row(made))
    states.centre.file(with_port(report(**body.model_dump(mode="json", exclude_none=True)), other={"text": "token"}))
    assert states.standing(made) == ["DE", "DE"]
    first = states._referrals(made)[0]
    message = Returned(
        referral_id=first.referral_id, reason="Not ours", country="FR", at=clock.now(), authority="Kriminalamt"
    )
    returned.take(states.centre.machine, states.actors["DE"], message)
    assert states.packages(made)["FR"].reports[1].other is not None
    with acting(states.centre.machine):
        left = status.referrals_that_stand(states.row(made)).values_list("authority_id", flat=True)
        assert list(left) == [states.actors["FR"].organisation_id]
        then = status.that_stood(states.row(made), clock.now()).values_list("authority_id", flat=True)
        assert list(then) == list(left), "a hold that begins now freezes what stands now"


def test_of_a_report_that_was_an_error_nothing_follows(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "HR")
    first, _ = pair({}, {}, geography=[{"country": "HR", "derived_from": "ip"}])
    centre.file(first)
    authority.referred(first.report_id)
    assess.declare_erroneous(centre.lead, first.report_id, "token", revoke=False)
    centre.file(with_port(first))
    with acting(centre.machine):
        assert Referral.objects.filter(report__report_id=first.report_id).count() == 1


def test_a_package_says_how_many_had_no_room(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "BG")
    monkeypatch.setattr(new_information, "MOST", 2)
    first, _ = pair({}, {}, geography=[{"country": "BG", "derived_from": "ip"}])
    centre.file(first)
    for number in range(3):
        centre.file(with_port(first, other={"text": f"token {number}"}))
    authority.referred(first.report_id)
    (package,) = packages(authority)
    assert (len(package.reports), package.more_reports) == (2, 2)
    page = cast.client(authority.machine, "investigator").get(f"/desk/inbox/{package.referral_id}/").content.decode()
    assert "2 more reports also have new information" in page
