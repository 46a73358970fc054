"""A client of HMA at an Edge: the same questions, the same shapes, and the few answers that differ on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.support.edge_centre import NOW
from tests.support.fakes.media import picture
from tests.support.matching_lists import digests, entry_id, flipped, frame, match_list, pdq
from tests.unit.edge.process.test_app import AUTH, LISTED, World
from tutela import clock
from tutela.edge.hma.banks import entry_of, number_of
from tutela.edge.process.app import build_app
from tutela.edge.process.coordinator import open_curating
from tutela.edge.runtime.decision_filter import Curating
from tutela.edge.runtime.settings import Settings
from tutela.media import Digests, FrameHash

BANK = "LIST_A"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.simulate(NOW):
        yield


class Hma(World):
    def __init__(self, folder: Path, mode: str = "open", **more: str) -> None:
        super().__init__(folder, HMA=mode, **more)
        settings = self.settings.model_copy(update={"data_dir": folder})
        self.curating: Curating = open_curating(settings, bytes(32), self.lists, ExitStack())
        self.http = TestClient(build_app(settings, self.service, curating=self.curating), headers=AUTH)

    def banks_of(self, value: bytes, **more: str) -> dict[str, Any]:
        answer = self.http.get("/m/lookup", params={"signal": value.hex(), "signal_type": "pdq", **more})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def hma(tmp_path: Path) -> Hma:
    return Hma(tmp_path)


def photo(data: bytes) -> dict[str, Any]:
    return {"photo": ("a.jpg", data)}


def test_the_interface_is_off_until_it_is_switched_on(tmp_path: Path) -> None:
    assert World(tmp_path).http.get("/m/lookup").status_code == 404


def test_open_lets_strangers_ask_and_change_nothing(hma: Hma) -> None:
    stranger = TestClient(hma.http.app)
    assert stranger.get("/m/lookup", params={"signal": pdq(1).hex(), "signal_type": "pdq"}).json()
    assert stranger.post("/h/hash", files=photo(LISTED)).status_code == 200
    assert stranger.get("/c/banks").status_code == 200
    signal = {"pdq": pdq(1).hex(), "note": "why"}
    content = f"/c/bank/{BANK}/content/{number_of(entry_id(1))}"
    assert stranger.post("/c/bank/NEGATIVES/signal", json=signal).status_code == 401
    assert stranger.put(content, json={"disable_until_ts": 0, "note": "why"}).status_code == 401
    assert stranger.delete("/c/bank/NEGATIVES/content/1").status_code == 401
    assert hma.banks_of(pdq(1))


def test_with_tokens_a_stranger_is_refused_as_hma_says_it(tmp_path: Path) -> None:
    hma = Hma(tmp_path, "token")
    hma.http.headers.pop("authorization")
    for path in ("/m/lookup", "/h/hash", "/c/banks", f"/c/bank/{BANK}/content/1"):
        answer = hma.http.get(path)
        assert answer.status_code == 401
        assert set(answer.json()) == {"message", "details"}
    assert hma.http.get("/c/banks", headers=AUTH).status_code == 200
    assert hma.http.get("/status").text == "I-AM-ALIVE"


def test_a_photo_is_hashed_and_a_poor_one_answers_empty(hma: Hma) -> None:
    assert hma.http.post("/h/hash", files=photo(LISTED)).json() == {"pdq": pdq(1).hex()}
    assert hma.http.post("/h/hash", files=photo(picture(pdq(1), quality=49))).json() == {"pdq": ""}
    assert list(hma.http.post("/h/hash", files={"video": ("a.mp4", b"bytes")}).json()) == ["video_md5"]


def test_a_hash_or_a_photo_is_looked_up(hma: Hma) -> None:
    expected = [{"bank_content_id": number_of(entry_id(1)), "distance": "2"}]
    near = flipped(pdq(1), [3, 5])
    assert hma.banks_of(near) == {BANK: expected}
    assert hma.http.post("/m/lookup", files=photo(picture(near))).json() == {"pdq": {BANK: expected}}
    assert hma.banks_of(near, banks="OTHER") == {}
    assert hma.banks_of(pdq(77)) == {}
    raw = {"signal": near.hex().upper(), "signal_type": "pdq"}
    assert hma.http.get("/m/raw_lookup", params=raw).json() == {"matches": [number_of(entry_id(1))]}
    assert hma.http.get("/m/raw_lookup", params=raw | {"include_distance": "true"}).json() == {"matches": expected}
    md5 = {"signal": digests(2).md5, "signal_type": "video_md5"}
    assert list(hma.http.get("/m/lookup", params=md5).json()) == [BANK]


def test_two_hashes_are_compared(hma: Hma) -> None:
    pair = [pdq(1).hex(), flipped(pdq(1), [3, 5]).hex()]
    assert hma.http.post("/m/compare", json={"pdq": pair}).json() == {"pdq": [True, {"distance": 2}]}
    assert hma.http.post("/m/compare", json={"pdq": [pdq(1).hex(), pdq(2).hex()]}).json()["pdq"][0] is False
    assert hma.http.post("/m/compare", json={"pdq": pair[:1]}).status_code == 400


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/m/lookup", {}, 400),
        ("/m/lookup", {"signal": "zz" * 32, "signal_type": "pdq"}, 400),
        ("/m/lookup", {"signal": "ab" * 32 + "\n", "signal_type": "pdq"}, 400),
        ("/m/lookup", {"signal": "ab" * 32, "signal_type": "photodna"}, 400),
        ("/m/lookup", {"url": "http://127.0.0.1/"}, 403),
        ("/h/hash", {"url": "http://169.254.169.254/latest"}, 403),
        ("/h/hash", {}, 400),
        ("/m/index/status", {"signal_type": "x"}, 400),
        ("/c/bank/NOWHERE", {}, 404),
    ],
)
def test_what_is_wrong_is_said_as_hma_says_it(hma: Hma, path: str, params: dict[str, str], status: int) -> None:
    answer = hma.http.get(path, params=params)
    assert answer.status_code == status
    assert set(answer.json()) == {"message", "details"}


def test_a_file_that_is_no_photo_is_the_callers_mistake(hma: Hma) -> None:
    assert hma.http.post("/m/lookup", files=photo(b"text")).status_code == 400
    assert hma.http.post("/m/lookup", files={"audio": ("a", b"x")}).status_code == 400
    assert hma.http.post("/m/lookup", files={**photo(LISTED), "video": ("b", b"x")}).status_code == 400
    assert hma.http.post("/m/lookup", json={}).status_code == 400


def test_status_tells_the_age_of_the_lists(hma: Hma) -> None:
    assert hma.http.get("/m/index/status").json()["pdq"] == {
        "present": True,
        "built_to": int(NOW.timestamp()),
        "size": 5,
    }
    hma.lists.put(replace(hma.live, trusted_until=NOW))
    assert (hma.http.get("/status").status_code, hma.http.get("/status").text) == (503, "INDEX-STALE")
    assert hma.http.get("/status/live").status_code == 200
    answer = hma.http.get("/m/lookup", params={"signal": pdq(1).hex(), "signal_type": "pdq"})
    assert (answer.status_code, answer.json()["message"]) == (503, "index not yet ready")


def test_banks_are_lists_and_cannot_be_made_or_filled_from_here(hma: Hma) -> None:
    names = [bank["name"] for bank in hma.http.get("/c/banks").json()]
    assert names == [BANK, "CONFIRMED", "NEGATIVES"]
    assert hma.http.get(f"/c/bank/{BANK}").json() == {"name": BANK, "matching_enabled_ratio": 1.0}
    signal = {"pdq": pdq(50).hex(), "note": "why"}
    assert hma.http.post("/c/banks", json={"name": "MINE"}).status_code == 403
    assert hma.http.put(f"/c/bank/{BANK}", json={"enabled": False}).status_code == 403
    assert hma.http.delete(f"/c/bank/{BANK}").status_code == 403
    assert hma.http.delete("/c/bank/NOWHERE").status_code == 404
    assert hma.http.post(f"/c/bank/{BANK}/signal", json=signal).status_code == 403


def test_a_confirmed_item_matches_with_its_reason_and_is_withdrawn(hma: Hma) -> None:
    item = picture(pdq(50))
    assert hma.http.post("/c/bank/CONFIRMED/content", files=photo(item)).status_code == 400, "no reason"
    wrong = {"note": "x", "metadata": '{"other": 1}'}
    assert hma.http.post("/c/bank/CONFIRMED/content", files=photo(item), data=wrong).status_code == 400
    given = {"note": "seen by two", "metadata": '{"content_id": "case-7"}'}
    made = hma.http.post("/c/bank/CONFIRMED/content", files=photo(item), data=given).json()
    assert made["signals"] == {"pdq": pdq(50).hex()}
    assert list(hma.banks_of(pdq(50))) == ["CONFIRMED"]
    headers = AUTH | {"X-Tutela-Item": "item-1"}
    assert hma.http.post("/v1/scan", content=item, headers=headers).json()["candidate"]["new"]
    shown = hma.http.get(f"/c/bank/CONFIRMED/content/{made['id']}", params={"include_signals": "true"}).json()
    assert (shown["note"], shown["signals"]["pdq"]) == ("seen by two", pdq(50).hex())
    assert shown["metadata"] == {"content_id": "case-7"}
    assert hma.http.delete(f"/c/bank/NEGATIVES/content/{made['id']}").status_code == 404, "another bank's item"
    assert hma.http.delete(f"/c/bank/CONFIRMED/content/{made['id']}").json() == {"deleted": 1}
    assert hma.banks_of(pdq(50)) == {}
    assert hma.http.delete(f"/c/bank/CONFIRMED/content/{made['id']}").status_code == 404


def test_what_is_taken_back_may_say_why(hma: Hma) -> None:
    made = hma.http.post("/c/bank/NEGATIVES/signal", json={"pdq": pdq(1).hex(), "note": "a logo"}).json()
    address = f"/c/bank/NEGATIVES/content/{made['id']}"
    assert hma.http.delete(address, params={"note": "\n"}).status_code == 400
    assert hma.http.delete(address, params={"note": "another logo"}).json() == {"deleted": 1}


def test_a_match_by_a_part_alone_says_so(hma: Hma, monkeypatch: pytest.MonkeyPatch) -> None:
    def by_part(items: Any) -> Any:
        answers, asked = found(items)
        return [[replace(one, by_window=True) for one in answer] for answer in answers], asked

    assert "by_window" not in hma.banks_of(pdq(1))[BANK][0]
    found = hma.lists.match_all
    monkeypatch.setattr(hma.lists, "match_all", by_part)
    assert hma.banks_of(pdq(1))[BANK][0]["by_window"] is True


def test_a_negative_is_answered_nowhere_and_its_neighbours_still_are(hma: Hma) -> None:
    made = hma.http.post("/c/bank/NEGATIVES/signal", json={"pdq": pdq(1).hex(), "note": "a logo"}).json()
    assert hma.banks_of(pdq(1)) == {}
    (exact,) = hma.http.post("/v1/scan", content=LISTED, headers=AUTH).json()["matches"]
    assert exact["entry_id"] == str(entry_id(900)), "these very bytes are listed, and nobody declared them"
    assert hma.http.get("/m/raw_lookup", params={"signal": pdq(1).hex(), "signal_type": "pdq"}).json()["matches"] == []
    assert hma.banks_of(flipped(pdq(1), [3])), "what is only near to a negative is not one"
    hma.http.delete(f"/c/bank/NEGATIVES/content/{made['id']}")
    assert hma.banks_of(pdq(1))


def test_a_negative_takes_the_looks_of_its_frame_and_no_stronger_word(hma: Hma) -> None:
    def asked(known: Digests | None, *frames: FrameHash) -> set[str]:
        answers, _ = hma.lists.match_all([(known, frames)])
        return {str(one.entry_id) for one in answers[0]}

    card, scene, film = frame(pdq(50)), frame(pdq(1)), digests(2)
    hma.http.post("/c/bank/NEGATIVES/signal", json={"pdq": pdq(50).hex(), "note": "a title card"})
    assert asked(film, card, scene) == {str(entry_id(2)), str(entry_id(1))}, "the film and its other frames stay"
    hma.http.post("/c/bank/NEGATIVES/signal", json={"video_md5": film.md5, "note": "another file"})
    assert asked(film, scene) == {str(entry_id(2))}, "two files can be made that have one MD5"
    assert asked(replace(film, sha1="0" * 40, sha256="0" * 64), scene) == set()
    assert asked(None, card) == set()


def test_an_entry_is_hidden_for_a_time_and_shown_again(hma: Hma) -> None:
    number = number_of(entry_id(1))
    path = f"/c/bank/{BANK}/content/{number}"
    assert hma.http.get(path).json()["disable_until_ts"] == 1
    until = int((NOW + timedelta(days=1)).timestamp())
    assert hma.http.put(path, json={"disable_until_ts": until}).status_code == 400, "no reason"
    assert hma.http.put(path, json={"disable_until_ts": -1, "note": "x"}).status_code == 400
    assert hma.http.put(path, json={"disable_until_ts": until * 9, "note": "x"}).status_code == 400
    changed = hma.http.put(path, json={"disable_until_ts": until, "note": "disputed"}).json()
    assert (changed["disable_until_ts"], changed["note"]) == (until, "disputed")
    assert hma.banks_of(pdq(1)) == {}
    (exact,) = hma.http.post("/v1/scan", content=LISTED, headers=AUTH).json()["matches"]
    assert exact["entry_id"] == str(entry_id(900)), "another entry with the same bytes is not hidden"
    with clock.simulate(NOW + timedelta(days=1)):
        hma.lists.put(replace(hma.live, trusted_until=NOW + timedelta(days=2)))
        hma.curating.refresh()
        assert hma.banks_of(pdq(1)), "it ends by itself"
    assert hma.http.put(f"/c/bank/{BANK}/content/17", json={"disable_until_ts": 0, "note": "x"}).status_code == 404


def test_callers_have_their_share_here_too(tmp_path: Path) -> None:
    hma = Hma(tmp_path, CLIENT_ITEMS_PER_SECOND="1")
    asked = [hma.http.get("/c/banks") for _ in range(3)]
    assert [answer.status_code for answer in asked] == [200, 200, 429]
    assert int(asked[2].headers["retry-after"]) >= 1


def test_confirmed_items_alone_are_no_answer_where_a_list_has_expired(hma: Hma) -> None:
    hma.http.post("/c/bank/CONFIRMED/signal", json={"pdq": pdq(50).hex(), "note": "seen by two"})
    hma.lists.put(replace(hma.live, trusted_until=NOW))
    assert hma.http.get("/healthz/ready").status_code == 503
    assert hma.http.post("/v1/scan", content=LISTED, headers=AUTH).status_code == 503


def test_decisions_survive_a_restart_and_lie_sealed(hma: Hma, tmp_path: Path) -> None:
    hma.http.post("/c/bank/NEGATIVES/signal", json={"pdq": pdq(1).hex(), "note": "secret reason"})
    at_rest = b"".join(path.read_bytes() for path in tmp_path.glob("curation*"))
    assert b"secret" not in at_rest
    assert pdq(1).hex().encode() not in at_rest
    again = open_curating(Settings(data_dir=tmp_path), bytes(32), hma.lists, ExitStack())
    assert [one.decision.reason for one in again.curation.state().negatives] == ["secret reason"]


@given(st.lists(st.uuids(), min_size=1, max_size=50, unique=True))
def test_numbers_are_exact_for_every_reader_and_apart(entries: list[Any]) -> None:
    numbers = [number_of(entry) for entry in entries]
    assert all(1 << 52 <= number < 1 << 53 and int(float(number)) == number for number in numbers)
    assert len(set(numbers)) == len(entries)


def test_a_number_leads_back_to_its_entry() -> None:
    snapshot = match_list(300).snapshot
    assert all(entry_of(snapshot, number_of(entry_id(i))) == entry_id(i) for i in range(300))
    assert entry_of(snapshot, 1) is None
    assert entry_of(snapshot, (1 << 53) - 1) is None
