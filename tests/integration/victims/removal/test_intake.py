"""Requests from messages: read by a job, hourly traces, parts of a video, addresses, and the rules against misuse."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
import structlog

from tests.support.anonymous import Visitor, told
from tests.support.cast import Cast
from tests.support.removal_world import Person, Removal, digests, forget_limits
from tests.support.reports_world import in_clear
from tutela.casework.models import Conversation
from tutela.events.errors import Invalid
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.organisations.models import SubjectKey
from tutela.victims.case_work import flags, work_queue
from tutela.victims.errors import NothingToSend
from tutela.victims.hosts import send
from tutela.victims.models import Fingerprint, RemovalRequest, RequestAccess, RequestStep
from tutela.victims.removal import fingerprints, intake, message_lines, rules
from tutela.victims.removal.intake import EnterInput


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    yield Removal(cast)
    forget_limits()


def test_a_request_leaves_no_time_but_the_hour_and_no_hash_in_clear(world: Removal) -> None:
    made = digests()
    person = world.asks(made)
    request = world.request(person)
    with acting(world.support):
        row = RemovalRequest.objects.get(pk=request)
        stored = [row, *row.fingerprints.all(), *row.accesses.all(), *RequestStep.objects.filter(request=row)]
        keys = list(SubjectKey.objects.filter(subject_id=str(request)))
        events = list(Event.objects.filter(subject_id=str(request)))
    for one in (*stored, *keys):
        assert (one.created_at.minute, one.created_at.second, one.created_at.microsecond) == (0, 0, 0), one
        assert (one.pk.int >> 80) % 3_600_000 == 0, one
    for one in events:
        assert (one.at.minute, one.at.second) == (0, 0)
    for value in (*made.values(), person.passphrase):
        assert in_clear(world.support, value) == []


def test_a_message_is_read_once_and_only_by_the_job(world: Removal) -> None:
    said = world.sends(digests())
    with acting(world.support):
        conversation = Conversation.objects.get(number=said["number"])
        assert not RequestAccess.objects.filter(conversation_id=conversation.pk).exists(), "nothing is read at once"
    assert world.read() >= 1
    assert world.read() == 0
    with acting(world.support):
        assert RequestAccess.objects.filter(conversation_id=conversation.pk).count() == 1


def test_parts_of_one_video_are_one_fingerprint(world: Removal) -> None:
    file, frames = secrets.token_hex(8), [secrets.token_hex(32) for _ in range(3)]
    sums = {"sha256": secrets.token_hex(32), "md5": secrets.token_hex(16), "pdq": frames[0]}
    first = world.sends(sums, file=file, video=True)
    more = [{"type": "pdq", "hash": one} for one in frames]
    world.sends({}, file=file, video=True, reader=first["reader"], fingerprints=more)
    world.read()
    with acting(world.support):
        conversation = Conversation.objects.get(number=first["number"])
        request = RequestAccess.objects.get(conversation_id=conversation.pk).request
        (row,) = request.fingerprints.all()
        assert row.video
        found = fingerprints.hashes_of(row, request)
    assert sorted(digits for kind, digits in found if kind == "pdq") == sorted(frames)
    assert len(found) == 5


def test_a_message_that_cannot_be_read_keeps_no_other_waiting(world: Removal, monkeypatch: pytest.MonkeyPatch) -> None:
    real, poison = message_lines.read, secrets.token_hex(32)

    def read(text: str, unnamed: str) -> message_lines.ReadLines:
        if poison in text:
            raise ValueError(text)
        return real(text, unnamed)

    monkeypatch.setattr(message_lines, "read", read)
    bad, good = world.sends({"pdq": poison}), world.sends(digests())
    with structlog.testing.capture_logs() as logs:
        world.read()
    assert [one["event"] for one in logs] == ["removal message not read"]
    assert poison not in str(logs)
    with acting(world.support):
        found = set(RequestAccess.objects.values_list("conversation_id", flat=True))
        numbers = {one.number: one.pk in found for one in Conversation.objects.all()}
    assert (numbers[bad["number"]], numbers[good["number"]]) == (False, True)
    monkeypatch.undo()
    assert world.read() == 1, "and is read once that is possible"


def test_a_file_is_found_by_its_digests_whatever_stands_before_them(world: Removal) -> None:
    """A stranger who asks again for a lawful picture puts windows of others first."""
    same = secrets.token_hex(32)
    crowd = [{"type": "pdq", "hash": secrets.token_hex(32)} for _ in range(60)]
    for _ in range(rules.SAME_FILE):
        said = world.sends({}, fingerprints=[*crowd, {"type": "sha256", "hash": same}])
        world.read()
        crowd = [{"type": "pdq", "hash": secrets.token_hex(32)} for _ in range(60)]
    assert world.row(world.request(Person(said["number"], "", "", ""))).flagged


def test_hashes_of_the_empty_file_mean_nothing(world: Removal) -> None:
    empty = {"md5": "d41d8cd98f00b204e9800998ecf8427e", "pdq": "0" * 64}
    request = world.request(world.asks(empty))
    with acting(world.support):
        assert not Fingerprint.objects.filter(request=request).exists()


def test_addresses_and_an_account_are_written_and_staff_add_others(world: Removal) -> None:
    visitor = Visitor(kind="remove-pictures")
    number, _words = told(visitor.writes("At https://host.example.org/p/1 and on the account lake-user of ChatterApp."))
    world.read()
    with acting(world.support):
        conversation = Conversation.objects.get(number=number)
        request = RequestAccess.objects.get(conversation_id=conversation.pk).request_id
    assert [one.text for one in work_queue.load(world.analyst, request).addresses] == ["https://host.example.org/p/1"]
    for text in ("", "No address is here.", "https://host.example.org/p/1"):
        with pytest.raises(Invalid):
            intake.add_text(world.analyst, request, text)
    assert intake.add_text(world.analyst, request, "https://chatter.example.org/u/lake-user") == 1
    assert len(work_queue.load(world.analyst, request).addresses) == 2


def test_staff_enter_a_request_by_letter_with_a_mandate(world: Removal) -> None:
    for text, acts_for in (("", "self"), ("sha256 " + "a" * 64, "nobody")):
        with pytest.raises(Invalid):
            intake.enter(world.analyst, EnterInput(acts_for, "en", text))
    made = intake.enter(world.analyst, EnterInput("lawyer", "en", f"sha256 {secrets.token_hex(32)}"))
    full = work_queue.load(world.analyst, made)
    assert len(full.files) == 1
    assert full.row.acts_for == "lawyer"
    assert full.text


def test_many_files_are_held_until_a_person_decides(world: Removal) -> None:
    request = world.request(world.asks())
    text = "\n".join(
        f"file {secrets.token_hex(8)} picture\nsha256 {secrets.token_hex(32)}" for _ in range(rules.USUAL_FILES)
    )
    intake.add_text(world.analyst, request, text)
    world.accept("sha256")
    assert world.row(request).flagged
    with pytest.raises(NothingToSend):
        world.send(request)
    flags.release(world.analyst, request, "many_files", 0, "The person showed the list.", allowed=True)
    assert world.send(request) == rules.USUAL_FILES + 1
    assert not world.row(request).flagged


def test_several_requests_for_one_picture_are_held_and_the_person_sees_nothing_of_it(world: Removal) -> None:
    same = digests()
    people = [world.asks(same) for _ in range(rules.SAME_FILE)]
    other = world.asks()
    world.accept("sha256")
    last = world.request(people[-1])
    assert world.row(last).flagged
    assert not world.row(world.request(other)).flagged
    with pytest.raises(NothingToSend):
        send.send(world.analyst, last, [])
    with pytest.raises(NothingToSend):
        world.send(last)
    assert "held" not in people[-1].page()
    flags.release(world.analyst, last, "many_requests", 1, "A campaign.", allowed=False)
    with pytest.raises(NothingToSend):
        world.send(last)


def test_other_organisations_see_no_request(world: Removal) -> None:
    request = world.request(world.asks())
    for other in (world.hosts[0].lead, world.hotline.analyst):
        with acting(other):
            assert not RemovalRequest.objects.filter(pk=request).exists()
