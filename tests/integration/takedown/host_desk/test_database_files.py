"""Files for the transparency database: 100 statements each, and every answer ends where the database's rules say."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.hosting_world import GIVEN, HostDesk, wire
from tutela.events.errors import Forbidden, NotFound
from tutela.events.transaction import acting
from tutela.exchange.takedown.transparency_database import validate
from tutela.takedown.errors import AnswerOfAnother, BatchAnswered, NothingToSend, NotStored, StatementRefused
from tutela.takedown.host_desk import database_files, statements
from tutela.takedown.models import DatabaseEntry


@pytest.fixture
def desk(cast: Cast) -> HostDesk:
    assert cast.centre
    return HostDesk(cast)


def _stated(desk: HostDesk, addresses: int = 2) -> None:
    locations = [{"url": f"https://host.example.org/y/{place}"} for place in range(addresses)]
    notice = desk.decided(*["removed"] * addresses, notice=wire(locations=locations))
    statements.state(desk.lead, notice, GIVEN)


def _file(desk: HostDesk, batch: UUID) -> list[str]:
    _number, body = database_files.file_of(desk.lead, batch)
    found = json.loads(body)["statements"]
    assert all(validate(one) == [] for one in found)
    return [one["puid"] for one in found]


def _stored(puids: list[str]) -> bytes:
    return json.dumps({"statements": [{"puid": one, "uuid": f"u-{one}"} for one in puids]}).encode()


def _states(desk: HostDesk) -> dict[str, str]:
    with acting(desk.lead):
        return dict(DatabaseEntry.objects.values_list("puid", "state"))


def test_a_file_has_at_most_one_hundred_statements(desk: HostDesk) -> None:
    _stated(desk, 101)
    first, second = database_files.make(desk.lead), database_files.make(desk.lead)
    assert (len(_file(desk, first)), len(_file(desk, second))) == (100, 1)
    assert not set(_file(desk, first)) & set(_file(desk, second))
    with pytest.raises(NothingToSend):
        database_files.make(desk.lead)


def test_stored_statements_count_as_sent_once(desk: HostDesk) -> None:
    _stated(desk)
    batch = database_files.make(desk.lead)
    puids = _file(desk, batch)
    assert set(_states(desk).values()) == {"batched"}
    for status, body in ((401, b"{}"), (500, b"")):
        with pytest.raises(NotStored):
            database_files.answered(desk.lead, batch, status, body)
    with pytest.raises(StatementRefused):
        database_files.answered(desk.lead, batch, 201, b"not json")
    with pytest.raises(AnswerOfAnother):
        database_files.answered(desk.lead, batch, 201, _stored(["other-1"]))
    with pytest.raises(AnswerOfAnother):
        database_files.answered(desk.lead, batch, 201, _stored(puids[:1]))
    assert set(_states(desk).values()) == {"batched"}, "nothing partial"
    assert database_files.answered(desk.lead, batch, 201, _stored(puids)) == "stored"
    assert set(_states(desk).values()) == {"stored"}
    with pytest.raises(BatchAnswered):
        database_files.answered(desk.lead, batch, 201, _stored(puids))


def test_an_identifier_in_conflict_is_named_and_the_others_wait_again(desk: HostDesk) -> None:
    _stated(desk)
    batch = database_files.make(desk.lead)
    first, second = _file(desk, batch)
    body = json.dumps({"existing": {"puid": first, "uuid": "u-1"}}).encode()
    assert database_files.answered(desk.lead, batch, 422, body) == "existing"
    assert _states(desk) == {first: "existing", second: "waiting"}
    _states_shown, _unsent, (shown,) = database_files.overview(desk.reviewer)
    assert shown.answer is not None
    assert shown.answer.conflicts == [first]
    assert _file(desk, batch) == [first, second], "the file stays as it was sent"
    assert _file(desk, database_files.make(desk.lead)) == [second]


def test_a_refused_statement_is_named_and_can_be_sent_again(desk: HostDesk) -> None:
    _stated(desk)
    batch = database_files.make(desk.lead)
    first, second = _file(desk, batch)
    body = json.dumps({"errors": {"statement_1": {"content_date": ["is wrong"]}}}).encode()
    assert database_files.answered(desk.lead, batch, 422, body) == "refused"
    assert _states(desk) == {first: "waiting", second: "refused"}
    assert database_files.requeue(desk.lead, batch) == 1
    assert set(_states(desk).values()) == {"waiting"}
    with pytest.raises(NothingToSend):
        database_files.requeue(desk.lead, batch)


def test_strangers_and_the_read_role_change_nothing(desk: HostDesk, cast: Cast) -> None:
    _stated(desk)
    batch = database_files.make(desk.lead)
    stranger = cast.actor(cast.other_provider, "lead")
    with pytest.raises(NotFound):
        database_files.file_of(stranger, batch)
    with pytest.raises(NotFound):
        database_files.answered(stranger, batch, 201, _stored(["x"]))
    with pytest.raises(NothingToSend):
        database_files.make(stranger)
    for work in (
        lambda: database_files.make(desk.reviewer),
        lambda: database_files.answered(desk.reviewer, batch, 201, b"{}"),
        lambda: database_files.requeue(desk.reviewer, batch),
    ):
        with pytest.raises(Forbidden):
            work()
