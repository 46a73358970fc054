"""The e-mail of a notice: what people read, and what machines read."""

from __future__ import annotations

import json
from email import policy
from uuid import UUID

import pytest
from django.core import mail
from django.test import override_settings

from tests.support.cast import Cast
from tests.support.takedown_world import Hotline
from tutela.exchange.takedown.arf import parse_arf
from tutela.exchange.takedown.xarf import parse
from tutela.law import classification
from tutela.organisations.people import directory
from tutela.takedown.assessment import assess
from tutela.takedown.models import Channel, StepKind
from tutela.takedown.notices import notify, send

XARF_LABEL = "interpol:baseline"


@pytest.fixture
def hotline(cast: Cast) -> Hotline:
    """A hotline that hosts can write to."""
    found = Hotline(cast)
    manager = cast.actor(found.machine, "administrator")
    directory.add_contact(manager, purpose="operational", email="desk@hotline.example", phone="", languages=["en"])
    return found


def notice_of(hotline: Hotline, label: str, channel: str = Channel.EMAIL) -> UUID:
    """A queued notice of a case with this label."""
    values = [{"value": "baseline", "label": "Baseline"}]
    scheme = {"code": "interpol", "title": "T", "version": "1", "source": "D", "values": values}
    classification.import_scheme(hotline.cast.centre, scheme)
    case = hotline.reported().id
    assess.assess(hotline.analyst, case, assess.Judgement("illegal", label=label, reality="unclear"))
    hotline.traced(case)
    hotline.police_know(case)
    return notify.queue(hotline.analyst, case, notify.Recipient(channel))


def sent(hotline: Hotline, notice: UUID) -> mail.EmailMessage:
    """The e-mail that left."""
    assert send.send(hotline.analyst, notice, lambda _a, c: hotline.traced(c)) == StepKind.SENT
    return mail.outbox[-1]


def test_a_notice_has_xarf_where_the_format_has_a_word_for_its_label(hotline: Hotline) -> None:
    files = {name: body for name, body, _kind in sent(hotline, notice_of(hotline, XARF_LABEL)).attachments}
    found = parse(files["xarf.json"].encode())
    assert not found.findings
    assert (found.document["classification"], found.document["country_code"]) == ("baseline", "NL")


def test_without_a_word_the_notice_leaves_without_xarf(hotline: Hotline) -> None:
    _case, notice = hotline.notified()
    names = [name for name, _body, _kind in sent(hotline, notice).attachments]
    assert len(names) == 1
    assert names[0].startswith("N-")


def test_a_reminder_has_the_same_report_id(hotline: Hotline) -> None:
    notice = notice_of(hotline, XARF_LABEL)
    first = sent(hotline, notice)
    assert send._mailed(hotline.analyst, notice)
    ids = {json.loads(one.attachments[1][1])["report_id"] for one in (first, mail.outbox[-1])}
    assert len(ids) == 1


@override_settings(DEFAULT_FROM_EMAIL="Desk <tutela@hotline.example>")
def test_an_arf_report_is_one_message_that_machines_read(hotline: Hotline) -> None:
    made = sent(hotline, notice_of(hotline, XARF_LABEL, Channel.ARF)).message()
    assert (made["To"], made.get_content_type()) == ("abuse@host.example", "multipart/report")
    (address,) = parse_arf(made.as_bytes(policy=policy.SMTP)).addresses
    assert address.startswith("https://host-")
    text = made.get_body(("plain",))
    assert text is not None
    assert "Article 16" in text.get_content()
