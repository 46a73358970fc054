"""Teams, whose a referral is, what expires, outcomes by the hundred and by a case system."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client

from tests.integration.reports.evidence.test_presealed import Filed
from tests.support.reporting import item
from tests.support.sealed import addressed
from tutela import clock
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.transaction import acting
from tutela.exchange.referral.outcome_csv import NotATableError
from tutela.exchange.report.fields import NetworkLocation
from tutela.exchange.report.hints import OLD
from tutela.exchange.report.sections import Preservation
from tutela.investigations import retention
from tutela.investigations.inbox import expiring_evidence
from tutela.investigations.models import Acknowledgement, Assignment, Outcome, Referral
from tutela.investigations.referral_work import answers, bulk_outcomes, teams, work_queue
from tutela.investigations.referral_work.work_queue import ReferralFilter


class Desk:
    """An authority's people, and referrals that came."""

    def __init__(self) -> None:
        self.world = addressed()
        self.cast, self.centre = self.world.cast, self.world.centre
        self.machine = self.world.authority.machine
        self.investigator = self.world.authority.investigator
        self.analyst = self.cast.actor(self.machine, "analyst")

    def referral(self, **changes: Any) -> UUID:
        return self.world.authority.referred(self.centre.file(self.world.authority.report(**changes)))

    def number(self, referral: UUID) -> str:
        return str(work_queue.open_referral(self.investigator, referral).row.number)

    def row(self, referral: UUID) -> Referral:
        with acting(self.machine):
            return Referral.objects.get(referral_id=referral)

    def team(self, level: str = "national", parent: UUID | None = None) -> Any:
        return teams.make(self.investigator, name=f"{level} {uuid4()}", level=level, parent=parent)


@pytest.fixture
def here() -> Desk:
    return Desk()


def test_teams_stand_below_higher_ones_and_end(here: Desk) -> None:
    top = here.team()
    middle = here.team("regional", top.pk)
    local = here.team("local", middle.pk)
    for wrong, field in (
        ({"name": " ", "level": "local"}, "name"),
        ({"name": "x", "level": "galactic"}, "level"),
        ({"name": "x", "level": "national", "parent": middle.pk}, "parent"),
        ({"name": "x", "level": "local", "parent": uuid4()}, "parent"),
        ({"name": top.name, "level": "local"}, "name"),
        ({"name": "x", "level": "local", "parent": local.pk}, "parent"),
    ):
        with pytest.raises(Invalid) as refused:
            teams.make(here.investigator, **wrong)  # type: ignore[arg-type]
        assert refused.value.field == field
    with pytest.raises(Invalid, match="below this team first"):
        teams.end(here.investigator, top.pk)
    teams.end(here.investigator, local.pk)
    teams.end(here.investigator, local.pk)
    with pytest.raises(NotFound):
        teams.end(here.cast.actor(here.cast.authority, "investigator"), middle.pk)
    with pytest.raises(Forbidden):
        teams.make(here.analyst, name="x", level="local")
    order = [one.team.name for one in teams.loads(here.investigator) if one.team]
    assert order.index(top.name) < order.index(middle.name)
    assert local.name not in order


def test_a_referral_is_given_to_a_team_and_every_hand_is_a_row(here: Desk) -> None:
    first, second, referral = here.team(), here.team(), here.referral()
    assert teams.assign(here.investigator, [referral], first.pk) == 1
    assert teams.assign(here.investigator, [referral, referral], first.pk) == 0
    assert teams.assign(here.investigator, [referral], second.pk) == 1
    assert teams.assign(here.investigator, [referral], None) == 1
    with acting(here.machine):
        rows = Assignment.objects.filter(referral__referral_id=referral).order_by("created_at")
        assert [one.team_id for one in rows] == [first.pk, second.pk, None]
    teams.end(here.investigator, first.pk)
    with pytest.raises(Invalid):
        teams.assign(here.investigator, [referral], first.pk)
    with pytest.raises(NotFound):
        teams.assign(here.investigator, [referral, uuid4()], second.pk)
    assert here.row(referral).team_id is None, "all or nothing"
    with pytest.raises(Invalid):
        teams.assign(here.investigator, [uuid4() for _ in range(201)], None)


def test_twins_assign_once(here: Desk) -> None:
    team, referral = here.team(), here.referral()

    def assign(_: int) -> int:
        try:
            return teams.assign(here.investigator, [referral], team.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(assign, range(4))) == 1


