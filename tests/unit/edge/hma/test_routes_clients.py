"""What whole clients of HMA do at an Edge: a tool that makes its banks, a program that reads the document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from tests.support.edge_centre import NOW
from tests.support.fakes.media import picture
from tests.support.matching_lists import digests, entry_id, flipped, pdq
from tests.unit.edge.hma.test_routes import Hma, photo
from tests.unit.edge.process.test_app import AUTH, LISTED
from tutela import clock
from tutela.edge.errors import SettingsError
from tutela.edge.fetch.http_client import Fetcher
from tutela.edge.hma.banks import number_of
from tutela.edge.runtime.settings import Settings

BANK = "COOP_ABC_KNOWN"
# As version 1.1.7 of HMA writes its own, without its pages and what it has for development.
PATHS_OF_HMA = {
    "/",
    "/status",
    "/status/live",
    "/site-map",
    "/openapi/openapi.json",
    "/h/hash",
    "/m/lookup",
    "/m/raw_lookup",
    "/m/compare",
    "/m/index/status",
    "/c/banks",
    "/c/bank/<bank_name>",
    "/c/bank/<bank_name>/content",
    "/c/bank/<bank_name>/content/<int:content_id>",
    "/c/bank/<bank_name>/signal",
    "/c/exchanges",
    "/c/exchanges/apis",
    "/c/exchanges/api/<api_name>",
    "/c/exchanges/api/<api_name>/schema",
    "/c/exchange/<exchange_name>",
    "/c/exchange/<exchange_name>/status",
    "/c/signal_type",
    "/c/signal_type/index",
    "/c/signal_type/<signal_type_name>",
    "/c/content_type",
}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.simulate(NOW):
        yield


@pytest.fixture
def hma(tmp_path: Path) -> Hma:
    more = {"HMA_BANKS": f"{BANK}=list-a,COOP_ABC_LATER=later", "FETCH_ORIGINS": "https://media.example"}
    made = Hma(tmp_path, **more)
    made.http.headers.pop("authorization")
    return made


def test_a_client_that_makes_its_bank_finds_the_one_that_was_declared_for_it(hma: Hma) -> None:
    """As Coop does it: without a token, with a ratio in text, and with a slash at the end of the base address."""
    made = hma.http.post("http://testserver//c/banks", json={"name": BANK, "enabled_ratio": "1"})
    assert (made.status_code, made.json()) == (201, {"name": BANK, "matching_enabled_ratio": 1.0})
    assert hma.http.get(f"http://testserver//c/bank/{BANK}").status_code == 200
    assert hma.http.put(f"/c/bank/{BANK}", json={"enabled_ratio": 1}).json()["name"] == BANK
    (match,) = hma.http.get(
        "http://testserver//m/lookup", params={"signal": pdq(1).hex(), "signal_type": "pdq"}
    ).json()[BANK]
    assert match == {"bank_content_id": number_of(entry_id(1)), "distance": "0"}
    exchange = {"bank": BANK, "api": "tutela_register", "api_json": {}}
    assert hma.http.post("/c/exchanges", json=exchange).status_code == 201


def test_a_declared_bank_is_there_before_its_list_so_that_no_client_forgets_it(hma: Hma) -> None:
    assert hma.http.get("/c/bank/COOP_ABC_LATER").status_code == 200
    assert hma.http.get("/c/bank/COOP_ABC_LATER/content/1").status_code == 503
    status = hma.http.get("/c/exchange/COOP_ABC_LATER/status")
    assert status.status_code == 404, "nothing was set up that it could come from"
    assert hma.http.get("/c/bank/LIST_A").status_code == 404, "it is called otherwise now"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "COOP_ABC_OTHER"}, 403),
        ({"name": "CONFIRMED"}, 403),
        ({"name": BANK, "enabled_ratio": 0.5}, 403),
        ({"name": BANK, "enabled": False}, 403),
        ({"name": BANK, "enabled_ratio": "much"}, 400),
        ({"name": BANK, "enabled_ratio": "nan"}, 400),
        ({"name": "01_TEST_BANK"}, 400),
        ({"name": "my_bank"}, 400),
        ({"name": [BANK]}, 400),
        ({}, 400),
    ],
)
def test_no_other_bank_is_made(hma: Hma, body: dict[str, Any], status: int) -> None:
    before = hma.http.get("/c/banks").json()
    answer = hma.http.post("/c/banks", json=body)
    assert answer.status_code == status
    assert set(answer.json()) == {"message", "details"}
    assert hma.http.get("/c/banks").json() == before


def test_exchanges_tell_where_lists_come_from_and_how_current_they_are(hma: Hma) -> None:
    assert hma.http.get("/c/exchanges").json() == [BANK]
    assert hma.http.get(f"/c/exchange/{BANK}").json() == {
        "name": BANK,
        "api": "tutela_register",
        "enabled": True,
        "list_id": "list-a",
    }
    moment = int(NOW.timestamp())
    status = hma.http.get(f"/c/exchange/{BANK}/status").json()
    assert status == {
        "checkpoint_ts": int(hma.live.manifest.created.timestamp()),
        "running_fetch_start_ts": None,
        "last_fetch_complete_ts": moment,
        "last_fetch_succeeded": True,
        "up_to_date": True,
        "fetched_items": 6,
    }
    with clock.simulate(NOW + timedelta(seconds=61)):
        late = hma.http.get(f"/c/exchange/{BANK}/status").json()
    assert (late["last_fetch_succeeded"], late["up_to_date"]) == (False, False), "no good poll for a minute"
    hma.lists.put(replace(hma.live, trusted_until=NOW))
    assert hma.http.get(f"/c/exchange/{BANK}/status").json()["up_to_date"] is False


def test_what_has_not_come_yet_says_so(tmp_path: Path) -> None:
    hma = Hma(tmp_path)
    hma.lists.expect(["soon"])
    assert hma.http.get("/c/exchanges").json() == ["LIST_A", "SOON"]
    status = hma.http.get("/c/exchange/SOON/status").json()
    assert (status["up_to_date"], status["last_fetch_succeeded"], status["fetched_items"]) == (False, None, 0)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/c/exchanges", {}, 400),
        ("POST", "/c/exchanges", {"bank": "A_BANK"}, 400),
        ("POST", "/c/exchanges", {"bank": "A_BANK", "api": "ncmec"}, 400),
        ("POST", "/c/exchanges", {"bank": BANK, "api": ["local_file"]}, 400),
        ("POST", "/c/exchanges", {"bank": BANK, "api": "local_file", "api_json": []}, 400),
        ("POST", "/c/exchanges", {"bank": BANK, "api": "local_file"}, 403),
        ("POST", "/c/exchanges", {"bank": "A_BANK", "api": "local_file", "api_json": {"filename": "/etc/passwd"}}, 403),
        ("PUT", f"/c/exchange/{BANK}", {"enabled": False}, 403),
        ("PUT", f"/c/exchange/{BANK}", {"enabled": True}, 200),
        ("PUT", "/c/exchange/NOWHERE", {"enabled": True}, 404),
        ("DELETE", f"/c/exchange/{BANK}", None, 403),
        ("DELETE", "/c/exchange/NOWHERE", None, 404),
        ("GET", "/c/exchange/NOWHERE", None, 404),
        ("GET", "/c/exchange/NOWHERE/status", None, 404),
        ("GET", "/c/exchanges/api/ncmec", None, 400),
        ("GET", "/c/exchanges/api/ncmec/schema", None, 404),
        ("POST", "/c/exchanges/api/tutela_register", {"credential_json": {"key": "x"}}, 403),
        ("PUT", "/c/signal_type/pdq", {"enabled_ratio": 1.0}, 204),
        ("PUT", "/c/signal_type/pdq", {"enabled_ratio": 0.0}, 403),
        ("PUT", "/c/signal_type/photodna", {"enabled_ratio": 1.0}, 404),
        ("GET", "/c/signal_type/index?signal_type=x", None, 400),
    ],
)
def test_what_is_set_is_not_changed_from_here(hma: Hma, method: str, path: str, body: Any, status: int) -> None:
    answer = hma.http.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    if status >= 400:
        assert set(answer.json()) == {"message", "details"}


def test_ways_in_that_are_signed_in_to_say_so_and_show_no_key(tmp_path: Path) -> None:
    hma = Hma(tmp_path, API_KEY="secret-key")
    apis = hma.http.get("/c/exchanges/apis").json()
    said = {api: hma.http.get(f"/c/exchanges/api/{api}").json() for api in apis}
    assert said["tutela_register"] == {"supports_authentification": True, "has_set_authentification": True}
    assert said["local_file"] == {"supports_authentification": False, "has_set_authentification": False}
    schema = hma.http.get("/c/exchanges/api/local_file/schema").json()
    assert schema == {"config_schema": {"fields": []}, "credentials_schema": None}
    assert "secret-key" not in str(said)


def test_an_address_without_a_content_type_is_told_by_its_bytes(hma: Hma, monkeypatch: pytest.MonkeyPatch) -> None:
    mp4 = b"\x00\x00\x00\x18ftypisom" + bytes(64)
    lying = {"https://media.example/a": LISTED, "https://media.example/b.jpg": mp4}
    monkeypatch.setattr(Fetcher, "fetch", lambda _, location: lying[location])
    photos = hma.http.get("/h/hash", params={"url": "https://media.example/a"})
    assert photos.json() == {"pdq": pdq(1).hex()}
    assert list(hma.http.get("/h/hash", params={"url": "https://media.example/b.jpg"}).json()) == ["video_md5"]
    found = hma.http.get("/m/lookup", params={"url": "https://media.example/a"}).json()
    assert list(found["pdq"]) == [BANK]


def test_hashes_that_are_equal_or_nothing_have_no_distance(hma: Hma) -> None:
    md5 = {"signal": digests(2).md5, "signal_type": "video_md5"}
    (match,) = hma.http.get("/m/lookup", params=md5).json()[BANK]
    assert match["distance"] == "-"


def test_a_list_of_two_names_answers_under_both_and_by_number_once_for_each(tmp_path: Path) -> None:
    hma = Hma(tmp_path, HMA_BANKS="ONE=list-a,TWO=list-a,OURS=confirmed")
    assert set(hma.banks_of(pdq(1))) == {"ONE", "TWO"}
    assert set(hma.banks_of(pdq(1), banks="TWO")) == {"TWO"}
    raw = {"signal": pdq(1).hex(), "signal_type": "pdq"}
    assert hma.http.get("/m/raw_lookup", params=raw).json() == {"matches": 2 * [number_of(entry_id(1))]}
    told = hma.http.get("/m/raw_lookup", params=raw | {"include_distance": "true"}).json()["matches"]
    assert [one["bank_content_id"] for one in told] == 2 * [number_of(entry_id(1))]
    assert hma.http.get("/m/raw_lookup", params=raw | {"banks": "TWO"}).json()["matches"] == [number_of(entry_id(1))]
    assert hma.http.post("/c/bank/OURS/signal", json={"pdq": pdq(50).hex(), "note": "why"}).status_code == 200
    assert set(hma.banks_of(pdq(50))) == {"OURS"}


def test_collab_in_metadata_counts_for_nothing_and_kinds_are_checked(tmp_path: Path) -> None:
    hma = Hma(tmp_path)

    def add(metadata: str) -> Any:
        form = {"note": "why", "metadata": metadata}
        return hma.http.post("/c/bank/CONFIRMED/content", files=photo(picture(pdq(50))), data=form)

    assert add('{"content_id": 5}').status_code == 400
    assert add('{"json": "text"}').status_code == 400
    assert add('{"content_id": "\\ud800"}').status_code == 400
    assert add('{"content_id": "a", "content_id": "b"}').status_code == 400
    made = add('{"content_uri": "https://x.example", "collab": {"NCMEC": ["1"]}}').json()
    path = f"/c/bank/CONFIRMED/content/{made['id']}"
    assert hma.http.get(path).json()["metadata"] == {"content_uri": "https://x.example"}
    assert "metadata" not in hma.http.get(path, params={"include_metadata": "false"}).json()
    assert "signals" not in hma.http.get(path).json()


def test_the_site_map_and_the_document_name_every_path_of_hma(hma: Hma) -> None:
    mapped = hma.http.get("/site-map").json()
    assert mapped == sorted(PATHS_OF_HMA)
    described = hma.http.get("/openapi/openapi.json").json()
    assert described["info"]["title"] == "Open Media Match API"
    assert set(described["paths"]) == {re.sub(r"<(?:int:)?(\w+)>", r"{\1}", path) for path in PATHS_OF_HMA}
    assert hma.http.get("/", follow_redirects=False).headers["location"] == "/status"


def test_answers_are_as_the_document_describes_them(tmp_path: Path) -> None:
    hma = Hma(tmp_path)
    described = hma.http.get("/openapi/openapi.json").json()
    made = hma.http.post("/c/bank/CONFIRMED/signal", json={"pdq": pdq(50).hex(), "note": "why"}).json()
    names = {"bank_name": "CONFIRMED", "content_id": made["id"], "exchange_name": "LIST_A", "api_name": "local_file"}
    raw = {"signal": flipped(pdq(1), [3]).hex(), "signal_type": "pdq", "include_distance": "true"}
    checked = 0
    for path, methods in described["paths"].items():
        if "get" not in methods or path in ("/", "/h/hash"):
            continue
        params = raw if "lookup" in path else {"include_signals": "true"} if "content_id" in path else {}
        answer = hma.http.get(path.format(**names), params=params)
        assert answer.status_code == 200, path
        content = methods["get"]["responses"]["200"]["content"]
        if "application/json" in content:
            schema = {**content["application/json"]["schema"], "components": described["components"]}
            Draft202012Validator(schema).validate(answer.json())
            checked += 1
    assert checked >= 15
    for path in ("/m/lookup", "/h/hash"):
        answer = hma.http.post(path, files=photo(LISTED))
        schema = described["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, "components": described["components"]}).validate(answer.json())


def test_with_tokens_the_map_and_the_document_are_not_for_strangers(tmp_path: Path) -> None:
    stranger = TestClient(Hma(tmp_path, "token").http.app)
    for path in ("/site-map", "/openapi/openapi.json", "/c/exchanges"):
        assert stranger.get(path).status_code == 401
        assert stranger.get(path, headers=AUTH).status_code == 200


def test_a_doubled_slash_leads_nowhere_else(tmp_path: Path) -> None:
    stranger = TestClient(Hma(tmp_path, "token").http.app)
    for path, status in {"//": 302, "//c//banks": 401, "///v1/lists": 401, "//evil.example/x": 404}.items():
        answer = stranger.get(f"http://testserver{path}", follow_redirects=False)
        assert answer.status_code == status
        assert answer.headers.get("location", "/status") == "/status"
    sent = stranger.post("http://testserver//h/hash", files=photo(LISTED), headers=AUTH)
    assert sent.json() == {"pdq": pdq(1).hex()}


@pytest.mark.parametrize("banks", ["lower=list-a", "A=", "CONFIRMED=list-a", "ONE=list-a,ONE=list-b", "1A=list-a", "A"])
def test_wrong_names_of_banks_are_refused_at_start(banks: str) -> None:
    with pytest.raises(SettingsError, match="TUTELA_EDGE_HMA_BANKS"):
        Settings.from_env({"TUTELA_EDGE_HMA_BANKS": banks})


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_FIELDS = st.sampled_from(["name", "enabled_ratio", "enabled", "bank", "api", "api_json", "disable_until_ts", "note"])


@given(body=st.dictionaries(_FIELDS, _JSON | st.sampled_from([BANK, "pdq", 10**30, "9" * 400]), max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_makes_more_than_a_refusal(hma: Hma, body: dict[str, Any]) -> None:
    content = f"/c/bank/{BANK}/content/{number_of(entry_id(1))}"
    told = [("POST", "/c/banks"), ("PUT", f"/c/bank/{BANK}"), ("POST", "/c/exchanges"), ("PUT", content)]
    for method, path in told:
        answer = hma.http.request(method, path, json=body, headers=AUTH)
        assert answer.status_code in (200, 201, 400, 403), (path, answer.text)
