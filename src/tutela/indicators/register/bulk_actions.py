"""Bulk action on indicators selected on the list: certify, dispute or suspend, each separately.

No check is waived: each indicator passes the same checks, and has its own transaction, event, signature and answer. A
failure does not stop the others. An imported indicator is certified as elsewhere: with a digest of the organisation's
own copy. For any other image the organisation's statement is enough.

What a person does here waits for undo (`delayed_acts`). A certification that was proven with a digest or approved by a
key or a second person does not wait: a failed proof counts against a limit. Its reverse, a dispute, is offered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from tutela.casework.undo import delayed_actions
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, TutelaError
from tutela.events.list_access import listed
from tutela.events.transaction import acting
from tutela.exchange.register.approval import MOST_SUBJECTS
from tutela.indicators.cases import KIND
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.lifecycle.queries import with_state
from tutela.indicators.models import IndicatorHash
from tutela.indicators.register import approvals, bulk_certification, certify, delayed_acts, dispute, revoke
from tutela.indicators.register.errors import NotActive, ShowTheDigest
from tutela.indicators.register.proof_of_possession import PossessionProof
from tutela.organisations.approvals.approve import NO_INPUT, Approval, Way

# What one person may ask for, another one can agree to.
MOST_INDICATORS = MOST_SUBJECTS
# What may be done, and what it takes.
ACTS = {"certify": "indicators.certify", "dispute": "indicators.dispute", "suspend": "indicators.revoke"}


@dataclass(frozen=True)
class Chosen:
    """An indicator that was chosen, whether it came by an import, and what became of it.

    `done` is None before; `waits`: it can be undone.
    """

    id: UUID
    number: str
    state: str
    classification: str
    imported: bool = False
    done: bool | None = None
    said: str = ""
    waits: bool = False


def may(actor: Actor) -> list[str]:
    """Return the acts that the actor may do on several indicators."""
    return [act for act, permission in ACTS.items() if actor.can(permission)]


def chosen_indicators(actor: Actor, ids: Sequence[UUID]) -> list[Chosen]:
    """Return the chosen indicators by number, without missing ones. Each access is recorded. Raises `Invalid`."""
    actor.require("indicators.read")
    if not 1 <= len(ids) <= MOST_INDICATORS:
        raise Invalid("Choose 1 to {most} indicators.", field="entry", most=MOST_INDICATORS)
    with acting(actor):
        rows: list[Any] = list(with_state().filter(pk__in=ids).order_by("number"))
        listed(actor, "indicator", (row.pk for row in rows), page=1, state="chosen")
    return [Chosen(row.pk, row.number, row.state, row.classification, row.run_id is not None) for row in rows]


def do(
    actor: Actor,
    act: str,
    ids: Sequence[UUID],
    reason: str = "",
    ground: str = "doubt",
    way: Way = NO_INPUT,
    digests: str | None = "",
) -> list[Chosen]:
    """Do an act on each indicator, in the order of their numbers. Raises `Invalid` for an invalid request, and then
    does nothing.

    `digests` (one a line) prove possession; None if they were given when the act was requested (`second_person`).
    Certifying may need one approval for all of them: raises as `approve.approve`.
    """
    if act not in ACTS:
        raise Invalid("Choose one of: {known}.", field="act", known=", ".join(ACTS))
    actor.require(ACTS[act])
    if act != "certify" and not reason.strip():
        raise Invalid("Enter a reason. The reason is recorded for each indicator.", field="reason")
    given = bulk_certification.read(digests or "") if act == "certify" else []
    chosen = chosen_indicators(actor, list(dict.fromkeys(ids)))
    if act == "certify":
        return _certify(actor, chosen, given, way, shown=digests is None)
    reason = reason.strip()

    def doubted(one: Chosen) -> Chosen:
        if delayed_actions.delays(actor):
            return _waits(actor, delayed_acts.SUSPEND if act == "suspend" else delayed_acts.DISPUTE, one, said)
        if act == "dispute":
            return _disputed(one, stopped=dispute.dispute(actor, one.id, reason, ground))
        return _suspended(one, was=revoke.suspend(actor, one.id, reason))

    said = {"reason": reason, "ground": ground}
    return [_done(one, doubted) for one in chosen]


def undo(actor: Actor, ids: Sequence[UUID]) -> list[Chosen]:
    """Undo what waits for each indicator; each has its answer. Raises `Invalid`."""

    def undone(one: Chosen) -> Chosen:
        delayed_actions.undo_of_case(actor, KIND, one.id)
        return replace(one, done=True, said=_("Undone. Nothing was sent."))

    return [_done(one, undone) for one in chosen_indicators(actor, list(dict.fromkeys(ids)))]


def _certify(actor: Actor, chosen: list[Chosen], given: list[HashValue], way: Way, *, shown: bool) -> list[Chosen]:
    """Certify each indicator, with proof of possession where it requires one."""
    with acting(actor):
        rows = IndicatorHash.objects.filter(indicator__in=[one.id for one in chosen])
        mine = bulk_certification.carrying(given, rows) if given else {}
        lacks = {one.id for one in chosen if one.imported and not shown and one.id not in mine}
        way = approvals.approve_many(actor, [one.id for one in chosen if one.id not in lacks], way)

    def certified(one: Chosen) -> Chosen:
        if one.id in lacks:
            raise ShowTheDigest
        digests = mine.get(one.id, ())
        if delayed_actions.delays(actor) and not digests and not isinstance(way, Approval):
            return _waits(actor, delayed_acts.CERTIFY, one, {})
        return _certified(one, active=certify.certify(actor, one.id, PossessionProof(digests, before=shown), way))

    return [_done(one, certified) for one in chosen]


def _done(one: Chosen, act: Callable[[Chosen], Chosen]) -> Chosen:
    try:
        return act(one)
    except TutelaError as error:
        return replace(one, done=False, said=str(error))


def _waits(actor: Actor, name: str, one: Chosen, said: dict[str, Any]) -> Chosen:
    delayed_actions.perform(actor, name, one.id, said)
    return replace(one, done=True, said=_("Takes effect in a few seconds."), waits=True)


def _certified(one: Chosen, *, active: bool) -> Chosen:
    alone = _("Certified. A certification from one more country is needed.")
    return replace(one, done=True, said=_("Certified. The indicator is active.") if active else alone)


def _disputed(one: Chosen, *, stopped: bool) -> Chosen:
    alone = _(
        "Dispute recorded. The indicator still matches until a second organisation, or one of "
        "its certifiers, also disputes it."
    )
    return replace(one, done=True, said=_("Suspended everywhere until the Centre decides.") if stopped else alone)


def _suspended(one: Chosen, *, was: bool) -> Chosen:
    stopped = _("Suspended everywhere until the Centre decides.")
    return replace(one, done=was, said=stopped if was else str(NotActive()))
