"""Messages to people on call: an e-mail and the JSON of a webhook, with numbers and deadlines only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from tutela.casework.alerts.schedule import AlertState
from tutela.casework.alerts.subjects import SubjectKind, subject_kind
from tutela.exchange.feeds.http_client import Guarded
from tutela.exchange.message.canonical_json import canonical
from tutela.exchange.message.translatable_text import visible
from tutela.organisations.vocabulary import allowed_networks

# A message lists so many subjects, earliest deadline first, and states how many more there are.
MOST_LISTED = 50
ANSWER_BYTES = 64 << 10


@dataclass(frozen=True)
class DueAlert:
    """Subject in the next message of a channel: state, reason of the newest alert, pending deliveries."""

    state: AlertState
    reason: str
    deliveries: tuple[UUID, ...] = ()

    @property
    def kind(self) -> SubjectKind:
        return subject_kind(self.state.subject_kind)


def send_email(due: Sequence[DueAlert], rostered: Sequence[str] = ()) -> None:
    """Send one e-mail to the operator's addresses and to people on call now; nobody sees the other addresses."""
    kind = due[0].kind
    subject = str(kind.texts.headline) % {"count": sum(one.state.many for one in due)}
    named, apart = _told(due)
    lines = [_line(one) for one in named[:MOST_LISTED]]
    if len(named) > MOST_LISTED:
        lines.append(_("… and %(count)s more") % {"count": len(named) - MOST_LISTED})
    if apart:
        said = {"count": sum(one.state.many for one in apart), "due": _moment(apart[0].state)}
        lines.append(str(apart[0].kind.texts.counted) % said)
    body = "\n".join([*map(visible, lines), "", f"{settings.PUBLIC_URL}{kind.page}"])
    EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, bcc=_receivers(rostered)).send()


def _receivers(rostered: Sequence[str]) -> list[str]:
    """Every address once, whatever its capitals."""
    return list({one.casefold(): one for one in (*rostered, *settings.ALERT_EMAILS)}.values())


def post_webhook(due: Sequence[DueAlert], client: Guarded | None = None) -> None:
    """Post the same as JSON to the operator's address; any 2xx is success. Raises one of `FAILURES`."""
    client = client or Guarded(allowed_networks.networks(), ANSWER_BYTES)
    headers = {"Content-Type": "application/json"}
    answer = client.send("POST", settings.ALERT_WEBHOOK, headers, content=canonical(webhook_body(due)))
    if not 200 <= answer.status < 300:
        raise ValueError(f"HTTP {answer.status}")


def webhook_body(due: Sequence[DueAlert]) -> dict[str, Any]:
    """JSON of a webhook."""
    named, apart = _told(due)
    listed = [
        {
            one.state.subject_kind: one.state.number,
            "due": one.state.due.isoformat(),
            "reason": one.reason,
            "raised": one.state.alerts,
            "undelivered": one.state.handed_on,
        }
        for one in named[:MOST_LISTED]
    ]
    return {
        "type": "tutela.alerts",
        "version": 1,
        "alerts": listed,
        "more": max(0, len(named) - MOST_LISTED),
        "own_lanes": sum(one.state.many for one in apart),
        "page": settings.PUBLIC_URL + due[0].kind.page,
    }


def _told(due: Sequence[DueAlert]) -> tuple[list[DueAlert], list[DueAlert]]:
    """Alerts that a message names, and those that it only counts."""
    return [one for one in due if one.state.number], [one for one in due if not one.state.number]


def _line(one: DueAlert) -> str:
    texts = one.kind.texts
    said = str(texts.handed_on if one.state.handed_on else texts.line)
    return said % {
        "number": one.state.number,
        "due": _moment(one.state),
        "why": one.kind.reason_label(one.reason),
    }


def _moment(state: AlertState) -> str:
    return f"{state.due:%Y-%m-%d %H:%M} UTC"
