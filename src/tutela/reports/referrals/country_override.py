"""Jurisdiction of a report: weighed evidence, rule, contrary evidence, and a lead's override.

- The newest row is valid. A lead's choice is a row with a reason; undoing it adds a row that repeats the previous one.
- After a valid referral, no country can be chosen: a mistake is undone as a whole. For a returned and unassigned copy a
  lead may choose; an authority with another copy keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.referral.reason_codes import RuleCode
from tutela.exchange.referral.referral import JurisdictionGround
from tutela.organisations.errors import Erased
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.countries import COUNTRIES
from tutela.reports.errors import AlreadyReferred, IsDuplicate, NoRecipient, NotOverridden
from tutela.reports.jurisdiction import rule as jurisdiction_rule
from tutela.reports.models import Jurisdiction, Report
from tutela.reports.referrals import addressees
from tutela.reports.state import jurisdiction_basis, new_information, status
from tutela.reports.state.report_rows import locked

COPIED = ("country", "countries", "ground", "rule", "basis", "edition")


@dataclass(frozen=True)
class Piece:
    """A stored piece of evidence. Rows of older nodes have neither points nor a subject."""

    ground: str
    country: str
    source: str
    at: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    weight: int | None = None
    subject: str = ""
    decides: bool = True

    @property
    def number(self) -> str:
        """The number of the report's account or child that the evidence is about."""
        return self.subject.rpartition(" ")[2]


@dataclass(frozen=True)
class Routing:
    """A report's routing as the page shows it. `row` is None while nobody has forwarded it: then it is a preview."""

    report: Report
    row: Jurisdiction | None
    addressed: list[str]
    rule: str
    values: Mapping[str, str]
    edition: str
    pieces: list[Piece]
    alternatives: list[tuple[str, str, int]]
    history: list[Jurisdiction]
    recipients: list[directory.DirectoryEntry]
    may_choose: bool
    may_undo: bool

    @property
    def where(self) -> str:
        """The countries addressed, in words."""
        return ", ".join(one or "Europol" for one in self.addressed) or "Europol"

    @property
    def conflicts(self) -> list[Piece]:
        """Evidence that counts but points to other countries."""
        return jurisdiction_rule.conflicts(self.pieces, self.addressed)


def override_of(actor: Actor, report_id: UUID) -> Routing:
    """The routing of a report, as it was decided or, before, as it would be now. Raises `NotFound`."""
    actor.require("reports.read")
    with acting(actor):
        row = Report.objects.filter(report_id=report_id).select_related("duplicate_of").first()
        if row is None:
            raise NotFound
        record(actor, "report.viewed", "report", report_id, page="routing")
        decider = row.duplicate_of or row
        history = jurisdiction_basis.opened(decider, decider.jurisdictions.order_by("created_at", "id"))
        found = history[-1] if history else _preview(decider)
        # A choice names no evidence: what it was made against is that of the rule before.
        evidence: list[list[Any]] = found.evidence or next((h.evidence for h in reversed(history) if h.evidence), [])
        pieces = [Piece(*stored[:8]) for stored in evidence]
        free = row.duplicate_of is None and not status.referrals_that_stand(decider).exists()
        waits = row.duplicate_of is None and bool(history) and (free or bool(addressees.unserved(decider, found)))
        return Routing(
            report=row,
            row=history[-1] if history else None,
            addressed=found.addressed,
            rule=found.rule,
            values=found.rule_values,
            edition=found.edition,
            pieces=pieces,
            alternatives=jurisdiction_rule.alternatives(pieces),
            history=history,
            recipients=_recipients(found) if history else [],
            may_choose=waits,
            may_undo=free and _chosen(history) is not None,
        )


def choose_country(actor: Actor, report_id: UUID, country: str, reason: str) -> None:
    """A lead addresses another country, with a reason; "" means Europol.

    Raises `AlreadyReferred`, `IsDuplicate`, `Invalid`, `NotFound`, `NotRelevantYet`.
    """
    actor.require("reports.route")
    reason = typed(reason)
    if not reason:
        raise Invalid("Enter the evidence for this country.", field="reason")
    if country and country not in COUNTRIES:
        raise Invalid("This country does not exist. Choose one from the list.", field="country")
    with acting(actor):
        row = _decidable(report_id)
        found = addressees.newest(row)
        waiting = addressees.unserved(row, found)
        if status.referrals_that_stand(row).exists() and not waiting:
            raise AlreadyReferred
        kept = [one for one in found.addressed if one not in waiting]
        ground = JurisdictionGround.PLACE_OF_OFFENCE if country else JurisdictionGround.EUROPOL_FALLBACK
        said = jurisdiction_basis.text({"name": actor.name, "reason": reason[:600]})
        made = Jurisdiction(
            **addressees.stored([*kept, country]),
            ground=ground.value,
            rule=RuleCode.CHOSEN,
            basis=said,
            by=actor.reference,
        )
        jurisdiction_basis.keep(actor, row, made)
        record(actor, "report.jurisdiction", "report", report_id, country=country or "Europol")


def undo(actor: Actor, report_id: UUID) -> None:
    """Take the newest choice back: what was before it holds again. Raises `NotOverridden`, `AlreadyReferred`."""
    actor.require("reports.route")
    with acting(actor):
        row = _decidable(report_id)
        if status.referrals_that_stand(row).exists():
            raise AlreadyReferred
        pair = _chosen(jurisdiction_basis.opened(row, row.jurisdictions.order_by("created_at", "id")))
        if pair is None:
            raise NotOverridden
        choice, before = pair
        again = Jurisdiction(by=actor.reference, undoes=choice, **{name: getattr(before, name) for name in COPIED})
        jurisdiction_basis.keep(actor, row, again)
        record(actor, "report.jurisdiction", "report", report_id, country=before.country or "Europol", undoes=choice.pk)


def _chosen(history: Iterable[Jurisdiction]) -> tuple[Jurisdiction, Jurisdiction] | None:
    """The choice that holds, and what held before it; None where the rule's answer holds."""
    held: list[Jurisdiction] = []
    for one in history:
        if one.undoes_id and held:
            held.pop()
        else:
            held.append(one)
    if len(held) < 2 or held[-1].by == jurisdiction_rule.BY_RULE:
        return None
    return held[-1], held[-2]


def _decidable(report_id: UUID) -> Report:
    row = locked(report_id)
    if row.duplicate_of_id:
        raise IsDuplicate
    return row


def _preview(row: Report) -> Jurisdiction:
    """Preview the decision of the rule as of now; nothing is stored."""
    try:
        said = new_information.merged_content(row)
        found = jurisdiction_rule.resolve(said.report, duplicates=said.duplicates)
    except Erased:
        return Jurisdiction(rule=RuleCode.NOTHING, basis="")
    return Jurisdiction(
        country=found.country,
        countries=list(found.countries),
        ground=found.ground.value,
        rule=found.rule,
        basis=jurisdiction_basis.text(found.values, [one.stored() for one in found.evidence]),
        edition=found.edition,
    )


def _recipients(found: Jurisdiction) -> list[directory.DirectoryEntry]:
    try:
        return [one.entry for one in addressees.all_of(found)]
    except NoRecipient:
        return []
