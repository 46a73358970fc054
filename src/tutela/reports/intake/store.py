"""Store reports: any number from one provider at once, in the caller's transaction.

1. A known report gets its first receipt; other contents under its id are refused.
2. The data for comparison is read for all reports together (`prefetch`). Then the reports are scored and assigned to
   bundles (`planner`).
3. All rows are inserted in one round trip: report, key, items, bundle, sightings, event, deadlines. Then the new
   information of a duplicate or an answer is added to the earlier report.

The caller commits, and then sends the receipts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db.models import Model

from tutela import clock
from tutela.casework.search import keys as search_keys
from tutela.casework.search import report_values
from tutela.casework.search.values import ValueKind, value
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.identifiers import case_number
from tutela.events.record import rows_of
from tutela.events.sql import Statement
from tutela.exchange.report.receipt import issue_receipt
from tutela.exchange.report.report import Report as Wire
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS
from tutela.organisations.keys import signing
from tutela.reports.alerts import pending_reports
from tutela.reports.bundles import insert_conflicts, join, prefetch, series
from tutela.reports.bundles.planner import BundleRef, Plan
from tutela.reports.bundles.prefetch import KnownReports
from tutela.reports.duplicates import detection
from tutela.reports.errors import ReportKnown
from tutela.reports.followups import duplicate_effects
from tutela.reports.jurisdiction import rule
from tutela.reports.models import CLOSED, Decision, FeedbackSent, Report, Sighting
from tutela.reports.report_encryption import ReportBox, begin
from tutela.reports.scoring import history, lanes, link_keys, register_claims
from tutela.reports.scoring import scores as scoring_scores
from tutela.reports.scoring.register_claims import Foundation
from tutela.reports.state.new_information import Closed

type Answer = str | ReportKnown


class Filing:
    """A report during intake: its text, canonical bytes and comparison keys. Read once."""

    def __init__(self, provider: UUID, report: Wire) -> None:
        self.report, self.body = report, report.to_bytes()
        self.sha256 = hashlib.sha256(self.body).hexdigest()
        self.keys = join.keys_of(report)
        self.identity = detection.identity_of(provider, report)
        self.country = rule.resolve(report).country
        self.empty = lanes.empty(report)
        self.traits = link_keys.traits_of(report)
        self.accounts = link_keys.accounts_in(self.traits)
        self.looks = bool(link_keys.views_of(report))

    def found_by(self, centre: UUID) -> list[bytes]:
        """The keys by which the Centre's people search for it, its own digest among them."""
        itself = value(ValueKind.DIGEST, self.sha256)
        return search_keys.keys_of(centre, [itself, *report_values.values_of(self.report)])


@dataclass
class Entered:
    """A report's row with what was found about it."""

    filing: Filing
    row: Report
    place: BundleRef
    series: list[series.Mark]
    # What it repeats: a report of the same batch, or the key of an earlier one.
    repeats: duplicate_effects.Repeated | None


@dataclass(frozen=True)
class Taking:
    """One provider's reports coming in at one moment."""

    actor: Actor
    sender: Actor
    now: datetime
    key: Ed25519PrivateKey
    # The report's key exists already if an interface stored a part of the report before.
    box: ReportBox | None = None
    closed: Closed = field(default_factory=Closed)

    def receipt(self, filing: Filing) -> bytes:
        return issue_receipt(
            filing.report, received_at=self.now, centre=self.actor.organisation_name, key=self.key, sha256=filing.sha256
        ).to_bytes()


def questions(actor: Actor, sender: Actor, filings: Sequence[Filing]) -> list[Statement]:
    """The first queries of `store_reports`."""
    centre, provider, ids = actor.organisation_id, sender.organisation_id, {one.report.report_id for one in filings}
    keys = frozenset().union(*(one.keys for one in filings))
    accounts = frozenset().union(*(one.accounts for one in filings))
    looked = prefetch.questions(centre, provider, ids, keys, [one.identity for one in filings], accounts)
    return [signing.asking(centre, "receipt"), *looked]


def store_reports(
    actor: Actor,
    sender: Actor,
    filings: Sequence[Filing],
    answers: Sequence[list[tuple[Any, ...]]],
    *,
    box: ReportBox | None = None,
) -> list[Answer]:
    """Store reports; return a receipt or a refusal for each. Call inside `acting(actor)`.

    `answers` is the result of its `questions` in this transaction. `box` is the key of a single report of which
    something is stored already.
    """
    kept, *looked = answers
    seen = prefetch.known_reports(looked)
    known, new = dict(seen.reports), dict[UUID, Filing]()
    for filing in filings:
        if filing.report.report_id not in known:
            new.setdefault(filing.report.report_id, filing)
    if new:
        taking = Taking(actor, sender, clock.now(), signing.private_of(kept), box)
        for entered in _enter(taking, [*new.values()], seen):
            known[entered.row.report_id] = (entered.row.sha256, entered.row.provider_id, bytes(entered.row.receipt))
    return [_answer(sender, filing, *known[filing.report.report_id]) for filing in filings]


def _answer(sender: Actor, filing: Filing, sha256: str, provider: UUID, receipt: bytes) -> Answer:
    same = sha256 == filing.sha256 and provider == sender.organisation_id
    return receipt.decode() if same else ReportKnown()