def test_the_inbox_is_filtered_by_team_state_and_urgency(here: Desk) -> None:
    team, plain = here.team(), here.referral()
    urgent = here.referral(urgency={"urgent": True, "reason": "A meeting was announced"})
    teams.assign(here.investigator, [plain, urgent], team.pk)

    def found(**wanted: Any) -> set[UUID]:
        return {row.referral_id for row in work_queue.inbox(here.investigator, ReferralFilter(**wanted))[0]}

    assert found(team=str(team.pk)) == {plain, urgent}
    assert found(team=str(team.pk), urgent=True) == {urgent}
    assert not {plain, urgent} & found(team="none", state="all")
    answers.acknowledge(here.investigator, plain)
    assert found(team=str(team.pk), state="open") == {plain}
    assert found(team="no-id") == set()
    (load,) = [one for one in teams.loads(here.investigator) if one.team and one.team.pk == team.pk]
    assert (load.open, load.urgent, load.new) == (2, 1, 1)
    assert load.oldest
    answers.report_outcome(here.investigator, plain, kind="closed", reason="", release="centre_only")
    (load,) = [one for one in teams.loads(here.investigator) if one.team and one.team.pk == team.pk]
    assert load.open == 1
    nobody = teams.loads(here.investigator)[-1]
    assert nobody.team is None


def test_people_assign_on_the_pages_and_close_in_two_clicks(here: Desk) -> None:
    referral, client = here.referral(), here.cast.client(here.machine, "investigator")
    name = f"Unit {uuid4()}"
    assert client.post("/desk/inbox/teams/", {"name": name, "level": "regional"}).status_code == 302
    (team,) = [one for one in teams.chosen(here.investigator) if one.name == name]
    assert client.post("/desk/inbox/assign/", {"referral": [referral], "team": team.pk}).status_code == 302
    assert name in client.get("/desk/inbox/teams/").content.decode()
    assert name in client.get(f"/desk/inbox/{referral}/").content.decode()
    assert client.post("/desk/inbox/assign/", {"referral": ["x"], "team": team.pk}).status_code == 404
    outside = client.post("/desk/inbox/assign/", {"referral": [referral], "next": "https://evil.example/"})
    assert outside["Location"] == "/desk/inbox/"
    answers.acknowledge(here.investigator, referral)
    page = client.get(f"/desk/inbox/{referral}/").content.decode()
    assert '<button name="kind" value="closed"' in page
    fields = {"kind": "closed", "release": "provider", "token": str(uuid4())}
    assert client.post(f"/desk/inbox/{referral}/outcome/", fields).status_code == 302
    assert work_queue.open_referral(here.investigator, referral).row.closed
    stranger = here.cast.client(here.cast.authority, "investigator")
    assert stranger.post("/desk/inbox/assign/", {"referral": [referral], "team": ""}).status_code == 404
    assert stranger.post(f"/desk/inbox/teams/{team.pk}/end/").status_code == 404
    analyst = here.cast.client(here.machine, "analyst")
    assert analyst.post("/desk/inbox/assign/", {"referral": [referral]}).status_code == 404
    assert analyst.get("/desk/inbox/teams/").status_code == 200


def place(days: float, ip: str = "192.0.2.7") -> dict[str, Any]:
    return {"ip": ip, "port": 4711, "at": (clock.now() - timedelta(days=days)).isoformat(), "time_zone": "UTC"}


def test_what_expires_has_its_own_clock_in_the_inbox_and_on_the_page(here: Desk) -> None:
    referral = here.referral(locations=[place(175), place(300, "192.0.2.8"), place(174)])
    row, now = here.row(referral), clock.now()
    assert row.expires_at
    assert timedelta(days=4.9) < row.expires_at - now < timedelta(days=5.1), "the oldest that is not lost counts"
    found = {r.referral_id for r in work_queue.inbox(here.investigator, ReferralFilter(expiring=True))[0]}
    assert referral in found
    full = work_queue.open_referral(here.investigator, referral)
    kinds = [(one.kind, one.until <= now) for one in full.expiring]
    assert kinds == [("address", True), ("address", False), ("address", False), ("preserved", False)]
    client = here.cast.client(here.machine, "investigator")
    page = client.get(f"/desk/inbox/{referral}/").content.decode()
    assert "latest possible date has passed" in page
    assert "4 days left" in page
    assert "no period holds in the whole Union" in page
    assert "not checked against the official text" in page
    assert "due in 4 d" in client.get("/desk/inbox/?expiring=1").content.decode()
    assert "192.0.2.7 port 4711" in page
    assert "Expires on" in client.get("/desk/inbox/?expiring=1").content.decode()
    with clock.simulate(now + timedelta(days=7)):
        assert work_queue.renew_expiring(here.machine) >= 1
        following = here.row(referral).expires_at
        assert following
        assert following > now + timedelta(days=300), "the provider's preservation is next"
    with clock.simulate(now + timedelta(days=400)):
        work_queue.renew_expiring(here.machine)
        assert here.row(referral).expires_at is None


