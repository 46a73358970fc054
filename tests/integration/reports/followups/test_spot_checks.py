"""Alerts that call until somebody answers, surges, lanes, and the draw from what stands last."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.reporting import item, report
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.casework.models import Alert
from tutela.events.errors import Invalid, NotFound
from tutela.events.identifiers import uuid7
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.investigations.models import Referral as Received
from tutela.investigations.referral_work import work_queue as inbox
from tutela.reports import jobs
from tutela.reports.alerts import duty_screen, pending_reports
from tutela.reports.errors import Undone
from tutela.reports.figures import volumes
from tutela.reports.followups import spot_checks
from tutela.reports.models import Draw, DrawnDay, Report, Surge, Volume
from tutela.reports.scoring import lanes
from tutela.reports.state import report_rows
from tutela.reports.triage import assess, work_queue

URGENT = {"urgent": True, "reason": "token"}
MINUTE = timedelta(minutes=1)


def own(centre: Centre, report_id: UUID) -> pending_reports.ReportAlert:
    return next(one for one in everything(centre) if one.row.report_id == report_id)


def everything(centre: Centre) -> list[pending_reports.ReportAlert]:
    return duty_screen.screen(centre.analyst, duty_screen.AlertFilter(file=True)).rows


def rings(centre: Centre, report_id: UUID) -> list[str]:
    with acting(centre.machine):
        rows = Alert.objects.filter(subject_id=report_id).order_by("created_at", "id")
        return list(rows.values_list("reason", flat=True))


def test_an_urgent_report_calls_and_another_does_not(cast: Cast) -> None:
    centre = Centre(cast)
    urgent, other = centre.file(report(urgency=URGENT)), centre.file(report())
    assert (rings(centre, urgent), rings(centre, other)) == (["new"], [])
    assert own(centre, urgent).unanswered
    row = centre.row(urgent)
    assert row.look_by == row.created_at + timedelta(hours=2)


def test_it_calls_until_somebody_answers_and_again_when_its_time_is_over(cast: Cast) -> None:
    centre = Centre(cast)
    made, now = centre.file(report(urgency=URGENT)), clock.now()
    for minutes, expected in ((14, 1), (16, 2), (17, 2), (32, 3)):
        with clock.simulate(now + minutes * MINUTE):
            duty_screen.raise_again(centre.machine)
            assert len(rings(centre, made)) == expected, minutes
    with clock.simulate(now + 33 * MINUTE):
        duty_screen.answer(centre.analyst, made)
        assert own(centre, made).taken_by == centre.analyst.name
    for minutes, expected in ((60, 3), (119, 3), (121, 4), (130, 4)):
        with clock.simulate(now + minutes * MINUTE):
            duty_screen.raise_again(centre.machine)
            assert len(rings(centre, made)) == expected, minutes
    assert rings(centre, made) == ["new", "unanswered", "unanswered", "late"]
    assert own(centre, made).unanswered, "late means that somebody answers once more"
    with clock.simulate(now + 131 * MINUTE):
        duty_screen.answer(centre.analyst, made)
    with clock.simulate(now + 182 * MINUTE):
        duty_screen.raise_again(centre.machine)
        assert rings(centre, made)[-1:] == ["late"]
        assert len(rings(centre, made)) == 5
        assess.assess(centre.analyst, made, "unfounded", "no", seen=0, code="not_sexual")
        assert made not in {one.row.report_id for one in everything(centre)}


def test_the_screen_that_asks_by_itself_notes_what_it_had_not_shown(cast: Cast) -> None:
    centre = Centre(cast)
    browser = cast.client(cast.centre, "analyst")

    def noted() -> int:
        with acting(centre.machine):
            rows = Event.objects.filter(kind="report.listed", organisation_id=centre.machine.organisation_id)
            return rows.count()

    def looked(**headers: str) -> bool:
        before = noted()
        assert browser.get("/desk/reports/alerts/?sort=-since", headers=headers).status_code == 200
        return noted() > before

    centre.file(report(urgency=URGENT))
    assert looked()
    assert looked(), "somebody asked"
    assert not looked(**{"HX-Request": "true"})
    centre.file(report(urgency=URGENT))
    assert looked(**{"HX-Request": "true"})
    assert not looked(**{"HX-Request": "true"})


def test_alerts_sound_whatever_else_of_a_minute_s_work_fails(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    centre = Centre(cast)
    made = centre.file(report(urgency=URGENT))
    for name in (
        "state.hold_queue.release_ended",
        "followups.expired_questions.end",
        "intake.cybertip_submission.expire",
    ):
        monkeypatch.setattr(f"tutela.reports.{name}", _fails)
    with clock.simulate(clock.now() + 16 * MINUTE):
        with pytest.raises(MemoryError):
            jobs.minutely(0)
        jobs.sound(0)
    assert rings(centre, made) == ["new", "unanswered"]


def _fails(_actor: Any) -> int:
    raise MemoryError


def test_a_repetition_that_is_urgent_calls_for_the_first(cast: Cast) -> None:
    centre = Centre(cast)
    first = report()
    again = first.model_copy(update={"report_id": uuid7()})
    urgent = type(first).model_validate({**again.model_dump(mode="json"), "urgency": URGENT})
    centre.file(first)
    centre.file(urgent)
    assert rings(centre, first.report_id) == ["new"]
    assert rings(centre, urgent.report_id) == []


def test_nobody_answers_what_does_not_call(cast: Cast) -> None:
    centre = Centre(cast)
    with pytest.raises(NotFound):
        duty_screen.answer(centre.analyst, centre.file(report()))


def test_the_screen_shows_what_calls_and_takes_an_answer(cast: Cast, client: Client) -> None:
    centre = Centre(cast)
    made = centre.file(report(urgency=URGENT))
    address = f"/desk/reports/{made}/alert/"
    assert client.post(address).status_code == 302
    assert cast.client(cast.pixelpost, "lead").post(address).status_code == 404
    browser = cast.client(cast.centre, "analyst")
    assert centre.row(made).number in browser.get("/desk/reports/alerts/?sort=-since").content.decode()
    assert browser.post(address).status_code == 302
    assert not own(centre, made).unanswered
    assert "Unanswered alerts" in browser.get("/desk/").content.decode()


def thin(**changes: Any) -> Any:
    nothing = {"users": [], "locations": [], "items": [{**item(), "sightings": []}]}
    return report(**{**nothing, **changes})


def test_a_flood_of_empty_reports_delays_nobody_else(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutela.reports.scoring.lanes.AN_HOUR", 3)
    centre, flooder = Centre(cast), cast.organisation("Flooder", "provider", "IE")
    flood = [centre.file(thin(), flooder) for _ in range(6)]
    assert [centre.row(one).lane for one in flood] == [0, 0, 0, 1, 1, 1]
    urgent = centre.file(thin(urgency=URGENT), flooder)
    later = centre.file(report(), flooder)
    other = centre.file(report())
    assert [centre.row(one).lane for one in (urgent, later, other)] == [1, 0, 0]
    lines = [row.report_id for row in _all_lines(centre)]
    order = [lines.index(one) for one in (urgent, other, flood[-1])]
    assert order == sorted(order), "urgent first, and the flood behind everybody else"
    assert volumes.LaneCount(flooder.organisation_name, 4) in volumes.own_lanes(centre.analyst)
    with clock.simulate(clock.now() + timedelta(hours=2)):
        assert centre.row(centre.file(thin(), flooder)).lane == 0


def _all_lines(centre: Centre) -> list[Any]:
    out: list[Any] = []
    page, more = 1, True
    while more:
        rows, more = work_queue.lines(centre.analyst, work_queue.ReportFilter(), page)
        out, page = [*out, *rows], page + 1
    return out


def test_only_what_leads_nowhere_is_empty() -> None:
    assert lanes.empty(thin())
    assert not lanes.empty(report())
    assert not lanes.empty(thin(items=[{**item(), "sightings": [{"at": clock.now().isoformat(), "account": "a"}]}]))


def _days(
    centre: Centre, kind: str, counts: list[int], last: Any, provider: UUID | None = None, country: str = ""
) -> UUID:
    """So many reports of a kind, the last of them on a day: all of one provider."""
    provider = provider or uuid4()
    with acting(centre.machine):
        Volume.objects.bulk_create(
            Volume(
                organisation_id=centre.machine.organisation_id,
                day=last - timedelta(days=len(counts) - 1 - n),
                provider_id=provider,
                country=country,
                kind=kind,
                reports=count,
                duplicates=0,
                urgent=0,
                complete=0,
            )
            for n, count in enumerate(counts)
        )
    return provider


def test_a_volume_that_rose_is_raised_once_and_ends(cast: Cast) -> None:
    centre, kind = Centre(cast), f"k{secrets.token_hex(6)}"
    last = clock.now().date() - timedelta(days=1)
    provider = _days(centre, kind, [10] * 33 + [40] * 7, last)

    def surges() -> list[volumes.VolumeView]:
        return [one for one in volumes.surges(centre.analyst) if one.value == str(provider)]

    volumes.watch(centre.machine)
    volumes.watch(centre.machine)
    (one,) = surges()
    assert one.end is None
    assert round(one.ratio, 1) == 4.0
    with pytest.raises(Invalid):
        volumes.accept(centre.analyst, one.id, " ")
    volumes.accept(centre.analyst, one.id, "A campaign")
    with pytest.raises(NotFound):
        volumes.accept(centre.analyst, one.id, "Again")
    volumes.watch(centre.machine)
    (one,) = surges()
    assert one.end is not None
    assert one.end.reason == "A campaign"
    page = cast.client(cast.centre, "analyst").get("/desk/reports/surges/").content.decode()
    assert kind in page


def test_one_provider_that_rises_is_one_alert_and_says_where_it_shows(cast: Cast) -> None:
    centre, kind = Centre(cast), f"k{secrets.token_hex(6)}"
    today = clock.now().date()
    risen = cast.organisation("Risen", "provider", "IE")
    _days(centre, kind, [10] * 60 + [40] * 30, today + timedelta(days=29), risen.organisation_id, "Q1")
    steady = _days(centre, kind, [3] * 90, today + timedelta(days=29), country="Q1")

    def surges() -> list[volumes.VolumeView]:
        values = {str(risen.organisation_id), str(steady), kind, "Q1"}
        return [one for one in volumes.surges(centre.analyst) if one.value in values]

    for day in range(31):
        with clock.simulate(clock.now() + timedelta(days=day)):
            volumes.watch(centre.machine)
        assert len(surges()) <= 1, day
    (one,) = surges()
    assert (one.place.dimension, one.place.label) == ("provider", risen.organisation_name)
    assert [place.label for place in one.shows] == ["Q1", kind]
    page = cast.client(cast.centre, "analyst").get("/desk/reports/surges/").content.decode()
    assert "Q1" in page
    assert kind in page


def test_a_kind_that_rises_with_many_providers_is_one_alert_of_that_kind(cast: Cast) -> None:
    centre, kind = Centre(cast), f"k{secrets.token_hex(6)}"
    last = clock.now().date() - timedelta(days=1)
    for country in ("Q2", "Q3", "Q4", "Q5"):  # too few of each to be more than chance
        _days(centre, kind, [1] * 33 + [3] * 7, last, country=country)
    volumes.watch(centre.machine)
    found = [one for one in volumes.surges(centre.analyst) if kind in one.what or one.value in ("Q2", "Q5")]
    assert [(one.place.dimension, one.value, one.shows) for one in found] == [("kind", kind, [])]


def test_a_provider_that_rose_hides_no_other_cause(cast: Cast) -> None:
    centre, kind = Centre(cast), f"k{secrets.token_hex(6)}"
    last = clock.now().date() - timedelta(days=1)
    provider = _days(centre, kind, [10] * 33 + [40] * 7, last, country="Q6")
    for _ in range(5):  # each too little, together three times as much
        _days(centre, kind, [1] * 33 + [3] * 7, last, country="Q7")
    volumes.watch(centre.machine)
    values = {str(provider), kind, "Q6", "Q7"}
    found = {one.value for one in volumes.surges(centre.analyst) if one.value in values}
    assert found == {str(provider), "Q7"}


def test_reports_are_counted_by_day_provider_country_and_kind(cast: Cast) -> None:
    centre, provider = Centre(cast), cast.organisation("Counted", "provider", "IE")
    first = report(geography=[{"country": "FR", "derived_from": "ip"}])
    centre.file(first, provider)
    centre.file(first.model_copy(update={"report_id": uuid7()}), provider)
    centre.file(report(geography=[], urgency=URGENT), provider)
    for _ in range(2):
        volumes.count(centre.machine)
        with acting(centre.machine):
            rows = Volume.objects.filter(provider_id=provider.organisation_id).order_by("-country")
            found = list(rows.values_list("country", "kind", "reports", "duplicates", "urgent"))
        assert found == [("FR", "known", 2, 1, 0), ("", "known", 1, 0, 1)]


def test_days_on_which_nobody_counted_are_counted_later(cast: Cast) -> None:
    centre, provider = Centre(cast), cast.organisation("Silent", "provider", "IE")
    # Later than every other day of the tests: what counts is the last day that was counted.
    day = datetime(9000, 1, 1, 12, tzinfo=UTC)
    for ago in (5, 4, 0):
        with clock.simulate(day - timedelta(days=ago)):
            centre.file(report(), provider)
            if ago == 5:
                volumes.count(centre.machine)
    with clock.simulate(day):
        volumes.count(centre.machine)
    with acting(centre.machine):
        rows = Volume.objects.filter(provider_id=provider.organisation_id).order_by("day")
        assert [(day.date() - row.day).days for row in rows] == [5, 4, 0]


def test_a_day_on_which_nobody_drew_is_drawn_from_later(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    centre = Centre(cast)
    day = datetime(2031, 3, 1, 12, tzinfo=UTC) + timedelta(days=366 * (1000 + secrets.randbelow(900)))
    monkeypatch.setattr("tutela.reports.followups.spot_checks.ONE_IN", 1)
    with clock.simulate(day):
        filed = [centre.file(report()) for _ in range(10)]
    with clock.simulate(day + timedelta(days=5)):
        assert spot_checks.draw(centre.machine) == 1
    with acting(centre.machine):
        assert Draw.objects.get(report__report_id__in=filed).day == day.date()


def test_two_in_a_hundred_are_drawn() -> None:
    """By each report's own number, so that nobody chooses; chance leaves these bounds once in millions."""
    assert 300 < sum(spot_checks.drawn(uuid4()) for _ in range(20_000)) < 500


