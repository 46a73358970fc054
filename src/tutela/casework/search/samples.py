"""Sample of searches for a person: an auditor reads what their events say, and marks each as checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tutela.casework.models import DrawnSearch, SearchCheck, SearchFinding, SearchReason
from tutela.casework.search.errors import ComparedTooOften
from tutela.casework.search.keys import commitment
from tutela.casework.search.values import LABELS, ValueKind, cleaned, personal
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Conflict, Invalid, NotFound
from tutela.events.list_access import listed
from tutela.events.rate_limits import RateLimit
from tutela.events.record import Recorded, record, timeline
from tutela.events.transaction import acting
from tutela.organisations.people import directory

PERMISSION = "audit.verify"
MOST_LISTED = 200
# An auditor compares what the organisation says, and must not find the text by trying.
COMPARISONS = RateLimit("desk.search.compared", timedelta(days=1), 5)
# Findings for forms: code and text.
FINDINGS = SearchFinding.choices


@dataclass(frozen=True)
class Sample:
    """A drawn search. `event` has who, when and why, and never the text."""

    id: UUID
    organisation: str
    event: Recorded

    @property
    def kinds(self) -> list[object]:
        """The kinds of value, for people."""
        return [LABELS[ValueKind(one)] for one in (self.event.facts or {}).get("kinds", ())]

    @property
    def reason(self) -> object:
        """The reason, for people; empty where a case was named."""
        code = (self.event.facts or {}).get("reason", "")
        return SearchReason(code).label if code else ""


def pending_samples(actor: Actor) -> list[Sample]:
    """Drawn searches of every organisation that nobody has checked, oldest first. The view is recorded."""
    actor.require(PERMISSION)
    with acting(actor):
        rows = list(_pending().order_by("created_at", "id")[:MOST_LISTED])
        names = directory.names({row.organisation_id for row in rows})
        found = [Sample(row.pk, names[row.organisation_id], event) for row in rows for event in _events(row)]
        listed(actor, "search_sample", (one.id for one in found), page=1)
    return found


def count_pending(actor: Actor) -> int:
    """The number of drawn searches that nobody has checked, at most `MOST_LISTED`."""
    with acting(actor):
        return len(_pending()[:MOST_LISTED])


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """The pending checks, for an auditor's start page."""
    if not actor.can(PERMISSION):
        return None
    return {"todos": [(_("Searches to check"), count_pending(actor), "/desk/search/samples/", False)]}


def check(actor: Actor, sample_id: UUID, finding: str) -> None:
    """Mark a drawn search as checked. Raises `Invalid`, `NotFound`, and `Conflict` where somebody was faster."""
    actor.require(PERMISSION)
    if finding not in SearchFinding.values:
        raise Invalid("Choose what you found.", field="finding")
    with acting(actor):
        row = _sample(sample_id)
        made = SearchCheck(
            organisation_id=actor.organisation_id,
            drawn=row,
            finding=finding,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        if not insert_ignore(made):
            raise Conflict("Another auditor has already checked this search.")
        record(actor, "desk.search_checked", "search", row.search_id, finding=finding)


def matches(actor: Actor, sample_id: UUID, text: str) -> bool:
    """Whether this text is the one that was searched for, as the organisation says.

    Raises `Invalid`, `NotFound`, `ComparedTooOften`, and `Conflict` once the search was checked.
    """
    actor.require(PERMISSION)
    if not text.strip():
        raise Invalid("Enter the text that the organisation says it searched for.", field="text")
    said_text = personal(cleaned(text)).text
    if not COMPARISONS.take(str(sample_id)).allowed:
        raise ComparedTooOften
    with acting(actor):
        row = _sample(sample_id)
        if SearchCheck.objects.filter(drawn=row).exists():
            raise Conflict("Another auditor has already checked this search.")
        said = next((event.facts for event in _events(row) if event.facts), None)
        if said is None:
            raise NotFound
        equal = commitment(str(said["salt"]), said_text) == str(said["commitment"])
        record(actor, "desk.search_compared", "search", row.search_id, equal=equal)
    return equal


def _pending() -> QuerySet[DrawnSearch]:
    return DrawnSearch.objects.filter(check_row=None)


def _sample(sample_id: UUID) -> DrawnSearch:
    row = DrawnSearch.objects.filter(pk=sample_id).first()
    if row is None:
        raise NotFound
    return row


def _events(row: DrawnSearch) -> Iterable[Recorded]:
    return [one for one in timeline("search", row.search_id) if one.kind == "desk.searched"]