def test_of_one_address_the_log_that_is_lost_first_warns_and_the_others_are_listed(here: Desk) -> None:
    """Seen 179 days ago and yesterday: two lines of a log, and the older one is lost tomorrow."""
    old, new = place(179), place(1)
    referral = here.referral(locations=[new, old, dict(old)])
    row, now = here.row(referral), clock.now()
    assert row.expires_at
    assert row.expires_at - now < timedelta(days=1.1)
    full = work_queue.open_referral(here.investigator, referral)
    found = [one for one in full.expiring if one.kind == "address"]
    assert [one.seen.isoformat() for one in found if one.seen] == [old["at"], new["at"]]
    assert full.expiring_more == 0
    with clock.simulate(now + timedelta(days=2)):
        work_queue.renew_expiring(here.machine)
        following = here.row(referral).expires_at
        assert following
        assert timedelta(days=176) < following - clock.now() < timedelta(days=178)


def test_what_is_lost_hides_nothing_that_can_still_be_asked_for(here: Desk) -> None:
    places = [place(400 + number) for number in range(expiring_evidence.MOST_LISTED + 20)]
    full = work_queue.open_referral(here.investigator, here.referral(locations=[*places, place(1)]))
    assert len(full.expiring) == expiring_evidence.MOST_LISTED
    assert full.expiring_more == 22
    assert [one.kind for one in full.expiring if one.until > clock.now()] == ["address", "preserved"]


def test_the_date_that_a_provider_stated_goes_before_the_period(here: Desk) -> None:
    until = clock.now() + timedelta(days=3, minutes=5)
    stated = {"until": until.isoformat(), "reference": "P-17"}
    referral = here.referral(locations=[], preservation=stated)
    (one,) = work_queue.open_referral(here.investigator, referral).expiring
    assert (one.kind, one.until, one.period, one.days_left) == ("stated", until, None, 3)
    assert here.row(referral).expires_at == until
    page = here.cast.client(here.machine, "investigator").get(f"/desk/inbox/{referral}/").content.decode()
    assert "The provider stated this date." in page
    assert "P-17" in page
    assert "3 days left" in page


def test_what_two_reports_name_of_a_provider_s_content_are_two_things(here: Desk) -> None:
    package = work_queue.open_referral(here.investigator, here.referral(locations=[])).package
    assert package
    (one,) = package.reports
    early, late = (clock.now() + timedelta(days=days) for days in (3, 60))
    both = tuple(one.model_copy(update={"preservation": Preservation(until=until)}) for until in (late, early))
    found = expiring_evidence.expiring_items(package.model_copy(update={"reports": both}))
    assert [each.until for each in found] == [early, late]


def test_a_moment_of_a_wrong_clock_makes_nothing_last_longer(here: Desk) -> None:
    ahead = (clock.now() + timedelta(days=900)).isoformat()
    issued = {"issued_at": ahead, "time_zone": "UTC", "signatory": "Moderation desk"}
    referral = here.referral(locations=[{**place(1), "at": ahead}], issuance=issued)
    full = work_queue.open_referral(here.investigator, referral)
    assert full.package
    assert {one.kind for one in full.expiring} == {"address", "preserved"}
    for one in full.expiring:
        assert one.period
        assert one.until == one.period.after(full.package.created_at)


def test_the_country_of_a_carrier_is_that_of_its_address() -> None:
    def seen(ip: str) -> NetworkLocation:
        return NetworkLocation.model_validate(place(1, ip))

    assert (expiring_evidence._country(seen("1.1.1.1")), expiring_evidence._country(seen("192.0.2.7"))) == ("AU", "")


