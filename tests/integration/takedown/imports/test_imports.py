"""Imports of backlogs: each address is a case once, nothing is lost or doubled by a kill, and nothing else is kept."""

from __future__ import annotations

import re
import secrets
from email.message import EmailMessage
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.cast import Cast
from tests.support.reports_world import in_clear
from tests.support.takedown_world import Hotline
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden
from tutela.events.transaction import acting
from tutela.takedown import jobs
from tutela.takedown.errors import BacklogTooLarge, BacklogUnreadable, NoAddressFound, TooManyAddresses
from tutela.takedown.imports import backlog_file, begin, overview, store_parts
from tutela.takedown.imports.backlog_file import BacklogFile
from tutela.takedown.models import CaseReport, FileKind, Import, ImportPart, TakedownCase

PAGE = "/desk/takedown/imports/"


def _domain() -> str:
    return f"d{secrets.token_hex(6)}.example.org"


def _given(hotline: Hotline, body: bytes, name: str = "list.csv", kind: str = "") -> begin.Begun:
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    return begin.begin(hotline.analyst, BacklogFile(hotline.machine.organisation_id, name, pieces, kind))


def _stored(hotline: Hotline, run: UUID) -> Import:
    while store_parts.store_part(hotline.analyst, run):
        pass
    with acting(hotline.analyst):
        return Import.objects.get(pk=run)


def _message(domain: str) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "R. Porter <r@mail.example>", "desk@hotline.example", "Report"
    made.set_content(f"See https://{domain}/m and https://{domain}/n")
    made.add_attachment(b"\x89PNG0000", maintype="image", subtype="png", filename="x.png")
    return made.as_bytes()


def test_a_table_becomes_cases_and_everything_else_is_counted(cast: Cast) -> None:
    hotline, domain = Hotline(cast), _domain()
    known = hotline.reported(f"https://{domain}/1")
    body = (
        f"URL;REFERER;WORKUSER-EMAIL\r\nhttps://{domain}/1;https://board.{domain}/;w@hotline.example\r\n"
        f"https://{domain}/2;;Robin\r\nhttps://{domain}/2;;\r\nhttp://127.0.0.1/x;;\r\n"
    )
    run = _stored(hotline, _given(hotline, body.encode(), "C:\\old\\robin@mail.example 2019.csv").id)
    assert (run.kind, run.name, run.addresses) == (FileKind.TABLE, "robin_mail.example 2019.csv", 3)
    assert (run.new, run.known, run.reopened) == (1, 2, 0)
    assert run.refused == {"not_public": 1}
    assert (run.skipped["referrers"], run.skipped["email_addresses"]) == (1, 1)
    with acting(hotline.analyst):
        places = CaseReport.objects.filter(case=known.id, source="imported").values_list("reference", flat=True)
        assert list(places) == ["robin_mail.example 2019.csv:2"]
        assert not ImportPart.objects.exists()
        assert not TakedownCase.objects.exclude(stage="assess").exists()
    assert in_clear(hotline.analyst, domain) == []
    assert in_clear(hotline.analyst, "hotline.example\r") == []


def test_a_mailbox_and_a_message_are_known_by_their_first_line(cast: Cast) -> None:
    hotline = Hotline(cast)
    one, box = _message(_domain()), b"From x\n" + _message(_domain()) + b"\n"
    for body, kind in ((one, FileKind.MESSAGE), (box, FileKind.MAILBOX)):
        run = _stored(hotline, _given(hotline, body, "export").id)
        assert (run.kind, run.new) == (kind, 2)
        assert run.skipped["email_addresses"] == 2
        assert run.skipped.get("attachments", 0) + run.skipped.get("inline_pictures", 0) == 1


def test_the_same_file_makes_no_new_cases_and_no_new_reports(cast: Cast) -> None:
    hotline, body = Hotline(cast), f"https://{_domain()}/1\n".encode()
    first = _given(hotline, body)
    again = _given(hotline, body, "another name.txt")
    assert (again.id, again.again) == (first.id, True)
    run = _stored(hotline, first.id)
    assert _given(hotline, body).again
    assert (_stored(hotline, first.id).new, run.ended_at is not None) == (1, True)
    with acting(hotline.analyst):
        assert list(TakedownCase.objects.values_list("reports", flat=True)) == [1]
    other = Hotline(cast)
    other.machine, other.analyst = cast.hotline_de, cast.actor(cast.hotline_de, "analyst")
    assert not _given(other, body).again


