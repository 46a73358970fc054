"""Decisions on complaints: by somebody else, with a reason of the list, within six months; and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.detection_world import CONFIRM, body
from tests.support.post import deliver
from tests.support.redress_world import REVERSE, Redress, recorded
from tutela import clock
from tutela.detection.candidates import local_stops
from tutela.detection.drafts import send
from tutela.detection.models import Candidate
from tutela.detection.review import review
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.law import holds
from tutela.redress.complaints import account_proof, decide, intake, settlement, tell, work_queue
from tutela.redress.complaints.decide import Judgement
from tutela.redress.complaints.measure import MeasureInput
from tutela.redress.errors import (
    ComplaintDecided,
    DecidedBefore,
    NobodyElse,
    NoMeasure,
    NoProof,
    NotDecidedYet,
    UnknownComplaint,
    UnknownReport,
    WindowClosed,
)
from tutela.redress.models import Complaint, ComplaintDecision, ErrorEntry, Hop, Reversal
from tutela.redress.reversals import accept, resend
from tutela.takedown.host_desk import enter
from tutela.takedown.host_desk.enter import EnteredNotice
from tutela.takedown.models import IncomingNotice

UPHOLD = Judgement("uphold", "terms", "The terms forbid it.")


@pytest.fixture
def world(cast: Cast) -> Redress:
    return Redress(cast)


def entered(world: Redress, text: str = "Please look again.") -> UUID:
    return intake.enter(world.judge, text, "en")


def by_hand(world: Redress, complaint: UUID, **changed: object) -> None:
    """A measure that Tutela does not know, taken by the desk's reviewer."""
    given = {"complainant": "user", "measure": "removal", "deciders": (world.desk.reviewer.person_id,), **changed}
    recorded(world.judge, complaint, MeasureInput(**given))  # type: ignore[arg-type]


def test_a_stranger_and_a_role_without_the_permission_decide_nothing(world: Redress, cast: Cast) -> None:
    complaint = entered(world)
    by_hand(world, complaint)
    with pytest.raises(Forbidden):
        decide.decide(cast.actor(world.centre.machine, "analyst"), complaint, UPHOLD)
    with pytest.raises(UnknownComplaint):
        decide.decide(cast.actor(cast.other_provider, "lead"), complaint, UPHOLD)
    with pytest.raises(UnknownComplaint):
        work_queue.load(cast.actor(cast.other_provider, "lead"), complaint)


def test_somebody_who_decided_before_does_not_decide(world: Redress) -> None:
    report, _entry = world.flagged(referred=False)
    complaint = entered(world)
    with pytest.raises(NoProof):
        decide.decide(world.judge, complaint, REVERSE)
    account_proof.compare_number(world.judge, complaint, "S-1", compared=True)
    with pytest.raises(NoMeasure):
        decide.decide(world.judge, complaint, REVERSE)
    world.measured(complaint, report)
    for person in (world.desk.reviewer, world.desk.lead):
        with pytest.raises(DecidedBefore):
            decide.decide(person, complaint, REVERSE)
    decide.decide(world.judge, complaint, REVERSE)
    with pytest.raises(ComplaintDecided, match=f"{world.judge.name} has already decided"):
        decide.decide(world.judge, complaint, UPHOLD)


def test_a_machine_does_not_decide(world: Redress) -> None:
    complaint = entered(world)
    by_hand(world, complaint)
    machine = world.desk.machine
    with pytest.raises(DecidedBefore):
        decide.decide(replace(machine, permissions=world.judge.permissions), complaint, UPHOLD)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Judgement("maybe", "terms", "x"), "outcome"),
        (Judgement("uphold", "chance", "x"), "reason_code"),
        (Judgement("reverse", "terms", "x"), "reason_code"),
        (Judgement("uphold", "terms", "  "), "reasons"),
        (Judgement("uphold", "terms", "x" * 4001), "reasons"),
        (Judgement("uphold", "terms", notes="They sell watches."), "reasons"),
        (Judgement("uphold", "terms", "x", notes="x" * 4001), "notes"),
        (Judgement("uphold", "terms", standard=("shown",)), "standard"),
        (Judgement("reverse", "other", standard=("nothing",)), "standard"),
        (Judgement("uphold", "terms", standard=("because",)), "standard"),
    ],
)
def test_a_bad_decision_names_its_field_and_stores_nothing(world: Redress, given: Judgement, field: str) -> None:
    complaint = entered(world)
    by_hand(world, complaint)
    with pytest.raises(Invalid) as raised:
        decide.decide(world.judge, complaint, given)
    assert raised.value.field == field
    assert work_queue.load(world.judge, complaint).decision is None


