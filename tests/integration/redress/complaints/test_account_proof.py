"""Proof of account: nothing of a measure reaches somebody without it, and no wrong try says why it is wrong."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.anonymous import Visitor, told
from tests.support.cast import Cast
from tests.support.hosting_world import GIVEN, HostDesk
from tests.support.redress_world import WORDS, Redress
from tutela import clock
from tutela.casework.anonymous import passphrase
from tutela.events.errors import Forbidden, Invalid
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.redress.complaints import account_proof, intake, measure, tell, work_queue
from tutela.redress.complaints.measure import MeasureInput
from tutela.redress.errors import ComplaintDecided, NoProof, ProvedBefore, WrongCode
from tutela.redress.models import AccountCode, AccountProof, Complaint, ComplaintStep
from tutela.takedown.host_desk import statements
from tutela.takedown.models import HostStatement, IncomingNotice

NAMES = re.compile(r"removed|suspended|closed:|report|measure", re.IGNORECASE)


@pytest.fixture
def world(cast: Cast) -> Redress:
    return Redress(cast)


def entered(world: Redress) -> UUID:
    return intake.enter(world.judge, "My account was closed. Please look again.", "en")


def given(world: Redress, **changed: object) -> MeasureInput:
    deciders = (world.desk.reviewer.person_id,)
    return MeasureInput(**{"complainant": "user", "measure": "account", "deciders": deciders, **changed})  # type: ignore[arg-type]


def proof_of(world: Redress, complaint: UUID) -> AccountProof | None:
    with acting(world.provider):
        return AccountProof.objects.filter(complaint=complaint).first()


def on_page(world: Redress) -> tuple[UUID, Visitor, str, str]:
    """A complaint by the public page: its ID, its person, the case number and the passphrase."""
    visitor = Visitor(kind=intake.code_of(world.provider.organisation_id))
    number, words = told(visitor.post("", visitor.form(visitor.get(), text=WORDS)))
    return world.complaint(number), visitor, number, words


def types(visitor: Visitor, shown: object, code: str) -> object:
    """Send the form of the code, which is the first of the page."""
    first = re.search(rb"<form.*?</form>", shown.content, re.DOTALL)  # type: ignore[attr-defined]
    assert first
    form = visitor.form(_Page(first[0]), code=code)  # type: ignore[arg-type]
    return visitor.post("answers/account/", form)


class _Page:
    """A part of a page."""

    def __init__(self, content: bytes) -> None:
        self.content = content


def plain(page: object) -> str:
    """A page without what differs at each request."""
    return re.sub(r'value="[^"]*"|data-work="\w+"', "", page.content.decode())  # type: ignore[attr-defined]


def test_no_measure_is_recorded_before_the_account_is_proved(world: Redress) -> None:
    complaint = entered(world)
    with pytest.raises(NoProof):
        measure.record_measure(world.judge, complaint, given(world))
    code = account_proof.make_code(world.judge, complaint, "sent", "user-1")
    with pytest.raises(NoProof):
        measure.record_measure(world.judge, complaint, given(world))
    account_proof.enter_code(world.judge, complaint, f"  {code.upper().replace('-', ' ')} ")
    measure.record_measure(world.judge, complaint, given(world))
    assert work_queue.load(world.judge, complaint).proof is not None


def test_strangers_make_no_code_and_a_hotline_has_no_accounts(world: Redress, cast: Cast) -> None:
    complaint = entered(world)
    for work in (
        lambda one: account_proof.make_code(one, complaint, "sent", "user-1"),
        lambda one: account_proof.enter_code(one, complaint, "x"),
        lambda one: account_proof.compare_number(one, complaint, "S-1", compared=True),
        lambda one: account_proof.close_unproved(one, complaint),
    ):
        with pytest.raises(Forbidden):
            work(cast.actor(world.centre.machine, "analyst"))
    analyst = cast.actor(world.hotlines[0], "analyst")
    there = intake.enter(analyst, "Please look again.", "en")
    with pytest.raises(Invalid):
        account_proof.make_code(analyst, there, "sent", "user-1")
    account_proof.compare_number(analyst, there, "S-1", compared=True)


@pytest.mark.parametrize(("kind", "account"), [("number", "a"), ("letter", "a"), ("sent", " "), ("sent", "x" * 301)])
def test_a_code_needs_a_way_and_an_account(world: Redress, kind: str, account: str) -> None:
    with pytest.raises(Invalid):
        account_proof.make_code(world.judge, entered(world), kind, account)


def test_a_code_is_stored_as_a_slow_hash_and_differs_each_time(world: Redress) -> None:
    complaint = entered(world)
    codes = [account_proof.make_code(world.judge, complaint, "shown", "user-1") for _ in range(2)]
    assert codes[0] != codes[1]
    with acting(world.provider):
        stored = list(AccountCode.objects.filter(complaint=complaint).values_list("verifier", flat=True))
        facts = " ".join(str(one.__dict__) for one in Event.objects.filter(subject_id=str(complaint)))
    assert all("$" in one and code.replace("-", "") not in one for one in stored for code in codes)
    assert not [code for code in codes if code in facts or code.replace("-", "") in facts]


def test_whatever_does_not_fit_has_one_answer(world: Redress, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong code, one of another complaint, an older one, an expired one, one tried too often, and none at all."""
    hashed = list[bool]()
    fits = passphrase.fits
    monkeypatch.setattr(passphrase, "fits", lambda *a: hashed.append(True) or fits(*a))  # type: ignore[func-returns-value]
    _first, visitor, number, words = on_page(world)
    none_made = types(visitor, visitor.enters(number, words), "abcd-efgh-ijkm")
    complaint, visitor, number, words = on_page(world)
    older = account_proof.make_code(world.judge, complaint, "sent", "user-1")
    code = account_proof.make_code(world.judge, complaint, "sent", "user-1")
    other = account_proof.make_code(world.judge, entered(world), "sent", "user-2")
    hashed.clear()
    pages = [none_made] + [
        types(visitor, visitor.enters(number, words), one) for one in ("abcd-efgh-ijkm", older, other, "U-1", "")
    ]
    last = types(visitor, visitor.enters(number, words), code)  # the sixth try
    assert [page.status_code for page in (*pages, last)] == [422] * 7  # type: ignore[attr-defined]
    texts = {re.search(r'id="error"[^>]*>([^<]*)', plain(page))[1] for page in (*pages, last)}  # type: ignore[index]
    assert texts == {str(WrongCode())}
    # Twice each: the passphrase, and the code.
    assert len(hashed) == 12
    assert proof_of(world, complaint) is None


