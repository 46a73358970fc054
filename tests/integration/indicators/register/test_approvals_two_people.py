"""Acts on the register that take two people: one asks, another one agrees, and exactly what was asked for is done."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db.utils import DatabaseError

from tests.integration.indicators.register.test_approvals_by_key import asked_about, confirmed
from tests.integration.indicators.register.test_register import CLASS, _active, _propose, _scheme, _state
from tests.support.cast import PASSWORD, Cast
from tests.support.soft_keys import SoftKey, at
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.identifiers import uuid7
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.indicators.access import grants
from tutela.indicators.imports import runner
from tutela.indicators.imports.errors import ImportsCertify
from tutela.indicators.imports.lines import Defaults
from tutela.indicators.models import Certification, Grant
from tutela.indicators.register import bulk_actions, bulk_certification, certify, detail, dispute, revoke
from tutela.indicators.register.errors import AlreadyRevoked
from tutela.organisations.approvals import rule_switch, rules, second_person
from tutela.organisations.approvals.approve import NO_INPUT, ApprovalInput, Way
from tutela.organisations.errors import AskedAlready, ChangedMeanwhile, NeedsSecond, PersonTooNew, SamePerson
from tutela.organisations.models import ApprovalRule, Person, RequestDecision
from tutela.organisations.people import invitations, members, roles
from tutela.organisations.people.members import actor_of

__all__ = ["_scheme"]
type Do = Callable[[Way], object]


class Two:
    """Two people of an organisation that has acts done by two."""

    def __init__(self, cast: Cast, organisation: Actor, role: str) -> None:
        self.organisation, self.cast, self.role = organisation, cast, role
        self.first, self.second = (cast.actor(organisation, role) for _ in range(2))
        self.administrators = [cast.actor(organisation, "administrator") for _ in range(2)]
        rule_switch.switch(self.administrators[0], "two", "on", "Policy of the house")

    def ask(self, act: Do, why: str = "It was assessed wrongly") -> UUID:
        with pytest.raises(NeedsSecond) as needed:
            act(NO_INPUT)
        assert needed.value.act is not None
        second_person.ask(self.first, needed.value.act, why)
        return next(one.id for one in second_person.list_pending(self.first) if one.stated == needed.value.act)

    def off(self) -> None:
        with pytest.raises(NeedsSecond) as needed:
            rule_switch.switch(self.administrators[0], "two", "off", "The test is over")
        assert needed.value.act is not None
        second_person.ask(self.administrators[0], needed.value.act, "The test is over")
        (asked,) = [one for one in second_person.list_pending(self.administrators[1]) if one.act == "rule_off"]
        second_person.agree(self.administrators[1], asked.id, ApprovalInput())


@pytest.fixture
def leads(cast: Cast) -> Iterator[Two]:
    two = Two(cast, cast.centre, "lead")
    yield two
    for left in second_person.list_pending(two.second):
        second_person.refuse(two.second, left.id)
    if "two" in rules.standing(cast.centre.organisation_id):
        two.off()


@pytest.fixture
def germans(cast: Cast) -> Two:
    return Two(cast, cast.hotline_de, "analyst")


def test_a_revocation_waits_for_a_second_person(cast: Cast, leads: Two) -> None:
    made = _active(cast)
    asked = leads.ask(lambda way: revoke.revoke(leads.first, made, "A landscape", way))
    assert _state(cast, made) == "active"
    assert (second_person.count(leads.first), second_person.count(leads.second)) == (0, 1)
    with pytest.raises(SamePerson):
        second_person.agree(leads.first, asked, ApprovalInput())
    with pytest.raises(NotFound):
        second_person.agree(cast.hotline_de, asked, ApprovalInput())
    with pytest.raises((Forbidden, NotFound)):
        second_person.agree(cast.centre, asked, ApprovalInput())
    analyst = cast.actor(cast.centre, "analyst")
    for decide in (
        lambda: second_person.agree(analyst, asked, ApprovalInput()),
        lambda: second_person.refuse(analyst, asked),
    ):
        with pytest.raises(Forbidden):
            decide()
    second_person.agree(leads.second, asked, ApprovalInput())
    assert _state(cast, made) == "revoked"
    shown = detail.load_detail(cast.hotline_ie, made)
    (approval,) = shown.approved
    assert (approval.by, approval.asked_by) == (leads.second.reference, leads.first.reference)
    assert shown.revoked_reason == "A landscape"
    assert not approval.by_key
    with pytest.raises(NotFound):
        second_person.agree(leads.second, asked, ApprovalInput())


def test_nobody_goes_round_it(cast: Cast, leads: Two) -> None:
    made = _active(cast)
    with pytest.raises(NeedsSecond):
        revoke.revoke(leads.second, made, "A landscape")
    with pytest.raises(Forbidden, match="An API client cannot be one"):
        revoke.revoke(cast.centre, made, "A landscape")
    asked = leads.ask(lambda way: revoke.revoke(leads.first, made, "A landscape", way))
    with pytest.raises(AskedAlready):
        leads.ask(lambda way: revoke.revoke(leads.first, made, "A landscape", way))
    with pytest.raises(Invalid):
        second_person.ask(leads.first, second_person.load_request(leads.first, asked).stated, " ")
    other = second_person.load_request(leads.first, asked)
    with pytest.raises(ChangedMeanwhile):
        revoke.revoke(leads.second, made, "A building", ApprovalInput(agreed=other))


def test_refused_it_is_not_done_and_taken_back_it_is_gone(cast: Cast, leads: Two) -> None:
    made = _active(cast)
    for who in (leads.second, leads.first):
        asked = leads.ask(lambda way: revoke.revoke(leads.first, made, "A landscape", way))
        second_person.refuse(who, asked)
        with pytest.raises(NotFound):
            second_person.load_request(leads.second, asked)
    assert _state(cast, made) == "active"


def test_it_waits_a_week(cast: Cast, leads: Two) -> None:
    made = _active(cast)
    asked = leads.ask(lambda way: revoke.revoke(leads.first, made, "A landscape", way))
    with clock.simulate(clock.now() + timedelta(days=7)), pytest.raises(NotFound):
        second_person.agree(leads.second, asked, ApprovalInput())


def test_what_changed_meanwhile_is_not_done_and_the_request_is_closed(cast: Cast, germans: Two) -> None:
    made = [_propose(cast.hotline_ie) for _ in range(2)]
    asked = germans.ask(lambda way: bulk_actions.do(germans.first, "certify", made, way=way))
    lead = cast.actor(cast.centre, "lead")
    certify.certify(cast.organisation("Kriminalamt", "authority", "AT"), made[0])
    revoke.suspend(lead, made[0], "Blind review")
    dispute.decide(lead, made[0], upheld=False, reason="Report as correct")  # a new round
    with pytest.raises(ChangedMeanwhile):
        second_person.agree(germans.second, asked, ApprovalInput())
    with acting(germans.first):
        assert not Certification.objects.filter(organisation_id=germans.first.organisation_id).exists()
        (decision,) = RequestDecision.objects.filter(request_id=asked)
        assert not decision.done
    assert second_person.count(germans.second) == 0


def test_what_cannot_be_done_any_longer_closes_the_request(cast: Cast, leads: Two) -> None:
    made = _active(cast)
    asked = leads.ask(lambda way: revoke.revoke(leads.first, made, "A landscape", way))
    twin = leads.ask(lambda way: revoke.revoke(leads.first, made, "A building", way))
    second_person.agree(leads.second, asked, ApprovalInput())
    with pytest.raises(AlreadyRevoked):
        second_person.agree(leads.second, twin, ApprovalInput())
    assert second_person.count(leads.second) == 0


def test_several_are_certified_by_two_and_one_alone_by_one(cast: Cast, germans: Two) -> None:
    made = [_propose(cast.hotline_ie) for _ in range(3)]
    asked = germans.ask(lambda way: bulk_actions.do(germans.first, "certify", made, way=way), "We hold all three")
    done = second_person.agree(germans.second, asked, ApprovalInput())
    assert "3 of 3" in done
    assert {_state(cast, one) for one in made} == {"active"}
    (stand,) = [one for one in detail.load_detail(germans.first, made[0]).stands if one.country == "DE"]
    assert stand.approval is not None
    assert stand.approval.asked_by_name == germans.first.name
    assert certify.certify(germans.first, _propose(cast.hotline_ie)) is True


def test_one_that_cannot_be_certified_stops_no_other(cast: Cast, germans: Two) -> None:
    good, mine = _propose(cast.hotline_ie), _propose(germans.first)
    asked = germans.ask(lambda way: bulk_actions.do(germans.first, "certify", [good, mine], way=way))
    assert "1 of 2" in second_person.agree(germans.second, asked, ApprovalInput())
    assert _state(cast, good) == "active"


def test_nobody_imports_and_no_machine_certifies(cast: Cast, germans: Two, tmp_path: Path) -> None:
    lines = tmp_path / "a.csv"
    lines.write_text(f"sha256,classification,reason\n{secrets.token_hex(32)},{CLASS},Assessed\n", encoding="utf-8")
    with pytest.raises(ImportsCertify, match="two people"):
        runner.run(germans.first, lines, source="Police", defaults=Defaults())
    made = _propose(cast.hotline_ie)
    headers = cast.key(cast.hotline_de, "indicators:certify")
    answer = cast.client(cast.hotline_de, "analyst").post(
        f"/api/v1/indicators/{made}/certifications", headers={**headers}, content_type="application/json"
    )
    assert answer.status_code == 403
    assert "An API client cannot be one" in answer.json()["detail"]
    with pytest.raises(Forbidden, match="An API client cannot be one"):
        _propose(cast.hotline_de)
    assert _state(cast, made) == "proposed"
    assert certify.certify(germans.first, made) is True


def test_what_is_held_of_an_import_takes_two_as_well(cast: Cast, germans: Two, tmp_path: Path) -> None:
    held, lines = secrets.token_hex(32), tmp_path / "a.csv"
    lines.write_text(f"sha256,classification,reason\n{held},{CLASS},Assessed\n", encoding="utf-8")
    run = runner.run(cast.hotline_ie, lines, source="Police", defaults=Defaults()).run_id
    asked = germans.ask(lambda way: bulk_certification.certify(germans.first, run, held, way))
    assert "1 of 1" in second_person.agree(germans.second, asked, ApprovalInput())


def test_as_many_as_one_person_asks_for_another_one_agrees_to(cast: Cast, germans: Two, tmp_path: Path) -> None:
    held, lines = [secrets.token_hex(32) for _ in range(201)], tmp_path / "a.csv"
    lines.write_text("sha256\n" + "\n".join(held) + "\n", encoding="utf-8")
    defaults = Defaults(classification=CLASS, reason="Assessed")
    run = runner.run(cast.hotline_ie, lines, source="Police", defaults=defaults).run_id
    asked = germans.ask(lambda way: bulk_certification.certify(germans.first, run, "\n".join(held), way))
    assert "201 of 201" in second_person.agree(germans.second, asked, ApprovalInput())


def test_disputes_are_decided_and_grants_given_by_two(cast: Cast, leads: Two) -> None:
    made = _active(cast)
    dispute.dispute(cast.hotline_de, made, "A landscape")
    asked = leads.ask(lambda way: dispute.decide(leads.first, made, upheld=False, reason="Report as correct", way=way))
    second_person.agree(leads.second, asked, ApprovalInput())
    assert _state(cast, made) == "proposed"
    until, grantee = clock.now() + timedelta(days=30), cast.pixelpost.organisation_id
    asked = leads.ask(
        lambda way: grants.give(
            leads.first,
            grantee,
            list_id="eu-register",
            purpose="reporting",
            legal_basis="DSA Art. 18",
            valid_to=until,
            way=way,
        )
    )
    with acting(leads.first):
        assert not Grant.objects.filter(grantee_id=grantee).exists()
    second_person.agree(leads.second, asked, ApprovalInput())
    with acting(leads.first):
        row = Grant.objects.get(grantee_id=grantee)
    assert (row.by, row.purpose, row.valid_to.date()) == (leads.second.reference, "reporting", until.date())


def test_both_rules_the_second_person_confirms_with_a_key(cast: Cast, germans: Two) -> None:
    with at():
        administrator = germans.administrators[0]
        office = SoftKey().added_by(administrator.person_id)
        confirmed(administrator, office, lambda way: rule_switch.switch(administrator, "key", "on", "Policy", way))
        made = [_propose(cast.hotline_ie) for _ in range(2)]
        asked = germans.ask(lambda way: bulk_actions.do(germans.first, "certify", made, way=way))
        key = SoftKey().added_by(germans.second.person_id)

        def agreeing(way: Way) -> str:
            assert isinstance(way, ApprovalInput)
            return second_person.agree(germans.second, asked, way)

        given = key.confirms(germans.second, asked_about(agreeing))
        assert "2 of 2" in agreeing(given)
        (stand,) = [one for one in detail.load_detail(germans.first, made[0]).stands if one.country == "DE"]
        assert stand.approval is not None
        assert (stand.approval.by_key, stand.approval.asked_by) == (True, germans.first.reference)


def test_the_rule_goes_by_two_people_alone(cast: Cast, germans: Two) -> None:
    first, second = germans.administrators
    with pytest.raises(NeedsSecond):
        rule_switch.switch(first, "two", "off", "Too slow")
    with pytest.raises(DatabaseError, match="two people"):
        ApprovalRule.objects.create(
            organisation_id=first.organisation_id, rule="two", state="off", reason="x", by="x", by_name="x"
        )
    germans.off()
    assert "two" not in rules.standing(first.organisation_id)
    assert members.members(second)


def test_one_person_cannot_ask_for_two(cast: Cast) -> None:
    alone = cast.actor(cast.hotline_de, "administrator")
    with pytest.raises(Invalid, match="Invite a second person"):
        rule_switch.switch(alone, "two", "on", "Policy")


def test_the_queue_counts_shows_and_does(cast: Cast, leads: Two) -> None:
    made = _active(cast)
    first, second = (cast.client(cast.centre, "lead") for _ in range(2))
    address = f"/desk/indicators/{made}/revoke/"
    page = first.post(address, {"reason": "A landscape"})
    assert page.context["second"] is True
    done = first.post(address, {"reason": "A landscape", "ask": "1", "why": "Seen by two analysts"})
    assert done["Location"] == "/desk/approvals/"
    shown = second.get("/desk/approvals/").content.decode()
    assert "Seen by two analysts" in shown
    assert re.search(r'href="/desk/approvals/"[^>]*>[^<]*<span class="badge">1</span>', shown)
    assert "Actions pending your approval as the second person" in second.get("/desk/").content.decode()
    (link,) = set(re.findall(r"/desk/approvals/[0-9a-f-]{36}/", shown))
    own = first.get(link).content.decode()
    assert "Withdraw" in own
    assert 'value="agree"' not in own
    assert _state(cast, made) == "active"
    assert second.post(link, {"decision": "agree"}).status_code == 302
    assert _state(cast, made) == "revoked"
    assert second.get(link).status_code == 404
    assert "No actions are pending" in second.get("/desk/approvals/").content.decode()
    dossier_page = second.get(f"/desk/indicators/{made}/").content.decode()
    assert "approved by a second person" in dossier_page


def test_each_step_is_an_event(cast: Cast, germans: Two) -> None:
    made = [_propose(cast.hotline_ie) for _ in range(2)]
    asked = germans.ask(lambda way: bulk_actions.do(germans.first, "certify", made, way=way))
    second_person.agree(germans.second, asked, ApprovalInput())
    with acting(germans.first):
        rows = Event.objects.filter(organisation_id=germans.first.organisation_id).order_by("at", "id")
        kinds = [row.kind for row in rows if row.kind.startswith(("approval_rule.", "second_person.", "action."))]
    assert kinds == ["approval_rule.changed", "second_person.asked", "second_person.agreed", "action.approved"]


def test_whoever_came_while_the_rule_was_on_waits_three_days(cast: Cast, germans: Two) -> None:
    """A stolen session of an administrator brings somebody in, and has them agree, ask, or certify."""
    made = [_propose(cast.hotline_ie) for _ in range(2)]
    newcomer = actor_of(cast.person(germans.organisation, "analyst", "administrator", days=0))
    asked = germans.ask(lambda way: bulk_actions.do(germans.first, "certify", made, way=way))
    act = second_person.load_request(newcomer, asked).stated
    with pytest.raises(PersonTooNew, match=r"less than 3 days ago"):
        second_person.agree(newcomer, asked, ApprovalInput())
    assert second_person.count(germans.second) == 1  # it still waits
    with pytest.raises(PersonTooNew):
        second_person.ask(newcomer, act, "We hold both")
    with pytest.raises(PersonTooNew):
        certify.certify(newcomer, made[0])
    with pytest.raises(PersonTooNew):
        rule_switch.switch(newcomer, "two", "off", "Too slow")
    with clock.simulate(clock.now() + timedelta(days=3, minutes=1)):
        assert "2 of 2" in second_person.agree(newcomer, asked, ApprovalInput())


def test_a_role_that_somebody_was_given_while_the_rule_was_on_waits_three_days_for_what_takes_it(
    cast: Cast, germans: Two
) -> None:
    """A stolen session of an administrator gives a colleague's old account a role, and agrees with it."""
    made = [_propose(cast.hotline_ie) for _ in range(2)]
    colleague = cast.person(germans.organisation, "administrator", days=400)
    roles.grant_role(germans.administrators[0], colleague.pk, "analyst")
    asked = germans.ask(lambda way: bulk_actions.do(germans.first, "certify", made, way=way))
    act = second_person.load_request(actor_of(colleague), asked).stated
    refused: list[Callable[[], object]] = [
        lambda: second_person.agree(actor_of(colleague), asked, ApprovalInput()),
        lambda: second_person.ask(actor_of(colleague), act, "We hold both"),
        lambda: certify.certify(actor_of(colleague), made[0]),
    ]
    for does in refused:
        with pytest.raises(PersonTooNew, match=r"less than 3 days ago"):
            does()
    with pytest.raises(NeedsSecond):
        rule_switch.switch(actor_of(colleague), "two", "off", "What the older role takes")
    with clock.simulate(clock.now() + timedelta(days=2)):
        roles.end_role(germans.administrators[0], colleague.pk, "analyst")
        roles.grant_role(germans.administrators[0], colleague.pk, "analyst")
    with clock.simulate(clock.now() + timedelta(days=4)), pytest.raises(PersonTooNew):
        second_person.agree(actor_of(colleague), asked, ApprovalInput())
    with clock.simulate(clock.now() + timedelta(days=5, minutes=1)):
        assert "2 of 2" in second_person.agree(actor_of(colleague), asked, ApprovalInput())