def test_bad_measures_name_their_field(world: Redress) -> None:
    complaint, now = entered(world), clock.now()
    for changed, field in (
        ({"complainant": "unknown"}, "complainant"),
        ({"measure": ""}, "measure"),
        ({"measure_at": now + timedelta(days=1)}, "measure_at"),
        ({"measure_at": now, "informed_at": now - timedelta(days=1)}, "informed_at"),
        ({"notice": "H-none"}, "notice"),
        ({"account": "a" * 301}, "account"),
    ):
        with pytest.raises(Invalid) as raised:
            by_hand(world, complaint, **changed)
        assert raised.value.field == field
    with pytest.raises(UnknownReport):
        by_hand(world, complaint, report="P-none")
    by_hand(world, complaint, deciders=())
    with pytest.raises(NobodyElse):
        decide.decide(world.judge, complaint, UPHOLD)


def test_after_six_months_a_complaint_needs_a_word_to_be_decided(world: Redress) -> None:
    complaint, now = entered(world), clock.now()
    by_hand(world, complaint, measure_at=now - timedelta(days=200), informed_at=now - timedelta(days=190))
    with pytest.raises(WindowClosed):
        decide.decide(world.judge, complaint, UPHOLD)
    assert work_queue.load(world.judge, complaint).outside_window
    decide.decide(world.judge, complaint, Judgement("uphold", "terms", "Looked at all the same.", accept_late=True))


def test_the_entry_rests_here_until_the_centre_keeps_it(world: Redress) -> None:
    report, entry = world.flagged()
    complaint = world.complained()
    world.measured(complaint, report)
    row = world.reversed(complaint)
    resting = world.desk.candidate(body(entry=entry))
    with acting(world.provider):
        assert Candidate.objects.get(pk=resting).state == "stopped"
    elsewhere = world.desk.candidate(body())
    with acting(world.provider):
        assert Candidate.objects.get(pk=elsewhere).state == "open"
    world.post()
    accept.keep(world.centre.lead, world.at(world.centre.machine, row.root_id).pk, "separate_reason")
    world.answered(world.judge, row.root_id, "kept", because="separate_reason")
    world.post()
    with acting(world.provider):
        assert not local_stops.stopped([entry])
        assert Candidate.objects.get(pk=resting).state == "open"
        assert Reversal.objects.get(pk=row.pk).outcome == "kept"
    assert "separate reason" in world.read(complaint)[-1]


def test_texts_are_the_same_during_a_hold(world: Redress) -> None:
    said = []
    for held in (False, True):
        report, _entry = world.flagged()
        if held:
            until = clock.now() + timedelta(days=60)
            for who, kind in ((world.provider, "report"), (world.centre.machine, "report")):
                asked = world.authority.machine.organisation_id
                holds.place(who, kind, report, asked_by=asked, reason="Covert.", until=until)
        complaint = world.complained()
        world.measured(complaint, report)
        row = world.reversed(complaint)
        world.post()
        accept.accept(world.centre.lead, world.at(world.centre.machine, row.root_id).pk)
        world.post()
        world.all_answer(row.root_id, "corrected")
        world.answered(world.judge, row.root_id)
        world.post()
        with acting(world.provider):
            number = Complaint.objects.get(pk=complaint).number
        said.append([one.replace(number, "K") for one in world.read(complaint)[1:]])
    assert said[0] == said[1]
    assert len(said[0]) == 2