def test_an_expired_code_proves_nothing(world: Redress) -> None:
    complaint = entered(world)
    code = account_proof.make_code(world.judge, complaint, "sent", "user-1")
    with (
        clock.simulate(clock.now() + account_proof.VALID_FOR + timedelta(seconds=1)),
        pytest.raises(WrongCode),
    ):
        account_proof.enter_code(world.judge, complaint, code)
    account_proof.enter_code(world.judge, complaint, code)


def test_a_new_code_gives_new_tries(world: Redress) -> None:
    complaint = entered(world)
    first = account_proof.make_code(world.judge, complaint, "sent", "user-1")
    for _ in range(account_proof.MOST_WRONG):
        with pytest.raises(WrongCode):
            account_proof.enter_code(world.judge, complaint, "abcd-efgh-ijkm")
    with pytest.raises(WrongCode):
        account_proof.enter_code(world.judge, complaint, first)
    assert not work_queue.load(world.judge, complaint).code_valid
    account_proof.enter_code(world.judge, complaint, account_proof.make_code(world.judge, complaint, "sent", "user-1"))


def test_the_page_is_the_same_whether_a_code_was_made_or_not(world: Redress) -> None:
    complaint, visitor, number, words = on_page(world)
    before = plain(visitor.enters(number, words))
    account_proof.make_code(world.judge, complaint, "sent", "user-1")
    assert plain(visitor.enters(number, words)) == before
    assert not NAMES.search(
        re.sub(r"<[^>]*>|" + re.escape(WORDS), " ", before.split("Show that")[1].split("</form>")[0])
    )


