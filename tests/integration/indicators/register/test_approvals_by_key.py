"""Acts on the register that take a security key: what is confirmed is done, once, and nothing else is."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, connection
from django.db.utils import DatabaseError

from tests.integration.indicators.register.test_register import CLASS, _active, _propose, _scheme, _state
from tests.support.cast import Cast
from tests.support.soft_keys import KINDS, ORIGIN, SITE, SoftKey, at
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound, TutelaError
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.exchange.register import approval
from tutela.exchange.register.approval import Act
from tutela.exchange.register.certification import check
from tutela.indicators.access import grants
from tutela.indicators.hashes.validation import HashValue as Hash
from tutela.indicators.imports import runner
from tutela.indicators.imports.errors import ImportsCertify
from tutela.indicators.imports.lines import Defaults
from tutela.indicators.integrity import invalidation, signing
from tutela.indicators.models import Certification
from tutela.indicators.register import bulk_actions, bulk_certification, certify, detail, dispute, propose, revoke
from tutela.indicators.register.provenance import Provenance, Stated
from tutela.indicators.safeguards import hold_release
from tutela.organisations.approvals import approve, rule_switch, security_keys
from tutela.organisations.approvals.approve import ApprovalInput, Way
from tutela.organisations.errors import (
    ApprovalError,
    ChallengeOver,
    CounterWentBack,
    KeyRefused,
    KeyTooNew,
    KeyUnknown,
    KeyUnreadable,
    MachineHasNoKey,
    NeedsKey,
    OtherAct,
    PersonTooNew,
)
from tutela.organisations.models import ActChallenge, Approval
from tutela.organisations.people.members import actor_of

__all__ = ["_scheme"]
type Do = Callable[[Way], object]


@pytest.fixture(autouse=True)
def _address() -> Iterator[None]:
    with at():
        yield


class House:
    """An organisation that asks for keys, a person of it, and their key."""

    def __init__(self, cast: Cast, organisation: Actor, role: str, kind: str = "ES256") -> None:
        self.organisation = organisation
        self.actor = cast.actor(organisation, role)
        self.key = SoftKey(kind).added_by(self.actor.person_id)
        self.administrator = cast.actor(organisation, "administrator")
        self.office = SoftKey().added_by(self.administrator.person_id, "Office")
        self.switch("on")

    def switch(self, state: str, rule: str = "key") -> None:
        confirmed(
            self.administrator,
            self.office,
            lambda way: rule_switch.switch(self.administrator, rule, state, "Policy of the house", way),
        )

    def does(self, act: Do, **how: Any) -> Any:
        return confirmed(self.actor, self.key, act, **how)


def confirmed(actor: Actor, key: SoftKey, act: Do, **how: Any) -> Any:
    """Do it with a key: as the page does, once to hear what is asked, and once with the answer."""
    with pytest.raises(NeedsKey) as asked:
        act(approve.NO_INPUT)
    assert asked.value.act is not None
    return act(key.confirms(actor, asked.value.act, **how))


def asked_about(act: Do) -> Act:
    with pytest.raises(NeedsKey) as asked:
        act(approve.NO_INPUT)
    assert asked.value.act is not None
    return asked.value.act


@pytest.fixture
def germans(cast: Cast) -> House:
    return House(cast, cast.hotline_de, "analyst")


@pytest.fixture
def lead(cast: Cast) -> Iterator[House]:
    house = House(cast, cast.centre, "lead")
    yield house
    house.switch("off")


def _certifying(house: House, indicator: UUID) -> Do:
    return lambda way: certify.certify(house.actor, indicator, way=way)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_confirmed_certification_counts_and_can_be_verified_elsewhere(cast: Cast, kind: str) -> None:
    house, made = House(cast, cast.hotline_de, "analyst", kind), _propose(cast.hotline_ie)
    assert house.does(_certifying(house, made)) is True
    assert _state(cast, made) == "active"
    shown = detail.load_detail(house.actor, made)
    assert [bool(one.approval and one.approval.by_key) for one in shown.stands] == [False, True]
    file = signing.file_of(house.actor, made)
    mine, other = sorted(check(json.dumps(file).encode()), key=lambda one: one.confirmed, reverse=True)
    assert str(house.actor.person_id) in mine.confirmed
    assert other.confirmed == ""
    for part in ("authenticator_data", "client_data", "signature", "public_key"):
        text = json.dumps(file).replace(_hex(file, part), _turned(_hex(file, part)))
        with pytest.raises(Exception, match="security key"):
            check(text.encode())


def _hex(file: dict[str, Any], part: str) -> str:
    return next(str(one["confirmed"]["answer"][part]) for one in file["certifications"] if "confirmed" in one)


def _turned(text: str) -> str:
    middle = len(text) // 2
    return text[:middle] + ("0" if text[middle] != "0" else "1") + text[middle + 1 :]


def test_without_a_key_nothing_is_certified_and_a_machine_is_told_why(cast: Cast, germans: House) -> None:
    made = _propose(cast.hotline_ie)
    with pytest.raises(NeedsKey):
        certify.certify(germans.actor, made)
    with pytest.raises(MachineHasNoKey, match="an API client has none"):
        certify.certify(cast.hotline_de, made)
    headers = cast.key(cast.hotline_de, "indicators:certify")
    answer = cast.client(cast.hotline_de, "analyst").post(
        f"/api/v1/indicators/{made}/certifications", headers={**headers}, content_type="application/json"
    )
    assert answer.status_code == 403
    assert "an API client has none" in answer.json()["detail"]
    assert _state(cast, made) == "proposed"


def test_the_database_refuses_a_certification_without_a_key(cast: Cast, germans: House) -> None:
    made, other = _propose(cast.hotline_ie), _propose(cast.hotline_ie)
    germans.does(_certifying(germans, other))
    with acting(germans.actor):
        approval = Certification.objects.get(indicator=other, organisation_id=germans.actor.organisation_id).approval_id
    for stolen in (None, approval, made):
        with pytest.raises(DatabaseError, match="security key"), acting(germans.actor):
            Certification.objects.create(
                organisation_id=germans.actor.organisation_id,
                indicator_id=made,
                country="DE",
                by=germans.actor.reference,
                by_name="Robin",
                approval_id=stolen,
            )


def test_the_database_refuses_to_switch_the_rule_off_without_a_key(cast: Cast, germans: House) -> None:
    with pytest.raises(NeedsKey):
        rule_switch.switch(germans.administrator, "key", "off", "Too slow")
    with (
        pytest.raises(DatabaseError, match="security key"),
        acting(germans.actor),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO organisations_approvalrule (organisation_id, rule, state, reason, by, by_name, at)"
            " VALUES (%s, 'key', 'off', 'x', 'x', 'x', now() + interval '1 hour')",
            [germans.actor.organisation_id],
        )
    germans.switch("off")
    assert certify.certify(germans.actor, _propose(cast.hotline_ie)) is True


def test_an_answer_counts_once(cast: Cast, germans: House) -> None:
    made = _propose(cast.hotline_ie)
    given = germans.key.confirms(germans.actor, asked_about(_certifying(germans, made)))
    certify.certify(germans.actor, made, way=given)
    revoke.suspend(cast.actor(cast.centre, "lead"), made, "Blind review")
    dispute.decide(cast.actor(cast.centre, "lead"), made, upheld=False, reason="Report as correct")
    with pytest.raises(ChallengeOver):
        certify.certify(germans.actor, made, way=given)


def test_an_answer_is_about_one_act_with_these_parameters(cast: Cast, germans: House, lead: House) -> None:
    made, other = _propose(cast.hotline_ie), _propose(cast.hotline_ie)
    given = germans.key.confirms(germans.actor, asked_about(_certifying(germans, made)))
    with pytest.raises(OtherAct):
        certify.certify(germans.actor, other, way=given)
    with pytest.raises(OtherAct):
        bulk_actions.do(germans.actor, "certify", [made, other], way=given)
    known = _propose(cast.hotline_ie)
    certify.certify(cast.organisation("Kriminalamt", "authority", "AT"), known)
    about = asked_about(lambda way: revoke.revoke(lead.actor, known, "A landscape", way))
    given = lead.key.confirms(lead.actor, about)
    with pytest.raises(OtherAct):
        revoke.revoke(lead.actor, known, "A building", given)
    assert _state(cast, known) == "active"
    revoke.revoke(lead.actor, known, "A landscape", given)
    assert _state(cast, known) == "revoked"


def test_an_answer_to_another_question_is_none(cast: Cast, germans: House) -> None:
    """The answer of one act beside the challenge of the other."""
    made, other = _propose(cast.hotline_ie), _propose(cast.hotline_ie)
    first = germans.key.confirms(germans.actor, asked_about(_certifying(germans, other)))
    second = germans.key.confirms(germans.actor, asked_about(_certifying(germans, made)))
    with pytest.raises(KeyRefused, match="answers another request"):
        certify.certify(germans.actor, made, way=ApprovalInput(second.challenge, first.answer))


def test_nobody_confirms_with_the_key_of_somebody_else(cast: Cast, germans: House) -> None:
    made, colleague = _propose(cast.hotline_ie), cast.actor(cast.hotline_de, "analyst")
    theirs = SoftKey().added_by(colleague.person_id)
    about = asked_about(_certifying(germans, made))
    with pytest.raises(KeyUnknown):
        certify.certify(germans.actor, made, way=theirs.confirms(germans.actor, about))
    with pytest.raises(ChallengeOver):
        certify.certify(colleague, made, way=germans.key.confirms(germans.actor, about))
    with pytest.raises(KeyUnknown):
        certify.certify(germans.actor, made, way=SoftKey(site="elsewhere.example").confirms(germans.actor, about))


def test_a_key_that_came_while_keys_are_asked_for_waits_three_days(cast: Cast, germans: House) -> None:
    """Whoever knows a password and a second factor adds a key of their own: its owner has time to see it."""
    made, stolen = _propose(cast.hotline_ie), SoftKey().added_by(germans.actor.person_id, "Mine", days=0)
    with pytest.raises(KeyTooNew, match="less than 3 days ago"):
        confirmed(germans.actor, stolen, _certifying(germans, made))
    newcomer = actor_of(cast.person(germans.organisation, "analyst", days=0))
    with pytest.raises(PersonTooNew):
        certify.certify(newcomer, made)
    with clock.simulate(clock.now() + timedelta(days=3, minutes=1)):
        assert confirmed(germans.actor, stolen, _certifying(germans, made)) is True


def test_a_key_that_was_removed_confirms_nothing(cast: Cast, germans: House) -> None:
    made = _propose(cast.hotline_ie)
    given = germans.key.confirms(germans.actor, asked_about(_certifying(germans, made)))
    Authenticator.objects.filter(user_id=germans.actor.person_id).delete()
    with pytest.raises(KeyUnknown):
        certify.certify(germans.actor, made, way=given)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"origin": "https://register.example.evil"}, "another web address"),
        ({"origin": "http://register.example"}, "another web address"),
        ({"origin": "https://register.example:8443"}, "another web address"),
        ({"flags": 0}, "touched"),
        ({"kind": "webauthn.create"}, "not given on a page of this site"),
        ({"cross_origin": True}, "not given on a page of this site"),
    ],
)
def test_what_a_key_says_must_hold(cast: Cast, germans: House, how: dict[str, Any], why: str) -> None:
    made = _propose(cast.hotline_ie)
    with pytest.raises(KeyRefused, match=why):
        germans.does(_certifying(germans, made), **how)
    assert _state(cast, made) == "proposed"


def test_an_answer_for_another_site_is_refused(cast: Cast, germans: House) -> None:
    made = _propose(cast.hotline_ie)
    germans.key.site = "other.example"
    with pytest.raises(KeyRefused, match="another site"):
        germans.does(_certifying(germans, made))


def test_a_counter_that_goes_back_is_a_copy(cast: Cast, germans: House) -> None:
    first, second = _propose(cast.hotline_ie), _propose(cast.hotline_ie)
    germans.does(_certifying(germans, first), count=7)
    for count in (0, 6, 7):
        with pytest.raises(CounterWentBack):
            germans.does(_certifying(germans, second), count=count)
    germans.does(_certifying(germans, second), count=8)


def test_a_key_that_does_not_count_says_nought(cast: Cast, germans: House) -> None:
    for _ in range(2):
        germans.does(_certifying(germans, _propose(cast.hotline_ie)), count=0)


def test_a_challenge_is_over_after_five_minutes(cast: Cast, germans: House) -> None:
    made, now = _propose(cast.hotline_ie), clock.now()
    with clock.simulate(now):
        given = germans.key.confirms(germans.actor, asked_about(_certifying(germans, made)))
    with clock.simulate(now + timedelta(minutes=5)), pytest.raises(ChallengeOver):
        certify.certify(germans.actor, made, way=given)


@pytest.mark.parametrize("answer", ["{}", "[]", "null", "{", '{"rawId": "AA"}', "x" * 30_000, '{"id":1,"rawId":2}'])
def test_what_is_no_answer_is_refused(cast: Cast, germans: House, answer: str) -> None:
    made = _propose(cast.hotline_ie)
    given = germans.key.confirms(germans.actor, asked_about(_certifying(germans, made)))
    with pytest.raises(KeyUnreadable):
        certify.certify(germans.actor, made, way=ApprovalInput(given.challenge, answer))


def test_many_are_confirmed_at_once_and_each_stands_for_itself(cast: Cast, germans: House) -> None:
    made = [_propose(cast.hotline_ie) for _ in range(3)]
    rows = germans.does(lambda way: bulk_actions.do(germans.actor, "certify", made, way=way))
    assert [one.done for one in rows] == [True] * 3
    with acting(germans.actor):
        (whole,) = Approval.objects.filter(by=germans.actor.reference)
        assert set(whole.subjects) == set(made)
        signed = Certification.objects.filter(indicator__in=made, approval_id=whole.pk)
        assert signed.count() == 3
    left = _propose(cast.hotline_ie)
    with pytest.raises(OtherAct):
        certify.certify(germans.actor, left, way=whole)
    with clock.simulate(clock.now() + timedelta(minutes=11)), pytest.raises(ChallengeOver):
        certify.certify(germans.actor, left, way=whole)
    file = signing.file_of(germans.actor, made[0])
    assert any(one.confirmed for one in check(json.dumps(file).encode()))


def test_a_confirmation_of_other_hashes_does_not_verify(cast: Cast, germans: House) -> None:
    first, second = _propose(cast.hotline_ie), _propose(cast.hotline_ie)
    for one in (first, second):
        germans.does(_certifying(germans, one))
    mine, theirs = (signing.file_of(germans.actor, one) for one in (first, second))
    for one in mine["certifications"]:
        if "confirmed" in one:
            one["confirmed"] = next(o["confirmed"] for o in theirs["certifications"] if "confirmed" in o)
    with pytest.raises(Exception, match="something else"):
        check(json.dumps(mine).encode())


def _proposing(house: House, digest: str, **said: Any) -> Do:
    usual = {"media_type": "image", "classification": CLASS, "reason": "Assessed"}
    return lambda way: propose.propose(house.actor, given=[Hash("sha256", digest)], way=way, **usual | said)  # type: ignore[arg-type]


def test_a_confirmed_proposal_stands_for_its_own_entry_alone(cast: Cast, germans: House) -> None:
    first, second = (germans.does(_proposing(germans, secrets.token_hex(32))) for _ in range(2))
    mine, theirs = (signing.file_of(germans.actor, one) for one in (first, second))
    (row,) = check(json.dumps(mine).encode())
    assert str(germans.actor.person_id) in row.confirmed
    assert mine["certifications"][0]["confirmed"]["statement"]["act"]["subjects"][0]["id"] == str(first)
    mine["certifications"][0]["confirmed"] = theirs["certifications"][0]["confirmed"]
    with pytest.raises(Exception, match="something else"):
        check(json.dumps(mine).encode())


def test_a_proposal_that_names_no_entry_confirms_none(cast: Cast, germans: House) -> None:
    """As they were confirmed before: what was said to be given, nobody outside can compare."""
    made = germans.does(_proposing(germans, secrets.token_hex(32)))
    file = signing.file_of(germans.actor, made)
    for kind, bound in (("image", ""), ("video", None)):
        act = Act(name="propose", reason="Assessed", chosen={"type": kind, "class": CLASS, "given": "0" * 64})
        asked = approve.ask(germans.actor, act)
        with acting(germans.actor):
            statement = bytes(ActChallenge.objects.get(challenge=asked.challenge).statement)
        assert germans.actor.person_id is not None
        _, answer = security_keys.answered(germans.actor.person_id, germans.key.answer(asked.challenge))
        loose = approval.file_of(statement, answer, site=SITE, origin=ORIGIN)
        file["certifications"][0]["confirmed"] = loose
        if bound is None:
            with pytest.raises(Exception, match="something else"):
                check(json.dumps(file).encode())
            continue
        (row,) = check(json.dumps(file).encode())
        assert (row.confirmed, str(germans.actor.person_id) in row.unbound) == ("", True)


def test_nothing_of_a_proposal_changes_once_it_is_confirmed(cast: Cast, germans: House) -> None:
    digest, law = secrets.token_hex(32), Provenance("Case 7", [Stated("DE", True, "StGB 184b")])
    asked = asked_about(_proposing(germans, digest, series="S-1", told=law))
    assert asked.chosen["law DE"] == "illegal"
    others = [
        {"series": "S-2", "told": law},
        {"series": "S-1"},
        {"series": "S-1", "told": Provenance("Case 8", law.legality)},
        {"series": "S-1", "told": Provenance("Case 7", [Stated("DE", False, "StGB 184b")])},
        {"series": "S-1", "told": Provenance("Case 7", [Stated("DE", True, "StGB 184c")])},
        {"series": "S-1", "told": law, "media_type": "video"},
    ]
    for other in others:
        with pytest.raises(OtherAct):
            _proposing(germans, digest, **other)(germans.key.confirms(germans.actor, asked))
    given = germans.key.confirms(germans.actor, asked)
    assert _proposing(germans, digest, series="S-1", told=law)(given) == asked.subjects[0].id


def test_proposals_and_what_is_held_of_an_import_take_the_key_too(cast: Cast, germans: House, tmp_path: Any) -> None:
    made = germans.does(_proposing(germans, secrets.token_hex(32)))
    file = signing.file_of(germans.actor, made)
    assert any(one.confirmed for one in check(json.dumps(file).encode()))
    with pytest.raises(ImportsCertify):
        runner.check(germans.actor)
    held, lines = secrets.token_hex(32), tmp_path / "a.csv"
    lines.write_text(f"sha256,classification,reason\n{held},{CLASS},Assessed\n", encoding="utf-8")
    run = runner.run(cast.hotline_ie, lines, source="Police", defaults=Defaults()).run_id
    done = germans.does(lambda way: bulk_certification.certify(germans.actor, run, held, way))
    assert (len(done.certified), done.active) == (1, 1)


def test_the_centre_decides_and_grants_with_a_key(cast: Cast, lead: House) -> None:
    made = _active(cast)
    dispute.dispute(cast.hotline_de, made, "A landscape")
    lead.does(lambda way: dispute.decide(lead.actor, made, upheld=False, reason="Report as correct", way=way))
    assert _state(cast, made) == "proposed"
    grantee, until = cast.pixelpost.organisation_id, clock.now() + timedelta(days=30)

    def giving(way: Way, days: int = 0) -> UUID:
        return grants.give(
            lead.actor,
            grantee,
            list_id="eu-register",
            purpose="reporting",
            legal_basis="DSA Art. 18",
            valid_to=until + timedelta(days=days),
            way=way,
        )

    given = lead.key.confirms(lead.actor, asked_about(giving))
    with pytest.raises(OtherAct):
        giving(given, days=1)
    grant = giving(given)
    lead.does(lambda way: grants.end(lead.actor, grant, way))
    with pytest.raises(NotFound):
        grants.end(lead.actor, grant)
    kinds = [one.act for one in _approvals(lead.actor)]
    assert kinds[-3:] == ["decide", "grant", "grant_end"]
    assert not detail.load_detail(lead.actor, made).approved[0].asked_by


def test_what_is_held_and_new_rounds_take_the_key(cast: Cast, lead: House) -> None:
    given = [Hash("pdq", f"{secrets.randbits(20):064x}", 90, "x")]
    made = propose.propose(cast.hotline_ie, given=given, media_type="image", classification=CLASS, reason="Assessed")
    held = detail.load_detail(lead.actor, made).held
    assert held is not None
    lead.does(lambda way: hold_release.release(lead.actor, held.pk, accepted=True, reason="Looked at", way=way))
    with pytest.raises(NeedsKey):
        invalidation.dismiss_all(lead.actor, "Verified again")
    lead.does(lambda way: invalidation.dismiss_all(lead.actor, "Verified again", way))


def _approvals(actor: Actor) -> list[Approval]:
    with acting(actor):
        return list(Approval.objects.filter(by=actor.reference).order_by("created_at"))


def test_an_approval_never_changes_and_is_seen_by_the_register_alone(cast: Cast, germans: House) -> None:
    made = _propose(cast.hotline_ie)
    germans.does(_certifying(germans, made))
    with acting(cast.hotline_ie):
        assert Approval.objects.filter(subjects__contains=[made]).count() == 1
    with acting(cast.pixelpost):
        assert not Approval.objects.exists()
    with pytest.raises((IntegrityError, DatabaseError)), acting(germans.actor):
        Approval.objects.filter(subjects__contains=[made]).update(by="person:0")


def test_a_refused_answer_is_on_record(cast: Cast, germans: House) -> None:
    made = _propose(cast.hotline_ie)
    about = asked_about(_certifying(germans, made))
    with pytest.raises(ApprovalError) as error:
        certify.certify(germans.actor, made, way=germans.key.confirms(germans.actor, about, flags=0))
    assert error.value.act == about
    approve.refused(germans.actor, about, error.value)
    with acting(germans.actor):
        row = Event.objects.filter(kind="action.refused", actor=germans.actor.reference).get()
        assert json.loads(row.facts_row.facts)["why"] == "KeyRefused"


def test_switching_it_on_takes_a_key_that_works_here(cast: Cast) -> None:
    administrator = cast.actor(cast.hotline_de, "administrator")
    with pytest.raises(NeedsKey) as asked:
        rule_switch.switch(administrator, "key", "on", "Policy")
    assert asked.value.act is not None
    SoftKey(site="127.0.0.1").added_by(administrator.person_id)
    challenge = approve.ask(administrator, asked.value.act)
    assert not security_keys.question(challenge.person_id, challenge.challenge).get("allowCredentials")
    with pytest.raises(TutelaError):
        rule_switch.switch(cast.actor(cast.hotline_de, "analyst"), "key", "on", "Policy")
    for rule, state, reason in (("key", "on", " "), ("all", "on", "Policy"), ("key", "away", "Policy")):
        with pytest.raises(Invalid):
            rule_switch.switch(administrator, rule, state, reason)


def test_a_session_alone_adds_and_removes_no_key(cast: Cast) -> None:
    browser = cast.client(cast.hotline_de, "analyst")
    person = browser.get("/desk/you/").wsgi_request.user.pk
    SoftKey().added_by(person)
    known = Authenticator.objects.get(user_id=person, type="webauthn")
    for address in ("/account/2fa/webauthn/add/", f"/account/2fa/webauthn/keys/{known.pk}/remove/"):
        for answer in (browser.get(address), browser.post(address, {"name": "Mine", "credential": "{}"})):
            assert answer.status_code == 302
            assert "/reauthenticate/" in answer["Location"]
    assert Authenticator.objects.filter(user_id=person, type="webauthn").count() == 1


def test_the_pages_ask_for_the_key_and_do_it_with_the_answer(cast: Cast, germans: House) -> None:
    made = _propose(cast.hotline_ie)
    browser = cast.client(cast.hotline_de, "analyst")
    person = browser.get("/desk/you/").wsgi_request.user.pk
    key, address = SoftKey().added_by(person), f"/desk/indicators/{made}/certify/"
    page = browser.post(address)
    assert page.status_code == 200
    assert page.context["act"].subjects[0].id == made
    challenge = page.context["challenge"]
    assert f'value="{challenge}"' in page.content.decode()
    wrong = browser.post(address, {"challenge": challenge, "answer": key.answer(bytes.fromhex(challenge), flags=0)})
    assert wrong.status_code == 409
    assert "touched" in wrong.content.decode()
    challenge = wrong.context["challenge"]
    done = browser.post(address, {"challenge": challenge, "answer": key.answer(bytes.fromhex(challenge))})
    assert done.status_code == 302
    assert _state(cast, made) == "active"
    shown = browser.get(f"/desk/indicators/{made}/").content.decode()
    assert "confirmed with a security key" in shown
    (link,) = set(re.findall(r"/desk/approvals/files/[0-9a-f-]{36}/approval.json", shown))
    file = browser.get(link).json()
    assert approval.check(file).act.subjects[0].id == made
    assert approval.key_of(file) in str(check(browser.get(f"/desk/indicators/{made}/certifications.json").content))


def test_a_form_that_is_confirmed_keeps_what_was_typed_and_chosen(cast: Cast, germans: House) -> None:
    browser = cast.client(cast.hotline_de, "analyst")
    person = browser.get("/desk/you/").wsgi_request.user.pk
    key, digest = SoftKey().added_by(person), secrets.token_hex(32)
    said = {"sha256": digest, "media_type": "image", "classification": CLASS, "reason": 'It says "so" & <more>'}
    page = browser.post("/desk/indicators/propose/", said)
    assert dict(json.loads(page.context["form"]))["reason"] == said["reason"]
    assert "&lt;more&gt;" in page.content.decode()
    challenge = page.context["challenge"]
    answer = key.answer(bytes.fromhex(challenge))
    again = {"repeated_form": page.context["form"], "challenge": challenge, "answer": answer}
    done = browser.post("/desk/indicators/propose/", again)
    assert done.status_code == 302
