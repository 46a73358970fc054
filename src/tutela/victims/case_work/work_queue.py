"""List of removal requests, and one request with everything about it. The view is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.casework.assignment.list_filter import EVERY, WorkFilter, work_on
from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.victims.case_work import closing_letter, progress, withdraw
from tutela.victims.hosts import scheme_hosts, send
from tutela.victims.models import (
    AddressState,
    Fingerprint,
    HotlineHandover,
    RemovalMandate,
    RemovalRequest,
    RequestAccess,
    RequestFlag,
    RequestStage,
    RequestStep,
    SchemeHost,
)
from tutela.victims.removal import contact, fingerprints, intake, mandates, rows
from tutela.victims.removal.contact import SafeContact
from tutela.victims.removal.rows import READ, SUBJECT

PER_PAGE = 50
TO_DO, LATE, FLAGGED, ALL = "todo", "late", "flagged", "all"
SORTS = {"received": ("received_at", "id"), "-received": ("-received_at", "-id"), "due": ("due_at", "id")}


@dataclass(frozen=True)
class RequestFilter:
    """Filter of the list; empty fields do not restrict. `text` is a number, found in every view."""

    view: str = TO_DO
    text: str = ""
    acts_for: str = ""
    work: WorkFilter = EVERY


@dataclass(frozen=True)
class FileView:
    """A fingerprint as staff see it: how many hashes of each type it has, and the beginning of its digest."""

    row: Fingerprint
    types: str
    begins: str
    held: bool


@dataclass(frozen=True)
class RemovalView:
    """A request with everything about it."""

    row: RemovalRequest
    text: str
    files: list[FileView]
    flags: list[RequestFlag]
    hosts: list[progress.HostProgress]
    addresses: list[progress.AddressProgress]
    handovers: list[HotlineHandover]
    mandates: list[RemovalMandate]
    counting: list[RemovalMandate]
    contact: SafeContact
    accesses: list[tuple[RequestAccess, str]]
    steps: list[RequestStep]
    accepting: list[SchemeHost]
    letter: str

    @property
    def open(self) -> bool:
        """Whether staff can go on with it."""
        return self.row.stage in (RequestStage.NEW, RequestStage.WORKING)

    @property
    def paused(self) -> bool:
        """Whether it is paused."""
        return self.row.stage == RequestStage.PAUSED

    @property
    def withdrawable(self) -> bool:
        """Whether staff can withdraw it, because its person says so."""
        return not withdraw.over(self.row)

    @property
    def late(self) -> bool:
        """Whether nobody began in time."""
        return self.row.stage == RequestStage.NEW and clock.now() > self.row.due_at

    @property
    def free(self) -> bool:
        """Whether a picture is not held by a rule."""
        return any(not one.held for one in self.files)

    @property
    def new_addresses(self) -> int:
        """How many addresses are not with a hotline yet."""
        return sum(one.state == AddressState.NEW for one in self.addresses)


def list_requests(actor: Actor, wanted: RequestFilter, part: ListPage = FIRST_PAGE) -> tuple[list[Any], bool]:
    """A part of the requests, the earliest deadline first. Each has its `work` and counts of what it names."""
    actor.require(READ)
    with acting(actor):
        found = wanted.work.of(actor, SUBJECT, _filtered(wanted)).defer("sealed", "sealed_contact")
        counted = found.annotate(files=Count("fingerprints", distinct=True), places=Count("addresses", distinct=True))
        requests, more = part.of(counted, SORTS, PER_PAGE)
        words = "given" if wanted.text else ""
        noted(actor, SUBJECT, (one.pk for one in requests), part, state=wanted.view, words=words)
        work = work_on(SUBJECT, (one.pk for one in requests))
        for one in requests:
            one.work = work(one.pk)
        return requests, more


def load(actor: Actor, request_id: UUID) -> RemovalView:
    """One request. Raises `UnknownRequest`."""
    actor.require(READ)
    with acting(actor):
        row = rows.find(request_id)
        record(actor, "removal.viewed", SUBJECT, row.pk)
        steps, mandate_rows = list(row.steps.all()), list(row.mandates.select_related("end"))
        subject_keys.open_words(SUBJECT, row.pk, steps, "text")
        subject_keys.open_words(SUBJECT, row.pk, mandate_rows, "document")
        free = {one.pk for one in send.free(row)}
        return RemovalView(
            row=row,
            text=intake.text_of(row),
            files=[_file(one, row, held=one.pk not in free) for one in row.fingerprints.all()],
            flags=list(row.flags.order_by("created_at", "pk")),
            hosts=progress.hosts_of(row),
            addresses=progress.addresses_of(row),
            handovers=list(row.handovers.order_by("created_at", "pk")),
            mandates=mandate_rows,
            counting=mandates.counting(row),
            contact=contact.chosen(row),
            accesses=_accesses(row),
            steps=steps,
            accepting=scheme_hosts.accepting(),
            letter=closing_letter.letter(row),
        )


def exists(actor: Actor, request_id: UUID) -> bool:
    """Whether the actor's organisation has this request."""
    with acting(actor):
        return RemovalRequest.objects.filter(pk=request_id).exists()


def counts(actor: Actor) -> dict[str, int]:
    """Requests to begin, late ones, and those that a rule holds. Call inside `acting(actor)`."""
    new = RemovalRequest.objects.filter(stage=RequestStage.NEW)
    return {
        "new": new.count(),
        "late": new.filter(due_at__lte=clock.now()).count(),
        "flagged": RemovalRequest.objects.filter(flagged=True).count(),
    }


def _file(one: Fingerprint, request: RemovalRequest, *, held: bool) -> FileView:
    hashes = fingerprints.hashes_of(one, request)
    counted = progress.counts(kind for kind, _digits in hashes)
    said = ", ".join(kind if many == 1 else f"{kind} × {many}" for kind, many in sorted(counted.items()))
    return FileView(one, said, hashes[0][1][:8] if hashes else "", held)


def _accesses(row: RemovalRequest) -> list[tuple[RequestAccess, str]]:
    found = list(row.accesses.order_by("role", "pk"))
    numbers = inbox.numbers_of([one.conversation_id for one in found])
    return [(one, numbers.get(one.conversation_id, "")) for one in found]


def _filtered(wanted: RequestFilter) -> QuerySet[RemovalRequest]:
    found = RemovalRequest.objects.all()
    if text := wanted.text.strip().upper():
        # Of the request, or of the conversation of the person or a representative.
        accesses = RequestAccess.objects.filter(conversation_id__in=inbox.ids_of([text]))
        named = Q(number__startswith=text[:20]) | Q(pk__in=accesses.values("request"))
        return found.filter(named).order_by("-received_at", "-id")
    if wanted.acts_for:
        found = found.filter(acts_for=wanted.acts_for)
    if wanted.view == TO_DO:
        found = found.filter(stage__in=(RequestStage.NEW, RequestStage.WORKING))
    elif wanted.view == LATE:
        found = found.filter(stage=RequestStage.NEW, due_at__lte=clock.now())
    elif wanted.view == FLAGGED:
        found = found.filter(flagged=True)
    elif wanted.view in RequestStage.values:
        found = found.filter(stage=wanted.view)
    if wanted.view in (TO_DO, LATE, FLAGGED):
        return found.order_by("due_at", "id")
    return found.order_by("-received_at", "-id")