def test_the_person_proves_the_account_on_the_page_and_leaves_no_time_but_the_hour(world: Redress) -> None:
    complaint, visitor, number, words = on_page(world)
    code = account_proof.make_code(world.judge, complaint, "shown", "user-1")
    shown = types(visitor, visitor.enters(number, words), code)
    assert shown.status_code == 200  # type: ignore[attr-defined]
    assert "Your proof is accepted." in plain(shown)
    found = proof_of(world, complaint)
    assert found
    assert found.kind == "shown"
    with acting(world.provider):
        step = ComplaintStep.objects.get(complaint=complaint, kind="proved")
        events = [one for one in Event.objects.filter(subject_id=str(complaint)) if one.actor == "public:anonymous"]
    for moment in (found.created_at, step.created_at, *(one.at for one in events)):
        assert (moment.minute, moment.second, moment.microsecond) == (0, 0, 0)
    with pytest.raises(ProvedBefore):
        account_proof.make_code(world.judge, complaint, "sent", "user-1")


def test_the_measure_is_of_the_account_that_was_proved(world: Redress) -> None:
    complaint = entered(world)
    code = account_proof.make_code(world.judge, complaint, "sent", "user-1")
    account_proof.enter_code(world.judge, complaint, code)
    with pytest.raises(Invalid) as refused:
        measure.record_measure(world.judge, complaint, given(world, account="user-2"))
    assert refused.value.field == "account"
    measure.record_measure(world.judge, complaint, given(world, account="user-1"))
    measure.record_measure(world.judge, complaint, given(world))


def test_the_number_of_a_known_statement_is_proof_of_its_notice_alone(world: Redress, cast: Cast) -> None:
    desk = HostDesk(cast)
    found = desk.decided("removed", "removed")
    statements.state(desk.lead, found, GIVEN)
    with acting(desk.lead):
        notice = IncomingNotice.objects.get(pk=found).number
        statement = HostStatement.objects.get(decision__notice=found).number
    judge = cast.actor(desk.provider, "lead")
    complaint = intake.enter(judge, "Please look again.", "en")
    account_proof.compare_number(judge, complaint, f" {statement.lower()} ")
    other = MeasureInput("user", "removal", notice="H-0000")
    with pytest.raises(Invalid) as refused:
        measure.record_measure(judge, complaint, other)
    assert refused.value.field == "notice"
    measure.record_measure(judge, complaint, MeasureInput("user", "removal", notice=notice))


def test_an_unknown_number_counts_once_a_person_compared_it(world: Redress) -> None:
    complaint = entered(world)
    for number, compared, field in (("S-1", False, "compared"), (" ", True, "number"), ("x" * 81, True, "number")):
        with pytest.raises(Invalid) as refused:
            account_proof.compare_number(world.judge, complaint, number, compared=compared)
        assert refused.value.field == field
    account_proof.compare_number(world.judge, complaint, "S-1", compared=True)
    found = proof_of(world, complaint)
    assert found
    assert "S-1" not in found.number
    shown = work_queue.load(world.judge, complaint).proof
    assert shown
    assert shown.number == "S-1"


def test_a_complaint_without_proof_is_closed_with_a_text_that_names_no_measure(world: Redress) -> None:
    complaint, visitor, number, words = on_page(world)
    account_proof.make_code(world.judge, complaint, "sent", "user-1")
    account_proof.close_unproved(world.judge, complaint)
    said = world.read(complaint)[-1]
    assert "without a decision" in said
    assert not NAMES.search(said)
    with acting(world.provider):
        row = Complaint.objects.get(pk=complaint)
        assert (row.stage, row.measure) == ("closed", "unknown")
    with pytest.raises(ComplaintDecided):
        account_proof.compare_number(world.judge, complaint, "S-1", compared=True)
    assert "Code or number" not in plain(visitor.enters(number, words))


def test_the_neutral_text_of_a_letter_waits_until_it_was_sent(world: Redress) -> None:
    complaint = entered(world)
    account_proof.close_unproved(world.judge, complaint)
    full = work_queue.load(world.judge, complaint)
    assert full.row.stage == "tell"
    assert "without a decision" in full.unsent
    tell.sent(world.judge, complaint)
    assert work_queue.load(world.judge, complaint).row.stage == "closed"
