"""Examination end to end: a task for the own machine, the command on it, its result, and verdicts on the files."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image
from typer.testing import CliRunner

from tests.support.cast import TOTP, TOTP_SECRET, Cast, actor_of, state_purpose
from tests.support.confirming import ConfirmingClient
from tests.support.takedown_world import LABEL, Hotline
from tutela import clock
from tutela.app.cli.offline import examine
from tutela.casework.exposure.budget import own_budget
from tutela.casework.exposure.terms import BudgetTerms
from tutela.casework.models import Opening
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import Envelope
from tutela.exchange.referral import age_encryption
from tutela.exchange.takedown.examination.fetch import ContentFetcher
from tutela.exchange.takedown.examination.messages import ExaminationResult, sign_result
from tutela.exchange.takedown.look import Conditions
from tutela.indicators.register import search
from tutela.organisations.errors import Erased
from tutela.organisations.keys import signing
from tutela.organisations.people import encryption_recipients
from tutela.takedown import retention
from tutela.takedown.assessment import assess, items
from tutela.takedown.assessment.assess import Judgement
from tutela.takedown.assessment.items import CurrentItem, ItemJudgement
from tutela.takedown.case_work import detail
from tutela.takedown.errors import (
    AtViewingLimit,
    ExaminationTaken,
    ItemsOpen,
    MachineConfirmed,
    MachineUnusable,
    NoHost,
    OwnMachine,
    SameMachine,
)
from tutela.takedown.examination import machines, tasks
from tutela.takedown.examination.machines import MachineInput
from tutela.takedown.exposure_rule import RULE
from tutela.takedown.models import PoliceStep, Stage, TakedownCase
from tutela.takedown.rechecks import access_conditions

PUBLIC = "193.0.6.139"


def picture(shade: int) -> bytes:
    """A small picture of one shade."""
    out = io.BytesIO()
    Image.new("RGB", (64, 64), (shade, 40, 90)).save(out, "PNG")
    return out.getvalue()


FIRST, SECOND = picture(10), picture(200)
PAGE = b"<img src=/1.png><img src=/2.png><img src=/gone.png>"
ANSWERS = {"/page": (b"text/html", PAGE), "/1.png": (b"image/png", FIRST), "/2.png": (b"image/png", SECOND)}


@pytest.fixture
def hotline(cast: Cast) -> Hotline:
    made = Hotline(cast)
    signing.create_key(cast.actor(made.machine, "administrator"), "message")
    return made


@pytest.fixture(autouse=True)
def web(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """A web of one page with three pictures; nothing is asked outside."""
    asked = list[httpx.Request]()

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        kind, body = ANSWERS.get(request.url.path, (b"", b""))
        stream = httpx.ByteStream(body)
        return httpx.Response(200 if body else 404, headers=[(b"content-type", kind)], stream=stream)

    plain = ContentFetcher.__init__

    def init(self: ContentFetcher, conditions: object, *_rest: object) -> None:
        plain(self, conditions, resolve=lambda *_: [PUBLIC], transport=httpx.MockTransport(answer))  # type: ignore[arg-type]

    monkeypatch.setattr(ContentFetcher, "__init__", init)
    return asked


class Machine:
    """The analyst's machine with the command's own folder."""

    def __init__(self, hotline: Hotline, folder: Path, *, seals: bool = True) -> None:
        self.hotline, self.folder = hotline, folder
        key, recipient = self.run("init", str(folder)).split()
        given = MachineInput("Laptop", key, recipient, "Letter 7", seals_evidence=seals)
        self.id = machines.add(hotline.analyst, given)
        machines.confirm(hotline.colleague, self.id)
        with acting(hotline.analyst):
            node = signing.current_private(hotline.analyst.organisation_id, "message").public_key()
        self.run("trust", str(folder), str(self.id), node.public_bytes_raw().hex())

    def run(self, *words: str, code: int = 0) -> str:
        done = CliRunner().invoke(examine.app, words)
        assert done.exit_code == code, done.output
        return done.stdout

    def signed(self, data: bytes, **change: object) -> bytes:
        """A result as this machine could have signed it with other contents."""
        said = ExaminationResult.from_bytes(Envelope.from_bytes(data).payload)
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex((self.folder / "key.hex").read_text()))
        return sign_result(said.model_copy(update=change), key)

    def examined(self, case: UUID, authority: UUID | None = None, code: int = 0) -> bytes:
        """The result of a new task, without viewing."""
        task, result = self.folder / "task.age", self.folder / "result.json"
        task.write_bytes(tasks.make_task(self.hotline.analyst, case, self.id, authority))
        sealed = ["--evidence", str(self.folder / "evidence.age")] if authority else []
        result.unlink(missing_ok=True)
        self.run("run", str(self.folder), str(task), str(result), "--no-view", *sealed, code=code)
        return result.read_bytes() if not code else b""


@pytest.fixture
def machine(hotline: Hotline, tmp_path: Path) -> Machine:
    return Machine(hotline, tmp_path)


def page_case(hotline: Hotline) -> UUID:
    return hotline.reported("https://host.example.org/page").id


def found(hotline: Hotline, case: UUID) -> list[CurrentItem]:
    with acting(hotline.analyst):
        return items.current_items(TakedownCase.objects.get(pk=case))


def test_files_come_back_as_digests_and_each_is_assessed(
    hotline: Hotline, machine: Machine, web: list[httpx.Request]
) -> None:
    case = page_case(hotline)
    access_conditions.set_conditions(hotline.analyst, case, Conditions(cookie="s=1", password="word"))
    data = machine.examined(case)
    assert {one.headers.get("Cookie") for one in web} == {"s=1"}
    assert FIRST not in data
    taken = tasks.take_result(hotline.analyst, case, data)
    assert (taken.items, taken.certified, taken.sealed) == (2, 0, False)
    view = detail.load_case(hotline.analyst, case).examination
    assert view.newest is not None
    assert (view.newest.status, view.newest.not_fetched, view.waiting) == (200, 1, 2)
    assert len({one.sha256 for one in view.items}) == 2
    with pytest.raises(ItemsOpen, match="2"):
        assess.assess(hotline.analyst, case, Judgement("legal"))
    one, two = found(hotline, case)
    items.assess_items(hotline.analyst, case, [ItemJudgement(one.row.pk, "illegal", LABEL, "unclear")])
    with pytest.raises(ItemsOpen, match="1"):
        assess.assess(hotline.analyst, case, Judgement("illegal", LABEL, "unclear"))
    items.assess_items(hotline.analyst, case, [ItemJudgement(two.row.pk, "legal")])
    with pytest.raises(Invalid, match="illegal here"):
        assess.assess(hotline.analyst, case, Judgement("legal"))
    assess.assess(hotline.analyst, case, Judgement("illegal", LABEL, "unclear"))
    assert hotline.row(case).stage == Stage.ACT


def test_a_certified_file_needs_no_viewing_and_every_other_one_does(
    hotline: Hotline, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = page_case(hotline)
    data = machine.examined(case)
    monkeypatch.setattr(search, "active_among", lambda _actor, digests: {next(iter(digests))})
    assert tasks.take_result(hotline.analyst, case, data).certified == 1
    first, second = found(hotline, case)
    assert (first.certified, second.certified) == (True, False)
    with pytest.raises(ItemsOpen, match="1"):
        assess.assess(hotline.analyst, case, Judgement("illegal", LABEL, "unclear"))
    items.assess_items(hotline.analyst, case, [ItemJudgement(second.row.pk, "legal")])
    with pytest.raises(Invalid, match="illegal here"):
        assess.assess(hotline.analyst, case, Judgement("legal"))


def test_evidence_is_sealed_to_the_police_and_is_a_step(hotline: Hotline, machine: Machine) -> None:
    case = page_case(hotline)
    authority = hotline.cast.authority.organisation_id
    with pytest.raises(Invalid, match="no key"):
        tasks.make_task(hotline.analyst, case, machine.id, authority)
    identity, recipient = age_encryption.new_identity()
    encryption_recipients.enter(hotline.cast.actor(hotline.cast.authority, "administrator"), recipient)
    named = {one.id: one.name for one in tasks.sealing_authorities(hotline.analyst)}
    taken = tasks.take_result(hotline.analyst, case, machine.examined(case, authority))
    assert taken.sealed
    with acting(hotline.analyst):
        step = PoliceStep.objects.get(case=case)
    assert (step.kind, step.authority) == ("sealed", named[authority])
    clear = io.BytesIO()
    age_encryption.unseal(io.BytesIO((machine.folder / "evidence.age").read_bytes()), clear, [identity])
    with zipfile.ZipFile(clear) as archive:
        assert archive.read("files/001.png") == FIRST
    sealed = (machine.folder / "evidence.age").read_bytes()
    machine.examined(case, authority, code=2)
    assert (machine.folder / "evidence.age").read_bytes() == sealed, "an existing file stays"


def test_what_was_shown_counts_in_the_persons_budget(hotline: Hotline, machine: Machine) -> None:
    case = page_case(hotline)
    data = machine.examined(case)
    said = ExaminationResult.from_bytes(Envelope.from_bytes(data).payload)
    shown = tuple(one.model_copy(update={"viewed_seconds": 900}) for one in said.items)
    later = said.fetched_at + timedelta(hours=1)
    with clock.simulate(later):
        tasks.take_result(hotline.analyst, case, machine.signed(data, items=shown, sent_at=later))
        with acting(hotline.analyst):
            assert list(Opening.objects.values_list("seconds", flat=True)) == [900, 900]
            budget = own_budget(hotline.analyst, RULE, BudgetTerms())
        assert (budget.opened, budget.advise_break) == (2, True), "30 minutes without a break"
        given = [ItemJudgement(one.row.pk, "legal") for one in found(hotline, case)]
        items.assess_items(hotline.analyst, case, given)
        assess.assess(hotline.analyst, case, Judgement("legal", viewed_seconds=1600))
        with acting(hotline.analyst):
            assert Opening.objects.count() == 2, "the machine's own count is the one that counts"


def test_viewing_without_a_machine_counts_as_it_is_entered(hotline: Hotline) -> None:
    assess.assess(hotline.analyst, page_case(hotline), Judgement("unreachable", viewed_seconds=1600))
    with acting(hotline.analyst):
        assert Opening.objects.get().seconds == 1600
        assert own_budget(hotline.analyst, RULE, BudgetTerms()).advise_break


def test_a_later_result_takes_no_file_away(hotline: Hotline, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    case = page_case(hotline)
    first, second = machine.examined(case), machine.examined(case)
    monkeypatch.setattr(search, "active_among", lambda _actor, digests: set(list(digests)[:1]))
    tasks.take_result(hotline.analyst, case, first)
    monkeypatch.setattr(search, "active_among", lambda _actor, _digests: set())
    tasks.take_result(hotline.analyst, case, machine.signed(second, items=(), status=0))
    assert [one.certified for one in found(hotline, case)] == [True, False]
    items.assess_items(hotline.analyst, case, [ItemJudgement(found(hotline, case)[1].row.pk, "legal")])
    for verdict in ("legal", "unreachable"):
        with pytest.raises(Invalid):
            assess.assess(hotline.analyst, case, Judgement(verdict))
    tasks.take_result(hotline.analyst, case, machine.examined(case))
    assert len(found(hotline, case)) == 2, "the same file in two results is one, with its verdict"
    assert found(hotline, case)[1].verdict == "legal"


def test_a_certified_file_opens_a_closed_case_again(
    hotline: Hotline, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = page_case(hotline)
    data = machine.examined(case)
    assess.assess(hotline.analyst, case, Judgement("legal"))
    assert hotline.row(case).stage == Stage.CLOSED
    monkeypatch.setattr(search, "active_among", lambda _actor, digests: set(digests))
    tasks.take_result(hotline.analyst, case, data)
    assert (hotline.row(case).stage, hotline.row(case).round) == (Stage.ASSESS, 2)
    assert all(one.certified for one in found(hotline, case))


def test_nothing_comes_back_to_an_erased_case(hotline: Hotline, machine: Machine) -> None:
    case = page_case(hotline)
    data = machine.examined(case)
    assess.assess(hotline.analyst, case, Judgement("legal"))
    with acting(hotline.machine):
        assert list(retention.erase_closed(hotline.machine, clock.now() + timedelta(days=1)))
    for work in (
        lambda: tasks.take_result(hotline.analyst, case, data),
        lambda: access_conditions.set_conditions(hotline.analyst, case, Conditions(cookie="s=1")),
    ):
        with pytest.raises(Erased):
            work()
    assert hotline.reported("https://host.example.org/page").reopened


def test_a_verdict_can_be_corrected_and_a_form_sent_twice_is_one(hotline: Hotline, machine: Machine) -> None:
    case = page_case(hotline)
    tasks.take_result(hotline.analyst, case, machine.examined(case))
    one = found(hotline, case)[0].row.pk
    wrong, right = ItemJudgement(one, "legal"), ItemJudgement(one, "illegal", LABEL, "real")
    assert [items.assess_items(hotline.analyst, case, [said]) for said in (wrong, wrong, right)] == [1, 0, 1]
    assert found(hotline, case)[0].verdict == "illegal"


def test_an_address_of_many_files_is_assessed_in_parts(hotline: Hotline, tmp_path: Path) -> None:
    person, client = hotline.cast.person(hotline.machine, "analyst"), ConfirmingClient()
    TOTP.activate(person, TOTP_SECRET)
    client.force_login(person)
    state_purpose(client, "hotline")
    hotline.analyst = actor_of(person)
    machine, case = Machine(hotline, tmp_path), page_case(hotline)
    data = machine.examined(case)
    first = ExaminationResult.from_bytes(Envelope.from_bytes(data).payload).items[0]
    many = [first.model_copy(update={"position": n, "sha256": f"{n:064x}"}) for n in range(1, 301)]
    tasks.take_result(hotline.analyst, case, machine.signed(data, items=tuple(many)))
    page = f"/desk/takedown/{case}/"
    with CaptureQueriesContext(connection) as asked:
        shown = client.get(page).content.decode()
    assert len(asked) < 120
    assert shown.count('name="form-') == 4 + 4 * 50
    pks = [one.row.pk for one in found(hotline, case)]
    form: dict[str, object] = {"form-TOTAL_FORMS": 50, "form-INITIAL_FORMS": 50}
    for number, pk in enumerate(pks[:50]):
        form |= {f"form-{number}-item": pk, f"form-{number}-verdict": "legal"}
    assert "50 files were assessed" in client.post(f"{page}examination/files/", form, follow=True).content.decode()
    assert detail.load_case(hotline.analyst, case).examination.waiting == 250


def test_at_the_daily_limit_only_urgent_cases_are_examined(hotline: Hotline, machine: Machine) -> None:
    case, urgent = page_case(hotline), hotline.reported("https://u.example.org/page", urgent=True).id
    with acting(hotline.analyst):
        for _ in range(BudgetTerms().stop - 1):
            tasks.openings.note(hotline.analyst, RULE, case)
    tasks.make_task(hotline.analyst, case, machine.id)
    with pytest.raises(AtViewingLimit):
        tasks.make_task(hotline.analyst, case, machine.id)
    assert tasks.make_task(hotline.analyst, urgent, machine.id)


def test_a_result_is_taken_once_by_its_person_for_its_case(hotline: Hotline, machine: Machine) -> None:
    case, other = page_case(hotline), hotline.reported("https://b.example.org/page").id
    data = machine.examined(case)
    for actor, of in ((hotline.colleague, case), (hotline.analyst, other)):
        with pytest.raises(Invalid, match="no task"):
            tasks.take_result(actor, of, data)
    said = json.loads(data)
    tampered = json.dumps({**said, "payload": said["payload"].replace("0", "1", 1)}).encode()
    expired = clock.now() + timedelta(days=4)
    for wrong in (b"", b"{}", data[:-9], tampered, b"x" * (tasks.MOST_BYTES + 1)):
        with pytest.raises(Invalid):
            tasks.take_result(hotline.analyst, case, wrong)
    with clock.simulate(expired), pytest.raises(Invalid, match="expired"):
        tasks.take_result(hotline.analyst, case, data)
    tasks.take_result(hotline.analyst, case, data)
    with pytest.raises(ExaminationTaken):
        tasks.take_result(hotline.analyst, case, data)
    assert len(found(hotline, case)) == 2


def test_a_machine_works_once_a_second_person_confirmed_it(hotline: Hotline, tmp_path: Path) -> None:
    key = Machine(hotline, tmp_path)
    case = page_case(hotline)
    with pytest.raises(MachineConfirmed):
        machines.confirm(hotline.colleague, key.id)
    given = MachineInput("Other", "ab" * 32, age_encryption.new_identity()[1], "Letter")
    second = machines.add(hotline.colleague, given)
    with pytest.raises(SameMachine):
        machines.add(hotline.analyst, given)
    with pytest.raises(OwnMachine):
        machines.confirm(hotline.colleague, second)
    for actor, machine in ((hotline.colleague, second), (hotline.colleague, key.id), (hotline.analyst, second)):
        with pytest.raises(MachineUnusable):
            tasks.make_task(actor, case, machine)
    data = key.examined(case)
    machines.remove(hotline.colleague, key.id)
    with pytest.raises(Invalid, match="no task"):
        tasks.take_result(hotline.analyst, case, data)
    with pytest.raises(MachineUnusable):
        tasks.make_task(hotline.analyst, case, key.id)
    with pytest.raises(NotFound):
        machines.remove(hotline.analyst, key.id)
    for name in ("name", "public_key", "recipient", "mandate"):
        with pytest.raises(Invalid) as error:
            machines.add(hotline.analyst, MachineInput(**{**vars(given), name: " "}))
        assert error.value.field == name
    reader = hotline.cast.actor(hotline.machine, "auditor")
    with pytest.raises(Forbidden):
        machines.add(reader, given)


def test_an_onion_service_and_a_mandate_without_evidence_are_refused(hotline: Hotline, tmp_path: Path) -> None:
    machine = Machine(hotline, tmp_path, seals=False)
    onion = hotline.reported(f"http://{'a' * 56}.onion/page").id
    with pytest.raises(NoHost):
        tasks.make_task(hotline.analyst, onion, machine.id)
    encryption_recipients.enter(
        hotline.cast.actor(hotline.cast.authority, "administrator"), age_encryption.new_identity()[1]
    )
    with pytest.raises(Invalid, match="does not cover"):
        tasks.make_task(hotline.analyst, page_case(hotline), machine.id, hotline.cast.authority.organisation_id)


def test_the_pages_make_a_task_take_a_result_and_record_verdicts(hotline: Hotline, tmp_path: Path) -> None:
    person, client = hotline.cast.person(hotline.machine, "analyst"), ConfirmingClient()
    TOTP.activate(person, TOTP_SECRET)
    client.force_login(person)
    state_purpose(client, "hotline")
    hotline.analyst = actor_of(person)
    machine, case = Machine(hotline, tmp_path), page_case(hotline)
    page = f"/desk/takedown/{case}/"
    assert "Examine on my machine" in client.get(page).content.decode()
    task = client.post(f"{page}examination/task/", {"machine": machine.id, "authority": ""})
    assert task["Content-Disposition"] == 'attachment; filename="task.age"'
    (machine.folder / "t").write_bytes(task.content)
    machine.run("run", str(machine.folder), str(machine.folder / "t"), str(machine.folder / "r"), "--no-view")
    sent = {"file": io.BytesIO((machine.folder / "r").read_bytes())}
    assert "2 files were found" in client.post(f"{page}examination/result/", sent, follow=True).content.decode()
    first, second = found(hotline, case)
    form = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2}
    form |= {"form-0-item": first.row.pk, "form-0-verdict": "illegal", "form-0-label": LABEL, "form-0-reality": "real"}
    form |= {"form-1-item": second.row.pk, "form-1-verdict": ""}
    assert "1 file was assessed" in client.post(f"{page}examination/files/", form, follow=True).content.decode()
    assert len(found(hotline, case)[0].assessments) == 1
    again = client.post(f"{page}examination/files/", {"form-0-item": "x"}, follow=True)
    assert "Reload the page" in again.content.decode()