def test_an_out_of_court_body_and_a_court_come_after_the_decision(world: Redress) -> None:
    complaint = entered(world)
    by_hand(world, complaint)
    with pytest.raises(NotDecidedYet):
        settlement.add(world.judge, complaint, "body_seized", "Body", "", "")
    decide.decide(world.judge, complaint, UPHOLD)
    for kind, body_name, field in (("told", "Body", "kind"), ("body_seized", " ", "body")):
        with pytest.raises(Invalid) as raised:
            settlement.add(world.judge, complaint, kind, body_name, "", "")
        assert raised.value.field == field
    settlement.add(world.judge, complaint, "body_seized", "Body", "B 1", "")
    settlement.add(world.judge, complaint, "court_decided", "Court", "C 1", "The decision stands.")
    assert [one.kind for one in work_queue.load(world.judge, complaint).steps][-2:] == ["body_seized", "court_decided"]


def test_a_second_complaint_about_the_same_report_repeats_the_first(world: Redress) -> None:
    report, _entry = world.flagged(referred=False)
    first, second = entered(world), entered(world, "Again.")
    world.measured(first, report)
    decide.decide(world.judge, first, UPHOLD)
    world.measured(second, report)
    full = work_queue.load(world.judge, second)
    assert full.repeats
    assert full.repeats.pk == first


def test_a_coordinating_authority_decides_about_the_centre(cast: Cast, world: Redress) -> None:
    authority = cast.organisation("Regulator", "coordinating_authority", "IE")
    person, centre = cast.actor(authority, "analyst"), world.centre.machine
    complaint = intake.enter(person, "The Centre keeps a report about me.", "en")
    wrong = Judgement("reverse", "wrong_account", "It was another account.")
    recorded(person, complaint, MeasureInput("user", "report"))
    with pytest.raises(Invalid) as raised:
        decide.decide(person, complaint, wrong)
    assert raised.value.field == "outcome"
    with pytest.raises(Invalid) as raised:
        recorded(person, complaint, MeasureInput("user", "report", against=world.provider.organisation_id))
    assert raised.value.field == "against"
    recorded(person, complaint, MeasureInput("user", "report", against=centre.organisation_id))
    decide.decide(person, complaint, wrong)
    with acting(person):
        waiting = set(
            Hop.objects.filter(reversal__complaint=complaint, state="waiting").values_list("kind", "recipient_id")
        )
    assert waiting == {("measure", None), ("centre", centre.organisation_id)}


def test_a_report_that_can_still_be_sent_is_not_reversed(world: Redress) -> None:
    report = review.decide(world.desk.reviewer, world.desk.candidate(body()), CONFIRM).report_id
    assert report
    complaint = entered(world)
    world.measured(complaint, report)
    with pytest.raises(Invalid, match="Discard the draft"):
        decide.decide(world.judge, complaint, REVERSE)
    assert work_queue.load(world.judge, complaint).decision is None


def test_the_centre_is_told_once_it_has_the_report(world: Redress) -> None:
    report = review.decide(world.desk.reviewer, world.desk.candidate(body()), CONFIRM).report_id
    assert report
    send.send(world.desk.lead, report)
    complaint = entered(world)
    world.measured(complaint, report)
    row = world.reversed(complaint)
    assert resend.send_waiting(world.judge) == 0
    assert world.hops(world.provider, row.root_id)["centre"] == "waiting"
    deliver(world.provider)
    assert resend.send_waiting(world.judge) == 1
    deliver(world.provider)
    assert world.at(world.centre.machine, row.root_id).report_ids == [str(report)]


def test_a_stranger_whose_notice_was_wrong_is_told_by_hand(world: Redress) -> None:
    given = EnteredNotice("individual", "Ada Example", "ada@example.org", addresses=("https://pixelpost.example/1",))
    made = enter.enter(world.judge, given)
    with acting(world.judge):
        number = IncomingNotice.objects.get(pk=made.id).number
    complaint = entered(world)
    by_hand(world, complaint, notice=number)
    decide.decide(world.judge, complaint, REVERSE)
    with acting(world.judge):
        hop = Hop.objects.get(reversal__complaint=complaint, kind="notifier")
    assert (hop.recipient_name, hop.state) == ("Ada Example", "waiting")
    accept.told_otherwise(world.judge, hop.pk, accept.OwnAnswer("corrected"))


