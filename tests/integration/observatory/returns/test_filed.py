"""Returns are prefilled, refused with what is wrong, signed, versioned, received elsewhere and added up."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.support.cast import Cast
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden
from tutela.events.transaction import acting
from tutela.exchange.message.canonical_json import canonical
from tutela.exchange.message.signed_envelope import sign
from tutela.observatory.comparison import european_aggregate
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.errors import NotAReturn, ReceivedBefore, ReturnFaulty, UnknownForm, UnknownReturn
from tutela.observatory.forms import files
from tutela.observatory.forms.content import CONTEXT, Line, ReturnDocument
from tutela.observatory.models import FiledReturn
from tutela.observatory.returns import document_pdf, filed, received
from tutela.organisations.messages import message_signing

YEAR = ReportingPeriod.parse("2025")
API = "/api/v1/figures/returns"
FORM = "member-state-2021-1232"
VALUES = {
    "reports_total": "1500",
    "reports_unique": "1000",
    "reports_repeated": "500",
    "children_girls": "80",
    "children_boys": "15",
    "children_unknown": "5",
    "children_total": "100",
    "suspects": "300",
    "convicted": "70",
}


@pytest.fixture
def authority(cast: Cast) -> Actor:
    return cast.organisation("Coordinating Authority", "coordinating_authority", "IE")


def complete(actor: Actor, **changes: str) -> ReturnDocument:
    document = filed.draft(actor, filed.form_for(actor, FORM), YEAR)
    values = {**VALUES, **changes}
    return replace(document, lines=tuple(replace(one, value=values[one.field], missing="") for one in document.lines))


def key_of(actor: Actor, made: object) -> str:
    with acting(actor):
        return FiledReturn.objects.get(pk=made).key


def test_a_stranger_and_another_organisation_see_nothing(cast: Cast, authority: Actor) -> None:
    analyst = cast.actor(authority, "analyst")
    made = filed.file(analyst, complete(analyst))
    with pytest.raises(Forbidden):
        filed.document_of(cast.actor(authority, "administrator"), made)
    other = cast.actor(cast.organisation("Coordinating Authority", "coordinating_authority", "FR"), "analyst")
    with pytest.raises(UnknownReturn):
        filed.document_of(other, made)
    assert filed.listed(other) == []
    with pytest.raises(UnknownForm):
        filed.form_for(analyst, "provider-2021-1232")


def test_a_policy_officer_files_corrects_and_downloads_a_return(cast: Cast, authority: Actor) -> None:
    analyst = cast.actor(authority, "analyst")
    form = filed.form_for(analyst, FORM)
    draft = filed.draft(analyst, form, YEAR)
    assert {one.missing for one in draft.lines} == {":"}
    with pytest.raises(ReturnFaulty, match="add up to"):
        filed.file(analyst, complete(analyst, children_boys="16"))
    first = filed.file(analyst, complete(analyst))
    second = filed.file(analyst, complete(analyst, suspects="310"))
    assert [one.version for one in filed.listed(analyst)] == [2, 1]
    assert filed.document_of(analyst, first).by_place()["suspects", ""].value == "300"
    document = filed.document_of(analyst, second)
    assert files.as_csv(form, document).count(b"\r\n") == len(document.lines) + 1
    with zipfile.ZipFile(io.BytesIO(files.as_xlsx(form, document))) as book:
        assert "xl/worksheets/sheet2.xml" in book.namelist()
    assert document_pdf.as_pdf(form, document).startswith(b"%PDF-")


def test_the_centre_receives_signed_returns_and_adds_up_what_it_may(cast: Cast, authority: Actor) -> None:
    analyst, lead = cast.actor(authority, "analyst"), cast.actor(cast.centre, "lead")
    made = filed.file(analyst, complete(analyst))
    signed, key = filed.signed_file(analyst, made), key_of(analyst, made)
    with pytest.raises(Forbidden):
        received.receive(analyst, signed, key)
    for broken in (b"", signed[:-20], signed.replace(b"tutela/return/1", b"tutela/return/2")):
        with pytest.raises(NotAReturn):
            received.receive(lead, broken, key)
    with pytest.raises(NotAReturn):
        received.receive(lead, signed, "00" * 32)
    received.receive(lead, signed, key)
    with pytest.raises(ReceivedBefore):
        received.receive(lead, signed, key)
    checked = received.checked(lead, FORM, YEAR)
    assert "IE" in checked.by_state
    assert "DE" in checked.missing
    for one in european_aggregate.aggregate(checked, date(2026, 11, 30)):
        assert one.total is None, "one state is no total of the Union"
        assert one.coverage == "1 of 27"


def test_a_return_of_an_impossible_period_or_version_is_refused(cast: Cast, authority: Actor) -> None:
    analyst, lead = cast.actor(authority, "analyst"), cast.actor(cast.centre, "lead")
    made = filed.file(analyst, complete(analyst))
    key, told = key_of(analyst, made), json.loads(filed.document_of(analyst, made).to_bytes())
    changes = (
        {"start": "9999-01-01", "end": "9999-12-31"},
        {"start": "1900-01-01", "end": "1900-12-31"},
        {"start": told["start"], "end": told["start"]},
        {"number": 32_768},
        {"number": 0},
        {"sender": "Authority\0"},
    )
    before = received.periods(lead)
    for change in changes:
        with acting(analyst):
            data = sign(canonical({**told, **change}), CONTEXT, message_signing.private_key(analyst)).to_bytes()
        with pytest.raises(NotAReturn):
            received.receive(lead, data, key)
    assert received.periods(lead) == before


def test_a_provider_return_is_prefilled_from_its_ledger(cast: Cast) -> None:
    provider = cast.organisation("Pixelpost", "provider", "IE")
    lead = cast.actor(provider, "lead")
    draft = filed.draft(
        lead, filed.form_for(lead, "provider-2026-1881"), ReportingPeriod.parse("2026-08-01/2026-10-31")
    )
    lines = draft.by_place()
    assert lines["reports_sent", ""].value == "0"
    assert lines["complaints_decided", ""].value == "0"
    assert lines["transfer_ground", ""] == Line("transfer_ground", missing=":")


def _signed(actor: Actor, document: ReturnDocument) -> bytes:
    with acting(actor):
        return sign(document.to_bytes(), CONTEXT, message_signing.private_key(actor)).to_bytes()


def test_an_organisation_sends_its_return_by_the_api(cast: Cast, authority: Actor) -> None:
    analyst, lead = cast.actor(authority, "analyst"), cast.actor(cast.centre, "lead")
    signed = filed.signed_file(analyst, filed.file(analyst, complete(analyst)))
    headers = cast.key(authority, "returns:submit")

    def sent(data: bytes, by: dict[str, str]) -> HttpResponse:
        return Client().post(API, data, "application/octet-stream", headers=by)

    first, again = sent(signed, headers), sent(signed, headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (FORM, YEAR) in received.periods(lead)
    for broken in (b"", b"{}", signed[:-20], signed.replace(b"tutela/return/1", b"tutela/return/2")):
        assert sent(broken, headers).status_code == 422
    # A return that names somebody else, or a form of others, signed with a key of the sender.
    for claimed in ({"sender": "Ministry of Justice"}, {"country": "FR"}, {"form": "provider-2026-1881"}):
        assert sent(_signed(analyst, replace(complete(analyst), **claimed)), headers).status_code == 422
    # Another one's return, even of the same country, is not signed with a key of the sender.
    neighbour = cast.organisation("Coordinating Authority Two", "coordinating_authority", "IE")
    assert sent(signed, cast.key(neighbour, "returns:submit")).status_code == 422
    assert sent(signed, cast.key(authority, "figures:read")).status_code == 403
    assert Client().post(API, signed, "application/octet-stream").status_code == 401