def test_a_kill_between_and_inside_parts_loses_and_doubles_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hotline, domain = Hotline(cast), _domain()
    monkeypatch.setattr(begin, "PART", 4)
    run = _given(hotline, "".join(f"https://{domain}/{n}\n" for n in range(10)).encode()).id
    assert store_parts.store_part(hotline.analyst, run)
    opened, calls = store_parts.open_case, iter(range(100))

    def killed(*given: object) -> object:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return opened(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(store_parts, "open_case", killed)
        with pytest.raises(KeyboardInterrupt):
            store_parts.store_part(hotline.analyst, run)
    with acting(hotline.analyst):
        assert Import.objects.get(pk=run).new == TakedownCase.objects.count() == 4
    assert store_parts.unfinished(hotline.analyst) == [run]
    jobs.store_imports(0)
    assert store_parts.unfinished(hotline.analyst) == []
    with acting(hotline.analyst):
        assert Import.objects.get(pk=run).new == TakedownCase.objects.count() == 10
        assert set(TakedownCase.objects.values_list("reports", flat=True)) == {1}


def test_a_failing_import_keeps_no_other_waiting(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hotline, other = Hotline(cast), Hotline(cast)
    other.machine, other.analyst = cast.hotline_de, cast.actor(cast.hotline_de, "analyst")
    bad, good = (_given(one, f"https://{_domain()}/1\n".encode()).id for one in (hotline, other))
    stored = store_parts.store_part

    def failing(actor: Actor, run: UUID) -> bool:
        if run == bad:
            raise ValueError("broken")
        return stored(actor, run)

    with monkeypatch.context() as patch:
        patch.setattr(store_parts, "store_part", failing)
        jobs.store_imports(0)
    assert store_parts.unfinished(other.analyst) == []
    assert store_parts.unfinished(hotline.analyst) == [bad]
    assert good
    jobs.store_imports(0)
    assert store_parts.unfinished(hotline.analyst) == []


def test_a_file_that_cannot_be_used_stores_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hotline, line = Hotline(cast), f"https://{_domain()}/1\n".encode()
    monkeypatch.setattr(begin, "MOST_ADDRESSES", 2)
    monkeypatch.setattr(backlog_file, "MOST_MEGABYTES", 1)
    for body, error in (
        (b"PK\3\4xlsx", BacklogUnreadable),
        (b"no address\n", NoAddressFound),
        (b"", NoAddressFound),
        (line * 3, TooManyAddresses),
        (line + b"x" * (1 << 20), BacklogTooLarge),
    ):
        with pytest.raises(error):
            _given(hotline, body)
    file, clerk = (
        BacklogFile(hotline.machine.organisation_id, "a.csv", [line]),
        cast.actor(hotline.machine, "administrator"),
    )
    with pytest.raises(Forbidden):
        begin.begin(clerk, file)
    with acting(hotline.analyst):
        assert not Import.objects.exists()
        assert not ImportPart.objects.exists()


def test_cases_are_grouped_by_registered_domain_of_own_cases_only(cast: Cast) -> None:
    hotline, first, second = Hotline(cast), secrets.token_hex(6), secrets.token_hex(6)
    body = f"https://a.{first}.org/1\nhttps://b.{first}.org/2\nhttps://b.{first}.org/3\nhttps://{second}.org/\n"
    run = _stored(hotline, _given(hotline, body.encode()).id)
    full = overview.load_import(hotline.analyst, run.pk)
    found = {one.name: (one.hosts, one.cases, one.to_assess) for one in full.domains}
    assert found == {f"{first}.org": (2, 3, 3), f"{second}.org": (1, 1, 1)}
    assert full.further == 0
    stranger = cast.client(cast.hotline_de, "analyst")
    assert stranger.get(f"{PAGE}{run.pk}/").status_code == 404


def test_the_pages_from_upload_to_counts(cast: Cast) -> None:
    hotline, domain = Hotline(cast), _domain()
    client = cast.client(hotline.machine, "analyst")
    assert b"No imports yet." in client.get(PAGE).content

    def given(body: bytes, name: str = "old.csv", **said: str) -> object:
        return client.post(f"{PAGE}new/", {"kind": "", **said, "file": SimpleUploadedFile(name, body)}, follow=True)

    page = given(f"https://{domain}/1\nhttps://{domain}/2\n".encode()).content.decode()  # type: ignore[attr-defined]
    assert "0 of 2 addresses are cases" in page
    jobs.store_imports(0)
    again = given(f"https://{domain}/1\nhttps://{domain}/2\n".encode())
    shown = again.content.decode()  # type: ignore[attr-defined]
    assert "imported before" in shown
    assert "addresses are cases" not in shown
    assert re.search(r"example.org</a>|example.org\s", shown)
    assert "old.csv" in client.get(PAGE).content.decode()
    assert "old.csv" in client.get(f"{PAGE}?format=csv").content.decode()
    bad = given(b"PK\3\4").content.decode()  # type: ignore[attr-defined]
    assert "Save it as CSV" in bad
    assert "Select a valid choice" in given(b"x", kind="pst").content.decode()  # type: ignore[attr-defined]
    assert cast.client(hotline.machine, "administrator").get(f"{PAGE}new/").status_code == 404
    assert Client().get(PAGE).status_code == 302
