"""The two layers for people: what is recorded of a value in a country on a day, and the import of a scheme."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.cast import Cast

LEGALITY = {"country": "NL", "illegal": True, "citation": "Art. 1", "applies_from": "2020-02-01", "checked": True}
SCHEME: dict[str, Any] = {
    "code": "of-a-test",
    "title": "Of a test",
    "version": "1",
    "source": "Here",
    "values": [{"value": "one", "label": "The first", "legality": [LEGALITY]}],
}


def send(client: Client, content: bytes) -> str:
    file = SimpleUploadedFile("scheme.json", content, "application/json")
    return client.post("/desk/classification/", {"file": file}, follow=True).content.decode()


def asked(value: str, country: str, day: str) -> str:
    fields = {"value": value, "country": country, "on": day}
    return Client().get("/law/classification/", fields).content.decode()


def test_a_scheme_is_imported_extended_and_asked(cast: Cast) -> None:
    client = cast.client(cast.centre, "lead")
    assert "1 new value." in send(client, json.dumps(SCHEME).encode())
    assert "0 new values." in send(client, json.dumps(SCHEME).encode())
    assert "Illegal: Art. 1" in " ".join(asked("of-a-test:one", "NL", "2020-02-01").split())
    assert "Nothing is recorded for this country and day" in asked("of-a-test:one", "NL", "2020-01-31")
    assert "Nothing is recorded for this country and day" in asked("of-a-test:one", "DE", "2026-01-01")
    assert "Select a valid choice" in asked("of-a-test:two", "NL", "2026-01-01")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "must be valid JSON"),
        (b"[]", "must be a JSON object"),
        (b"[" * 50_000, "must be valid JSON"),
        (b"\xff\xfe", "must be valid JSON"),
        (json.dumps({**SCHEME, "code": "Not a code"}).encode(), "code"),
        (json.dumps({**SCHEME, "more": 1}).encode(), "more"),
        (b" " * 1_000_001, "at most"),
    ],
    ids=["cut", "list", "deep", "bytes", "field", "unknown", "large"],
)
def test_a_file_that_is_no_scheme_is_refused_by_its_field(cast: Cast, content: bytes, said: str) -> None:
    page = send(cast.client(cast.centre, "lead"), content)
    assert said in page
    assert "new value" not in page


def test_a_scheme_is_imported_by_those_alone_who_keep_the_law(cast: Cast) -> None:
    for actor, role in ((cast.centre, "analyst"), (cast.pixelpost, "lead")):
        client = cast.client(actor, role)
        assert client.get("/desk/classification/").status_code == 404


def test_a_list_that_comes_with_tutela_is_imported(cast: Cast) -> None:
    client = cast.client(cast.centre, "lead")
    client.post("/desk/classification/", {"shipped": "iwf"}, follow=True)
    assert "uk-1978:a" in client.get("/law/classification/").content.decode()
    for wrong in ({}, {"shipped": "other"}):
        assert "new value" not in client.post("/desk/classification/", wrong, follow=True).content.decode()


def test_a_taxonomy_file_becomes_a_scheme_and_a_bad_one_names_its_field(cast: Cast) -> None:
    client = cast.client(cast.centre, "lead")
    label = {"label_id": "national-x:K1", "group": "all", "names": {"en": "First kind"}}
    taxonomy = {
        "schema_version": "1",
        "namespace": "national-x",
        "version": "2",
        "names": {"en": "National list"},
        "groups": [{"group_id": "all", "names": {"en": "All"}}],
        "labels": [label],
    }
    assert "1 new value." in send(client, json.dumps(taxonomy).encode())
    assert "national-x:k1" in client.get("/law/classification/").content.decode()
    assert "no labels" in send(client, json.dumps({**taxonomy, "labels": []}).encode())
    wrong = {**label, "label_id": "other:K1"}
    assert "label_id" in send(client, json.dumps({**taxonomy, "labels": [wrong]}).encode())
