"""Register summary on a member's start page, as plain values for the app package to render."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import OuterRef, Sum
from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.events.daily_counts import median_hours, per_day
from tutela.events.transaction import acting
from tutela.indicators.audits import blind_review
from tutela.indicators.integrity import edge_alerts, invalidation
from tutela.indicators.lifecycle.queries import TEST_ENTRY
from tutela.indicators.models import Activation, ImportBatch, Indicator
from tutela.indicators.register import search
from tutela.indicators.safeguards import hold_release

MOST_ROWS_COUNTED = 1000


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos` and `charts`; None for somebody who has no business at the register."""
    if not actor.can("indicators.read") or not actor.on_register:
        return None
    counts = search.counts(actor)
    todos: list[tuple[Any, ...]] = []
    if actor.can("indicators.certify"):
        waiting = search.waiting_for(actor)
        label = (
            _("Indicators to certify")
            if search.waiting_is_all(actor, waiting)
            else _("Indicators to certify (at least this many)")
        )
        todos.append((label, waiting, "/desk/indicators/?state=mine_to_certify", False))
        if again := blind_review.count_waiting(actor):
            todos.append((_("Items for blind review"), again, "/desk/indicators/review/#pending", False))
    if actor.can("indicators.revoke"):
        todos.append((_("Disputes to decide"), counts["suspended"], "/desk/indicators/?state=suspended", True))
    if actor.can("alerts.read"):
        todos.extend(_alerts(actor))
    return {"todos": todos, "charts": list(_charts(actor, counts))}


def _alerts(actor: Actor) -> Iterable[tuple[Any, ...]]:
    """What the page of safeguards lists, each by its own list."""
    page = "/desk/indicators/alerts/"
    yield _("Alerts of Edges"), edge_alerts.open_count(actor), f"{page}?state=open#edge-alerts", True
    if held := hold_release.open_count(actor):
        yield _("Actions held by a rate limit"), held, f"{page}#held", True
    if lapsed := invalidation.waiting_count(actor):
        yield _("Indicators without enough valid certifications"), lapsed, f"{page}#lapsed", True


def _proposed(mine: Any, actor: Actor) -> tuple[list[str], list[float]]:
    """A day's proposals: those by hand one by one, those of imports as each batch counted them."""
    labels, alone = per_day(mine.filter(run_id=None))
    imported = per_day(ImportBatch.objects.filter(organisation_id=actor.organisation_id), count=Sum("accepted"))[1]
    return labels, [a + b for a, b in zip(alone, imported, strict=True)]


def _charts(actor: Actor, counts: dict[str, int]) -> Iterable[tuple[Any, ...]]:
    labels, values = list(counts), [float(n) for n in counts.values()]
    yield _("The register"), _("indicators"), labels, values, "funnel"
    if not actor.can("indicators.propose"):
        return
    with acting(actor):
        mine = Indicator.objects.filter(organisation_id=actor.organisation_id).exclude(TEST_ENTRY)
        # An index gives the newest of one organisation; the newest activations of all would be looked through for it.
        newest = mine.order_by("-created_at").values("pk")[:MOST_ROWS_COUNTED]
        activated = Activation.objects.filter(indicator__in=newest)
        yield _("Proposals by your organisation per day"), _("indicators"), *_proposed(mine, actor), "bars"
        proposed = Indicator.objects.filter(pk=OuterRef("indicator")).values("created_at")
        hours = median_hours(activated, "created_at", proposed, newest=MOST_ROWS_COUNTED)
    yield (
        _("Time from proposal to certification, median of the newest 1,000 proposals"),
        _("hours"),
        [str(_("hours"))],
        [hours],
        "bars",
    )
