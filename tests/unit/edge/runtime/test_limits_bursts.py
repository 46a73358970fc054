"""A burst never grows memory: what any request brings counts until its answer is made, and the rest is refused."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.edge_centre import NOW
from tests.support.fakes.media import picture
from tests.support.matching_lists import pdq
from tests.unit.edge.hma.test_routes import Hma
from tests.unit.edge.process.test_app import AUTH
from tests.unit.edge.process.test_app_uploads import event, form
from tutela import clock
from tutela.edge.runtime import threads
from tutela.edge.runtime.limits import LimitedError, Limits
from tutela.edge.runtime.memory_budget import Room
from tutela.edge.runtime.metrics import Metrics
from tutela.edge.runtime.settings import Settings

FITTING, SENT = 3, 12
LARGEST = 4000
QUESTION = json.dumps({"items": [{"pdq": [{"hash": pdq(1).hex(), "quality": 90}]}]}).encode()
NOTIFICATION = json.dumps({"Records": [event("a.jpg")]}).encode()
SIGNAL = json.dumps({"pdq": pdq(50).hex(), "note": "seen by two"}).encode()
UPLOAD = picture(pdq(50), tail=bytes(1500))
PHOTO, FORM = form(("photo", UPLOAD))
NOTED = PHOTO.replace(b"--b0--", b'--b0\r\nContent-Disposition: form-data; name="note"\r\n\r\nseen by two\r\n--b0--')
ADDRESS = json.dumps({"url": "https://media.example/a"}).encode()


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.simulate(NOW):
        yield


@pytest.mark.parametrize(
    ("path", "kind", "body", "counts"),
    [
        ("/v1/scan", "image/jpeg", UPLOAD, len(UPLOAD)),
        ("/v1/scan", FORM, PHOTO, len(PHOTO)),
        ("/v1/scan/url", "application/json", ADDRESS, LARGEST),
        ("/v1/lookup", "application/json", QUESTION, 10 * len(QUESTION)),
        ("/v1/events/s3", "application/json", NOTIFICATION, 30 * len(NOTIFICATION)),
        ("/h/hash", FORM, PHOTO, len(PHOTO)),
        ("/m/lookup", FORM, PHOTO, len(PHOTO)),
        ("/c/bank/NEGATIVES/content", FORM, NOTED, len(NOTED)),
        ("/c/bank/NEGATIVES/signal", "application/json", SIGNAL, 30 * len(SIGNAL)),
    ],
)
def test_what_waits_counts_and_what_does_not_fit_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, kind: str, body: bytes, counts: int
) -> None:
    assert FITTING * counts + counts // 2 >= LARGEST
    hma = Hma(
        tmp_path,
        "token",
        MAX_BODY_BYTES=str(LARGEST),
        MAX_INFLIGHT_BYTES=str(FITTING * counts + counts // 2),
        FETCH_ORIGINS="https://media.example,s3://media",
    )
    monkeypatch.setattr("tutela.edge.fetch.http_client.Fetcher.fetch", lambda _, url: picture(pdq(50)))
    for _ in range(2):  # the second time all the room is there again
        answers = asyncio.run(burst(hma, path, body, kind, monkeypatch))
        refused, answered = answers[: SENT - FITTING], answers[SENT - FITTING :]
        assert [(one.status_code, one.headers["retry-after"]) for one in refused] == [(503, "1")] * len(refused)
        assert {one.status_code for one in answered} <= {200, 202}, [one.text for one in answered]


async def burst(hma: Hma, path: str, body: bytes, kind: str, patch: pytest.MonkeyPatch) -> list[httpx.Response]:
    """Answers in the order in which they came, no work being done before all have come for which there is no room."""
    gate, run = asyncio.Event(), threads._run

    async def gated(*args: Any, **kwargs: Any) -> Any:
        await gate.wait()
        return await run(*args, **kwargs)

    transport = httpx.ASGITransport(hma.http.app)
    headers = AUTH | {"Content-Type": kind}
    async with httpx.AsyncClient(transport=transport, base_url="http://edge", headers=headers) as http:
        with patch.context() as patched:
            patched.setattr(threads, "_run", gated)
            asked = [asyncio.ensure_future(http.post(path, content=body)) for _ in range(SENT)]
            answers: list[httpx.Response] = []
            for number, one in enumerate(asyncio.as_completed(asked, timeout=20)):
                answers.append(await one)
                if number == SENT - FITTING - 1:
                    gate.set()
            return answers


def test_a_body_of_unknown_length_takes_the_largest_room_and_gives_back_what_it_is_not(tmp_path: Path) -> None:
    hma = Hma(tmp_path, MAX_BODY_BYTES="2000", MAX_INFLIGHT_BYTES="2000")

    def pieces() -> Iterator[bytes]:
        yield QUESTION

    for _ in range(3):
        assert hma.http.post("/v1/lookup", content=pieces(), headers=AUTH).status_code == 200
        assert hma.http.post("/v1/scan", content=bytes(2000), headers=AUTH).status_code == 200
    too_large = hma.http.post("/v1/lookup", content=QUESTION.ljust(2001), headers=AUTH)
    assert too_large.status_code == 413, "what could never find room is not told to come again"


def test_what_an_error_ends_is_given_back(tmp_path: Path) -> None:
    hma = Hma(tmp_path, MAX_BODY_BYTES="2000", MAX_INFLIGHT_BYTES="2000")
    for path, body, status in (
        ("/v1/lookup", b"{".ljust(1900), 400),
        ("/v1/events/s3", b"{".ljust(1900), 422),
        ("/v1/scan", b"", 400),
        ("/c/bank/NEGATIVES/signal", b"{".ljust(1900), 400),
        ("/h/hash", b"x" * 1900, 400),
    ):
        for _ in range(3):
            assert hma.http.post(path, content=body, headers=AUTH).status_code == status


def test_a_field_beside_a_file_has_a_bound(tmp_path: Path) -> None:
    hma = Hma(tmp_path, MAX_BODY_BYTES=str(1 << 20))
    photo = {"photo": ("a.jpg", picture(pdq(50)))}
    answer = hma.http.post("/c/bank/NEGATIVES/content", files=photo, data={"metadata": " " * (300 << 10)}, headers=AUTH)
    assert (answer.status_code, answer.json()["message"]) == (413, "A field of the form is too large")


OTHER = """
import sys
from pathlib import Path
from tutela.edge.runtime.memory_budget import Room
room = Room(100, Path(sys.argv[1]))
print(room.take(60, 0), flush=True)
sys.stdin.read()
"""


def test_processes_count_together_and_the_dead_hold_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OTHER, str(tmp_path / "room")]
    room = Room(100, tmp_path / "room")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert not room.take(60, 0)
        assert room.held == 60, "what was refused counts for nothing"
        assert room.take(40, 0)
        assert not room.take(1, 0)
        os.kill(other.pid, signal.SIGKILL)
    assert room.take(60, 0)
    assert room.held == 100
    assert room.take(-100, 0)
    assert Room(100, tmp_path / "room").held == 0


def test_eight_processes_hold_together_what_one_may(tmp_path: Path) -> None:
    settings = Settings(processes=8, max_body_bytes=60, max_inflight_bytes=100)
    limits = Limits(settings, Metrics(), together=tmp_path / "room")
    command = [sys.executable, "-c", OTHER.replace("take(60, 0)", "take(50, 0)"), str(tmp_path / "room")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        with limits.holding(0) as held:
            with pytest.raises(LimitedError):
                held.add(60)
            held.add(50)
        assert other.stdin is not None
        other.stdin.close()


def test_a_caller_has_one_share_in_all_processes_and_the_dead_keep_none_of_it(tmp_path: Path) -> None:
    settings = Settings(processes=8, max_body_bytes=60, max_inflight_bytes=200, tokens=("a" * 24, "b" * 24))
    limits = Limits(settings, Metrics(), together=tmp_path / "room")
    command = [sys.executable, "-c", OTHER.replace("Room(100,", "Room(200,"), str(tmp_path / "room")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        with limits.holding(0) as held, limits.holding(1) as another:
            with pytest.raises(LimitedError) as caught:
                held.add(50)
            assert caught.value.status == 429
            held.add(40)
            another.add(60)
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
    with limits.holding(0) as one, limits.holding(0) as two:
        one.add(50)
        two.add(50)
