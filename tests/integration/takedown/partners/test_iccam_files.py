"""ICCAM files of partners without an interface: export, preview, import once, and files that cannot be used."""

from __future__ import annotations

import json
import secrets
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.cast import Cast
from tests.support.partners_world import Partners
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.law import classification
from tutela.takedown.assessment import assess
from tutela.takedown.errors import NoIccam, UnknownCaseFile
from tutela.takedown.models import CaseFile, IncomingCase, Source, TakedownCase
from tutela.takedown.partners import iccam_files

FILES = "/desk/takedown/partners/files/"


@pytest.fixture
def world(cast: Cast) -> Partners:
    return Partners(cast)


def report(reference: str = "", **changed: Any) -> dict[str, Any]:
    """A report in the form of ICCAM, of another hotline."""
    number = reference or f"NL-{secrets.token_hex(4)}"
    url = {
        "urlString": f"https://h{secrets.token_hex(6)}.example.org/x",
        "hotlineReference": f"{number}-1",
        "hostingCountryCode": "DE",
        "hostingIpAddress": "193.0.6.139",
        "hostingIsp": "Example Hosting",
        "isSourceUrl": True,
        "contentType": 2,
        "assessment": {"assessingAnalystName": "a", "classification": 1, "virtualContentCategorization": 0},
        "actions": [],
    }
    said = {"hotlineReference": number, "hotlineReceivedDate": "2026-02-10T14:05:00Z", "urls": [url]}
    return said | changed


def _upload(client: Client, body: bytes, sender: str = "Hotline Elsewhere") -> Any:
    file = SimpleUploadedFile("cases.json", body, "application/json")
    return client.post(FILES, {"sender": sender, "file": file})


def _cases(world: Partners) -> int:
    with acting(world.host.analyst):
        return TakedownCase.objects.count()


def test_a_file_is_shown_then_imported_once(world: Partners, cast: Cast) -> None:
    client = cast.client(world.host.machine, "analyst")
    good, broken = report(), report(urls=[{"urlString": "http://localhost/"}])
    body = json.dumps([good, broken, "x"]).encode()
    page = _upload(client, body)["Location"]
    assert _upload(client, body)["Location"] == page, "the same file is the same one"
    shown = client.get(page).content.decode()
    assert good["urls"][0]["urlString"] in shown
    assert "Import 1 case" in shown
    assert shown.count("not used") == 2
    assert _cases(world) == 0
    for _click in range(2):
        assert client.post(f"{page}import/").status_code == 302
    assert _cases(world) == 1
    with acting(world.host.analyst):
        row = TakedownCase.objects.get()
        incoming = IncomingCase.objects.get()
        assert bytes(CaseFile.objects.get().sealed) == b""
    assert (row.source, row.priority, incoming.sender_id) == (Source.HOTLINE, 2, None)
    case = client.get(f"/desk/takedown/{row.pk}/").content.decode()
    assert "Hotline Elsewhere" in case
    assert "It came by a file" in case
    again = _upload(client, json.dumps([good]).encode())["Location"]
    assert "imported before" in client.get(again).content.decode()
    assert client.post(f"{again}delete/").status_code == 302
    assert client.get(again).status_code == 404
    assert _cases(world) == 1
    found = client.post("/desk/search/", {"q": good["hotlineReference"]}).content.decode()
    assert f"/desk/takedown/{row.pk}/" in found


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (json.dumps(report()).encode("utf-16"), "JSON"),
        (json.dumps(report()).encode()[:-30], "JSON"),
        (b'{"a": "\xff"}', "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"[]", "1 to 200"),
        (json.dumps([report() for _ in range(201)]).encode(), "1 to 200"),
        (json.dumps(report(urls=[{}] * 2001)).encode(), "2000 addresses"),
        (b" " * 5_000_001, "5 MB"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_is_not_kept(world: Partners, body: bytes, reason: str) -> None:
    with pytest.raises(Invalid) as error:
        iccam_files.upload(world.host.analyst, "x.json", "Hotline", [body])
    assert reason in str(error.value)
    with acting(world.host.analyst):
        assert not CaseFile.objects.exists()


def test_other_roles_and_organisations_see_no_file(world: Partners, cast: Cast) -> None:
    client = cast.client(world.host.machine, "analyst")
    page = _upload(client, json.dumps(report()).encode())["Location"]
    for other in (cast.client(world.sender.machine, "analyst"), cast.client(world.host.machine, "administrator")):
        assert other.get(page).status_code == 404
        assert other.post(f"{page}import/").status_code == 404
    assert Client().get(page).status_code == 302
    assert b"Choose a file" in client.post(FILES, {"sender": "x"}).content
    assert _cases(world) == 0
    iccam_files.import_cases(world.host.analyst, _id(page))
    with pytest.raises(UnknownCaseFile):
        iccam_files.import_cases(world.host.analyst, _id(page))


def _id(page: str) -> Any:
    return UUID(page.rstrip("/").rpartition("/")[2])


def test_a_case_leaves_as_a_file_that_the_other_side_reads(world: Partners, cast: Cast) -> None:
    value = {"value": "baseline", "label": "Baseline"}
    scheme = {"code": "interpol", "title": "T", "version": "1", "source": "D", "values": [value]}
    classification.import_scheme(cast.centre, scheme)
    case = world.sender.reported().id
    given = assess.Judgement("illegal", label="interpol:baseline", reality="real", reason="Written by a person")
    assess.assess(world.sender.analyst, case, given)
    world.traced(case)
    client = cast.client(world.sender.machine, "analyst")
    answer = client.get(f"/desk/takedown/{case}/iccam.json")
    assert answer["Content-Disposition"].endswith('.iccam.json"')
    assert b"Written by a person" not in answer.content
    there = cast.client(world.host.machine, "analyst")
    page = _upload(there, answer.content, world.sender.machine.organisation_name)["Location"]
    shown = iccam_files.preview(world.host.analyst, _id(page))
    assert [one.fault for one in shown.lines] == [""]
    assert there.post(f"{page}import/").status_code == 302
    assert _cases(world) == 1
    unlabelled = world.assessed()
    with pytest.raises(NoIccam):
        iccam_files.export(world.sender.analyst, unlabelled)
    assert client.get(f"/desk/takedown/{unlabelled}/iccam.json").status_code == 302


def test_of_two_reports_with_one_reference_the_first_is_imported(world: Partners, cast: Cast) -> None:
    client = cast.client(world.host.machine, "analyst")
    first, second = report("NL-7"), report("NL-7")
    page = _upload(client, json.dumps([first, second]).encode())["Location"]
    shown = client.get(page).content.decode()
    assert "Import 1 case" in shown
    assert "A report above has this reference." in shown
    client.post(f"{page}import/")
    assert _cases(world) == 1


def test_a_report_whose_actions_are_no_list_is_named_and_the_file_can_be_deleted(world: Partners, cast: Cast) -> None:
    client = cast.client(world.host.machine, "analyst")
    broken = report()
    broken["urls"][0]["actions"] = 5
    page = _upload(client, json.dumps([broken]).encode())["Location"]
    answer = client.get(page)
    assert answer.status_code == 200
    assert "not used" in answer.content.decode()
    assert client.post(f"{page}delete/").status_code == 302
