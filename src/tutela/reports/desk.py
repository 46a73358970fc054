"""What the Centre's pages show: the queue, and one report with everything."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.listing import MOST_EXPORTED, Part, in_turn, listed, noted
from tutela.events.recording import record
from tutela.exchange.handling import Handling
from tutela.exchange.report import Report as Wire
from tutela.law import clocks, holds
from tutela.law.journey import Journey, at_the_provider, journey
from tutela.organisations import directory, erasable, four_eyes, outbox_state
from tutela.organisations.errors import Erased
from tutela.reports import addressees, basis, bringing, exposure, feedback, handling_choice, orphaned
from tutela.reports.models import ORDER, UNSHOWN, Assessment, Bundle, Decision, Referral, Report, State
from tutela.reports.sealing import SUBJECT
from tutela.reports.standing import referrals_that_stand
from tutela.reports.triage import body_of

PER_PAGE = 50
# Other orders than that of triage; in each of them urgent reports come first. By when somebody is to look only what is
# open is put in order: it has an index, and at everything else somebody has looked.
SORTS = {
    "received": ("created_at", "pk"), "-received": ("-created_at", "-pk"), "look_by": ("look_by", "pk"),
    "-look_by": ("-look_by", "-pk"),
}  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """What to show of the queue; empty does not restrict."""

    state: str = "open"
    provider: str = ""
    kind: str = ""
    text: str = ""
    bundle: str = ""
    # Of `SORTS`; empty is the order of triage.
    sort: str = ""


@dataclass(frozen=True)
class Repetitions:
    """What repeats a report and says more, each with its own reason for urgency; `more` that may were not opened."""

    found: list[tuple[Report, str]] = field(default_factory=list)
    more: int = 0


@dataclass(frozen=True)
class Full:
    """One report with everything about it."""

    row: Report
    # None once its contents are erased.
    body: Wire | None
    assessments: list[Assessment]
    referrals: list[Referral]
    jurisdiction: Any
    # Whom a referral would go to now.
    recipients: list[directory.Entry]
    messages: list[outbox_state.MessageState]
    clocks: list[tuple[Any, Any]]
    journey: Journey
    siblings: list[Report]
    repetitions: Repetitions
    held: Any
    # Until when the content is not removed either.
    content_until: datetime | None
    # The hold's authority is gone: two leads may end it.
    orphaned: bool
    end_asked: four_eyes.Asked | None
    may_assess: bool
    may_refer: bool
    # The reader's own budget of a day; `closed` where it keeps the contents back.
    budget: exposure.Budget | None
    closed: bool
    # What the next copy says that its recipient may do, where there is to be one.
    handling: Handling | None


def queue(actor: Actor, wanted: Filter, page: int = 1) -> tuple[list[Any], bool]:
    """A page of the queue: urgent first, then by urgency, relevance and age; one line for each bundle that is open."""
    actor.require("reports.read")
    with acting(actor):
        found = _lines(_keys(wanted, (page - 1) * PER_PAGE, PER_PAGE + 1))
        listed(
            actor, "report", (row.report_id for row in found[:PER_PAGE]), page=page, state=wanted.state,
            kind_of=wanted.kind, words=_given(wanted.provider, wanted.text, wanted.bundle),
        )  # fmt: skip
    return found[:PER_PAGE], len(found) > PER_PAGE


def export(actor: Actor, wanted: Filter) -> list[Any]:
    """The queue for a file, its first `MOST_EXPORTED` rows; recorded as looks at each."""
    actor.require("reports.read")
    with acting(actor):
        found = _lines(_keys(wanted, 0, MOST_EXPORTED))
        noted(actor, "report", (row.report_id for row in found), Part(file=True), state=wanted.state)
    return found


def sort_of(wanted: Filter) -> str:
    """By which of `SORTS` this is put in order; empty for that of triage."""
    known = wanted.sort in SORTS and (wanted.state == State.OPEN or not wanted.sort.endswith("look_by"))
    return wanted.sort if known else ""


def _keys(wanted: Filter, start: int, many: int) -> list[UUID]:
    """The keys of some lines in their order: an index has them with everything that orders them."""
    if sort := sort_of(wanted):
        rows = _filtered(wanted).order_by(*SORTS[sort])
        parts = (rows.filter(urgent=True), rows.filter(urgent=False))
        return in_turn((partial(_some, wanted, part) for part in parts), start, many)
    return _some(wanted, _filtered(wanted).order_by(*ORDER), start, many)


def _some(wanted: Filter, rows: QuerySet[Any], start: int, many: int) -> list[UUID]:
    if wanted.state != State.OPEN or wanted.bundle:
        return list(rows.values_list("pk", flat=True)[start : start + many])
    if sort_of(wanted) or wanted.provider or wanted.kind or wanted.text:
        return that_stand(rows, start, many)
    return _first_of_bundles(rows, start, many)


class _Page(ArrayAgg):
    """Some of the values, in the order in which they come, from one place to another, both included and 1 the first."""

    template = "(%(function)s(%(distinct)s%(expressions)s%(order_by)s)%(filter)s)[%(begin)s:%(end)s]"


def that_stand(rows: QuerySet[Any], start: int, many: int) -> list[UUID]:
    """Of some open reports those that stand for their bundles: asked of as many as a page may need, then of more.

    In one question the database would take it that almost none stands for its bundle, and put all of them in order.
    """
    wanted, size = start + many, 0
    rows = rows.annotate(first=Subquery(standing_for(OuterRef("bundle")).values("pk")[:1]))
    stands = Q(pk=F("first"))
    page = _Page("pk", filter=stands, begin=start + 1, end=wanted)
    while True:
        size = 4 * size or wanted + wanted // 2
        asked = rows.values("pk", "first")[:size]
        found = asked.aggregate(read=Count("*"), standing=Count("pk", filter=stands), page=page)
        if found["standing"] >= wanted or found["read"] < size:
            return list(found["page"] or ())


def _first_of_bundles(rows: QuerySet[Any], start: int, many: int) -> list[UUID]:
    """In the order of triage the first report of each bundle is the one that stands for it: nothing else is asked."""
    wanted, size = start + many, 0
    while True:
        size = 2 * size or wanted + wanted // 2
        pairs = list(rows.values_list("bundle", "pk")[:size])
        first: dict[UUID, UUID] = {}
        for bundle, pk in pairs:
            first.setdefault(bundle, pk)
        if len(first) >= wanted or len(pairs) < size:
            return [*first.values()][start:wanted]


def _given(*words: str) -> str:
    return "given" if any(words) else ""


def _filtered(wanted: Filter) -> QuerySet[Any]:
    rows: QuerySet[Any] = Report.objects.all()
    if wanted.state == "duplicate":
        rows = rows.exclude(duplicate_of=None)
    elif wanted.state != "all":
        rows = rows.filter(duplicate_of=None, state=wanted.state if wanted.state in State.values else State.OPEN)
    if wanted.provider:
        rows = rows.filter(provider_id__in=providers_named(wanted.provider))
    if wanted.kind:
        rows = rows.filter(kinds__contains=[wanted.kind])
    if wanted.bundle:
        rows = rows.filter(bundle__in=_bundles(wanted.bundle))
    if text := wanted.text.strip().upper():
        # No report has the number of a bundle; asked for either, the database would read all of them.
        bundles = _bundles(text)
        rows = rows.filter(bundle__in=bundles) if bundles else rows.filter(_numbered(text, wanted.state))
    return rows


def _numbered(text: str, state: str) -> Q:
    """The report of a number; among duplicates also those that repeat it."""
    first = Report.objects.filter(number=text).values_list("pk", flat=True).first() if state == "duplicate" else None
    return Q(pk=first) | Q(duplicate_of=first) if first else Q(number=text)


def providers_named(text: str) -> list[UUID]:
    """Looked up first, as bundles are: by what organisations are called now."""
    return [one.id for one in directory.listing(text=text)]


def _bundles(number: str) -> list[UUID]:
    """Looked up first: a join with the bundles would read every report."""
    return list(Bundle.objects.filter(number=number.strip().upper()).values_list("pk", flat=True))


def standing_for(bundle: Any) -> QuerySet[Report]:
    """The open reports of a bundle; the first stands for it in the queue: the most urgent, then the oldest."""
    rows = Report.objects.filter(bundle=bundle, duplicate_of=None, state=State.OPEN)
    return rows.order_by(*ORDER)


def _lines(pks: list[UUID]) -> list[Any]:
    """Reports as lines of the queue, without what is sealed, each with how many reports its bundle has."""
    known = Report.objects.select_related("bundle").defer(*UNSHOWN).in_bulk(pks)
    found: list[Any] = [known[pk] for pk in pks if pk in known]
    counted = Report.objects.filter(bundle__in={row.bundle_id for row in found}).order_by().values_list("bundle")
    reports = dict(counted.annotate(n=Count("*")))
    for row in found:
        row.in_bundle = reports.get(row.bundle_id, 1)  # a colleague may have merged it since
    return found


def _subjects(row: Report, decider: Report) -> list[tuple[str, object]]:
    """The report, and every referral that was made of it."""
    referrals = decider.referrals.order_by("created_at").values_list("referral_id", flat=True)
    return [("report", row.report_id), *(("referral", referral_id) for referral_id in referrals)]


def _journey(row: Report, decider: Report, body: Wire | None) -> Journey:
    """From the upload at the provider to what the authorities did; of a duplicate, as the one it repeats went on."""
    subjects = _subjects(row, decider)
    if decider != row:
        subjects.append(("report", decider.report_id))
    return journey(subjects, at_the_provider(body) if body else ())


def _body(row: Report) -> Wire | None:
    try:
        return body_of(row)
    except Erased:
        return None


def _repetitions(row: Report) -> Repetitions:
    """Of a report that is repeated without end the first: opening a page opens no thousand bodies."""
    seen = bringing.of(row, bringing.MOST_SHOWN)
    return Repetitions([(one, said.urgency.reason or "") for one, said in seen.parts[1:]], seen.unseen)


def _jurisdiction(row: Report) -> Any:
    found = basis.opened(row, row.jurisdictions.order_by("-created_at", "-id")[:1])
    return found[0] if found else None


def _may_assess(actor: Actor, row: Report) -> bool:
    undone = row.state == State.ERRONEOUS and not actor.can("reports.erroneous")
    return not undone and row.erased_at is None and not referrals_that_stand(row).exists()


def _referrals(row: Report) -> list[Referral]:
    """Every referral of a report with what became of it, also those that came back."""
    rows = row.referrals.order_by("created_at").prefetch_related("outcomes")
    return list(rows.select_related("acknowledgement", "returned"))


def _among(rows: QuerySet[Report], start: int, many: int) -> list[Report]:
    return list(rows.order_by("created_at", "pk")[start : start + many])


def _may_refer(row: Report, without: list[directory.Entry]) -> bool:
    return row.decision == Decision.FORWARD and row.erased_at is None and bool(without)


def open_report(actor: Actor, report_id: UUID) -> Full:
    """One report with everything; the access is recorded with the actor's purpose, and counts (`exposure`).

    Raises `NotFound`.
    """
    actor.require("reports.read")
    with acting(actor):
        row = Report.objects.select_related("bundle", "duplicate_of").filter(report_id=report_id).first()
        if row is None:
            raise NotFound
        record(actor, "report.viewed", "report", report_id)
        others = Report.objects.filter(bundle=row.bundle).exclude(pk=row.pk).defer(*UNSHOWN)
        parts = (partial(_among, others.filter(urgent=urgent)) for urgent in (True, False))
        decider, closed = row.duplicate_of or row, row.erased_at is None and not exposure.opened(actor, row)
        body = None if closed else _body(row)
        without = addressees.still_without(decider)
        may_refer = _may_refer(decider, without)
        assessments = list(decider.assessments.order_by("created_at"))
        referrals = _referrals(decider)
        unreal = clocks.simulated()
        told = (said for one in referrals for said in (*one.outcomes.all(), getattr(one, "returned", None)))
        erasable.open_words(SUBJECT, decider.report_id, (*assessments, *told))
        return Full(
            row=row, body=body, assessments=assessments, referrals=referrals,
            jurisdiction=_jurisdiction(decider),
            recipients=without,
            clocks=[one for kind, pk in _subjects(row, decider) for one in clocks.of_subject(kind, pk, unreal)],
            may_assess=not closed and _may_assess(actor, decider), may_refer=may_refer,
            budget=exposure.mine(actor), closed=closed,
            handling=handling_choice.standing(decider) if may_refer else None,
            messages=outbox_state.states(actor, report_id),
            journey=_journey(row, decider, body), siblings=in_turn(parts, 0, 100),
            repetitions=_repetitions(row) if body and row == decider else Repetitions(),
            held=feedback.held(row), content_until=holds.content_kept("report", (row.duplicate_of or row).report_id),
            orphaned=orphaned.asker_is_gone(decider),
            end_asked=orphaned.waiting(actor, decider),
        )  # fmt: skip
