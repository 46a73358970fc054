"""What was wrong is undone everywhere, and nobody is left believing the opposite."""

from __future__ import annotations

import secrets
from uuid import UUID, uuid4

import httpx
import pytest
from django.core.wsgi import get_wsgi_application

from tests.support.cast import Cast
from tests.support.register import release as publish
from tests.support.reporting import account, item, report
from tests.support.reports_world import Authority, Centre, entry_of, state_of_entry
from tests.support.soft_keys import SoftKey, at
from tutela import clock
from tutela.events.transaction import acting
from tutela.exchange.register.approval import Act
from tutela.exchange.report.score_reasons import english
from tutela.indicators.access import grants
from tutela.indicators.lifecycle import signals
from tutela.indicators.register import dispute
from tutela.indicators.register import revoke as register_revoke
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import downloads
from tutela.investigations.models import Withdrawn
from tutela.organisations.approvals import rule_switch
from tutela.organisations.messages import delivery
from tutela.organisations.people import directory
from tutela.reports.errors import AlreadyDecided, AlreadyReferred, SameDecision, Undone
from tutela.reports.models import Referral
from tutela.reports.models import Report as Row
from tutela.reports.referrals import refer
from tutela.reports.state import withdrawals
from tutela.reports.triage import assess, rescore


def test_after_a_referral_only_the_whole_is_undone(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "PT")
    made = centre.file(authority.report())
    authority.referred(made)
    for decision in ("unfounded", "forward", "ask"):
        with pytest.raises(AlreadyReferred):
            assess.assess(centre.analyst, made, decision, "mistake", seen=1, code="not_sexual")
    assess.declare_erroneous(centre.lead, made, "mistake", revoke=False)
    assert len(centre.messages(authority.machine, "withdrawal")) == 1
    assert centre.told(made) == ["received", "relevant", "not_relevant"]
    with pytest.raises(AlreadyDecided):
        assess.declare_erroneous(centre.lead, made, "mistake", revoke=False)


