"""Handling codes of one report's referrals: stricter by whoever refers, looser by a lead with a reason."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.cast import Cast
from tests.support.reports_copies import States
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.events.errors import Invalid
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.exchange.police import builder
from tutela.exchange.referral.handling_codes import APART, Handling
from tutela.investigations.evidence import archive
from tutela.investigations.referral_work import pdf, work_queue
from tutela.reports import retention
from tutela.reports.models import HandlingChoice, Referral
from tutela.reports.referrals import handling_codes, handling_override
from tutela.reports.referrals import refer as referrals_refer
from tutela.reports.referrals.handling_override import Chosen, OnlyALead
from tutela.reports.triage import assess

POLICY = {"text": "", "certified": "A2", "confirmed": "B3", "unconfirmed": "X4"}
type Made = Callable[..., States]


@pytest.fixture
def states(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    lead = cast.actor(cast.centre, "analyst", "lead")
    handling_codes.note(lead, codes=["H1"], **POLICY)
    yield lambda *countries: States(cast, monkeypatch, *countries)
    handling_codes.note(lead, codes=[], **POLICY)


def refer(world: States, report_id: UUID, chosen: Chosen | None, *, lead: bool = False) -> None:
    referrals_refer.refer(world.centre.lead if lead else world.centre.analyst, report_id, chosen=chosen)


def carried(world: States, report_id: UUID) -> dict[str, tuple[str, ...]]:
    found = {country: package.handling for country, package in world.packages(report_id).items()}
    return {country: tuple(one.value for one in said.codes) for country, said in found.items() if said}


def choices(world: States, report_id: UUID) -> int:
    with acting(world.centre.machine):
        return HandlingChoice.objects.filter(report__report_id=report_id).count()


def test_without_a_choice_and_with_the_same_codes_the_policy_holds(states: Made) -> None:
    world = states("SK")
    for chosen in (None, Chosen(("H1",))):
        made = world.filed("SK")
        refer(world, made, chosen)
        assert carried(world, made) == {"SK": ("H0", "H1")}
        assert choices(world, made) == 0


def test_stricter_is_the_analyst_s_and_is_told_to_the_log(states: Made) -> None:
    world = states("SK")
    made = world.filed("SK")
    refer(world, made, Chosen(("H1", "H2", "H3"), "Ask us first"))
    assert carried(world, made) == {"SK": ("H0", "H1", "H2", "H3")}
    with acting(world.centre.machine):
        (event,) = [e for e in timeline("report", made) if e.kind == "handling.chosen"]
        facts = event.facts
        assert facts
        assert facts["codes"] == ["H0", "H1", "H2", "H3"]
        assert "Send request" not in json.dumps(facts)
        row = HandlingChoice.objects.get(report__report_id=made)
        assert "Send request" not in row.text, "it lies sealed"
        assert Referral.objects.get(report__report_id=made).codes == ["H0", "H1", "H2", "H3"]


def test_looser_is_a_lead_s_with_a_reason(states: Made) -> None:
    world = states("SK")
    made = world.filed("SK")
    for chosen in (Chosen(), Chosen(("H2",), reason="They asked")):
        with pytest.raises(OnlyALead):
            refer(world, made, chosen)
    with pytest.raises(Invalid, match="Enter a reason"):
        refer(world, made, Chosen((), reason=" "), lead=True)
    assert (carried(world, made), choices(world, made)) == ({}, 0)
    refer(world, made, Chosen((), reason="The prosecutor may use it"), lead=True)
    assert carried(world, made) == {"SK": ("H0",)}


@pytest.mark.parametrize("chosen", [Chosen(("H4",)), Chosen(("H3",)), Chosen((), "a text"), Chosen(("H1", "H3"), " ")])
def test_what_are_no_codes_is_refused_and_nothing_is_sent(states: Made, chosen: Chosen) -> None:
    world = states("SK")
    made = world.filed("SK")
    with pytest.raises(Invalid) as said:
        refer(world, made, chosen, lead=True)
    assert said.value.field == "codes"
    assert carried(world, made) == {}


def test_the_restriction_of_the_policy_stays_word_for_word(states: Made) -> None:
    world = states("SK")
    handling_codes.note(world.centre.lead, codes=["H3"], **{**POLICY, "text": "Ask us first"})
    made = world.filed("SK")
    with pytest.raises(OnlyALead):
        refer(world, made, Chosen(("H3",), "Ask somebody"))
    refer(world, made, Chosen(("H3",), "Ask us first\r\nand by telephone"))
    assert world.packages(made)["SK"].handling == Handling.model_validate(
        {"codes": ["H0", "H3"], "text": "Ask us first\nand by telephone"}
    )


def test_a_choice_holds_where_the_referral_goes_on_by_itself_and_a_stricter_policy_adds_to_it(states: Made) -> None:
    world = states("SK", "IT")
    made = world.filed("SK")
    refer(world, made, Chosen(("H1", "H2")))
    handling_codes.note(world.centre.lead, codes=["H1", "H3"], **{**POLICY, "text": "Ask us first"})
    world.give_back(made, "SK", "IT")
    package = world.packages(made)["IT"]
    assert package.handling == Handling.model_validate({"codes": ["H0", "H1", "H2", "H3"], "text": "Ask us first"})


def test_a_looser_choice_stands_against_a_later_policy(states: Made) -> None:
    world = states("SK", "IT")
    made = world.filed("SK")
    refer(world, made, Chosen((), reason="The prosecutor may use it"), lead=True)
    handling_codes.note(world.centre.lead, codes=["H2"], **POLICY)
    world.give_back(made, "SK", "IT")
    assert carried(world, made)["IT"] == ("H0",)


def test_copies_are_still_kept_apart(states: Made) -> None:
    world = states("SK", "SI")
    made = world.filed("SK", "SI")
    refer(world, made, Chosen(("H1", "H2")))
    assert carried(world, made) == dict.fromkeys(("SK", "SI"), ("H0", "H1", "H2", "H3"))
    for package in world.packages(made).values():
        assert package.handling
        assert package.handling.text == APART
        assert package.addressees == ()


def test_the_page_offers_the_choice_and_shows_what_a_copy_carries(states: Made) -> None:
    world = states("SK")
    made = world.filed("SK")
    analyst = world.cast.client(world.cast.centre, "analyst")
    address = f"/desk/reports/{made}/"
    assert 'name="codes" value="H1"' in analyst.get(address).content.decode()
    said = analyst.post(f"{address}refer/", {"chosen": "yes", "codes": [], "text": ""}, follow=True).content.decode()
    assert "a lead" in said.casefold()
    assert carried(world, made) == {}
    assert (
        "H0 to H3" in analyst.post(f"{address}refer/", {"chosen": "yes", "codes": ["H9"]}, follow=True).content.decode()
    )
    shown = analyst.post(f"{address}refer/", {"chosen": "yes", "codes": ["H1", "H2"]}, follow=True).content.decode()
    assert '<span class="badge">H2</span>' in shown
    assert carried(world, made) == {"SK": ("H0", "H1", "H2")}
    stranger = world.cast.client(world.cast.pixelpost, "lead")
    assert stranger.post(f"{address}refer/", {"chosen": "yes", "codes": ["H1"]}).status_code == 404


def test_the_authority_reads_them_in_package_archive_pdf_and_on_its_page(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "LU")
    made = centre.file(authority.report())
    assess.assess(centre.analyst, made, "forward", "", seen=0)
    referrals_refer.refer(centre.analyst, made, chosen=Chosen(("H2", "H3"), "By telephone alone"))
    centre.deliver(authority.machine)
    with acting(centre.machine):
        sent = Referral.objects.get(report__report_id=made).referral_id
    full = work_queue.open_referral(authority.investigator, sent)
    assert full.package
    assert full.package.handling
    assert full.package.handling.text == "By telephone alone"
    whole = b"".join(archive.archive(authority.investigator, sent, with_files=False))
    with zipfile.ZipFile(io.BytesIO(whole)) as found:
        message = json.loads(found.read("message.json"))
    assert message["handling"] == {"codes": ["H0", "H2", "H3"], "text": "By telephone alone"}
    assert pdf.render(full.package).startswith(b"%PDF")
    assert ("Handling", "H0 H2 H3 By telephone alone") in list(pdf.cover_rows(builder.message(full.package)))
    page = cast.client(authority.machine, "investigator").get(f"/desk/inbox/{sent}/").content.decode()
    assert "By telephone alone" in page


def test_words_of_a_choice_go_with_the_report(states: Made) -> None:
    world = states("SK")
    made = world.filed("SK")
    refer(world, made, Chosen(("H1", "H3"), "Ask us first"))
    machine = world.centre.machine
    assess.declare_erroneous(world.centre.lead, made, "It shows a quay.", revoke=False)
    with clock.simulate(clock.now() + timedelta(days=1)), acting(machine):
        list(retention.erase_unfounded(machine, clock.now()))
    with acting(machine):
        found = handling_override.newest(world.row(made))
    assert found
    assert found.text == ""
    page = world.cast.client(world.cast.centre, "analyst").get(f"/desk/reports/{made}/")
    assert page.status_code == 200


CODES = st.sets(st.sampled_from(["H1", "H2"])).flatmap(
    lambda codes: st.sampled_from([None, "Ask us first", "Not to the press"]).map(
        lambda text: Handling.model_validate({"codes": sorted({"H0", *codes, *(["H3"] if text else [])}), "text": text})
    )
)


@given(CODES, CODES)
def test_both_together_are_never_looser_than_either(one: Handling, two: Handling) -> None:
    both = handling_override._both(one, two)
    assert not handling_override.is_looser(both, one)
    assert not handling_override.is_looser(both, two)
    assert handling_override._both(both, two) == both
    assert not handling_override.is_looser(one, one)
