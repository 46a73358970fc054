"""A look at a list is an access to each thing on it: recorded with what was shown, so that none leaves no trace."""

from __future__ import annotations

from collections.abc import Iterable

from tutela.events.actor import Actor
from tutela.events.recording import record


def listed(actor: Actor, kind: str, shown: Iterable[object], *, page: int, **wanted: str) -> None:
    """One event for one page of a list. Call inside `acting(actor)`.

    `shown` are the ids on the page; `wanted` what it was restricted by, enumerated words alone: of words that somebody
    typed in, the caller says no more than that there were some.
    """
    filters = {name: word[:40] for name, word in wanted.items() if word}
    record(actor, f"{kind}.listed", "list", kind, page=page, shown=[str(one) for one in shown], **filters)
