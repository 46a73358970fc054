"""Shared work in the lists of the desks: filter of the address, choices of the form, columns of the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from tutela.casework.assignment import labels
from tutela.casework.assignment.list_filter import CLAIMS, WorkFilter
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.table_views.sort_and_filter import Column

# Parameters of an address, for saved views.
FIELDS = "claimed label"
# Of rows that have their `Work` as `work`.
COLUMNS: tuple[Column[Any], ...] = (
    Column("claimed", _("Claimed by"), lambda row: row.work.claimed_by),
    Column("labels", _("Labels"), lambda row: ", ".join(row.work.labels)),
)


def work_filter(asked: Mapping[str, str]) -> WorkFilter:
    """The filter that an address asks for."""
    return WorkFilter(asked.get("claimed", "")[:20], asked.get("label", "").strip()[: labels.MOST_CHARACTERS])


def choices(actor: Actor, kind: str, wanted: WorkFilter) -> dict[str, Any]:
    """What `casework/work/list_filters.html` needs: claims, known labels, and what is chosen."""
    with acting(actor):
        known = {*labels.suggested(kind), wanted.label} - {""}
    return {"claims": CLAIMS, "labels": [(one, one) for one in sorted(known)], "work_wanted": wanted}
