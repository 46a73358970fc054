"""Pending actions on the register that need a second person, stored exactly as requested.

1. The requester gives a reason; the exact action is stored with it (`four_eyes` defines who counts as two people).
2. The approver needs the action's permission, and must not be the requester. The approver performs the action in that
   transaction.
3. Before the action runs, it is described again. If an indicator, its hashes or its round changed, or the action is no
   longer possible, it is not performed. The request is then closed with that reason.

The function that performs an action is registered with `on_agreed`, one for each kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from django.db.models import QuerySet

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.register.approval import Act
from tutela.organisations.approvals import approve, four_eyes
from tutela.organisations.approvals.approve import ApprovalInput
from tutela.organisations.errors import ApprovalError
from tutela.organisations.models import ApprovalRequest
from tutela.organisations.vocabulary.guarded_acts import KINDS

SUBJECT = "act"
# Does an act as the actor, with what stands for it; returns what became of it, in words.
type Doer = Callable[[Actor, Act, ApprovalInput], str]
_doers: dict[str, Doer] = {}


def on_agreed(name: str, doer: Doer) -> None:
    """Subscribe what does an act once two people want it."""
    _doers[name] = doer


def ask(actor: Actor, act: Act, why: str) -> None:
    """Ask for an act. Raises `AskedAlready`, `Forbidden`, `PersonTooNew`, `Invalid` without a reason."""
    actor.require(KINDS[act.name].permission)
    with acting(actor):
        approve.require_settled(actor, act)
        text = act.to_bytes().decode()
        four_eyes.ask(actor, act.name, SUBJECT, act.fingerprint(), typed(why), statement=text)


def list_pending(actor: Actor, *, for_actor: bool = False) -> list[ApprovalRequest]:
    """Return the pending requests of the actor's organisation, or those that await this person, oldest first."""
    with acting(actor):
        return [four_eyes.opened(row) for row in (_awaiting(actor) if for_actor else four_eyes.stated())]


def count(actor: Actor) -> int:
    """The number of acts that await this person."""
    with acting(actor):
        return _awaiting(actor).count()


def _awaiting(actor: Actor) -> QuerySet[ApprovalRequest]:
    kinds = [name for name, kind in KINDS.items() if kind.two and actor.can(kind.permission)]
    return four_eyes.stated().filter(act__in=kinds).exclude(by=actor.reference)


def load_request(actor: Actor, request_id: UUID) -> ApprovalRequest:
    """One of them. Raises `NotFound`."""
    with acting(actor):
        row = four_eyes.stated().filter(pk=request_id).first()
        if row is None:
            raise NotFound
        return four_eyes.opened(row)


def agree(actor: Actor, request_id: UUID, given: ApprovalInput) -> str:
    """Perform the action as the second person; returns a message about the result.

    Raises `SamePerson`, `ApprovalError`; `ChangedMeanwhile` and any other error that forbids the action close the
    request.
    """
    found = load_request(actor, request_id)
    actor.require(KINDS[found.act].permission)
    begun = False
    try:
        with acting(actor):
            asked = four_eyes.agree(actor, found.act, SUBJECT, found.subject_id)
            begun = True
            return _doers[asked.act](actor, asked.stated, replace(given, agreed=asked))
    except ApprovalError:
        raise
    except TutelaError as error:
        if begun:
            _refuse(actor, found, type(error).__name__)
        raise


def refuse(actor: Actor, request_id: UUID) -> None:
    """Refuse a pending action, or withdraw it as the requester. Raises `NotFound`, `Forbidden`."""
    found = load_request(actor, request_id)
    if found.by != actor.reference:
        actor.require(KINDS[found.act].permission)
    _refuse(actor, found)


def _refuse(actor: Actor, found: ApprovalRequest, because: str = "") -> None:
    with acting(actor):
        four_eyes.refuse(actor, found.act, SUBJECT, found.subject_id, because)
