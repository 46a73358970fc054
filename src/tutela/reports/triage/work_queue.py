"""Work queue of the Centre: urgent first, with one representative report of each open bundle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from tutela.casework.assignment.list_filter import EVERY, MINE, WorkFilter, work_on
from tutela.events.actor import Actor
from tutela.events.list_access import MOST_EXPORTED, ListPage, in_turn, listed, noted
from tutela.events.transaction import acting
from tutela.organisations.approvals import four_eyes
from tutela.organisations.people import directory
from tutela.reports.models import ORDER, UNSHOWN, Bundle, Report, State
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.state import overdue_questions, provider_feedback, retractions

PER_PAGE = 50
# These filters are offered in addition to the states. A report that its provider retracted is not among the open ones
# until somebody has answered. `OVERDUE`: the provider's time to answer a question has passed. `HOLD_ENDS`: the end of a
# hold waits for a second person.
RETRACTED, OVERDUE, HOLD_ENDS = "retracted", "overdue", "hold_ends"
DUPLICATE, ALL = "duplicate", "all"
# Other orders than that of triage; in each of them urgent reports come first. By when somebody is to look only what is
# open is put in order: it has an index, and at everything else somebody has looked.
SORTS = {
    "received": ("created_at", "pk"),
    "-received": ("-created_at", "-pk"),
    "look_by": ("look_by", "pk"),
    "-look_by": ("-look_by", "-pk"),
}


@dataclass(frozen=True)
class ReportFilter:
    """Filter of the queue; empty fields do not restrict."""

    state: str = "open"
    provider: str = ""
    kind: str = ""
    text: str = ""
    bundle: str = ""
    # Of `SORTS`; empty is the order of triage.
    sort: str = ""
    urgent: bool = False
    work: WorkFilter = EVERY


def lines(actor: Actor, wanted: ReportFilter, page: int = 1) -> tuple[list[Any], bool]:
    """A page of the queue: urgent first, then by urgency, relevance and age; one line for each bundle that is open."""
    actor.require("reports.read")
    with acting(actor):
        found = _shown(_keys(actor, wanted, (page - 1) * PER_PAGE, PER_PAGE + 1))
        listed(
            actor,
            "report",
            (row.report_id for row in found[:PER_PAGE]),
            page=page,
            state=wanted.state,
            kind_of=wanted.kind,
            words=_given(wanted.provider, wanted.text, wanted.bundle),
        )
    return found[:PER_PAGE], len(found) > PER_PAGE


def export(actor: Actor, wanted: ReportFilter) -> list[Any]:
    """The queue for a file, its first `MOST_EXPORTED` rows; recorded as looks at each."""
    actor.require("reports.read")
    with acting(actor):
        found = _shown(_keys(actor, wanted, 0, MOST_EXPORTED))
        noted(actor, "report", (row.report_id for row in found), ListPage(file=True), state=wanted.state)
    return found


def count_open() -> tuple[int, int]:
    """The number of lines of the open queue, and of its urgent lines. Call inside `acting(actor)`."""
    urgent = Count("bundle", distinct=True, filter=Q(urgent=True))
    found = open_reports().aggregate(every=Count("bundle", distinct=True), urgent=urgent)
    return found["every"], found["urgent"]


def open_reports() -> QuerySet[Report]:
    """Reports that wait for a decision; one that its provider retracted waits for an answer. Call inside `acting`."""
    # Few, and looked up first: joined, the database would walk through every report.
    rows, waits = Report.objects.filter(duplicate_of=None, state=State.OPEN), retractions.pending_retractions()
    gone = list(waits.filter(report__duplicate_of=None, report__state=State.OPEN).values_list("report", flat=True))
    return rows.exclude(pk__in=gone) if gone else rows


def sort_of(wanted: ReportFilter) -> str:
    """Sort order, one of `SORTS`; empty for the order of triage."""
    known = wanted.sort in SORTS and (wanted.state == State.OPEN or not wanted.sort.endswith("look_by"))
    return wanted.sort if known else ""


def _keys(actor: Actor, wanted: ReportFilter, start: int, many: int) -> list[UUID]:
    """The keys of some lines in their order: an index has them with everything that orders them."""
    if sort := sort_of(wanted):
        rows = wanted.work.of(actor, SUBJECT, _filtered(actor, wanted), "report_id").order_by(*SORTS[sort])
        parts = (rows.filter(urgent=True), rows.filter(urgent=False))
        return in_turn((partial(_some, wanted, part) for part in parts), start, many)
    return _some(
        wanted, wanted.work.of(actor, SUBJECT, _filtered(actor, wanted), "report_id").order_by(*ORDER), start, many
    )


def _some(wanted: ReportFilter, rows: QuerySet[Any], start: int, many: int) -> list[UUID]:
    # A claim and a label are on one report, whichever stands for its bundle.
    if wanted.state != State.OPEN or wanted.bundle or wanted.work.claimed == MINE or wanted.work.label:
        return list(rows.values_list("pk", flat=True)[start : start + many])
    if sort_of(wanted) or wanted.provider or wanted.kind or wanted.text or wanted.work:
        return that_stand(rows, start, many)
    return _first_of_bundles(rows, start, many)


class _Page(ArrayAgg):
    """Some of the values, in the order in which they come, from one place to another, both included and 1 the first."""

    template = "(%(function)s(%(distinct)s%(expressions)s%(order_by)s)%(filter)s)[%(begin)s:%(end)s]"


def that_stand(rows: QuerySet[Any], start: int, many: int) -> list[UUID]:
    """Return those open reports that represent their bundles: query as many as a page may need, then more.

    With a single query, the database would expect few of them, and sort all reports.
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
    """Return the first report of each bundle in the order of triage, which represents the bundle; no other query is
    needed.
    """
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