def test_every_decision_is_told(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    assess.assess(centre.analyst, made, "unfounded", "no", seen=0, code="not_sexual")
    assess.assess(centre.analyst, made, "forward", "yes", seen=1)
    assess.declare_erroneous(centre.lead, made, "wrong after all", revoke=False)
    assert centre.told(made) == ["received", "not_relevant", "relevant", "not_relevant"]


def test_what_a_lead_has_undone_only_a_lead_decides_anew(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "SE")
    made = centre.file(authority.report())
    authority.referred(made)
    assess.declare_erroneous(centre.lead, made, "wrong", revoke=False)
    with pytest.raises(Undone):
        assess.assess(centre.analyst, made, "forward", "again", seen=2)
    assess.assess(centre.lead, made, "forward", "again", seen=2)
    refer.refer(centre.lead, made)
    assert centre.row(made).state == "referred"


def test_a_report_is_referred_once(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "FI")
    made = centre.file(authority.report())
    assess.assess(centre.analyst, made, "forward", "", seen=0)
    client = cast.client(cast.centre, "analyst")
    for _ in range(2):
        assert client.post(f"/desk/reports/{made}/refer/").status_code == 302
    with pytest.raises(AlreadyReferred):
        refer.refer(centre.analyst, made)
    with acting(centre.machine):
        assert Referral.objects.filter(report__report_id=made).count() == 1


def test_where_revoking_takes_a_key_an_error_stops_the_entry_first(cast: Cast) -> None:
    centre, digest = Centre(cast), secrets.token_hex(32)
    entry = entry_of(cast, digest)
    made = centre.file(report(items=[item(digest, entry)]))
    administrator = cast.actor(cast.centre, "administrator")
    with at():
        key = SoftKey().added_by(administrator.person_id)
        for state in ("on", "off"):
            act = Act(name=f"rule_{state}", reason="Policy", chosen={"rule": "key"})
            rule_switch.switch(administrator, "key", state, "Policy", key.confirms(administrator, act))
            if state == "on":
                assess.declare_erroneous(centre.lead, made, "It is a landscape", revoke=True)
                assert state_of_entry(cast, entry) == "suspended"
    register_revoke.revoke(centre.lead, entry, "It is a landscape")


@pytest.mark.parametrize(("revoke", "state"), [(False, "suspended"), (True, "revoked")])
def test_an_error_stops_the_match(cast: Cast, revoke: bool, state: str) -> None:
    centre, digest = Centre(cast), secrets.token_hex(32)
    entry = entry_of(cast, digest)
    made = centre.file(report(items=[item(digest, entry)]))
    assess.declare_erroneous(centre.lead, made, "wrong picture", revoke=revoke)
    assert state_of_entry(cast, entry) == state


@pytest.mark.parametrize("revoke", [False, True])
def test_an_error_leaves_an_entry_alone_that_is_about_something_else(cast: Cast, revoke: bool) -> None:
    centre, entry = Centre(cast), entry_of(cast, secrets.token_hex(32))
    made = centre.file(report(items=[item(secrets.token_hex(32), entry)]))
    row = centre.row(made)
    assert row.entries == []
    assert [points for points, code, _values in row.reasons["relevance"] if "register" in code] == [0]
    assess.declare_erroneous(centre.lead, made, "wrong picture", revoke=revoke)
    assert state_of_entry(cast, entry) == "active"


def test_a_report_filed_after_a_revocation_does_not_agree_with_the_register(cast: Cast) -> None:
    centre, digest = Centre(cast), secrets.token_hex(32)
    entry = entry_of(cast, digest)
    before = centre.row(centre.file(report(items=[item(digest, entry)])))
    register_revoke.revoke(centre.lead, entry, "wrong")
    after = centre.row(centre.file(report(items=[item(digest, entry)])))
    assert [30, "score.register", {}] in before.reasons["relevance"]
    assert [30, "score.register", {}] not in after.reasons["relevance"]
    assert after.entries == [entry], "it is still concerned, should there be more to tell"


@pytest.mark.parametrize("revoked", [True, False])
def test_a_report_that_waits_loses_what_the_register_no_longer_upholds(cast: Cast, revoked: bool) -> None:
    centre, digest = Centre(cast), secrets.token_hex(32)
    entry = entry_of(cast, digest)
    waiting = centre.file(report(items=[item(digest, entry)], users=[account()]))
    decided = centre.file(report(items=[item(digest, entry)], users=[account()]))
    assess.assess(centre.analyst, decided, "forward", "", seen=0)
    before = centre.row(waiting)
    if revoked:
        register_revoke.revoke(centre.lead, entry, "wrong")
    else:
        assess.declare_erroneous(centre.lead, decided, "wrong", revoke=False)
    assert rescore.for_indicator(cast.centre, entry) == 1
    after = centre.row(waiting)
    assert before.relevance is not None
    assert after.relevance_order < before.relevance_order
    assert [30, "score.register", {}] not in after.reasons["relevance"]
    assert after.reasons["urgency"] == before.reasons["urgency"]
    assert rescore.for_indicator(cast.centre, entry) == 0


def test_each_move_of_an_entry_orders_new_scores(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ordered: list[UUID] = []
    monkeypatch.setattr(signals, "_on_moved", [ordered.append])
    centre, entry = Centre(cast), entry_of(cast, secrets.token_hex(32))
    assert ordered == [entry], "it was activated"
    dispute.dispute(cast.hotline_de, entry, "It shows something else")
    register_revoke.revoke(centre.lead, entry, "wrong")
    assert ordered == [entry] * 3


def test_an_authority_that_fetches_the_list_too_is_told_of_its_referral(cast: Cast) -> None:
    centre, digest = Centre(cast), secrets.token_hex(32)
    authority, entry = Authority(centre, "HU"), entry_of(cast, digest)
    centre_actor = directory.acting_for(centre.entry, "system:x", "x")
    grants.give(
        centre.lead,
        authority.machine.organisation_id,
        list_id=version_files.LIST_ID,
        purpose="investigation",
        legal_basis="x",
        valid_to=clock.now().replace(year=clock.now().year + 1),
    )
    publish(centre_actor)
    downloads.head_for(centre_actor, authority.machine, version_files.LIST_ID, None)
    made = centre.file(authority.report(items=[item(digest, entry)]))
    authority.referred(made)
    register_revoke.revoke(centre.lead, entry, "wrong")
    centre.deliver(authority.machine)
    (message,) = centre.messages(authority.machine, "withdrawal")
    assert (message.path.rsplit("/", 1)[-1], message.answer_status) == ("referral-withdrawals", 201)
    with acting(authority.machine):
        assert Withdrawn.objects.get().indicator == entry


def test_a_withdrawal_does_not_overtake_the_referral_that_it_undoes(cast: Cast) -> None:
    """What is urgent goes first, but not before what it is about: the authority was away when both were written."""
    centre, digest = Centre(cast), secrets.token_hex(32)
    authority, entry = Authority(centre, "SK"), entry_of(cast, digest)
    made = centre.file(authority.report(items=[item(digest, entry)]))
    assess.assess(centre.analyst, made, "forward", "", seen=0)
    refer.refer(centre.analyst, made)
    register_revoke.revoke(centre.lead, entry, "wrong")
    transport, posted = httpx.WSGITransport(app=get_wsgi_application()), list[str]()

    def take(request: httpx.Request) -> httpx.Response:
        posted.append(request.url.path.rsplit("/", 1)[-1])
        return transport.handle_request(request)

    with httpx.Client(transport=httpx.MockTransport(take)) as client:
        assert delivery.turn(centre.machine.organisation_id, authority.machine.organisation_id, client) is None
    assert posted == ["referrals", "referral-withdrawals"]
    with acting(authority.machine):
        assert Withdrawn.objects.get().indicator == entry


def test_a_withdrawal_of_many_reports_names_them_all(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(withdrawals, "MOST_REPORTS", 2)
    centre, entry = Centre(cast), uuid4()
    made = [centre.file(report()) for _ in range(5)]
    with acting(centre.machine):
        Row.objects.filter(report_id__in=made).update(entries=[entry])
        withdrawals.indicator_revoked(centre.machine, entry, "wrong")
    assert len(centre.messages(cast.pixelpost, "withdrawal")) == 3


def test_a_corrected_slip_counts_once(cast: Cast) -> None:
    centre, shared = Centre(cast), item()
    made = centre.file(report(items=[shared], users=[account()]))
    assess.assess(centre.analyst, made, "unfounded", "slip", seen=0, code="not_sexual")
    assess.assess(centre.analyst, made, "forward", "", seen=1)
    later = centre.row(centre.file(report(items=[shared], users=[account()])))
    texts = [english(code, values) for _points, code, values in later.reasons["relevance"]]
    assert "earlier reports with this item decided as relevant: 1" in texts
    assert not any("not relevant" in text for text in texts)


@pytest.mark.parametrize(("decision", "code"), [("forward", ""), ("unfounded", "not_sexual")])
def test_the_same_decision_again_is_refused_and_says_whose_was_first(cast: Cast, decision: str, code: str) -> None:
    centre = Centre(cast)
    sent = centre.file(report())
    assess.assess(centre.analyst, sent, decision, "", seen=0, code=code)
    told = centre.told(sent)
    with pytest.raises(SameDecision, match=centre.analyst.name):
        assess.assess(centre.lead, sent, decision, "", seen=1, code=code)
    assert centre.told(sent) == told
    assert centre.row(sent).state == decision
