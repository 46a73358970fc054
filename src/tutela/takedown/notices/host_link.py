"""Signed links by which a host without an account answers one notice.

1. A link names one notice and is valid for 60 days from the day the notice was made. The node's key signs it.
2. A link is in the e-mail of its notice alone. Whoever has it can answer this notice, and see the answer afterwards.
3. It shows the notice's number and nothing else of the case.
4. The answer is a step of the notice, by the same rules as every other answer. A second answer changes nothing.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.organisations.people import directory
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.errors import LinkUnusable, UnknownNotice
from tutela.takedown.models import BY_EMAIL, Notice, NoticeStep, StepKind
from tutela.takedown.notices import notify

LIFETIME = timedelta(days=60)
MOST_CHARACTERS = 2000
# Answers that a host can give by its link.
ANSWERS = (StepKind.REMOVED, StepKind.DISABLED, StepKind.NOT_FOUND, StepKind.REFUSED)
OPEN = (StepKind.SENT, StepKind.RECEIVED, StepKind.REMINDED, StepKind.ESCALATED)
# Organisation and notice, and the end of the link in seconds.
_BYTES, _SECONDS = 16, 5
_SIGNER = signing.Signer(salt="tutela-notice-link", sep=".")


@dataclass(frozen=True)
class LinkView:
    """What a link shows: the notice's number, and its answer if there is one."""

    number: str
    answer: NoticeStep | None = None


def link_of(row: Notice) -> str:
    """The address of the page on which the host answers this notice."""
    ends = int((row.created_at + LIFETIME).timestamp()).to_bytes(_SECONDS)
    packed = base64.urlsafe_b64encode(row.organisation_id.bytes + row.pk.bytes + ends).decode().rstrip("=")
    return settings.PUBLIC_URL + reverse("host_answer", args=[row.language, _SIGNER.sign(packed)])


def show(token: str) -> LinkView:
    """What a link shows now. Raises `LinkUnusable`."""
    actor, notice_id = _read(token)
    with acting(actor):
        return _view(_find(notice_id))


def answer(token: str, kind: str, reason: str) -> LinkView:
    """Record the host's answer, once; returns what the link shows then. Raises `LinkUnusable`, `Invalid`."""
    actor, notice_id = _read(token)
    if kind not in ANSWERS:
        raise Invalid("Choose what you decided.", field="kind")
    if kind == StepKind.REFUSED and not reason.strip():
        raise Invalid("Enter why the content is not removed.", field="reason")
    if len(reason) > MOST_CHARACTERS:
        raise Invalid("The reason must have at most {most} characters.", field="reason", most=MOST_CHARACTERS)
    with acting(actor):
        row = notify.locked(_find(notice_id).pk)
        if row.state in OPEN:
            host = replace(actor, name=row.provider or row.number)
            notify.answer_step(host, row, StepKind(kind), reason=reason)
        return _view(row)


def _read(token: str) -> tuple[Actor, UUID]:
    """The hotline, as an actor for this answer alone, and the notice. Raises `LinkUnusable`."""
    try:
        packed = _SIGNER.unsign(token[:300])
        raw = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
    except (signing.BadSignature, binascii.Error, ValueError):
        raise LinkUnusable from None
    ends = datetime.fromtimestamp(int.from_bytes(raw[2 * _BYTES :]), UTC)
    found = directory.some([UUID(bytes=raw[:_BYTES])])
    if clock.now() > ends or not found or not found[0].verified:
        raise LinkUnusable
    permissions = frozenset({notify.NOTIFY})
    actor = directory.acting_for(found[0], "system:host-link", "", permissions)
    return actor, UUID(bytes=raw[_BYTES : 2 * _BYTES])


def _find(notice_id: UUID) -> Notice:
    """The notice, if its host may see or give an answer."""
    try:
        row = notify.find(notice_id)
    except UnknownNotice:
        raise LinkUnusable from None
    if row.channel not in BY_EMAIL or row.state not in (*OPEN, *ANSWERS):
        raise LinkUnusable
    return row


def _view(row: Notice) -> LinkView:
    if row.state not in ANSWERS:
        return LinkView(row.number)
    said = row.steps.filter(kind=row.state).order_by("-created_at").first()
    subject_keys.open_words(SUBJECT, row.case_id, [said])
    return LinkView(row.number, said)