def _in_state(actor: Actor, state: str) -> QuerySet[Any]:
    rows: QuerySet[Any] = Report.objects.all()
    if state == DUPLICATE:
        return rows.exclude(duplicate_of=None)
    if state == RETRACTED:
        # Looked up first, as in `open_reports`.
        waits = retractions.pending_retractions().order_by("created_at").values_list("report", flat=True)
        return rows.filter(pk__in=list(waits[:MOST_EXPORTED]))
    if state == OVERDUE:
        return overdue_questions.overdue_reports()
    if state == HOLD_ENDS:
        return rows.filter(report_id__in=four_eyes.subjects(actor, provider_feedback.END_OF_HOLD))
    if state == ALL:
        return rows
    known = state in State.values and state != State.OPEN
    return rows.filter(duplicate_of=None, state=state) if known else open_reports()


def _filtered(actor: Actor, wanted: ReportFilter) -> QuerySet[Any]:
    rows = _in_state(actor, wanted.state)
    if wanted.urgent:
        rows = rows.filter(urgent=True)
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
    first = Report.objects.filter(number=text).values_list("pk", flat=True).first() if state == DUPLICATE else None
    return Q(pk=first) | Q(duplicate_of=first) if first else Q(number=text)


def providers_named(text: str) -> list[UUID]:
    """Looked up first, as bundles are: by what organisations are called now."""
    return [one.id for one in directory.list_organisations(text=text)]


def _bundles(number: str) -> list[UUID]:
    """Looked up first: a join with the bundles would read every report."""
    return list(Bundle.objects.filter(number=number.strip().upper()).values_list("pk", flat=True))


def standing_for(bundle: Any) -> QuerySet[Report]:
    """The open reports of a bundle; the first stands for it in the queue: the most urgent, then the oldest."""
    return open_reports().filter(bundle=bundle).order_by(*ORDER)


def _shown(pks: list[UUID]) -> list[Any]:
    """Reports as lines of the queue, without what is sealed, each with how many reports its bundle has."""
    known = Report.objects.select_related("bundle").defer(*UNSHOWN).in_bulk(pks)
    found: list[Any] = [known[pk] for pk in pks if pk in known]
    counted = Report.objects.filter(bundle__in={row.bundle_id for row in found}).order_by().values_list("bundle")
    reports = dict(counted.annotate(n=Count("*")))
    retracted = set(retractions.pending_retractions().filter(report__in=found).values_list("report", flat=True))
    work = work_on(SUBJECT, (row.report_id for row in found))
    for row in found:
        row.work = work(row.report_id)
        row.retracted = row.pk in retracted
        row.in_bundle = reports.get(row.bundle_id, 1)  # a colleague may have merged it since
    return found
