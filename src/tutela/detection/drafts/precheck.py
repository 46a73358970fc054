"""Pre-check of a draft by the Centre: requested by a person, answered at once, never stored.

1. The draft is checked and dated as for sending. Showing the draft to the Centre is recorded as an event here.
2. The Centre's own check is called once, with the API key used for reports, outside any transaction.
3. The answer is shown with its time. An unreachable Centre or an unreadable answer is an error that changes nothing:
   reports to send stay in the outbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import httpx
from pydantic import ValidationError

from tutela import clock
from tutela.detection.drafts import drafts, send
from tutela.detection.errors import Alone, CentreAway, CentreRefuses
from tutela.detection.settings import identity
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.canonical_json import parse
from tutela.exchange.message.problem import FieldError
from tutela.exchange.report.precheck_answer import Checked
from tutela.organisations.messages import delivery
from tutela.organisations.messages.http_post import PostResult

PATH = "/api/v1/reports/check"
MOST_ERRORS = 100


@dataclass(frozen=True)
class PrecheckOpinion:
    """The Centre's pre-check answer and its time."""

    centre: str
    at: datetime
    answer: Checked


def ask(actor: Actor, draft_id: UUID, client: httpx.Client | None = None) -> PrecheckOpinion:
    """Ask the Centre about a draft; `client` takes the place of the network.

    Raises `Alone`, `AlreadySent`, `RestsOnNothing`, `Unseen`, `NotFound`, `CentreAway`, and `CentreRefuses` naming
    every field.
    """
    actor.require("detection.report")
    link = identity.connection(actor)
    if link.centre is None or not link.joined:
        raise Alone
    with acting(actor):
        row = drafts.locked(draft_id)
        report = send.dated(actor, send.founded(row, drafts.text_of(drafts.latest(row))))
        record(actor, "report.checked", "report", row.pk, centre=link.centre.id, sha256=report.fingerprint())
    said = delivery.ask(actor, link.centre.id, PATH, report.to_bytes(), client)
    return PrecheckOpinion(link.centre.name, clock.now(), _read(said))


def _read(said: PostResult) -> Checked:
    if said.status == 422:
        raise CentreRefuses(*_problem(said.body))
    if said.status != 200:
        raise CentreAway(why=said.error or f"HTTP {said.status}")
    try:
        return Checked.read(said.body)
    except (ExchangeError, ValidationError):
        raise CentreAway(why="its answer is not readable") from None


def _problem(body: str) -> tuple[tuple[FieldError, ...], str]:
    """Return the fields named by a problem and its general message."""
    try:
        found = parse(body.encode())
    except ExchangeError:
        return (), ""
    said = found if isinstance(found, dict) else {}
    named = said.get("errors")
    errors = tuple(
        FieldError(field=str(one.get("field", ""))[:500], reason=str(one.get("reason", ""))[:500])
        for one in (named if isinstance(named, list) else [])[:MOST_ERRORS]
        if isinstance(one, dict)
    )
    return errors, str(said.get("detail") or "")[:500]
