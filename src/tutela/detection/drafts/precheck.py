"""What the Centre says of a draft before it is sent: asked for by a person, answered at once, kept nowhere.

1. The draft is checked and dated as for sending; that it was shown to the Centre is an event here.
2. The Centre's own check is asked once, by the key with which reports are sent, outside of any transaction.
3. What it says is shown with its time. A Centre that is away, or that speaks in a way nobody can read, is an error that
   changes nothing: what is sent waits for it in the outbox as ever.
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
    """What a Centre said, and when."""

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
        raise CentreAway(why="its answer cannot be read") from None


def _problem(body: str) -> tuple[tuple[FieldError, ...], str]:
    """The fields that a problem names, and what it says of the whole."""
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
