"""The signed link of a notice: one notice, one answer, 60 days, no cookie, and nothing of the case."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client

from tests.support.cast import Cast
from tests.support.takedown_world import Hotline
from tutela import clock
from tutela.app.runtime.log_filters import without_tokens
from tutela.events.transaction import acting
from tutela.takedown.models import Availability, Notice, NoticeStep, StepKind
from tutela.takedown.notices import host_link, notify, send

LINK = re.compile(r"https?://[^\s/]+(/en/notice-answer/[A-Za-z0-9._-]+/)")


@pytest.fixture
def hotline(cast: Cast) -> Hotline:
    return Hotline(cast)


def _mailed(hotline: Hotline) -> tuple[UUID, Notice, str]:
    case, notice = hotline.notified()
    assert send.send(hotline.analyst, notice, lambda _a, c: hotline.traced(c)) == StepKind.SENT
    found = LINK.search(mail.outbox[-1].body)
    assert found
    return case, _row(hotline, notice), found[1]


def _row(hotline: Hotline, notice: UUID) -> Notice:
    with acting(hotline.analyst):
        return Notice.objects.get(pk=notice)


def _steps(hotline: Hotline, row: Notice) -> list[NoticeStep]:
    with acting(hotline.analyst):
        return list(row.steps.exclude(kind=StepKind.SENT))


def test_a_host_without_an_account_answers_once(hotline: Hotline) -> None:
    case, row, link = _mailed(hotline)
    address, client = hotline.row(case).number, Client(enforce_csrf_checks=True)
    first = client.get(link)
    page = first.content.decode()
    assert row.number in page
    assert address not in page
    assert "example.org" not in page
    assert "<script" not in page
    assert not first.cookies
    assert (first["Cache-Control"], first["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "default-src 'none'" in first["Content-Security-Policy"]
    assert _steps(hotline, row) == [], "reading answers nothing"
    assert client.post(link, {"kind": "refused"}).status_code == 422
    assert client.post(link, {"kind": "sent"}).status_code == 422
    answered = client.post(link, {"kind": "removed", "reason": "Account closed."}).content.decode()
    assert "host says removed" in answered
    assert "Account closed." in answered
    assert "<form" not in answered
    again = client.post(link, {"kind": "refused", "reason": "No."})
    assert "host says removed" in again.content.decode()
    (step,) = _steps(hotline, row)
    assert (step.kind, step.by, step.by_name) == ("removed", "system:host-link", "Example Hosting")
    assert hotline.row(case).availability == Availability.HOST_SAYS
    shown = hotline.cast.client(hotline.machine, "analyst").get(f"/desk/takedown/{case}/").content.decode()
    assert "Account closed." in shown


def test_a_refusal_needs_its_reason_and_keeps_what_was_typed(hotline: Hotline) -> None:
    _case, row, link = _mailed(hotline)
    page = Client().post(link, {"kind": "", "reason": "It is a drawing."})
    assert page.status_code == 422
    assert "It is a drawing." in page.content.decode()
    assert Client().post(link, {"kind": "refused", "reason": "x" * 2001}).status_code == 422
    assert "host refused" in Client().post(link, {"kind": "refused", "reason": "A drawing."}).content.decode()
    assert [one.kind for one in _steps(hotline, row)] == ["refused"]


def test_forged_old_and_foreign_links_tell_nothing(hotline: Hotline) -> None:
    _case, row, link = _mailed(hotline)
    broken = link.replace("/en/notice-answer/", "/en/notice-answer/A")
    for address in (broken, link[:-9] + "/", "/en/notice-answer/x/", "/en/notice-answer/" + "A" * 400 + "/"):
        page = Client().get(address)
        assert page.status_code == 404, address
        assert row.number not in page.content.decode()
    with clock.simulate(clock.now() + timedelta(days=61)):
        assert Client().get(link).status_code == 404
        assert Client().post(link, {"kind": "removed"}).status_code == 404
    assert _steps(hotline, row) == []


def test_a_notice_that_has_not_left_or_was_withdrawn_has_no_page(hotline: Hotline) -> None:
    _case, notice = hotline.notified()
    link = host_link.link_of(_row(hotline, notice)).partition("//")[2].partition("/")[2]
    assert Client().get(f"/{link}").status_code == 404
    notify.cancel(hotline.analyst, notice)
    assert Client().post(f"/{link}", {"kind": "removed"}).status_code == 404


def test_the_link_stands_in_no_log() -> None:
    assert without_tokens("GET /en/notice-answer/abc.def/ 200") == "GET /en/notice-answer/…/ 200"
