"""Enter many addresses at once: each line has its own result, and one that cannot be used keeps no other back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.takedown.errors import BadAddress, NotPublicHost
from tutela.takedown.intake import search_mandates
from tutela.takedown.intake.open_case import Opened, Reported, Source, checked, open_case

MOST_LINES = 1000
# Called with the number of the mandate, and ID and number of the case.
type Listener = Callable[[Actor, str, UUID, str], None]
_listeners: list[Listener] = []


@dataclass(frozen=True)
class Line:
    """Result of one line: its case, or the reason why there is none."""

    text: str
    case: Opened | None = None
    fault: str = ""


def enter(actor: Actor, text: str, reported: Reported, mandate: UUID | None = None) -> list[Line]:
    """Open the cases of all addresses of a text, one a line. Empty lines are passed over.

    Those of a proactive search need a mandate that counts today, and name public hosts. Raises `Invalid`,
    `NoSearchMandate`.
    """
    actor.require("takedown.assess")
    lines = [one.strip() for one in text.splitlines() if one.strip()]
    if len(lines) > MOST_LINES:
        raise Invalid("Enter at most {most} addresses, or import a file.", field="addresses", most=MOST_LINES)
    number = search_mandates.counting(actor, mandate) if reported.source is Source.PROACTIVE else ""
    if number:
        reported = replace(reported, reference=f"{number} {reported.reference}".strip())
    found = [_line(actor, one, reported) for one in lines]
    for one in found:
        if number and one.case is not None:
            _found_by_search(actor, number, one.case)
    return found


def on_found(listener: Listener) -> None:
    """Subscribe to cases that are opened under a mandate for search. For `app/wiring.py`."""
    _listeners.append(listener)


def _found_by_search(actor: Actor, number: str, case: Opened) -> None:
    with acting(actor):
        for listener in _listeners:
            listener(actor, number, case.id, case.number)


def _line(actor: Actor, text: str, reported: Reported) -> Line:
    try:
        if reported.source is Source.PROACTIVE:
            search_mandates.require_public(checked(text))
        found = open_case(actor, text, reported)
    except (BadAddress, NotPublicHost) as error:
        return Line(text[:200], fault=str(error))
    return Line(text[:200], found)
