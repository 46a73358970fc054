"""Facts about a report for whoever decides a complaint: who decided, by what technology, on which entries.

Nothing here names an item, a digest or an account.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from tutela.detection.models import Candidate, Draft, Outcome, Receipt
from tutela.events.actor import Actor


@dataclass(frozen=True)
class MeasureFacts:
    """A report of this provider. `deciders`: references of everybody who confirmed or filed it.

    `centre_id` is where it was sent, `received` whether that is acknowledged, `draft` whether it can still be sent.
    """

    report_id: UUID
    number: str
    at: datetime
    centre_id: UUID | None
    received: bool = False
    draft: bool = False
    deciders: tuple[str, ...] = ()
    technology: str = ""
    list_id: str = ""
    entries: tuple[UUID, ...] = ()
    # Those of the public register.
    register_entries: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Denominators:
    """Counts of decided candidates by technology and list: matched, rejected by people, confirmed by people."""

    matched: Counter[tuple[str, str]] = field(default_factory=Counter)
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)
    confirmed: Counter[tuple[str, str]] = field(default_factory=Counter)


def by_number(number: str) -> MeasureFacts | None:
    """The report with this number. Call inside `acting(actor)`."""
    row = Draft.objects.filter(number=number.strip().upper()).first()
    return _facts(row) if row is not None else None


def by_id(report_id: UUID) -> MeasureFacts | None:
    """The report with this ID. Call inside `acting(actor)`."""
    row = Draft.objects.filter(pk=report_id).first()
    return _facts(row) if row is not None else None


def denominators(actor: Actor, since: datetime, until: datetime) -> Denominators:
    """Candidates that were decided in a period. Call inside `acting(actor)`."""
    rows = Outcome.objects.filter(
        organisation_id=actor.organisation_id,
        created_at__gte=since,
        created_at__lt=until,
        kind__in=("confirmed", "rejected"),
    )
    found = Denominators()
    for rule, list_id, kind, count in rows.order_by().values_list("rule", "list_id", "kind").annotate(n=Count("pk")):
        found.matched[rule, list_id] += count
        (found.confirmed if kind == "confirmed" else found.rejected)[rule, list_id] += count
    return found


def _facts(row: Draft) -> MeasureFacts:
    people, technology, list_id, entries = {row.by}, "", "", list[tuple[UUID, bool]]()
    people |= set(row.sendings.values_list("by", flat=True))
    if row.candidate_ref is not None:
        outcome = Outcome.objects.filter(subject_id=row.candidate_ref).first()
        if outcome is not None:
            people.add(outcome.by)
            technology, list_id = outcome.rule, outcome.list_id
        candidate = Candidate.objects.filter(pk=row.candidate_ref).first()
        if candidate is not None:
            people |= set(candidate.reviews.filter(decision="confirm").values_list("by", flat=True))
            entries = list(candidate.matches.order_by("place").values_list("entry_id", "in_public_register"))
    receipt = Receipt.objects.filter(draft=row).first()
    sent_to = row.sendings.order_by("-number").values_list("recipient_id", flat=True).first()
    return MeasureFacts(
        row.pk,
        row.number,
        row.created_at,
        receipt.centre_id if receipt else sent_to,
        receipt is not None,
        row.state == "drafted" and sent_to is None,
        tuple(sorted(one for one in people if one.startswith("person:"))),
        technology,
        list_id,
        tuple(dict.fromkeys(entry for entry, _public in entries)),
        tuple(dict.fromkeys(entry for entry, public in entries if public)),
    )
