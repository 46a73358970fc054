"""One act on several indicators that were chosen on the list: certify, dispute, or suspend, each by itself.

Nothing is waived for many: every one passes the same checks, has its own transaction, event and signature, and its own
answer. What fails stops no other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, TutelaError
from tutela.events.listing import listed
from tutela.exchange.approval import MOST_SUBJECTS
from tutela.indicators import guarded, register
from tutela.indicators.queries import with_state
from tutela.organisations.approving import NOTHING, Way

# What one person may ask for, another one can agree to.
MOST = MOST_SUBJECTS
# What may be done, and what it takes.
ACTS = {"certify": "indicators.certify", "dispute": "indicators.dispute", "suspend": "indicators.revoke"}


@dataclass(frozen=True)
class Chosen:
    """An indicator that was chosen, and what became of it; `done` is None before."""

    id: UUID
    number: str
    state: str
    classification: str
    done: bool | None = None
    said: str = ""


def may(actor: Actor) -> list[str]:
    """What the actor may do with several."""
    return [act for act, permission in ACTS.items() if actor.can(permission)]


def look(actor: Actor, ids: Sequence[UUID]) -> list[Chosen]:
    """What was chosen, by number; what is not there is left out. A look at each. Raises `Invalid`."""
    actor.require("indicators.read")
    if not 1 <= len(ids) <= MOST:
        raise Invalid("Choose 1 to {most} entries.", field="entry", most=MOST)
    with acting(actor):
        rows: list[Any] = list(with_state().filter(pk__in=ids).order_by("number"))
        listed(actor, "indicator", (row.pk for row in rows), page=1, state="chosen")
    return [Chosen(row.pk, row.number, row.state, row.classification) for row in rows]


def do(
    actor: Actor, act: str, ids: Sequence[UUID], reason: str = "", ground: str = "doubt", way: Way = NOTHING
) -> list[Chosen]:  # fmt: skip
    """Do it to each, in the order of their numbers. Raises `Invalid` and does nothing where the request is no good.

    Certifying may take what the organisation asks for, once for all of them: raises as `approving.approve`.
    """
    if act not in ACTS:
        raise Invalid("Choose one of: {known}.", field="act", known=", ".join(ACTS))
    actor.require(ACTS[act])
    if act != "certify" and not reason.strip():
        raise Invalid("Say why; it stands with each of them.", field="reason")
    chosen = look(actor, list(dict.fromkeys(ids)))
    if act == "certify":
        with acting(actor):
            way = guarded.approve_many(actor, [one.id for one in chosen], way)
    return [_done(actor, act, one, reason.strip(), ground, way) for one in chosen]


def _done(actor: Actor, act: str, one: Chosen, reason: str, ground: str, way: Way) -> Chosen:
    acts: dict[str, Callable[[], tuple[bool, str]]] = {
        "certify": lambda: _certified(register.certify(actor, one.id, way=way)),
        "dispute": lambda: _disputed(register.dispute(actor, one.id, reason, ground)),
        "suspend": lambda: _suspended(register.suspend(actor, one.id, reason)),
    }
    try:
        done, said = acts[act]()
    except TutelaError as error:
        done, said = False, str(error)
    return Chosen(one.id, one.number, one.state, one.classification, done, said)


def _certified(active: bool) -> tuple[bool, str]:
    return True, _("Certified. The indicator is active.") if active else _("Certified. One more country is needed.")


def _disputed(stopped: bool) -> tuple[bool, str]:
    alone = _("Recorded. It goes on matching until a second organisation, or one on which it rests, doubts it too.")
    return True, _("Suspended everywhere until the Centre decides.") if stopped else alone


def _suspended(was: bool) -> tuple[bool, str]:
    return was, _("Suspended everywhere until the Centre decides.") if was else _("It was not active.")
