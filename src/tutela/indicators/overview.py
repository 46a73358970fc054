"""What the start page shows a member of the register, as plain values that the roof draws."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.indicators import alarms, dossier, flooding


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos` and `charts`; None for somebody who has no business at the register."""
    if not actor.can("indicators.read") or not actor.on_register:
        return None
    counts = dossier.counts(actor)
    todos: list[tuple[Any, ...]] = []
    if actor.can("indicators.certify"):
        waiting = dossier.waiting_for(actor)
        todos.append((_("Indicators to certify"), waiting, "/desk/indicators/?state=mine_to_certify", False))
    if actor.can("indicators.revoke"):
        todos.append((_("Disputes to decide"), counts["suspended"], "/desk/indicators/?state=suspended", True))
    if actor.can("alarms.read"):
        todos.append(
            (_("Alarms"), alarms.open_count(actor) + len(flooding.held(actor)), "/desk/indicators/alarms/", True)
        )
    labels, values = list(counts), [float(n) for n in counts.values()]
    return {"todos": todos, "charts": [(_("The register"), _("indicators"), labels, values, "funnel")]}