def test_what_came_by_the_cybertipline_interface_has_its_own_period(here: Desk) -> None:
    referral = here.referral(locations=[], legal_basis={"regime": "foreign_law", "act": "18 U.S.C. 2258A"})
    (one,) = work_queue.open_referral(here.investigator, referral).expiring
    assert one.kind == "cybertip"
    assert one.period
    assert "2258A(h)" in one.period.source


PERIODS = """
[[period]]
kind = "address"
countries = ["AU"]
days = 3
source = "What we know"
read_on = 2026-11-27
checked = true
"""


def test_the_operators_periods_count_by_the_carriers_country_and_change_what_stands(
    here: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Addresses of documentation lie nowhere; the world's authority gets what lies in its own country.
    monkeypatch.setattr(expiring_evidence, "_country", lambda seen: "AU" if str(seen.ip) == "192.0.2.8" else "")
    referral = here.referral(locations=[place(1, "192.0.2.8"), place(1)])
    before = here.row(referral).expires_at
    assert before
    file = tmp_path / "periods.toml"
    file.write_text(PERIODS)
    monkeypatch.setattr(settings, "EVIDENCE_PERIODS", file)
    while work_queue.renew_expiring(here.machine):
        pass
    after = here.row(referral).expires_at
    assert after
    assert timedelta(days=1.9) < after - clock.now() < timedelta(days=2.1)
    found = {one.what: one for one in work_queue.open_referral(here.investigator, referral).expiring}
    assert found["192.0.2.8 port 4711"].country == "AU"
    unknown = found["192.0.2.7 port 4711"]
    assert (unknown.country, unknown.period and unknown.period.days) == ("", 3), "the shortest for what is not known"
    file.write_text("period = 1")
    while work_queue.renew_expiring(here.machine):
        pass
    assert here.row(referral).expires_at == before, "a file that breaks while the node runs keeps nobody waiting"


def test_addresses_of_sightings_count_and_erasing_ends_the_clock(here: Desk) -> None:
    seen = item()
    seen["sightings"][0]["network"] = place(100, "192.0.2.99")
    referral = here.referral(items=[seen], locations=[])
    full = work_queue.open_referral(here.investigator, referral)
    assert full.package
    soonest = expiring_evidence.next_of(full.package, clock.now())
    assert soonest
    assert soonest.what == "192.0.2.99 port 4711"
    assert abs(soonest.until - (clock.now() - timedelta(days=100) + OLD)) < timedelta(minutes=5)
    with acting(here.machine):
        list(retention.erase_kept(here.machine, clock.now()))
    assert here.row(referral).expires_at is None


def table(*lines: str) -> bytes:
    return ("number,kind,reason,release,file_reference\n" + "\n".join(lines) + "\n").encode()


def test_a_table_of_outcomes_is_tried_taken_and_taken_again_once(here: Desk) -> None:
    one, two = here.referral(), here.referral()
    data = table(
        f"{here.number(one)},taken_up,,provider,A-1",
        f"{two},closed,,,A-2",
        "F-NONE,closed,,,",
        f"{here.number(one)},no_action,,,",
        f"{here.number(one)},charged,,statistics,",
    )
    tried = bulk_outcomes.report(here.investigator, data, trial=True)
    assert [bool(t.error) for t in tried] == [False, False, True, True, False]
    with acting(here.machine):
        assert not Acknowledgement.objects.filter(referral__referral_id__in=[one, two]).exists()
    taken = bulk_outcomes.report(here.investigator, data, trial=False)
    assert [t.error for t in taken] == [t.error for t in tried]
    bulk_outcomes.report(here.investigator, data, trial=False)
    with acting(here.machine):
        kinds = Outcome.objects.filter(referral__referral_id__in=[one, two]).order_by("created_at")
        assert [row.kind for row in kinds] == ["taken_up", "closed", "charged"]
    with pytest.raises(Forbidden):
        bulk_outcomes.report(here.analyst, data, trial=True)
    with pytest.raises(NotATableError):
        bulk_outcomes.report(here.investigator, b"x", trial=True)


def test_another_authority_s_numbers_are_not_found(here: Desk) -> None:
    referral = here.referral()
    stranger = here.cast.actor(here.cast.authority, "investigator")
    (told,) = bulk_outcomes.report(stranger, table(f"{here.number(referral)},closed,,,A-1"), trial=False)
    assert told.error
    with acting(here.machine):
        assert not Acknowledgement.objects.filter(referral__referral_id=referral).exists()


def test_the_page_tries_first_and_says_what_is_wrong_with_each_line(here: Desk) -> None:
    referral, client = here.referral(), here.cast.client(here.machine, "investigator")
    data = table(f"{here.number(referral)},closed,,,A-1", "F-NONE,closed,,,")
    page = client.post("/desk/inbox/outcomes/", {"file": SimpleUploadedFile("a.csv", data), "trial": "on"})
    assert "Lines: 2. Refused: 1." in page.content.decode()
    assert not work_queue.open_referral(here.investigator, referral).row.closed
    client.post("/desk/inbox/outcomes/", {"file": SimpleUploadedFile("a.csv", data)})
    assert work_queue.open_referral(here.investigator, referral).row.closed
    for wrong in ({}, {"file": SimpleUploadedFile("a.csv", b"\xff\xfe")}, {"file": SimpleUploadedFile("a.csv", b"")}):
        assert client.post("/desk/inbox/outcomes/", wrong).status_code == 200
    assert here.cast.client(here.machine, "analyst").get("/desk/inbox/outcomes/").status_code == 404


def test_a_case_system_reads_acknowledges_assigns_and_answers(here: Desk) -> None:
    filed = Filed(here.world)
    filed.send()
    referral, team = here.world.authority.referred(filed.id), here.team()
    headers = here.cast.key(here.machine, "inbox:answer")

    def call(path: str, body: Any, key: str = "k1", headers: dict[str, str] = headers) -> Any:
        return Client().post(
            f"/api/v1/inbox/{path}", json.dumps(body), "application/json", headers={**headers, "Idempotency-Key": key}
        )

    listed = Client().get("/api/v1/inbox?state=new", headers=headers).json()["referrals"]
    (mine,) = [one for one in listed if one["referral_id"] == str(referral)] or [None]
    assert mine is None or mine["expires_at"]
    assert call(f"{referral}/outcomes", {"kind": "taken_up"}).status_code == 409, "it is not acknowledged"
    assert call(f"{referral}/acknowledgement", {}).status_code == 409, "its files wait"
    assert call(f"{referral}/acknowledgement", {"file_reference": "A-1", "has_files": True}).status_code == 201
    assert call(f"{referral}/team", {"team": str(team.pk)}).json() == {"changed": True}
    for _ in range(2):
        assert call(f"{referral}/outcomes", {"kind": "taken_up", "release": "provider"}).status_code == 201
    other = call(f"{referral}/outcomes", {"kind": "no_action", "reason": "Not ours", "release": "provider"})
    assert other.status_code == 409, "another body under the same key is not answered as if it had been taken"
    assert "another body" in other.json()["detail"]
    assert len(work_queue.open_referral(here.investigator, referral).outcomes) == 1
    assert call(f"{referral}/outcomes", {"kind": "no_action"}, "k2").status_code in (400, 422)
    assert call(f"{referral}/outcomes", {"kind": "nothing"}, "k3").status_code == 422
    assert call(f"{referral}/outcomes", {"kind": "closed", "more": 1}, "k4").status_code == 422
    assert call(f"{referral}/outcomes", {"kind": "closed"}, "").status_code in (400, 422)
    reader = here.cast.key(here.machine, "inbox:read")
    assert call(f"{referral}/outcomes", {"kind": "closed"}, "k5", reader).status_code == 403
    assert Client().get("/api/v1/inbox").status_code == 401
    stranger = here.cast.key(here.cast.authority, "inbox:answer")
    assert call(f"{referral}/outcomes", {"kind": "closed"}, "k6", stranger).status_code == 404
    body = table(f"{here.number(referral)},closed,,provider,")
    answer = Client().post("/api/v1/inbox/outcomes/table?trial=1", body, "text/csv", headers=headers)
    assert [one["error"] for one in answer.json()["lines"]] == [None]
    assert not work_queue.open_referral(here.investigator, referral).row.closed
    Client().post("/api/v1/inbox/outcomes/table", body, "text/csv", headers=headers)
    assert work_queue.open_referral(here.investigator, referral).row.closed
    huge = Client().post("/api/v1/inbox/outcomes/table", b"x" * (3 << 20), "text/csv", headers=headers)
    assert huge.status_code in (400, 413, 422)