def _enter(taking: Taking, filings: Sequence[Filing], before: KnownReports) -> list[Entered]:
    centre, provider = taking.actor.organisation_id, taking.sender.organisation_id
    seen = prefetch.related_rows(centre, provider, [f.keys for f in filings], [f.identity for f in filings], before)
    # Claims are read after the rows are locked, as the undoing of a report does: a revocation waits for these reports,
    # or is seen.
    rest = register_claims.of_all([filing.report for filing in filings])
    plan, made = Plan(taking.actor, seen.items), list[Entered]()
    within: dict[bytes, Report] = {}
    lane = lanes.Counter(seen.empty, seen.urgent)
    for filing, rests in zip(filings, rest, strict=True):
        entered = _row(taking, filing, rests, seen, plan, within)
        calls = entered.row.urgent and entered.repeats is None
        entered.row.lane = lane.lane(empty=filing.empty, urgent=calls)
        if entered.repeats is None:
            within[filing.identity] = entered.row
        seen.came_with(filing.keys, filing.traits)
        made.append(entered)
    plan.settle()
    rows: list[Model] = [*plan.bundles(), *plan.items.values()]
    for one in made:
        one.row.bundle_id = one.place.now().id
        rows += _rows(taking, one, plan)
    if lost := insert_all(rows):
        insert_conflicts.resolve_insert_races(taking.actor, [one.row for one in made], lost)
    _bring(taking, made, seen, plan)
    return made


def _row(
    taking: Taking, filing: Filing, rests: Foundation, seen: KnownReports, plan: Plan, within: dict[bytes, Report]
) -> Entered:
    report = filing.report
    earlier = within.get(filing.identity) or seen.earlier.get(filing.identity)
    past = history.of_items(map(seen.of, filing.keys), *seen.provider, _before(filing, seen, earlier))
    scores = scoring_scores.score(report, past, taking.now, rests.active)
    original = _original(taking, filing, earlier, urgent=scores.urgent)
    marks = series.marks_of(taking.sender.organisation_id, report, rests.series)
    row = Report(
        organisation_id=taking.actor.organisation_id,
        created_at=taking.now,
        report_id=report.report_id,
        number=case_number("R"),
        provider_id=taking.sender.organisation_id,
        provider_name=taking.sender.organisation_name,
        sha256=filing.sha256,
        receipt=taking.receipt(filing),
        identity=filing.identity,
        duplicate_of_id=original.pk if original else None,
        brings=False if original and original.state in CLOSED else None,
        kinds=[str(k) for k in report.kinds],
        service=report.service.name[:40],
        items=len(report.items),
        urgent=scores.urgent,
        urgency=scores.urgency.value or 0,
        relevance=scores.relevance.value,
        relevance_order=scores.relevance_order,
        completeness=scores.completeness.value or 0,
        reasons=scores.stored(),
        entries=sorted(rests.concerned),
        carried=sorted(rests.carried),
        country=filing.country,
        empty=filing.empty,
        certified=rests.certified,
        traits=filing.traits + series.traits(marks),
        to_compare=taking.now if filing.looks else None,
    )
    _begin_state(row, original, taking.now)
    return Entered(filing, row, plan.place(filing.keys), marks, original)


def _original(
    taking: Taking, filing: Filing, earlier: duplicate_effects.Repeated | None, *, urgent: bool
) -> duplicate_effects.Repeated | None:
    return duplicate_effects.original_of(earlier, urgent, partial(taking.closed.lacks, filing.identity, filing.report))


def _begin_state(row: Report, original: duplicate_effects.Repeated | None, now: datetime) -> None:
    """Set the first state: a duplicate takes its original's state, another gets a deadline.

    The deadline is that of the first review.
    """
    if original:
        row.state, row.decision = original.state, original.decision
    else:
        row.look_by = KINDS["urgent_referral" if row.urgent else "relevance"].length.after(now)


def _before(filing: Filing, seen: KnownReports, earlier: duplicate_effects.Repeated | None) -> int:
    """Return the number of earlier relevant reports of the account; of several, the most.

    The original of a duplicate is not counted.
    """
    times = max((seen.accounts.get(one, 0) for one in filing.accounts), default=0)
    return times - (times > 0 and earlier is not None and earlier.decision == Decision.FORWARD)


def _rows(taking: Taking, one: Entered, plan: Plan) -> Iterable[Model]:
    """Everything that is inserted with a report, itself included."""
    actor, row, report = taking.actor, one.row, one.filing.report
    if (box := taking.box) is None:
        key, box = begin(actor, report.report_id)
        yield key
    row.sealed_body = box.seal("report", report.report_id, one.filing.body)
    row.found_by = one.filing.found_by(actor.organisation_id)
    yield row
    for item in plan.item_ids(one.filing.keys):
        yield Sighting(organisation_id=actor.organisation_id, item_id=item, report_id=row.pk)
    yield from series.rows(actor, row.pk, one.series)
    yield from rows_of(
        actor,
        "report.received",
        "report",
        report.report_id,
        legal_basis=f"{report.legal_basis.act}"[:120],
        provider=row.provider_id,
        sha256=row.sha256,
        bundle=one.place.now().number,
        urgent=row.urgent,
        duplicate_of=one.repeats.report_id if one.repeats else None,
    )
    # The signed receipt is this notification: it is given with the answer, and again on request.
    yield FeedbackSent(organisation_id=actor.organisation_id, report_id=row.pk, kind="received")
    if one.repeats is None:
        yield from clocks.begun(actor, "relevance", "report", report.report_id)
        if row.urgent:
            yield from clocks.begun(actor, "urgent_referral", "report", report.report_id)
            yield from pending_reports.rows(actor, report.report_id)


def _bring(taking: Taking, made: Iterable[Entered], seen: KnownReports, plan: Plan) -> None:
    """Apply the new reports to earlier ones (urgency, an answer), and earlier decisions to the new reports."""
    for one in made:
        if one.repeats is not None:
            duplicate_effects.apply_duplicate(taking.actor, one.row, one.repeats)
        elif one.place.now().id in seen.asked:
            items = plan.item_ids(one.filing.keys)
            duplicate_effects.answer_by_items(taking.actor, one.row, one.filing.report, items)
