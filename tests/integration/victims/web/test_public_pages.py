"""Removal requests: danger first, fingerprints only, one answer for every fingerprint, and no trace."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.anonymous import ADDRESS, BROWSER, Visitor, told
from tests.support.cast import Cast
from tests.support.reports_world import in_clear
from tutela.casework.anonymous import inbox, proof_of_work, ticket, work
from tutela.events.actor import Actor
from tutela.events.list_access import ListPage
from tutela.events.transaction import acting
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.models import Indicator
from tutela.indicators.register import certify, propose
from tutela.law import classification
from tutela.organisations.people import directory
from tutela.reports.models import Report
from tutela.victims import public_form
from tutela.victims.public_form import FORM, MOST_BYTES

PLACE = "/en/removal/fingerprints/"
# Five kilobytes more than other pages: forms are sent by a script, so that no history keeps them, and this page
# hashes what is seen through on every ground.
MOST_BYTES_LOADED = 66_000
WRITTEN = public_form.REMOVAL.code
# Of the page of a case: its number, its messages and its tokens.
CHANGING = re.compile(r'(?s)<ol.*?</ol>|M-[\w-]+|value="[^"]*"|work="\w+"')


@pytest.fixture
def support(cast: Cast) -> Iterator[Actor]:
    assert cast.centre
    cast.organisation("Victim Support", "victim_support", "NL")
    entry = public_form.victim_support()
    assert entry is not None
    yield directory.acting_for(entry, "system:test", "Test", frozenset({inbox.READ, inbox.ANSWER}))
    for form in (
        FORM,
        f"{WRITTEN}.write",
        f"{WRITTEN}.enter",
        f"{WRITTEN}.withdraw",
        "message.write",
        "message.enter",
    ):
        work.ADMITTED.forget(form)


def _digest() -> str:
    return secrets.token_hex(32)


def _ticket(client: Client) -> dict[str, str]:
    page = client.get("/en/removal/pictures/").content.decode()
    text = re.search(r'name="ticket" value="([^"]+)"', page)
    nonce = re.search(r'data-work="(\w+)"', page)
    assert text
    assert nonce
    return {"ticket": text[1], "proof": proof_of_work.solve(nonce[1])}


def _body(client: Client, *fingerprints: tuple[str, str], **more: object) -> dict[str, Any]:
    made = [{"type": kind, "hash": value} for kind, value in fingerprints]
    return {**_ticket(client), "file": secrets.token_hex(8), "fingerprints": made, **more}


def _send(client: Client, body: object, content_type: str = "application/json") -> Any:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(PLACE, text, content_type=content_type, **Visitor().headers)


def _texts(support: Actor) -> set[str]:
    """Texts of all conversations that wait: earlier tests may have left more than a page of them."""
    rows = inbox.list_conversations(support, "waiting", ListPage(file=True))[0]
    return {entry.text for row in rows for entry in inbox.read(support, row.id).entries}


def test_danger_is_asked_before_a_picture_is_chosen(support: Actor) -> None:
    client = Client()
    first = client.get("/en/removal/").content.decode()
    assert "Is someone in danger or threatening you now?" in first
    assert 'href="tel:112"' in first
    assert 'href="tel:116111"' in first
    assert "<input" not in first
    danger = client.get("/en/removal/danger/").content.decode()
    assert "We cannot find you unless you tell us where you are." in danger
    assert client.get("/removal/")["Location"] == "/en/removal/"
    assert client.get("/xx/removal/").status_code == 404
    assert client.get(PLACE)["Location"] == "/en/removal/pictures/"


def test_the_page_of_pictures_sends_to_this_site_alone_and_names_no_file(support: Actor) -> None:
    answer = Client().get("/en/removal/pictures/")
    policy, page = answer["Content-Security-Policy"], answer.content.decode()
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "worker-src 'self'" in policy
    assert "http" not in policy
    assert "unsafe" not in policy
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    (file,) = re.findall(r'<input[^>]*type="file"[^>]*>', page)
    assert "name=" not in file, "a form without a script would send a named file"
    assert "The picture stays on this device." in page
    assert "worker-src" not in Client().get("/en/removal/")["Content-Security-Policy"]


@pytest.mark.parametrize("place", ["", "danger/", "pictures/"])
def test_a_page_with_all_that_it_loads_is_small(support: Actor, place: str) -> None:
    page = Client().get(f"/en/removal/{place}").content
    loaded = re.findall(rb'(?:src|href|data-worker)="/static/([^"]+)"', page)
    files = [Path(str(finders.find(name.decode()))).read_bytes() for name in loaded]
    assert len(page) + sum(map(len, files)) <= MOST_BYTES_LOADED
    assert b"//" not in re.sub(rb"http://127\.0\.0\.1:8000", b"", page), "no other site"


def test_fingerprints_become_a_message_that_the_person_reads_again(support: Actor) -> None:
    client, sha256, pdq = Client(), _digest(), _digest()
    answer = _send(client, _body(client, ("sha256", sha256), ("pdq", pdq)))
    assert answer.status_code == 200
    said = answer.json()
    assert any(f"picture\nsha256 {sha256}\npdq {pdq}" in one for one in _texts(support))
    entered = Visitor(kind=WRITTEN).enters(said["number"], said["passphrase"]).content.decode()
    assert "Picture 1" in entered, "which the progress names too"
    assert sha256 not in entered, "no hash reaches a page of a person"
    assert pdq not in entered
    for hidden in (ADDRESS, BROWSER, sha256, pdq, said["passphrase"]):
        assert in_clear(support, hidden) == []


def test_a_second_picture_belongs_to_the_same_case(support: Actor) -> None:
    client, second = Client(), _digest()
    first = _send(client, _body(client, ("pdq", _digest()))).json()
    again = _send(client, _body(client, ("pdq", second), reader=first["reader"])).json()
    assert again["number"] == first["number"]
    assert again["passphrase"] == ""
    entered = Visitor(kind=WRITTEN).enters(first["number"], first["passphrase"]).content.decode()
    assert second not in entered
    assert re.findall(r'class="written">([^<]+)<', entered) == ["Picture 1", "Picture 2"]
    assert entered.count('class="written"') == 2


def test_a_picture_is_added_later_with_case_number_and_passphrase(support: Actor) -> None:
    client = Client()
    first = _send(client, _body(client, ("pdq", _digest()))).json()
    keys = {"number": first["number"], "passphrase": first["passphrase"]}
    wrong = _send(client, _body(client, **keys | {"passphrase": "acorn " * 9}))
    assert wrong.status_code == 422
    assert "reader" not in wrong.json()
    both = _send(client, _body(client, ("pdq", _digest()), **keys))
    assert (both.status_code, both.json()["field"]) == (422, "fingerprints")
    before = len(_texts(support))
    said = _send(client, _body(client, **keys)).json()
    assert (said["number"], said["passphrase"]) == (first["number"], "")
    assert len(_texts(support)) == before, "nothing is stored yet"
    _send(client, _body(client, ("pdq", _digest()), reader=said["reader"]))
    entered = Visitor(kind=WRITTEN).enters(first["number"], first["passphrase"])
    assert entered.content.decode().count('class="written"') == 2


def test_the_same_message_sent_twice_is_one_case(support: Actor) -> None:
    client = Client()
    body = _body(client, ("pdq", _digest()))
    first, again = _send(client, body).json(), _send(client, body).json()
    assert (first["number"], first["passphrase"]) == (again["number"], again["passphrase"])
    other = _send(client, body | {"fingerprints": [{"type": "pdq", "hash": _digest()}]})
    assert other.status_code == 422
    assert other.json()["field"] == "ticket"


def test_a_known_and_an_unknown_fingerprint_have_one_answer(cast: Cast, support: Actor) -> None:
    known, client = _digest(), Client()
    value = {"value": "known-material", "label": "Material within Art. 2(c)"}
    scheme = {"code": "eu-2011-93", "title": "T", "version": "2011", "source": "Directive", "values": [value]}
    classification.import_scheme(cast.centre, scheme)
    given = [HashValue("sha256", known)]
    made = propose.propose(
        cast.hotline_ie,
        given=given,
        media_type="image",
        classification="eu-2011-93:known-material",
        reason="Assessed",
    )
    certify.certify(cast.hotline_de, made)
    shown, asked = set(), list[int]()
    for value in (known, _digest(), known, _digest()):
        body = _body(client, ("sha256", value))
        with CaptureQueriesContext(connection) as seen:
            answer = _send(client, body)
        asked.append(len(seen))
        said = answer.json()
        entered = Visitor(kind=WRITTEN).enters(said["number"], said["passphrase"]).content.decode()
        told = {name for name, text in said.items() if text}
        shown.add((answer.status_code, *sorted(told), CHANGING.sub("", entered)))
    assert len(shown) == 1
    assert len(set(asked)) == 1, "each answer takes the same statements"


def test_a_requested_fingerprint_becomes_no_indicator_and_no_report(cast: Cast, support: Actor) -> None:
    def counted() -> tuple[int, int]:
        with acting(cast.centre):
            return Indicator.objects.count(), Report.objects.count()

    before, client = counted(), Client()
    assert _send(client, _body(client, ("sha256", _digest()))).status_code == 200
    assert counted() == before


def _withdrawal(page: str) -> dict[str, str]:
    """The form of a case's page that withdraws it, as the page's script sends it."""
    form = page[page.index("answers/withdraw/") :]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    nonce = re.search(r'data-work="(\w+)"', form)
    assert nonce
    return hidden | {"proof": proof_of_work.solve(nonce[1])}


def test_a_withdrawn_request_is_erased(support: Actor) -> None:
    client, value, visitor = Client(), _digest(), Visitor(kind=WRITTEN)
    said = _send(client, _body(client, ("pdq", value))).json()
    assert any(value in one for one in _texts(support))
    form = _withdrawal(visitor.enters(said["number"], said["passphrase"]).content.decode())
    assert visitor.client.get(f"/en/{WRITTEN}/answers/withdraw/").status_code == 302
    assert visitor.post("answers/withdraw/", form | {"ticket": "forged"}).status_code == 422
    assert visitor.post("answers/withdraw/", form | {"reader": "forged"}).status_code == 422
    assert any(value in one for one in _texts(support)), "nothing was erased"
    done = visitor.post("answers/withdraw/", form)
    assert done.status_code == 200
    assert "no longer work" in done.content.decode()
    assert not any(value in one for one in _texts(support))
    assert visitor.post("answers/withdraw/", form).status_code == 422
    assert visitor.enters(said["number"], said["passphrase"]).status_code == 422
    again = _send(client, _body(client, ("pdq", _digest()), reader=said["reader"]))
    assert again.status_code == 422, "and takes no further picture"


def test_other_conversations_cannot_be_withdrawn(support: Actor) -> None:
    visitor = Visitor()
    number, words = told(visitor.writes("A message"))
    page = visitor.enters(number, words)
    assert "Withdraw" not in page.content.decode()
    form = visitor.form(page) | {"ticket": ticket.issue("message.withdraw").text}
    assert visitor.post("answers/withdraw/", form).status_code == 422
    assert visitor.enters(number, words).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fingerprints": []}, "fingerprints"),
        ({"fingerprints": [{"type": "pdq", "hash": "0" * 63}]}, "fingerprints.0"),
        ({"fingerprints": [{"type": "pdq", "hash": "0" * 63 + "\n"}]}, "fingerprints.0.hash"),
        ({"fingerprints": [{"type": "pdq", "hash": "A" * 64}]}, "fingerprints.0.hash"),
        ({"fingerprints": [{"type": "md5", "hash": "0" * 64}]}, "fingerprints.0"),
        ({"fingerprints": [{"type": "sha1", "hash": "0" * 40}]}, "fingerprints.0.type"),
        ({"fingerprints": [{"type": "pdq", "hash": "0" * 64}] * 101}, "fingerprints"),
        ({"file": "holiday.jpg"}, "file"),
        ({"acts_for": "police"}, "acts_for"),
        ({"fingerprints": [{"type": "pdq", "hash": "0" * 64, "age": 12}]}, "fingerprints.0.age"),
        ({"fingerprints": [{"type": "sha256", "hash": "0" * 64}] * 2}, "fingerprints"),
        ({"name": "A name"}, "name"),
        ({"proof": "1"}, "proof"),
        ({"ticket": "forged"}, "ticket"),
        ({"ticket": 1}, "ticket"),
    ],
)
def test_what_is_no_fingerprint_is_refused_by_its_field(support: Actor, change: dict[str, object], field: str) -> None:
    client, before = Client(), _texts(support)
    answer = _send(client, _body(client, ("pdq", _digest())) | change)
    assert answer.status_code == 422
    assert answer.json()["field"] == field
    assert answer.json()["error"]
    assert answer.json()["nonce"], "the page can go on"
    assert _texts(support) == before


def test_a_large_body_and_anything_but_json_are_refused(support: Actor) -> None:
    client, before = Client(), _texts(support)
    body = _body(client, ("pdq", _digest()))
    assert _send(client, json.dumps(body).encode().ljust(MOST_BYTES + 1)).status_code == 413
    assert _send(client, b"\x89PNG" + bytes(100_000)).status_code == 413
    assert _send(client, b"\x89PNG\r\n").json()["field"] == "body"
    assert _send(client, body, "image/png").status_code == 415
    for content_type in ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded"):
        assert _send(client, body, content_type)["Location"] == "/en/removal/pictures/", "a browser without a script"
    assert _texts(support) == before


def test_an_address_without_a_picture_is_a_request_too(support: Actor) -> None:
    page = Visitor(kind=WRITTEN).get().content.decode()
    assert "Write where the pictures are" in page
    assert Visitor(kind=WRITTEN).writes("At https://host.example.org/page").status_code == 200
    assert "At https://host.example.org/page" in _texts(support)


def test_without_a_victim_support_there_is_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_form, "victim_support", lambda: None)
    for place in ("", "danger/", "pictures/", "fingerprints/"):
        assert Client().get(f"/en/removal/{place}").status_code == 404
