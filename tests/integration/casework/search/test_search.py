"""One search over all desks: everything that a person may see is found, nothing else, and no event says what it was."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection

from tests.support.cast import Cast
from tests.support.detection_world import World, body
from tests.support.reporting import account, item, report
from tests.support.reports_world import Authority, Centre, entry_of
from tutela import clock
from tutela.casework.models import DrawnSearch
from tutela.casework.search import keys, search
from tutela.casework.search.errors import NotAValue, ReasonNeeded, SearchedTooMuch, UnknownCase
from tutela.casework.search.finders import Finder, finders_for, register
from tutela.casework.search.search import Asked, SearchResult
from tutela.casework.search.values import PERSONAL, ValueKind, personal
from tutela.detection import retention as provider_retention
from tutela.events.actor import Actor
from tutela.events.models import Event, EventFacts
from tutela.events.rate_limits import RateLimit
from tutela.events.transaction import acting
from tutela.indicators.access import grants
from tutela.indicators.register import detail
from tutela.indicators.register import search as register_search
from tutela.indicators.register.errors import SearchedTooOften
from tutela.investigations import retention as authority_retention
from tutela.investigations.models import Referral as Received
from tutela.investigations.referral_work import answers
from tutela.law.models import Clock
from tutela.reports import retention as centre_retention
from tutela.reports.models import Referral, Report

pytestmark = pytest.mark.usefixtures("unlimited")


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many tests search as one Centre in one hour."""
    much = RateLimit(f"test.{secrets.token_hex(4)}", timedelta(hours=1), 10_000)
    monkeypatch.setattr(register_search, "DIGESTS_PER_HOUR", much)


def found(actor: Actor, text: str, reason: str = "assessment", **asked: Any) -> set[tuple[str, UUID]]:
    """(kind, ID) of what a person finds."""
    result = search.search(actor, Asked(text, reason, **asked))
    return {(one.subject_kind, one.subject_id) for group in result.groups for one in group.found}


def facts(actor: Actor, kind: str = "desk.searched") -> dict[str, Any]:
    """What the newest event of a person says."""
    with acting(actor):
        row = Event.objects.filter(actor=actor.reference, kind=kind).order_by("-id")[0]
        return {"purpose": row.purpose, **json.loads(EventFacts.objects.get(event=row).facts)}


class Told:
    """A report with something of every kind, in tokens of its own."""

    def __init__(self) -> None:
        self.token = secrets.token_hex(5)
        self.digest, self.ip = secrets.token_hex(32), f"2001:db8::{secrets.token_hex(2)}"
        self.reference, self.own = f"Keep {self.token}", f"NO-{self.token}"

    def report(self, **changes: Any) -> Any:
        at = report().issuance.issued_at.isoformat()
        return report(
            items=[item(self.digest)],
            users=[account(self.token)],
            locations=[{"ip": self.ip, "at": at}],
            preservation={"until": at, "reference": self.reference},
            third_country={"reported": True, "authority": "NCMEC", "reference": self.own},
            **changes,
        )

    @property
    def every(self) -> dict[str, str]:
        return {
            "digest": self.digest.upper(),
            "account": f"Account-{self.token}",
            "email": f"{self.token}@Mail.example",
            "ip": self.ip,
            "file_reference": self.reference.lower(),
            "number": self.own.lower(),
        }


def test_a_report_is_found_by_every_kind_of_value_and_by_its_own_centre_alone(cast: Cast) -> None:
    centre, told = Centre(cast), Told()
    sent = centre.file(told.report())
    row = centre.row(sent)
    strangers = [
        cast.actor(cast.authority, "investigator"),
        cast.actor(cast.pixelpost, "lead"),
        cast.actor(cast.hotline_ie, "analyst"),
        cast.actor(cast.auditor, "auditor"),
        cast.actor(cast.centre, "administrator"),
    ]
    for kind, text in {**told.every, "own number": row.number, "id": str(sent), "body": row.sha256}.items():
        assert ("report", sent) in found(centre.analyst, text), kind
        for stranger in strangers:
            assert not found(stranger, text), (kind, stranger.organisation_kind)
    assert ("bundle", row.bundle_id) in found(centre.analyst, row.bundle.number)


def test_a_part_of_a_value_finds_nothing(cast: Cast) -> None:
    centre, told = Centre(cast), Told()
    centre.file(told.report())
    for text in (told.digest[:-2] + "00", told.token, f"account-{told.token[:-1]}", f"{told.token}@mail"):
        assert not found(centre.analyst, text)


