"""Files of reports: a table, JSON Lines, a ZIP; by a page for people and by the API. Each line has its answer."""

from __future__ import annotations

import csv
import io
import json
import secrets
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Centre
from tests.unit.exchange.cybertip.test_police_json_cybertip import document as police_document
from tutela import clock
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.exchange.report.csv_rows import COLUMNS
from tutela.law import holds
from tutela.reports.models import FeedbackHeld
from tutela.reports.models import Report as Row
from tutela.reports.state import report_rows
from tutela.reports.triage import assess

PAGE, API = "/desk/uploads/", "/api/v1/reports/file"


def line(**changes: str) -> dict[str, str]:
    return {
        "reported_at": "2026-03-01T09:00:00Z",
        "kind": "known",
        "service": "Albums",
        "service_kind": "hosting",
        "sha256": secrets.token_hex(32),
        "media": "image",
        "seen_at": "2026-03-01T08:00:00Z",
        "removed": "yes",
        "account": f"account-{secrets.token_hex(3)}",
        "ip": "192.0.2.7",
        "port": "4711",
        "ip_at": "2026-03-01T08:00:00+01:00",
        **changes,
    }


def table(*lines: dict[str, str]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, [*COLUMNS], restval="")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().encode()


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return out.getvalue()


@pytest.fixture
def headers(cast: Cast) -> dict[str, str]:
    cast.centre  # noqa: B018 - there must be one
    return cast.key(cast.pixelpost, "reports:submit")


def send(client: Client, headers: dict[str, str], body: bytes, name: str = "reports.csv") -> tuple[int, Any]:
    answer = client.post(f"{API}?name={name}", body, "application/octet-stream", headers=headers)
    return answer.status_code, json.loads(answer.content)


def rows(cast: Cast, ids: list[str]) -> list[Row]:
    with acting(cast.centre):
        return list(Row.objects.filter(report_id__in=[UUID(one) for one in ids]))


def test_only_a_provider_files(cast: Cast, client: Client, headers: dict[str, str]) -> None:
    assert send(client, {}, table(line()))[0] == 401
    assert send(client, cast.key(cast.hotline_ie, "reports:submit"), table(line()))[0] == 403
    assert client.post(PAGE).status_code == 302
    assert cast.client(cast.hotline_ie, "analyst").post(PAGE).status_code == 404
    assert cast.client(cast.pixelpost, "reviewer").get(PAGE).status_code == 404


def test_a_table_is_filed_and_a_wrong_line_names_its_column(
    cast: Cast, client: Client, headers: dict[str, str]
) -> None:
    body = table(line(), line(ip="nowhere"), line(port="many"), line(kind="new"), line(urgent="yes"), line())
    status, answer = send(client, headers, body)
    assert (status, answer["received"], answer["refused"]) == (200, 2, 4)
    assert [one["status"] for one in answer["results"]] == [201, 422, 422, 422, 422, 201]
    assert [one["line"] for one in answer["results"]] == [2, 3, 4, 5, 6, 7]
    wrong = [one["errors"][0]["field"] for one in answer["results"] if one["status"] == 422]
    assert wrong[:2] == ["ip", "port"]
    assert wrong[3] == "urgent"
    found = rows(cast, [one["report_id"] for one in answer["results"] if one["status"] == 201])
    assert len(found) == 2
    assert {(row.service, row.items, row.provider_name) for row in found} == {
        ("Albums", 1, cast.pixelpost.organisation_name)
    }


def test_a_cell_names_several_dangers_and_what_is_none_by_its_column(
    cast: Cast, client: Client, headers: dict[str, str]
) -> None:
    _, answer = send(client, headers, table(line(dangers="access self_harm"), line(dangers="access none"), line()))
    first, wrong, last = answer["results"]
    assert [one["status"] for one in (first, wrong, last)] == [201, 422, 201]
    assert [one["field"] for one in wrong["errors"]] == ["dangers"]
    (row,) = rows(cast, [first["report_id"]])
    assert row.urgent, "a child may hurt itself"


def test_the_same_file_again_is_the_same_reports(cast: Cast, client: Client, headers: dict[str, str]) -> None:
    body = table(line(), line())
    first, second = send(client, headers, body), send(client, headers, body)
    assert first == second
    assert len(rows(cast, [one["report_id"] for one in first[1]["results"]])) == 2


