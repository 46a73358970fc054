"""The Centre's desk: scores, order, decisions, referral, the return leg, undoing."""

from __future__ import annotations

import html
import secrets
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.post import deliver, introduce
from tests.support.reporting import account, item, report
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, NotFound
from tutela.events.transaction import acting
from tutela.exchange.report.dangers import WORDS
from tutela.exchange.report.report import Report
from tutela.exchange.report.sections import Danger
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.register import certify, detail, propose
from tutela.investigations.referral_work import answers
from tutela.investigations.referral_work import work_queue as authority_desk
from tutela.law import classification
from tutela.organisations.people import directory
from tutela.reports.errors import AlreadyDecided, NotRelevantYet
from tutela.reports.intake import submit
from tutela.reports.jurisdiction import rule
from tutela.reports.referrals import addressees, handling_override, refer
from tutela.reports.report_detail import report_detail
from tutela.reports.scoring import scores as scoring_scores
from tutela.reports.scoring.scores import History
from tutela.reports.state import jurisdiction_basis, new_information, report_rows
from tutela.reports.triage import assess, work_queue


@pytest.fixture
def analyst(cast: Cast) -> Actor:
    return cast.actor(cast.centre, "analyst", "lead")


def _file(cast: Cast, sent: Report) -> UUID:
    sender = directory.acting_for(
        directory.entry(cast.pixelpost.organisation_id), "key:test", "Edge", frozenset({"reports.submit"})
    )
    submit.receive(sender, directory.entry(cast.centre.organisation_id), str(sent.report_id), sent.to_bytes())
    return sent.report_id


def _connect(cast: Cast) -> None:
    introduce(cast, cast.centre, cast.authority, "referrals:submit")
    introduce(cast, cast.authority, cast.centre, "outcomes:submit")


def test_unknown_relevance_is_not_low() -> None:
    bare = report(confirmation=None)
    scores = scoring_scores.score(bare, History(), clock.now())
    assert scores.relevance.value is None
    assert scores.relevance_order > 50


def test_the_providers_urgency_always_counts() -> None:
    scores = scoring_scores.score(report(urgency={"urgent": True, "reason": "token"}), History(), clock.now())
    assert scores.urgent


def test_every_score_has_reasons() -> None:
    scores = scoring_scores.score(report(), History(1, 0, 9, 1), clock.now())
    assert all((scores.completeness.reasons, scores.relevance.reasons, scores.urgency.reasons))


def test_urgent_is_never_below_non_urgent(cast: Cast, analyst: Actor) -> None:
    for n in range(6):
        urgency = {"urgent": True, "reason": "token"} if n % 3 == 0 else {"urgent": False}
        _file(cast, report(urgency=urgency))
    rows, _ = work_queue.lines(analyst, work_queue.ReportFilter(state="all"))
    flags = [r.urgent for r in rows]
    assert flags == sorted(flags, reverse=True)


def test_one_item_stands_once_in_the_queue_with_its_sightings(cast: Cast, analyst: Actor) -> None:
    sha256 = secrets.token_hex(32)
    ids = [
        _file(cast, report(items=[item(sha256)], users=[account(str(n))], urgency={"urgent": True, "reason": "t"}))
        for n in range(4)
    ]
    rows = [r for r in work_queue.lines(analyst, work_queue.ReportFilter())[0] if r.report_id in ids]
    assert [r.in_bundle for r in rows] == [4]
    assess.assess(analyst, rows[0].report_id, "forward", "", seen=0)
    again = [r for r in work_queue.lines(analyst, work_queue.ReportFilter())[0] if r.report_id in ids]
    assert len(again) == 1
    assert again[0].report_id != rows[0].report_id


@pytest.mark.parametrize(
    ("changes", "country"),
    [
        ({"users": [{"usernames": ["a"], "phones": ["+49 30 1"]}], "geography": [{"country": "FR"}]}, "DE"),
        ({"geography": [{"country": "FR", "derived_from": "ip"}]}, "FR"),
        ({"geography": [{"country": "FR"}, {"country": "IT"}]}, ""),
        ({"geography": []}, ""),
        ({"geography": [], "victims": [{"phones": ["+353 1 2"]}]}, "IE"),
    ],
)
def test_jurisdiction_follows_the_rule_and_ambiguous_goes_to_europol(changes: dict[str, object], country: str) -> None:
    found = rule.resolve(report(**changes))
    assert found.country == country
    assert found.rule


def test_a_colleagues_decision_is_not_overwritten(cast: Cast, analyst: Actor) -> None:
    made = _file(cast, report())
    assess.assess(analyst, made, "forward", "", seen=0)
    with pytest.raises(AlreadyDecided):
        assess.assess(analyst, made, "unfounded", "not at all", seen=0, code="not_sexual")


def test_nothing_is_referred_before_it_is_relevant(cast: Cast, analyst: Actor) -> None:
    made = _file(cast, report())
    with pytest.raises(NotRelevantYet):
        refer.refer(analyst, made)


def test_another_organisation_sees_nothing(cast: Cast) -> None:
    made = _file(cast, report())
    with pytest.raises(Forbidden):
        report_detail.open_report(cast.actor(cast.pixelpost, "lead"), made)
    with pytest.raises(NotFound):
        authority_desk.open_referral(cast.actor(cast.authority, "investigator"), made)