def test_an_authority_finds_its_referral_and_no_other_authority_does(cast: Cast) -> None:
    centre, told = Centre(cast), Told()
    authority, other = Authority(centre, "PL"), cast.actor(cast.authority, "investigator")
    sent = centre.file(told.report(geography=[{"country": "PL", "derived_from": "ip"}]))
    referral = authority.referred(sent)
    with acting(authority.machine):
        row = Received.objects.get(referral_id=referral)
    texts = {**told.every, "case number": row.number, "id": str(referral), "report": str(sent), "package": row.sha256}
    for kind, text in texts.items():
        assert ("referral", referral) in found(authority.investigator, text, "request"), kind
        assert not found(other, text, "request"), kind
    with acting(centre.machine):
        assert ("referral", referral) in found(centre.analyst, Referral.objects.get(referral_id=referral).number)


def test_a_file_reference_finds_the_referral_there_and_the_report_at_the_centre(cast: Cast) -> None:
    centre = Centre(cast)
    authority, reference = Authority(centre, "SE"), f"AZ {secrets.token_hex(4)}/26"
    sent = centre.file(authority.report())
    referral = authority.referred(sent)
    answers.acknowledge(authority.investigator, referral, reference)
    authority.answer()
    assert found(authority.investigator, reference.lower()) == {("referral", referral)}
    assert found(centre.analyst, f" {reference} ") == {("report", sent)}
    assert not found(cast.actor(cast.authority, "investigator"), reference)


def test_a_provider_finds_its_candidates_and_drafts_and_no_other_provider_does(cast: Cast) -> None:
    world, other = World(cast), cast.actor(cast.other_provider, "lead")
    name, digest, reference = (secrets.token_hex(size) for size in (6, 32, 5))
    message = body(account=f"acc-{name}", sha256=digest, item=f"items/{reference}")
    draft = world.draft(message)
    waiting = world.candidate(body(account=f"acc-{name}", item=f"items/{reference}2"))
    texts = {"account": f"ACC-{name}", "digest": digest, "reference": f"items/{reference}"}
    for kind, text in texts.items():
        assert ("draft", draft) in found(world.reviewer, text), kind
        assert not found(other, text), kind
    assert ("candidate", waiting) in found(world.reviewer, f"acc-{name}")
    assert ("candidate", waiting) in found(world.reviewer, str(waiting))
    assert ("candidate", waiting) in found(world.reviewer, f"items/{reference}2")
    assert not found(other, str(waiting))
    assert not found(other, str(draft))


def test_a_title_finds_organisations_services_and_no_service_of_others(cast: Cast) -> None:
    world = World(cast)
    assert ("service", world.service) in found(world.lead, "albums pixelpost", "")
    assert not {kind for kind, _id in found(cast.actor(cast.other_provider, "lead"), "albums", "")} & {"service"}
    named = cast.hotline_ie.organisation_name
    assert found(cast.actor(cast.auditor, "auditor"), named.upper(), "") == {
        ("organisation", cast.hotline_ie.organisation_id)
    }


def test_a_digest_finds_own_and_granted_entries_of_the_register_alone(cast: Cast) -> None:
    digest = secrets.token_hex(32)
    entry = entry_of(cast, digest)
    centre, other = Centre(cast), cast.organisation("Hotline France", "hotline", "FR")
    mine, certified, stranger = (cast.actor(one, "analyst") for one in (cast.hotline_ie, cast.hotline_de, other))
    assert found(mine, digest) == found(certified, digest) == {("indicator", entry)}
    assert found(centre.analyst, digest) == {("indicator", entry)}
    assert not found(stranger, digest)
    assert not found(cast.actor(cast.auditor, "auditor"), digest)
    grants.give(
        centre.lead,
        other.organisation_id,
        list_id="eu-register",
        purpose="indicators",
        legal_basis="Agreement",
        valid_to=report().issuance.issued_at + timedelta(days=3),
    )
    assert found(stranger, digest) == {("indicator", entry)}
    number = detail.load_detail(cast.hotline_ie, entry).line.number
    assert found(stranger, number) == found(mine, str(entry)) == {("indicator", entry)}


