"""What the Centre withdraws reaches an authority that nothing is delivered to: fetched, or carried as a signed file."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.integration.investigations.inbox.test_offline_files import Handed
from tests.integration.reports.referrals.test_returned import wired as wired
from tests.support.cast import Cast
from tests.support.post import SigningClient as Client
from tests.support.reports_world import Authority, shared
from tutela import clock
from tutela.events.errors import NotFound
from tutela.events.identifiers import case_number, uuid7
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError, UnknownKeyError
from tutela.exchange.message.signed_envelope import Envelope, sign
from tutela.exchange.referral.withdrawal import WITHDRAWALS_CONTEXT, Withdrawal, Withdrawals
from tutela.investigations import retention
from tutela.investigations.errors import ForAnother
from tutela.investigations.inbox import fetch, offline_files, receive
from tutela.investigations.models import EarlyWithdrawal
from tutela.investigations.referral_work import work_queue
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.reports.referrals import offline_files as referrals_offline_files
from tutela.reports.referrals import refer, withdrawal_delivery
from tutela.reports.triage import assess

ANSWERS = "/desk/reports/offline-answers/"


@pytest.fixture
def behind(cast: Cast) -> Authority:
    """An authority to whose node nothing can be sent."""
    return shared(cast, "EE")


def _referred(behind: Authority) -> UUID:
    """A report that is referred and waits; nothing is delivered."""
    centre = behind.centre
    made = centre.file(behind.report())
    assess.assess(centre.analyst, made, "forward", "", seen=0)
    refer.refer(centre.analyst, made)
    return made


def _waits(behind: Authority) -> list[UUID]:
    """The reports that the Centre still has to tell this authority of."""
    found = withdrawal_delivery.pending_withdrawals(behind.centre.machine, behind.machine)
    return [report for one in found.withdrawals for report in one.body.report_ids]


def _withdrawn(behind: Authority, made: UUID) -> list[str]:
    with acting(behind.machine):
        found = work_queue.referral_of_report(made)
    assert found
    return [row.reason for row in work_queue.open_referral(behind.investigator, found).withdrawals]


@pytest.mark.usefixtures("wired")
def test_who_fetches_learns_that_a_referral_no_longer_holds(behind: Authority) -> None:
    made, entry = _referred(behind), directory.entry(behind.centre.machine.organisation_id)
    fetch.pull(behind.machine, entry)
    assess.declare_erroneous(behind.centre.lead, made, "Somebody else.", revoke=False)
    assert _waits(behind) == [made]
    for _ in range(2):
        assert fetch.pull(behind.machine, entry).withdrawn >= 1
    assert _withdrawn(behind, made) == ["Somebody else."]
    behind.answer()
    assert _waits(behind) == []
    assert fetch.pull(behind.machine, entry).withdrawn == 0
    behind.centre.deliver(behind.machine)
    assert _withdrawn(behind, made) == ["Somebody else."], "delivered besides, it says it once"


def test_a_case_system_fetches_and_says_what_it_has(behind: Authority) -> None:
    made = _referred(behind)
    assess.declare_erroneous(behind.centre.lead, made, "Somebody else.", revoke=False)
    cast, address = behind.centre.cast, "/api/v1/referral-withdrawals"
    reads = cast.key(behind.machine, "referrals:read", "outcomes:submit")
    said = Client().get(address, headers=reads).json()
    (key,) = [one["key"] for one in said["withdrawals"] if str(made) in one["body"]["report_ids"]]
    body = json.dumps({"schema_version": "1", "authority": "Kriminalamt", "keys": [key]})
    stranger = {**cast.key(cast.authority, "outcomes:submit"), "Idempotency-Key": "t-1"}
    assert Client().post(f"{address}/taken", body, "application/json", headers=stranger).status_code == 201
    assert made in _waits(behind), "another authority's word settles nothing"
    mine = {**reads, "Idempotency-Key": "t-1"}
    assert Client().post(f"{address}/taken", body, "application/json", headers=mine).status_code == 201
    assert made not in _waits(behind)
    assert Client().get(address).status_code == 401


def test_one_key_that_begins_another_settles_itself_alone(behind: Authority) -> None:
    centre, there = behind.centre.machine, behind.machine.organisation_id
    with acting(centre):
        for key in ("withdrawal:x:1", "withdrawal:x:10"):
            outbox.send(centre, there, "withdrawal", "/none", "{}", key=key, subject_id=uuid7())
        assert outbox.settle(centre, there, "withdrawal", ["withdrawal:x:1"]) == 1
        assert outbox.settle(centre, there, "withdrawal", ["withdrawal:x:10"]) == 1


@pytest.fixture
def handed(tmp_path: Path) -> Handed:
    made = Handed(tmp_path, with_file=False)
    made.settled()
    with acting(made.cast.centre):
        centre, there = made.cast.centre, made.authority.organisation_id
        keys = [key for _id, _kind, key, _body in outbox.bodies(centre, there, ["withdrawal"])]
        outbox.settle(centre, there, "withdrawal", keys)
    return made


def _file(handed: Handed) -> bytes:
    """What was withdrawn, as the file that is carried."""
    assess.declare_erroneous(handed.world.centre.lead, handed.id, "Somebody else.", revoke=False)
    return withdrawal_delivery.write(handed.analyst, handed.authority.organisation_id)


def _reasons(handed: Handed) -> list[str]:
    return [row.reason for row in work_queue.open_referral(handed.investigator, handed.referral).withdrawals]


def test_a_withdrawal_is_carried_as_a_signed_file_until_the_answers_say_that_it_is_there(handed: Handed) -> None:
    offline_files.open_file(handed.authority, handed.path)
    data = _file(handed)
    client = handed.cast.client(handed.cast.centre, "analyst")
    address = f"{ANSWERS}{handed.authority.organisation_id}/withdrawals.json"
    assert address in client.get(ANSWERS).content.decode()
    assert Withdrawals.from_bytes(Envelope.from_bytes(client.get(address).content).payload).withdrawals
    assert handed.cast.client(handed.cast.pixelpost, "lead").get(address).status_code == 404
    for _ in range(2):
        assert offline_files.open_withdrawals(handed.authority, data) == (1, False)
    assert _reasons(handed) == ["Somebody else."]
    (said,) = referrals_offline_files.take(handed.analyst, offline_files.answers(handed.authority)[0])
    assert (said.kind, said.reason) == ("withdrawal_taken", "")
    assert address not in client.get(ANSWERS).content.decode()
    assert client.get(address).status_code == 302
    with pytest.raises(NotFound):
        withdrawal_delivery.write(handed.analyst, handed.authority.organisation_id)


def test_a_referral_that_comes_after_its_withdrawal_is_withdrawn_as_it_comes(handed: Handed) -> None:
    assert offline_files.open_withdrawals(handed.authority, _file(handed)) == (1, False)
    offline_files.open_file(handed.authority, handed.path)
    assert _reasons(handed) == ["Somebody else."]
    with acting(handed.authority):
        list(retention.erase_kept(handed.authority, clock.now()))
        assert not EarlyWithdrawal.objects.exists()


def test_why_a_report_was_withdrawn_is_erased_with_its_last_package(handed: Handed) -> None:
    offline_files.open_file(handed.authority, handed.path)
    assert offline_files.open_withdrawals(handed.authority, _file(handed)) == (1, False)
    with acting(handed.authority):
        assert subject_keys.lingering("report", clock.now()) == [handed.id]
        assert EarlyWithdrawal.objects.count() == 1
        list(retention.erase_kept(handed.authority, clock.now()))
        assert not EarlyWithdrawal.objects.exists()
        assert subject_keys.lingering("report", clock.now()) == []


def test_what_is_said_later_of_a_report_keeps_its_words(handed: Handed) -> None:
    assert offline_files.open_withdrawals(handed.authority, _file(handed)) == (1, False)
    between = clock.now()
    said = Withdrawal(report_ids=(handed.id,), indicator=uuid7(), reason="An entry ended.", at=between)
    sender = handed.world.centre.machine
    receive.withdraw(sender, directory.entry(handed.authority.organisation_id), "later", said.to_bytes())
    with acting(handed.authority):
        list(retention.erase_kept(handed.authority, between))
        (left,) = EarlyWithdrawal.objects.all()
        subject_keys.open_words("report", handed.id, [left])
        assert left.reason == "An entry ended."


@pytest.mark.parametrize("first", ["supplement", "withdrawal"])
def test_a_supplement_falls_with_the_report_that_its_own_repeats(handed: Handed, first: str) -> None:
    offline_files.open_file(handed.authority, handed.path)
    package = work_queue.open_referral(handed.investigator, handed.referral).package
    assert package
    other = package.reports[0].model_copy(update={"report_id": uuid7()})
    made = package.model_copy(
        update={
            "referral_id": uuid7(),
            "case_number": case_number("F"),
            "reports": (other,),
            "duplicates_of": (handed.id,),
            "supplement_to": package.referral_id,
            "evidence": (),
        }
    )
    sender, there = handed.world.centre.machine, directory.entry(handed.authority.organisation_id)
    said = Withdrawal(report_ids=(handed.id,), reason="Somebody else.", at=clock.now())
    steps = {
        "supplement": lambda: receive.receive(sender, there, f"s:{made.referral_id}", made.to_bytes()),
        "withdrawal": lambda: receive.withdraw(sender, there, f"w:{made.referral_id}", said.to_bytes()),
    }
    steps.pop(first)()
    for step in steps.values():
        step()
    for one in (handed.referral, made.referral_id):
        found = work_queue.open_referral(handed.investigator, one).withdrawals
        assert [row.reason for row in found] == ["Somebody else."]
    with acting(handed.authority):
        assert work_queue.referral_of_report(handed.id) == handed.referral, "the report is that of what is supplemented"


def test_what_was_made_after_a_withdrawal_holds(handed: Handed) -> None:
    offline_files.open_file(handed.authority, handed.path)
    package = work_queue.open_referral(handed.investigator, handed.referral).package
    assert package
    before = Withdrawal(report_ids=(handed.id,), reason="x", at=package.created_at.replace(year=2020))
    sender = handed.world.centre.machine
    receive.withdraw(sender, directory.entry(handed.authority.organisation_id), "late", before.to_bytes())
    assert _reasons(handed) == []


def test_a_file_that_the_centre_did_not_sign_for_this_authority_is_refused(handed: Handed) -> None:
    offline_files.open_file(handed.authority, handed.path)
    data = _file(handed)
    payload = Envelope.from_bytes(data).payload
    with pytest.raises(UnknownKeyError):
        offline_files.open_withdrawals(
            handed.authority, sign(payload, WITHDRAWALS_CONTEXT, Ed25519PrivateKey.generate()).to_bytes()
        )
    with pytest.raises(ForAnother):
        offline_files.open_withdrawals(handed.cast.authority, data)
    changed = bytearray(data)
    changed[-20] ^= 1
    for wrong in (bytes(changed), b"", b"{}"):
        with pytest.raises(ExchangeError):
            offline_files.open_withdrawals(handed.authority, wrong)
    assert _reasons(handed) == []


def test_a_full_list_says_that_more_wait(handed: Handed, monkeypatch: pytest.MonkeyPatch) -> None:
    centre, there = handed.cast.centre, handed.authority.organisation_id
    for _ in range(3):
        body = Withdrawal(report_ids=(uuid7(),), reason="x", at=clock.now()).to_bytes().decode()
        with acting(centre):
            outbox.send(centre, there, "withdrawal", "/none", body, key=f"w:{uuid7()}", subject_id=uuid7())
    monkeypatch.setattr(withdrawal_delivery, "MOST_WITHDRAWALS", 2)
    found = withdrawal_delivery.pending_withdrawals(centre, handed.authority)
    assert (len(found.withdrawals), found.more) == (2, True)
    monkeypatch.setattr(withdrawal_delivery, "MOST_BYTES", 1)
    found = withdrawal_delivery.pending_withdrawals(centre, handed.authority)
    assert (len(found.withdrawals), found.more) == (1, True)
    monkeypatch.undo()
    # The organisations are shared: what goes nowhere waits for nobody else's test.
    with acting(centre):
        keys = [key for _id, _kind, key, _body in outbox.bodies(centre, there, ["withdrawal"])]
        outbox.settle(centre, there, "withdrawal", keys)