def test_whoever_wrote_a_letter_gets_the_decision_by_letter(world: Redress) -> None:
    complaint = entered(world)
    by_hand(world, complaint)
    decide.decide(world.judge, complaint, UPHOLD)
    full = work_queue.load(world.judge, complaint)
    assert (full.row.stage, full.row.closed_at) == ("tell", None)
    assert full.row.number in full.unsent
    tell.sent(world.judge, complaint)
    full = work_queue.load(world.judge, complaint)
    assert (full.row.stage, full.unsent) == ("closed", "")
    with pytest.raises(NotDecidedYet):
        tell.sent(world.judge, complaint)


def test_nobody_clears_the_own_name(world: Redress) -> None:
    complaint = entered(world)
    by_hand(world, complaint, deciders=(world.judge.person_id,))
    by_hand(world, complaint)
    with pytest.raises(DecidedBefore):
        decide.decide(world.judge, complaint, UPHOLD)
    with acting(world.judge):
        assert f"person:{world.judge.person_id}" in Complaint.objects.get(pk=complaint).deciders


def test_what_no_record_shows_is_no_reason(world: Redress) -> None:
    complaint = entered(world)
    by_hand(world, complaint)
    for reason in ("repeated", "suspended"):
        with pytest.raises(Invalid) as error:
            decide.decide(world.judge, complaint, Judgement("uphold", reason, "It was decided before."))
        assert error.value.field == "reason_code"


def test_a_complaint_that_a_notice_was_right_reverses_no_notice(world: Redress) -> None:
    complaint = entered(world)
    by_hand(world, complaint, measure="no_action", complainant="notifier")
    decide.decide(world.judge, complaint, REVERSE)
    with acting(world.judge):
        kinds = set(Reversal.objects.get(complaint=complaint).hops.values_list("kind", flat=True))
        assert not ErrorEntry.objects.filter(reversal__complaint=complaint).exists()
    assert "hotline" not in kinds


OWN = "Die Bilder zeigen Werbung. Die Regeln verbieten das."


def test_the_deciders_own_reasons_reach_the_person_and_the_notes_do_not(world: Redress) -> None:
    complaint = world.complained("de")
    by_hand(world, complaint)
    decide.decide(world.judge, complaint, Judgement("uphold", "terms", OWN, notes="Seen with Tom."))
    said = world.read(complaint)[-1]
    assert OWN in said
    assert "Unsere Gründe:" in said
    assert "Tom" not in said
    with acting(world.provider):
        row = ComplaintDecision.objects.get(complaint=complaint)
    assert row.reasons.startswith("sealed:")
    assert row.text.startswith("sealed:")
    full = work_queue.load(world.judge, complaint)
    assert full.decision_text == said
    assert full.decision
    assert full.decision.text == "Seen with Tom."


def test_standard_reasons_are_read_in_the_language_of_the_person(world: Redress) -> None:
    complaint = world.complained("fr")
    by_hand(world, complaint)
    decide.decide(world.judge, complaint, Judgement("uphold", "terms", standard=("nothing", "read")))
    said = world.read(complaint)[-1]
    assert "Nous avons lu tout ce que tu as écrit. Ce que tu as écrit ne change pas le résultat." in said


def test_reasons_for_the_person_name_no_report_and_no_hash(world: Redress) -> None:
    report, _entry = world.flagged(referred=False)
    complaint = entered(world)
    world.measured(complaint, report)
    for words in (f"See {world.number(report).lower()}.", f"Its hash is {'0f' * 16}."):
        with pytest.raises(Invalid) as refused:
            decide.decide(world.judge, complaint, Judgement("uphold", "terms", words))
        assert refused.value.field == "reasons"