def test_a_digest_counts_as_a_look_up_in_the_register(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    analyst = cast.actor(cast.hotline_ie, "analyst")
    once = RateLimit(f"test.{secrets.token_hex(4)}", timedelta(hours=1), 1)
    monkeypatch.setattr(register_search, "DIGESTS_PER_HOUR", once)
    assert not found(analyst, secrets.token_hex(32), "")
    limited = search.search(analyst, Asked(secrets.token_hex(32)))
    assert limited.limited, "the register is left out, and the other desks answer"
    with pytest.raises(SearchedTooOften):
        register_search.list_indicators(analyst, register_search.RegisterFilter(text=secrets.token_hex(32)))


@pytest.mark.parametrize("text", ["kim@mail.example", "192.0.2.99"])
def test_a_person_or_an_address_needs_a_reason_or_a_case(cast: Cast, text: str) -> None:
    analyst = Centre(cast).analyst
    for reason in ("", "curiosity"):
        with pytest.raises(ReasonNeeded):
            search.search(analyst, Asked(text, reason))
    with acting(analyst):
        assert not Event.objects.filter(actor=analyst.reference, kind="desk.searched").exists()


def test_without_a_reason_accounts_are_left_out_and_the_result_says_so(cast: Cast) -> None:
    centre, told = Centre(cast), Told()
    centre.file(told.report())
    result = search.search(centre.analyst, Asked(f"account-{told.token}"))
    assert result.count == 0
    assert result.people_left_out
    assert not PERSONAL & set(result.kinds)
    with pytest.raises(ReasonNeeded):
        search.search(centre.analyst, Asked(f"account-{told.token}", account=True))


def test_a_case_is_one_that_the_person_may_see(cast: Cast) -> None:
    centre, told = Centre(cast), Told()
    sent, mine = centre.file(told.report()), centre.file(report())
    number = centre.row(mine).number
    result = search.search(centre.analyst, Asked(f"{told.token}@mail.example", case=number.lower()))
    assert [one.subject_id for group in result.groups for one in group.found] == [sent]
    assert facts(centre.analyst)["case"] == f"report:{mine}"
    investigator = cast.actor(cast.authority, "investigator")
    for case in (number, "R-1111-1111-1", str(mine), "kim"):
        with pytest.raises(UnknownCase):
            search.search(investigator, Asked("kim@mail.example", case=case))


@pytest.mark.parametrize("text", ["*", "kim*", "%@mail.example", "", "a" * 301])
def test_wildcards_and_nothing_are_refused(cast: Cast, text: str) -> None:
    with pytest.raises(NotAValue):
        search.search(Centre(cast).analyst, Asked(text, "assessment"))


def test_every_search_is_one_event_with_a_commitment_and_without_its_value(cast: Cast) -> None:
    centre, told = Centre(cast), Told()
    sent = centre.file(told.report())
    for kind, text in told.every.items():
        with acting(centre.analyst):
            before = Event.objects.filter(actor=centre.analyst.reference).count()
        search.search(centre.analyst, Asked(text, "child"))
        with acting(centre.analyst):
            assert Event.objects.filter(actor=centre.analyst.reference).count() == before + 1
        said = facts(centre.analyst)
        assert (said["purpose"], said["reason"], said["results"]) == ("assess_reports", "child", len(said["shown"]))
        assert kind in said["kinds"]
        assert f"report:{sent}" in said["shown"]
        assert keys.commitment(said["salt"], personal(text).text) == said["commitment"]
        written = json.dumps(said).casefold()
        assert not any(one.casefold() in written for one in told.every.values())


def test_what_nobody_finds_is_an_event_too(cast: Cast) -> None:
    analyst = cast.actor(cast.hotline_ie, "analyst")
    assert not found(analyst, secrets.token_hex(9), "")
    assert facts(analyst)["results"] == 0


def test_the_columns_hold_keyed_hashes_that_go_with_the_contents(cast: Cast) -> None:
    centre, told = Centre(cast), Told()
    sent = centre.file(told.report())
    with acting(centre.machine):
        kept = [bytes(one) for one in Report.objects.get(report_id=sent).found_by or ()]
    assert len(kept) >= 7
    assert {len(one) for one in kept} == {keys.KEY_BYTES}
    assert not any(told.token.encode() in one for one in kept)


def test_nothing_that_was_erased_is_found_by_what_it_named(cast: Cast) -> None:
    centre, told = Centre(cast), Told()
    authority = Authority(centre, "FI")
    sent = centre.file(told.report(geography=[{"country": "FI", "derived_from": "ip"}]))
    referral = authority.referred(sent)
    answers.acknowledge(authority.investigator, referral, f"AZ {told.token}")
    authority.answer()
    with acting(authority.machine):
        assert list(authority_retention.erase_kept(authority.machine, clock.now()))
    with acting(centre.machine), clock.simulate(clock.now() + timedelta(days=1)):
        row = Report.objects.filter(report_id=sent)
        assert list(centre_retention._erase(centre.machine, row, clock.now(), lambda _row: True))
    for text in (*told.every.values(), f"AZ {told.token}"):
        assert not found(authority.investigator, text), text
        assert not found(centre.analyst, text), text
    assert found(centre.analyst, centre.row(sent).number) == {("report", sent)}


def test_a_draft_that_was_erased_is_found_by_its_number_alone(cast: Cast) -> None:
    world, name = World(cast), secrets.token_hex(6)
    draft = world.draft(body(account=name))
    with acting(world.lead), clock.simulate(clock.now() + timedelta(days=2)):
        Clock.objects.filter(subject_id=str(draft)).update(state="stopped")
        assert list(provider_retention.erase_preserved(world.lead, clock.now()))
    assert not found(world.lead, name)
    assert found(world.lead, str(draft)) == {("draft", draft)}


@pytest.mark.parametrize(
    "function", ["reports_found", "detection_candidates_found", "detection_drafts_found", "investigations_found"]
)
def test_the_index_is_read_for_nobody_who_acts_for_another(cast: Cast, function: str) -> None:
    asked = (f"SELECT {function}(%s, %s::bytea[], 5)", [cast.centre.organisation_id, [b"a" * 16]])
    with acting(cast.centre), connection.cursor() as cursor:
        cursor.execute(*asked)
        assert cursor.fetchall() == []
    with (
        pytest.raises(DatabaseError, match="another organisation"),
        acting(cast.pixelpost),
        connection.cursor() as cursor,
    ):
        cursor.execute(*asked)


def test_a_person_searches_so_often_in_an_hour_and_people_less(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hour, name = timedelta(hours=1), secrets.token_hex(4)
    monkeypatch.setattr(search, "SEARCHES", RateLimit(f"a.{name}", hour, 4))
    monkeypatch.setattr(search, "PERSON_SEARCHES", RateLimit(f"b.{name}", hour, 1))
    analyst, other = (cast.actor(cast.hotline_ie, "analyst") for _ in range(2))
    assert not found(analyst, "kim@mail.example")
    with pytest.raises(SearchedTooMuch):
        search.search(analyst, Asked("lee@mail.example", "child"))
    assert not found(analyst, "nothing of ours", "")
    assert not found(analyst, "nothing of ours", "")
    with pytest.raises(SearchedTooMuch):
        search.search(analyst, Asked("nothing of ours"))
    assert not found(other, "kim@mail.example")


def test_one_in_so_many_searches_for_a_person_is_drawn_and_others_never(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "ONE_IN", 1)
    analyst = cast.actor(cast.hotline_ie, "analyst")
    search.search(analyst, Asked("R-1111-1111-1", "child"))
    search.search(analyst, Asked(secrets.token_hex(32), "child"))
    with acting(analyst):
        assert not DrawnSearch.objects.filter(organisation_id=analyst.organisation_id).exists()
    search.search(analyst, Asked("kim@mail.example", "child"))
    with acting(analyst):
        assert DrawnSearch.objects.filter(organisation_id=analyst.organisation_id).count() == 1


def test_a_finder_is_registered_once_and_asked_where_its_desk_is(cast: Cast, settings_desks: list[str]) -> None:
    lead = cast.actor(cast.pixelpost, "lead")
    one = next(finder for finder in finders_for(lead) if finder.subject_kind == "draft")
    register(one)
    with pytest.raises(ValueError, match="draft"):
        register(Finder("draft", "", "detection.read", frozenset(ValueKind), lambda *_: []))
    settings_desks.remove("provider")
    assert one not in finders_for(lead)


@pytest.fixture
def settings_desks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The desks of this node, to change."""
    from django.conf import settings

    desks = list(settings.DESKS)
    monkeypatch.setattr(settings, "DESKS", desks)
    return desks


def test_a_result_counts_what_it_has() -> None:
    assert SearchResult([], [], people_left_out=False).count == 0
