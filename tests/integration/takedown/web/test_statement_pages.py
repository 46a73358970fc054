"""Statements of reasons and the transparency database in a browser, from the decision to the stored statement."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.cast import Cast
from tests.support.hosting_world import REDRESS, HostDesk

FORM = {
    "facts": "A hotline sent a notice.",
    "provision": "Directive 2011/93/EU Art. 5",
    "explanation": "The content was assessed as illegal.",
    "content_types": ["CONTENT_TYPE_IMAGE"],
    "content_date": "2026-02-09",
    "territory": ["IE", "DE"],
    "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    "complaint": REDRESS,
    "out_of_court": "Ask a certified body.",
    "court": "Ask the court.",
    "language": "en",
}
DATABASE = "/desk/hosting/database/"


@pytest.fixture
def desk(cast: Cast) -> HostDesk:
    assert cast.centre
    return HostDesk(cast)


def _answer(client: Client, address: str, status: int, said: object) -> str:
    file = SimpleUploadedFile("answer.json", json.dumps(said).encode())
    client.post(address, {"status": status, "body": file})
    return client.get(DATABASE).content.decode()


def test_from_the_decision_to_the_stored_statement(desk: HostDesk) -> None:
    client, notice = desk.cast.client(desk.provider, "lead"), desk.decided()
    page = f"/desk/hosting/{notice}/"
    assert REDRESS in client.get(page).content.decode()
    client.post(f"{page}statement/", {**FORM, "content_date": "x"})
    assert "Date of the content:" in client.get(page).content.decode()
    client.post(f"{page}statement/", FORM)
    assert "The statement of reasons is made." in client.get(page).content.decode()
    text = client.get(f"{page}statement.txt")
    assert b"https://host.example.org/x/1" in text.content
    assert "attachment" in text["Content-Disposition"]
    assert json.loads(client.get(f"{page}statement.json").content)["territorial_scope"] == ["IE", "DE"]
    mail = client.post(f"{page}statement/email/", {"email": "user@example.org"})
    assert (mail["Content-Type"], b"user@example.org" in mail.content) == ("message/rfc822", True)
    assert "user@example.org" not in client.get(page).content.decode()
    client.post(f"{DATABASE}new/")
    shown = client.get(DATABASE).content.decode()
    batch = shown.partition(f"{DATABASE}")[2].partition("/statements.json")[0][-36:]
    found = json.loads(client.get(f"{DATABASE}{batch}/statements.json").content)["statements"]
    assert len(found) == 2
    wrong = _answer(client, f"{DATABASE}{batch}/answer/", 201, {"statements": []})
    assert "does not name the statements of this file" in wrong
    good = {"statements": [{"puid": one["puid"], "uuid": "u"} for one in found]}
    assert "All statements of the file are stored." in _answer(client, f"{DATABASE}{batch}/answer/", 201, good)
    client.post(f"{DATABASE}new/")
    assert "No statement waits" in client.get(DATABASE).content.decode()
    assert client.post(f"{DATABASE}{notice}/again/").status_code == 404


def test_who_may_not_makes_and_sees_nothing(desk: HostDesk, cast: Cast) -> None:
    notice = desk.decided()
    page, reader = f"/desk/hosting/{notice}/", cast.client(desk.provider, "reviewer")
    assert reader.post(f"{page}statement/", FORM).status_code == 404
    assert reader.post(f"{DATABASE}new/").status_code == 404
    assert "Make file" not in reader.get(DATABASE).content.decode()
    assert reader.get(f"{page}statement.txt").status_code == 404, "there is none"
    for stranger, role in ((cast.other_provider, "lead"), (cast.hotline_de, "analyst")):
        client = cast.client(stranger, role)
        assert client.post(f"{page}statement/", FORM).status_code == 404
        assert client.post(f"{page}statement/email/", {"email": "a@example.org"}).status_code == 404
        assert client.get(f"{page}statement.json").status_code == 404
    assert Client().get(DATABASE).status_code == 302