@pytest.mark.parametrize(
    ("body", "name", "field"),
    [
        (b"kind,colour\nknown,red\n", "x.csv", "colour"),
        (b"\xff\xfe", "x.csv", ""),
        (b'reported_at,kind,service,service_kind\n"open', "x.csv", ""),
        (b"reported_at,kind,service,service_kind\n1,2\n", "x.csv", ""),
        (b"[1", "x.json", ""),
    ],
    ids=["unknown column", "not UTF-8", "unclosed", "short line", "not JSON"],
)
def test_what_cannot_be_read_is_said(
    client: Client, headers: dict[str, str], body: bytes, name: str, field: str
) -> None:
    status, answer = send(client, headers, body, name)
    assert status == 422
    assert field in [error["field"] for one in answer["results"] for error in one["errors"]]


def test_a_zip_holds_files_of_every_kind(cast: Cast, client: Client, headers: dict[str, str]) -> None:
    whole = report()
    body = zipped(a_csv=table(line()), b_jsonl=whole.to_bytes() + b"\n{}\n", c_json=b"[" + report().to_bytes() + b"]")
    status, answer = send(client, headers, body, "all.zip")
    assert (status, answer["received"], answer["refused"]) == (200, 3, 1)


@pytest.mark.parametrize(
    "body",
    [b"PK\x03\x04 and nothing", zipped(a_csv=b"0" * 21 * 1024 * 1024), zipped()],
    ids=["damaged", "bomb", "empty"],
)
def test_a_zip_that_is_none_is_refused_within_limits(client: Client, headers: dict[str, str], body: bytes) -> None:
    status, answer = send(client, headers, body, "x.zip")
    assert status == 422
    assert "results" not in answer or answer["received"] == 0


def test_a_person_files_at_the_page_and_gets_each_lines_answer(cast: Cast) -> None:
    cast.centre  # noqa: B018 - there must be one
    browser = cast.client(cast.pixelpost, "lead")
    assert browser.get(PAGE).status_code == 200
    assert browser.get(f"{PAGE}reports.csv").content.decode().startswith("report_id,reported_at,kind")
    body = table(line(), line(ip="nowhere"))

    def upload(answer: str) -> str:
        file = SimpleUploadedFile("reports.csv", body)
        return browser.post(PAGE, {"file": file, "answer": answer}).content.decode()

    shown = upload("page")
    assert "1 received, 1 refused" in shown
    assert "<code>ip</code>" in shown
    head, *lines = csv.reader(io.StringIO(upload("csv")))
    assert head == ["file", "line", "status", "report_id", "field", "reason"]
    assert [(one[1], one[2], one[4]) for one in lines] == [("2", "201", ""), ("3", "422", "ip")]
    assert "Choose a file" in browser.post(PAGE, {"answer": "page"}).content.decode()


def police(number: int) -> bytes:
    return json.dumps(police_document() | {"reportId": number}).encode()


@pytest.mark.parametrize("who", ["centre", "authority"])
def test_reports_as_police_receive_them_are_handed_on_to_the_centre(cast: Cast, who: str) -> None:
    centre = Centre(cast)
    owner = getattr(cast, who)
    client, number = cast.client(owner, "analyst" if who == "centre" else "investigator"), secrets.randbelow(10**9) + 1
    for _again in range(2):
        page = client.post(PAGE, {"file": SimpleUploadedFile("a.json", police(number))}).content.decode()
        assert "1 received, 0 refused" in page
    with acting(cast.centre):
        (row,) = Row.objects.filter(provider_id=owner.organisation_id).order_by("-created_at")[:1]
        assert report_rows.body_of(row).provider.name == "Example Provider"
    refused = client.post(PAGE, {"file": SimpleUploadedFile("a.csv", table(line()))}).content.decode()
    assert "received, " not in refused
    with pytest.raises(Invalid, match="no provider can be asked"):
        assess.assess(centre.analyst, row.report_id, "ask", "Which account?", seen=0)
    holds.place(
        centre.machine,
        "report",
        row.report_id,
        asked_by=cast.authority.organisation_id,
        reason="x",
        until=clock.now() + timedelta(days=9),
    )
    assess.assess(centre.analyst, row.report_id, "unfounded", "A landscape.", seen=0, code="not_sexual")
    with acting(cast.centre):
        assert not FeedbackHeld.objects.filter(report=row).exists(), "nothing waits for who never hears of it"
    assert centre.told(row.report_id) == ["received"], "nobody behind it hears"
    assert centre.messages(owner, "feedback") == []
