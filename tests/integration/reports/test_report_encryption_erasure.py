"""What the Centre and an authority no longer keep when its time is over, and what stays."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Never
from uuid import UUID

import pytest

from tests.integration.reports.state.test_new_information import Supplemented
from tests.support.cast import Cast
from tests.support.reporting import item, report
from tests.support.reports_world import Authority, Centre, entry_of, in_clear, state_of_entry
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.investigations.referral_work import answers
from tutela.investigations.referral_work import work_queue as authority_desk
from tutela.law import holds, retention
from tutela.law.models import Tombstone
from tutela.organisations.errors import Erased
from tutela.organisations.keys import subject_keys
from tutela.organisations.keys.envelope_encryption import CannotUnwrap
from tutela.organisations.messages import outbox
from tutela.reports import retention as retention_of_centre
from tutela.reports.models import Assessment, Referral
from tutela.reports.referrals import country_override, refer
from tutela.reports.report_detail import report_detail
from tutela.reports.report_encryption import unseal
from tutela.reports.state import status
from tutela.reports.triage import assess

DAY = timedelta(days=1)


def after(days: int, actor: Actor) -> None:
    """The retention job as it runs some days from now."""
    with clock.simulate(clock.now() + days * DAY):
        retention.run(actor)


def erased(centre: Centre, report_id: UUID) -> bool:
    full = report_detail.open_report(centre.analyst, report_id)
    assert (full.body is None) == (full.row.erased_at is not None)
    return full.body is None


def test_an_unfounded_report_goes_when_nobody_can_complain_any_longer(cast: Cast) -> None:
    centre = Centre(cast)
    made, open_one = centre.file(report()), centre.file(report())
    assess.assess(centre.analyst, made, "unfounded", "A landscape.", seen=0, code="not_sexual")
    after(279, cast.centre)
    assert not erased(centre, made)
    after(281, cast.centre)
    assert erased(centre, made)
    assert not erased(centre, open_one)
    with acting(cast.centre):
        assert Tombstone.objects.filter(rule="report.unfounded", subject_id=str(made)).count() == 1
    page = cast.client(cast.centre, "analyst").get(f"/desk/reports/{made}/").content.decode()
    assert "The contents were erased" in page
    assert "A landscape." not in page, "what was said about it went with it"


def test_what_people_write_about_a_report_is_sealed_shown_and_erased(cast: Cast) -> None:
    centre, words = Centre(cast), "she told a friend in Lindau"
    authority = Authority(centre, "NZ")
    made = centre.file(authority.report())
    assess.assess(centre.analyst, made, "forward", words, seen=0)
    sent = authority.referred(made)
    answers.acknowledge(authority.investigator, sent)
    answers.ask_hold(authority.investigator, sent, reason=words, until=clock.now() + 30 * DAY)
    answers.report_outcome(authority.investigator, sent, kind="closed", reason=words, release="provider")
    authority.answer()
    pages = [
        (cast.client(cast.centre, "analyst"), f"/desk/reports/{made}/", cast.centre),
        (cast.client(authority.machine, "investigator"), f"/desk/inbox/{sent}/", authority.machine),
    ]
    for client, address, owner in pages:
        assert client.get(address).content.decode().count(words) >= 2, address
        assert in_clear(owner, words) == []
    with clock.simulate(clock.now() + 20 * DAY):  # a word after all: it goes too, by its own time
        answers.ask_hold(authority.investigator, sent, reason=words, until=clock.now() + 30 * DAY)
        authority.answer()
    for days in (800, 1300):
        after(days, cast.centre)
        after(days, authority.machine)
    with clock.simulate(clock.now() + 1300 * DAY):
        for client, address, _owner in pages:
            assert words not in client.get(address).content.decode()


def test_what_a_jurisdiction_rests_on_and_why_something_was_undone_is_sealed_shown_and_erased(cast: Cast) -> None:
    centre, words, address = Centre(cast), "her aunt in Bregenz wrote to us", "198.51.100.77"
    authority = Authority(centre, "MT")
    place = {"ip": address, "port": 4711, "at": clock.now().isoformat(), "time_zone": "UTC"}
    made = centre.file(report(locations=[place], geography=[]))
    assess.assess(centre.analyst, made, "forward", "", seen=0)
    country_override.choose_country(centre.lead, made, "MT", words)
    client, page = cast.client(cast.centre, "lead"), f"/desk/reports/{made}/routing/"
    shown = client.get(page).content.decode()
    assert address in shown
    assert words in shown
    sent = authority.referred(made)
    answers.acknowledge(authority.investigator, sent)
    answers.report_outcome(authority.investigator, sent, kind="closed", reason="", release="provider")
    assess.declare_erroneous(centre.lead, made, words, revoke=False)
    centre.deliver(authority.machine)
    inbox = cast.client(authority.machine, "investigator")
    assert words in inbox.get(f"/desk/inbox/{sent}/").content.decode()
    assert in_clear(cast.centre, words) == in_clear(authority.machine, words) == in_clear(cast.centre, address) == []
    for owner in (cast.centre, authority.machine):
        for days in (800, 1300):
            after(days, owner)
    with clock.simulate(clock.now() + 1300 * DAY):
        shown = client.get(page).content.decode()
        assert address not in shown
        assert words not in shown
        assert words not in inbox.get(f"/desk/inbox/{sent}/").content.decode()


def test_words_that_were_said_after_an_erasure_go_in_their_own_time(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    assess.assess(centre.analyst, made, "unfounded", "A landscape.", seen=0, code="not_sexual")
    after(281, cast.centre)
    with clock.simulate(clock.now() + 300 * DAY):
        assess.declare_erroneous(centre.lead, made, "Her uncle wrote to us", revoke=False)
        page = cast.client(cast.centre, "analyst").get(f"/desk/reports/{made}/").content.decode()
        assert "Her uncle wrote to us" in page
    after(300 + 1096, cast.centre)
    with clock.simulate(clock.now() + 1400 * DAY):
        assert [a.reason for a in report_detail.open_report(centre.analyst, made).assessments] == ["", ""]


def test_the_package_goes_with_the_report_and_a_year_after_it_was_closed(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "DK")
    made = centre.file(authority.report())
    sent = authority.referred(made)
    answers.acknowledge(authority.investigator, sent)
    after(1000, cast.centre)
    assert not erased(centre, made), "nobody has closed it"
    answers.report_outcome(authority.investigator, sent, kind="closed", reason="", release="provider")
    authority.answer()
    after(364, cast.centre)
    assert not erased(centre, made)
    with acting(cast.centre):
        sealed = bytes(Referral.objects.get(report__report_id=made).sealed_body)
        assert made.hex in unseal(made, "referral", sent, sealed).decode().replace("-", "")
    after(366, cast.centre)
    assert erased(centre, made)
    with acting(cast.centre), pytest.raises(Erased):
        unseal(made, "referral", sent, sealed)
    after(366, authority.machine)
    full = authority_desk.open_referral(authority.investigator, sent)
    assert (full.package, full.raw, bool(full.row.erased_at)) == (None, b"", True)
    client = cast.client(authority.machine, "investigator")
    assert "The contents were erased" in client.get(f"/desk/inbox/{sent}/").content.decode()
    answer = client.get(f"/desk/inbox/{sent}/package.json", follow=True)
    assert answer.redirect_chain == [(f"/desk/inbox/{sent}/", 302)]


def test_a_supplement_keeps_no_report_that_was_closed(cast: Cast) -> None:
    world = Supplemented(cast, "HU")
    centre, authority = world.centre, world.authority
    assert len(world.sent()) == 2
    answers.acknowledge(authority.investigator, world.main)
    answers.report_outcome(authority.investigator, world.main, kind="closed", reason="", release="provider")
    authority.answer()
    after(366, cast.centre)
    assert erased(centre, world.first.report_id)


def test_what_repeats_a_report_goes_with_it_and_a_hold_keeps_both(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "AT")
    first = authority.report()
    made = centre.file(first)
    twin = centre.file(first.model_copy(update={"report_id": type(made)(int=made.int ^ 1)}))
    assert centre.row(twin).duplicate_of == centre.row(made)
    sent = authority.referred(made)
    with clock.simulate(clock.now() + 1000 * DAY):
        until = clock.now() + 200 * DAY
        answers.ask_hold(authority.investigator, sent, reason="An operation", until=until)
        authority.answer()
    after(1100, cast.centre)
    assert not erased(centre, made)
    after(1201, cast.centre)
    assert erased(centre, made)
    assert erased(centre, twin)
    assess.declare_erroneous(centre.lead, made, "It was never right", revoke=True)


def test_a_mistake_that_is_found_after_erasure_is_still_undone(cast: Cast) -> None:
    centre, digest = Centre(cast), secrets.token_hex(32)
    entry = entry_of(cast, digest)
    made = centre.file(report(items=[item(digest, entry)]))
    assess.assess(centre.analyst, made, "unfounded", "A landscape.", seen=0, code="not_sexual")
    after(281, cast.centre)
    assert erased(centre, made)
    assess.declare_erroneous(centre.lead, made, "It is the listed picture that is wrong", revoke=True)
    assert state_of_entry(cast, entry) == "revoked"


def test_what_waits_at_the_desk_is_not_erased_under_its_eyes(cast: Cast) -> None:
    centre = Centre(cast)
    first = report()
    made = centre.file(first)
    with clock.simulate(clock.now() + 1095 * DAY):
        assess.assess(centre.analyst, made, "ask", "Which account?", seen=0)
    after(1200, cast.centre)
    with clock.simulate(clock.now() + 1200 * DAY):
        answer = first.model_copy(update={"report_id": type(made)(int=made.int ^ 3)})
        assert centre.row(centre.file(answer)).erased_at is None
    assert not erased(centre, made)


def test_a_repetition_that_is_young_keeps_both(cast: Cast) -> None:
    centre, first = Centre(cast), report()
    made = centre.file(first)
    assess.assess(centre.analyst, made, "unfounded", "A landscape.", seen=0, code="not_sexual")
    with clock.simulate(clock.now() + 270 * DAY):
        twin = centre.file(first.model_copy(update={"report_id": type(made)(int=made.int ^ 1)}))
    after(300, cast.centre)
    assert not erased(centre, made)
    after(600, cast.centre)
    assert erased(centre, made)
    assert erased(centre, twin)


def test_what_is_decided_anew_meanwhile_is_kept_and_no_run_buries_twice(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    assess.assess(centre.analyst, made, "unfounded", "A landscape.", seen=0, code="not_sexual")
    with clock.simulate(clock.now() + 300 * DAY), acting(cast.centre):
        due = retention_of_centre.erase_unfounded(cast.centre, clock.now() - 280 * DAY)
        status.refresh(
            Assessment.objects.create(
                organisation_id=cast.centre.organisation_id,
                report=centre.row(made),
                decision="forward",
                reason="",
                by="x",
                by_name="x",
            ).report
        )
        assert str(made) not in [subject for _kind, subject in due]
    assert not erased(centre, made)


def test_what_was_never_delivered_is_erased_too(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "LI")
    made = centre.file(authority.report())
    assess.assess(centre.analyst, made, "forward", "", seen=0)
    refer.refer(centre.analyst, made)
    (message,) = centre.messages(authority.machine, "referral")
    assert message.sealed_body
    after(1200, cast.centre)
    (message,) = centre.messages(authority.machine, "referral")
    assert (bytes(message.sealed_body), message.answer_status) == (b"", outbox.GONE)


def test_a_rule_that_fails_keeps_no_other_from_its_work(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Never:
        raise RuntimeError

    first = next(iter(retention._erasers))
    monkeypatch.setitem(retention._erasers, first, fail)
    centre = Centre(cast)
    made = centre.file(report())
    assess.assess(centre.analyst, made, "unfounded", "A landscape.", seen=0, code="not_sexual")
    after(281, cast.centre)
    assert erased(centre, made)


def test_a_body_opens_in_its_own_place_alone(cast: Cast) -> None:
    with acting(cast.centre):
        sealed = subject_keys.seal(cast.centre, "report", "1", b"body", "report:1")
        assert subject_keys.unseal("report", "1", sealed, "report:1") == b"body"
        with pytest.raises(CannotUnwrap):
            subject_keys.unseal("report", "1", sealed, "report:2")
        for broken in (sealed[:-1], sealed[:12], sealed[:-1] + bytes([sealed[-1] ^ 1])):
            with pytest.raises(CannotUnwrap):
                subject_keys.unseal("report", "1", broken, "report:1")
        assert subject_keys.erase("report", "1")
        assert not subject_keys.erase("report", "1")
        with pytest.raises(Erased):
            subject_keys.unseal("report", "1", sealed, "report:1")


def test_a_hold_on_something_without_an_id_of_its_own_stops_no_rule(cast: Cast) -> None:
    centre = Centre(cast)
    holds.place(
        cast.centre, "report", "h", asked_by=centre.machine.organisation_id, reason="x", until=clock.now() + DAY
    )
    made = centre.file(report())
    assess.assess(centre.analyst, made, "forward", "", seen=0)
    assess.declare_erroneous(centre.lead, made, "It was never right", revoke=False)
    after(1200, cast.centre)
    assert erased(centre, made)