def test_a_role_of_before_the_rule_and_a_second_one_beside_it_wait_for_nothing(cast: Cast) -> None:
    hotline = cast.organisation("Kriminalamt", "authority", "AT")
    early = actor_of(cast.person(hotline, "analyst", days=0))
    two = Two(cast, hotline, "analyst")
    assert certify.certify(early, _propose(cast.hotline_ie)) is True
    roles.grant_role(two.administrators[0], two.first.person_id or uuid7(), "investigator")
    again = actor_of(Person.objects.get(pk=two.first.person_id))
    assert certify.certify(again, _propose(cast.hotline_ie)) is True, "the older role carries it"


def test_the_page_tells_a_newcomer_and_it_is_on_record(cast: Cast, germans: Two) -> None:
    made, browser = _propose(cast.hotline_ie), cast.client(germans.organisation, "analyst")
    Person.objects.filter(pk=browser.get("/desk/you/").wsgi_request.user.pk).update(created_at=clock.now())
    answer = browser.post(f"/desk/indicators/{made}/certify/")
    assert answer["Location"] == "/desk/approvals/"
    assert "less than 3 days ago" in " ".join(browser.get("/desk/approvals/").content.decode().split())
    with acting(germans.first):
        assert Event.objects.filter(kind="action.refused").exists()


def test_a_session_alone_invites_nobody_and_gives_no_role(cast: Cast, germans: Two) -> None:
    browser = cast.client(germans.organisation, "administrator")
    invited = {"email": f"{secrets.token_hex(4)}@example.org", "name": "Kim", "roles": ["analyst"]}
    addresses = ("/desk/organisation/invite/", f"/desk/organisation/people/{germans.first.person_id}/")
    for address in addresses:
        answer = browser.post(address, {**invited, "action": "grant:administrator"})
        assert answer.status_code == 302
        assert "/reauthenticate/" in answer["Location"]
    assert not invitations.open_invitations(germans.administrators[0])
    browser.post("/desk/organisation/invite/", invited)
    done = browser.post("/account/reauthenticate/?next=/desk/organisation/invite/", {"password": PASSWORD})
    assert "/join/" in done.content.decode()  # what was sent before is done now
    assert [one.email for one in invitations.open_invitations(germans.administrators[0])] == [invited["email"]]
    free = cast.client(cast.hotline_ie, "administrator")
    assert free.get("/desk/organisation/invite/").status_code == 200