def test_a_report_goes_to_the_authority_and_its_outcome_comes_back(cast: Cast, analyst: Actor) -> None:
    _connect(cast)
    made = _file(cast, report(geography=[{"country": cast.authority.country}]))
    assess.assess(analyst, made, "forward", "agrees with the register", seen=0)
    with acting(analyst):
        recipient = addressees.still_without(report_rows.locked(made))[0]
    investigator = cast.actor(directory_actor(recipient), "investigator")
    introduce(cast, cast.centre, investigator, "referrals:submit")
    introduce(cast, directory_actor(recipient), cast.centre, "outcomes:submit")
    number = refer.refer(analyst, made)
    assert _deliver_only(cast.centre, "referral") >= 1
    (row,) = [r for r in authority_desk.inbox(investigator)[0] if r.number == number]
    answers.acknowledge(investigator, row.referral_id, "AZ-1")
    answers.report_outcome(investigator, row.referral_id, kind="taken_up", reason="", release="centre_only")
    answers.report_outcome(investigator, row.referral_id, kind="closed", reason="", release="provider")
    deliver(directory_actor(recipient))
    full = report_detail.open_report(analyst, made)
    (sent,) = full.referrals
    assert sent.acknowledgement.file_reference == "AZ-1"
    assert [o.kind for o in sent.outcomes.all()] == ["taken_up", "closed"]
    with acting(analyst):
        assert list(full.row.feedback.order_by("created_at").values_list("kind", flat=True)) == [
            "received",
            "relevant",
            "closed",
        ]


def test_during_a_hold_the_provider_learns_nothing_but_the_receipt(cast: Cast, analyst: Actor) -> None:
    from tutela.law import holds

    made = _file(cast, report())
    holds.place(
        analyst,
        "report",
        made,
        asked_by=cast.authority.organisation_id,
        reason="x",
        until=clock.now() + timedelta(days=30),
    )
    assess.assess(analyst, made, "forward", "", seen=0)
    full = report_detail.open_report(analyst, made)
    with acting(analyst):
        assert list(full.row.feedback.values_list("kind", flat=True)) == ["received"]


def test_an_erroneous_decision_revokes_what_it_rested_on_and_tells_everybody(cast: Cast, analyst: Actor) -> None:
    value = {"value": "known-material", "label": "Material within Art. 2(c)"}
    classification.import_scheme(
        cast.centre, {"code": "eu-2011-93", "title": "T", "version": "2011", "source": "D", "values": [value]}
    )
    sha256 = secrets.token_hex(32)
    entry = propose.propose(
        cast.hotline_ie,
        given=[HashValue("sha256", sha256)],
        media_type="image",
        classification="eu-2011-93:known-material",
        reason="x",
    )
    certify.certify(cast.hotline_de, entry)
    made = _file(cast, report(items=[item(sha256, entry)]))
    assess.assess(analyst, made, "forward", "", seen=0)
    assess.declare_erroneous(analyst, made, "It shows something else", revoke=True)
    assert detail.load_detail(cast.hotline_ie, entry).line.state == "revoked"
    from tutela.organisations.messages import outbox_status

    assert {s.kind for s in outbox_status.states(cast.centre, entry)} == {"withdrawal"}
    full = report_detail.open_report(analyst, made)
    with acting(analyst):
        assert full.row.feedback.filter(kind="not_relevant").exists()


def test_pages_of_the_desks_answer(cast: Cast, analyst: Actor) -> None:
    made = _file(cast, report())
    client = cast.client(cast.centre, "analyst", "lead")
    for address in ("/desk/reports/", "/desk/reports/?state=all", f"/desk/reports/{made}/", "/desk/"):
        assert client.get(address).status_code == 200, address
    assert (
        client.post(f"/desk/reports/{made}/assess/", {"decision": "forward", "reason": "", "seen": 0}).status_code
        == 302
    )
    assert client.get(f"/desk/reports/{made}/").status_code == 200
    other = cast.client(cast.pixelpost, "lead")
    assert other.get(f"/desk/reports/{made}/").status_code == 404


def test_a_referral_prints(cast: Cast, analyst: Actor) -> None:
    from tutela.investigations.referral_work import pdf

    urgency = {"urgent": True, "reason": "A meeting is planned", "dangers": ["travel", "contact"]}
    made = _file(cast, report(urgency=urgency))
    assess.assess(replace(analyst, name="Łukasz Ωmega"), made, "forward", "r", seen=0)
    with acting(analyst):
        row = report_rows.locked(made)
        [found] = jurisdiction_basis.opened(row, [addressees.newest(row)])
        (to,) = addressees.all_of(found)
        copies = refer.Copies(
            new_information.merged_content(row), found, [to.entry.name], False, handling_override.standing(row)
        )
        package = refer._package(analyst, row, to, row.assessments.get(), copies)
    assert package.assessment.assessed_by == "Łukasz Ωmega"
    told = dict(pdf._report(package.reports[0]))
    assert told["Reason for urgency"] == "A meeting is planned"
    assert told["Danger to a child"].splitlines() == [WORDS[Danger.TRAVEL], WORDS[Danger.CONTACT]]
    page = html.unescape(cast.client(cast.centre, "analyst").get(f"/desk/reports/{made}/").content.decode())
    said = page[page.index("<h2>The report</h2>") :]
    assert all(word in said for word in (*told["Danger to a child"].splitlines(), "A meeting is planned"))
    assert pdf.render(package).startswith(b"%PDF")


def directory_actor(entry: directory.DirectoryEntry) -> Actor:
    from tutela.organisations.people.bootstrap import machine

    return machine(entry.id, "test")


def _deliver_only(organisation: Actor, kind: str) -> int:
    import httpx
    from django.core.wsgi import get_wsgi_application

    from tutela.organisations.messages import delivery
    from tutela.organisations.models import OutboxMessage

    with acting(organisation):
        ids = list(OutboxMessage.objects.filter(kind=kind, answered_at=None).values_list("pk", flat=True))
    with httpx.Client(transport=httpx.WSGITransport(app=get_wsgi_application())) as client:
        return sum(delivery.deliver_now(organisation.organisation_id, pk, client) is None for pk in ids)
