"""What an Edge refused is told to the Centre once an hour for each reason, and nothing of it is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.support.edge_centre import LIST, NOW
from tutela import clock
from tutela.edge.errors import ForkedLogError, ReleaseError, UnreachableError, WithheldError
from tutela.edge.spool.alerts import Alerts
from tutela.exchange.register.edge_alert import EdgeAlert


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.simulate(NOW):
        yield


class Desk:
    """Takes alerts, or answers what it is told to."""

    def __init__(self) -> None:
        self.taken: list[EdgeAlert] = []
        self.status: int | None = 202

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.status is None:
            raise httpx.ConnectError("down")
        if self.status == 202:
            assert request.url.path == f"/api/v1/releases/{LIST}/alerts"
            self.taken.append(EdgeAlert.from_bytes(request.content))
            assert request.headers["Idempotency-Key"] == str(self.taken[-1].alert_id)
        return httpx.Response(self.status)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def alerts(folder: Path, desk: Desk) -> Alerts:
    client = httpx.Client(base_url="http://centre", transport=httpx.MockTransport(desk.answer))
    return Alerts(folder / "alerts.json", client)


def sound(one: Alerts, error: ReleaseError) -> None:
    one.sound(LIST, error, lambda: (3, 7, 42))


def test_an_alert_says_what_where_and_proves_it(tmp_path: Path, desk: Desk) -> None:
    one = alerts(tmp_path, desk)
    sound(one, ForkedLogError("Another tree.", ("ours\n\n— a b\n", "theirs\n\n— a b\n")))
    assert one.tell()
    (told,) = desk.taken
    assert (told.code, told.version, told.sequence, told.log_size) == ("forked_log", 3, 7, 42)
    assert told.evidence == ("ours\n\n— a b\n", "theirs\n\n— a b\n")
    assert "contradicts" in told.detail
    assert not one.tell(), "it is told once"


def test_what_recurs_is_told_once_an_hour_and_a_silent_centre_is_no_alert(tmp_path: Path, desk: Desk) -> None:
    one = alerts(tmp_path, desk)
    for _ in range(3):
        sound(one, WithheldError())
        sound(one, UnreachableError())
    one.tell()
    again = alerts(tmp_path, desk)
    sound(again, WithheldError())
    assert not again.tell(), "a restart does not begin the hour anew"
    with clock.simulate(NOW + timedelta(minutes=61)):
        sound(again, WithheldError())
        assert again.tell()
    assert [told.code for told in desk.taken] == ["withheld", "withheld"]


@pytest.mark.parametrize("status", [None, 401, 500, 503])
def test_an_alert_waits_over_restarts_until_it_is_taken(tmp_path: Path, desk: Desk, status: int | None) -> None:
    desk.status = status
    one = alerts(tmp_path, desk)
    sound(one, WithheldError())
    assert not one.tell()
    desk.status = 202
    assert alerts(tmp_path, desk).tell()
    assert len(desk.taken) == 1


def test_an_alert_that_is_refused_for_good_is_not_sent_for_ever(tmp_path: Path, desk: Desk) -> None:
    desk.status = 422
    one = alerts(tmp_path, desk)
    sound(one, WithheldError())
    assert one.tell()
    assert not one.waiting()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"waiting": 1, "last": {}}', '{"waiting": [{}], "last": {}}'])
def test_a_damaged_file_of_alerts_is_begun_anew(tmp_path: Path, desk: Desk, text: str) -> None:
    (tmp_path / "alerts.json").write_text(text)
    one = alerts(tmp_path, desk)
    sound(one, WithheldError())
    assert len(one.waiting()) == 1