def test_a_small_centre_draws_at_the_same_rate(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three reports a day one stands last: never less than a tenth is drawn from, however small the Centre."""
    centre = Centre(cast)
    begin = datetime(2031, 9, 1, 12, tzinfo=UTC) + timedelta(days=366 * (4000 + secrets.randbelow(900)))
    monkeypatch.setattr("tutela.reports.followups.spot_checks.ONE_IN", 1)
    made: list[UUID] = []
    for day in range(20):
        with clock.simulate(begin + timedelta(days=day)):
            spot_checks.draw(centre.machine)
            # Of two nothing is known, and that stands above the middle.
            made += [centre.file(report(confirmation=None)) for _ in range(2)] + [centre.file(report())]
    with clock.simulate(begin + timedelta(days=20)):
        spot_checks.draw(centre.machine)
        assert spot_checks.draw(centre.machine) == 0
    with acting(centre.machine):
        found = list(Draw.objects.filter(report__report_id__in=made).order_by("day").values_list("report", "day", "of"))
        days = DrawnDay.objects.filter(day__gte=begin.date(), day__lt=begin.date() + timedelta(days=20)).order_by("day")
        counted = [(one.of, one.drawn) for one in days]
        last = {row.report_id for row in Report.objects.filter(pk__in=[pk for pk, *_ in found])}
    assert counted == [(3, 1)] * 20, "each report stands in one day"
    assert [(day, of) for _pk, day, of in found] == [(begin.date() + timedelta(days=n), 3) for n in range(20)]
    assert last == set(made[2::3])


def test_the_draw_is_the_same_for_whoever_draws(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    centre = Centre(cast)
    day = datetime(2031, 3, secrets.randbelow(28) + 1, 12, tzinfo=UTC) + timedelta(days=366 * secrets.randbelow(900))
    monkeypatch.setattr("tutela.reports.followups.spot_checks.ONE_IN", 2)
    with clock.simulate(day):
        strong = [centre.file(report()) for _ in range(18)]
        weak = [centre.file(report(confirmation=None, users=[], urgency=URGENT)) for _ in range(2)]
        strong += weak
    with clock.simulate(datetime.combine(day, time(), UTC) + timedelta(days=1, minutes=59)):
        assert spot_checks.draw(centre.machine) == 0, "a report of the last moments may not be committed yet"
    with clock.simulate(day + timedelta(days=1)):
        count = spot_checks.draw(centre.machine)
        assert spot_checks.draw(centre.machine) == 0
    with acting(centre.machine):
        found = set(Draw.objects.filter(report__report_id__in=strong).values_list("report__report_id", flat=True))
    assert len(found) == count <= 2
    assert all(spot_checks.drawn(one) for one in found)
    assert not found & set(weak), "urgent reports are never among the last"


def test_what_was_missed_stands_first_and_counts(cast: Cast) -> None:
    centre = Centre(cast)
    made, other = centre.file(report()), centre.file(report())
    draw(centre, made, other)
    before = spot_checks.rates(centre.machine)[0]
    with pytest.raises(Invalid):
        spot_checks.examine(centre.analyst, made, "", urgent=True)
    spot_checks.examine(centre.analyst, made, "token", urgent=True)
    spot_checks.examine(centre.analyst, other, "", urgent=False)
    with pytest.raises(NotFound):
        spot_checks.examine(centre.analyst, made, "token", urgent=True)
    after = spot_checks.rates(centre.machine)[0]
    assert (after.examined - before.examined, after.missed - before.missed) == (2, 1)
    assert centre.row(made).urgent
    look_by = centre.row(made).look_by
    assert look_by is not None
    assert look_by <= clock.now() + timedelta(hours=2)
    assert rings(centre, made) == ["new"]
    page = cast.client(cast.centre, "analyst").get("/desk/reports/spot-checks/")
    assert page.status_code == 200


def draw(centre: Centre, *made: UUID) -> None:
    with acting(centre.machine):
        for one in made:
            Draw.objects.create(
                organisation_id=centre.machine.organisation_id, report=centre.row(one), day=clock.now().date(), of=10
            )


@pytest.mark.parametrize("calm", [True, False])
def test_what_was_closed_and_is_urgent_after_all_is_open_again_and_calls(cast: Cast, calm: bool) -> None:
    centre = Centre(cast)
    made = centre.file(report() if calm else report(urgency=URGENT))
    draw(centre, made)
    assess.assess(centre.analyst, made, "unfounded", "no", seen=0, code="not_sexual")
    before = len(rings(centre, made))
    spot_checks.examine(centre.analyst, made, "a child at risk", urgent=True)
    row = centre.row(made)
    assert (row.state, row.decision, row.decided_at, row.urgent) == ("open", "", None, True)
    assert len(rings(centre, made)) == before + 1
    assert own(centre, made).unanswered
    assert centre.clocks(made) == {"relevance": "running", "urgent_referral": "running"}
    with acting(centre.machine):
        again = report_rows.body_of(row).model_copy(update={"report_id": uuid7()})
    assert centre.told(centre.file(again)) == ["received"], "nobody has decided"
    # The newer decision counts, as always, and everybody is told.
    assess.assess(centre.analyst, made, "forward", "", seen=1)
    assert centre.row(made).state == "forward"
    assert centre.told(again.report_id) == ["received", "relevant"]


def test_what_is_found_urgent_stands_out_of_its_sender_s_flood(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report(urgency=URGENT))
    draw(centre, made)
    with acting(centre.machine):
        Report.objects.filter(report_id=made).update(lane=lanes.OWN)
    before = len(rings(centre, made))
    spot_checks.examine(centre.analyst, made, "a child at risk", urgent=True)
    assert centre.row(made).lane == lanes.OPEN
    assert len(rings(centre, made)) == before + 1
    assert own(centre, made).unanswered


def test_what_a_lead_declared_an_error_only_a_lead_opens_again(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    draw(centre, made)
    assess.declare_erroneous(centre.lead, made, "token", revoke=False)
    with pytest.raises(Undone):
        spot_checks.examine(centre.analyst, made, "a child at risk", urgent=True)
    assert centre.row(made).state == "erroneous"
    spot_checks.examine(centre.lead, made, "a child at risk", urgent=True)
    assert centre.row(made).state == "open"


def test_what_was_referred_and_is_urgent_after_all_goes_to_its_authorities_once_more(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "LT")
    made = centre.file(authority.report())
    draw(centre, made)
    main = authority.referred(made)
    spot_checks.examine(centre.analyst, made, "a child at risk", urgent=True)
    assert centre.row(made).urgent
    sent = centre.messages(authority.machine, "referral")[-1]
    assert sent.urgent
    centre.deliver(authority.machine)
    with acting(authority.machine):
        row = Received.objects.get(supplement_to=main)
        assert row.urgent
        assert row.urgency_codes[0] == {"code": "score.words", "values": {"reason": "a child at risk"}}
    full = inbox.open_referral(authority.investigator, row.referral_id)
    assert full.package is not None
    assert [one.report_id for one in full.package.reports] == [made]
    assert f"report {centre.row(made).number} again" in full.package.assessment.relevance_reason


def test_rates_are_public_and_small_groups_are_not_told(cast: Cast, client: Client) -> None:
    cast.centre  # noqa: B018 - there must be one
    answer = client.get("/reports/missed-urgent.csv")
    assert answer.status_code == 200
    assert answer.content.decode().splitlines()[0] == "group,value,examined,missed,rate,from,to"
    few = spot_checks.as_csv([spot_checks.Rate("kind", "new", 3, 1), spot_checks.Rate("kind", "known", 40, 2)])
    assert few[1] == ["kind", "new", "withheld", "", "", "", ""]


def test_a_small_group_is_not_what_is_left_of_the_whole() -> None:
    """The whole less every group that is told never is a group that is not, nor fewer than may be told."""

    def told(*counts: int) -> list[object]:
        rows = [spot_checks.Rate("kind", f"k{n}", count, 1) for n, count in enumerate(counts)]
        lines = spot_checks.as_csv([spot_checks.Rate("all", "", sum(counts), 1), *rows])
        return [line[2] for line in lines[2:]]

    assert told(3, 40, 50) == ["withheld", "withheld", 50]
    assert told(3, 40) == ["withheld", "withheld"]
    assert told(5, 6, 40) == ["withheld", "withheld", 40], "two that are eleven together"
    assert told(2, 3, 40, 50) == ["withheld", "withheld", "withheld", 50], "two that are five together"
    assert told(20, 40) == [20, 40]
    assert spot_checks.as_csv([spot_checks.Rate("all", "", 4, 1)])[1][2] == "withheld"


def test_rates_are_told_by_what_the_report_carries(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    centre = Centre(cast)
    day = datetime(2031, 1, 1, 12, tzinfo=UTC) + timedelta(days=366 * (2000 + secrets.randbelow(900)))
    monkeypatch.setattr("tutela.reports.followups.spot_checks.ONE_IN", 1)
    user = {"language": "lt-LT", "residence": "LT", "age_group": "teenager", "gender": "female"}
    guardian = {"relation": "guardian", "other": "token", "age_group": "adult", "gender": "male"}
    people: dict[str, Any] = {"victims": [guardian, {"other": "token", "age_group": "child"}]}
    with clock.simulate(day):
        made = [
            centre.file(report(language="et", users=[guardian, {**user, "usernames": [f"a{n}"]}], **people))
            for n in range(10)
        ]
    with clock.simulate(day + timedelta(days=1)):
        assert spot_checks.draw(centre.machine) == 1

    def counted() -> dict[tuple[str, str], int]:
        return {(one.group, one.value): one.examined for one in spot_checks.rates(centre.machine)}

    before = counted()
    with acting(centre.machine):
        one = Draw.objects.get(report__report_id__in=made).report.report_id
    spot_checks.examine(centre.analyst, one, "", urgent=False)
    after = counted()
    for group, value in (
        ("report_language", "et"),
        ("account_language", "lt"),
        ("account_residence", "LT"),
        ("account_age", "teenager"),
        ("account_gender", "female"),
        ("child_age", "child"),
        ("child_gender", ""),
    ):
        assert after[group, value] == before.get((group, value), 0) + 1
        assert sum(n for (name, _value), n in after.items() if name == group) == after["all", ""]


def test_a_day_on_which_nothing_was_drawn_is_drawn_from_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order moves while the desk works: who drew again would draw from another tenth."""
    centre = Centre(cast)
    day = datetime(2031, 6, 1, 12, tzinfo=UTC) + timedelta(days=366 * (3000 + secrets.randbelow(900)))
    monkeypatch.setattr("tutela.reports.followups.spot_checks.drawn", lambda _one: False)
    with clock.simulate(day):
        for _ in range(10):
            centre.file(report())
    with clock.simulate(day + timedelta(days=1)):
        assert spot_checks.draw(centre.machine) == 0
        monkeypatch.setattr("tutela.reports.followups.spot_checks.drawn", lambda _one: True)
        assert spot_checks.draw(centre.machine) == 0
    with acting(centre.machine):
        noted = DrawnDay.objects.get(day=day.date())
    assert (noted.of, noted.drawn) == (10, 0)


def test_surges_stand_until_they_end(cast: Cast) -> None:
    centre, kind = Centre(cast), f"k{secrets.token_hex(6)}"
    last = clock.now().date() - timedelta(days=1)
    with acting(centre.machine):
        Surge.objects.create(
            organisation_id=centre.machine.organisation_id,
            dimension="kind",
            value=kind,
            label=kind,
            day=last - timedelta(days=9),
            seen=90,
            usual=10.0,
        )
    _days(centre, kind, [1] * 35, last)
    volumes.watch(centre.machine)
    assert next(one for one in volumes.surges(centre.analyst) if one.value == kind).end is not None
