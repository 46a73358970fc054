"""Progress of a request, as the person reads it with the case number and the passphrase.

1. It is made of the states of hosts, addresses and searches. Whether the register knows a picture is never read here:
   pages of known and unknown pictures are the same, and take the same statements.
2. Fingerprints are numbered in their order. No hash, no name of a file and no address of a found copy is shown.
3. A representative reads it while the mandate counts; afterwards only that it has ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from tutela import clock
from tutela.casework.anonymous import ticket
from tutela.victims.models import (
    AT_HOST,
    AccessRole,
    AddressState,
    ContactChoice,
    HashSending,
    RemovalRequest,
    RequestAccess,
    RequestStage,
    SendingState,
)
from tutela.victims.removal import addresses, contact, mandates
from tutela.victims.removal.contact import SafeContact

# Forms of the page, each with its own ticket.
FORMS = ("removal.pause", "removal.resume", "removal.contact", "removal.mandates", "removal.access")


@dataclass(frozen=True)
class HostProgress:
    """One picture at one host."""

    picture: int
    host: str
    state: str
    label: object
    at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class AddressProgress:
    """One address. `text` is empty for one that a search found."""

    number: int
    text: str = field(repr=False)
    state: str
    label: object
    at: datetime | None
    verified_at: datetime | None


@dataclass(frozen=True)
class SearchProgress:
    """A search of public hosts: its ID, its last day and its state."""

    reference: str
    last_day: date
    state: str


@dataclass(frozen=True)
class Progress:
    """Everything that the person reads."""

    request: RemovalRequest
    role: str
    may_pause: bool
    pictures: int
    hosts: list[HostProgress]
    addresses: list[AddressProgress]
    searches: list[SearchProgress]
    contact: SafeContact
    child_has_access: bool
    mandate_ends: date | None

    @property
    def of_person(self) -> bool:
        """Whether the person in the pictures reads it."""
        return self.role == AccessRole.PERSON

    @property
    def contact_choices(self) -> list[tuple[str, object]]:
        """Ways of contact, for the form."""
        return list(ContactChoice.choices)

    @property
    def paused(self) -> bool:
        """Whether the request is paused."""
        return self.request.stage == RequestStage.PAUSED

    @property
    def ended(self) -> bool:
        """Whether the request is closed or withdrawn."""
        return self.request.stage in (RequestStage.CLOSED, RequestStage.WITHDRAWN)

    @property
    def verified_absent(self) -> int:
        """How many addresses are verified absent now."""
        return sum(one.state == AddressState.REMOVED for one in self.addresses)


def of_conversation(conversation_id: UUID) -> Progress | None:
    """The progress that a conversation may read; None before its first message was read, and without a mandate.

    Call inside `acting(actor)`.
    """
    access = RequestAccess.objects.select_related("request").filter(conversation_id=conversation_id).first()
    if access is None:
        return None
    request, person = access.request, access.role == AccessRole.PERSON
    counting = mandates.counting(request) if person else mandates.covering(request)
    if not person and not counting:
        return None
    return Progress(
        request=request,
        role=access.role,
        may_pause=person or any(one.may_pause for one in counting),
        pictures=request.fingerprints.count(),
        hosts=hosts_of(request),
        addresses=addresses_of(request),
        searches=searches_of(request),
        contact=contact.chosen(request) if person else SafeContact(),
        child_has_access=mandates.has_own_access(request),
        mandate_ends=max((one.last_day for one in counting), default=None),
    )


def kept_conversations() -> QuerySet[RequestAccess, UUID]:
    """Conversations of requests that go on: staff work on them, or a host looks for their pictures.

    Who cannot read a case any more could not withdraw it. Call inside `acting(actor)`.
    """
    open_ones = Q(request__stage__in=(RequestStage.NEW, RequestStage.WORKING, RequestStage.PAUSED))
    looked_for = Q(request__fingerprints__sendings__state__in=AT_HOST)
    return RequestAccess.objects.filter(open_ones | looked_for).values_list("conversation_id", flat=True)


def page_context(conversation_id: UUID, issuer: ticket.Issuer) -> Mapping[str, object]:
    """Values for the template above the messages of a conversation. Subscribed by the kinds of conversation."""
    found = of_conversation(conversation_id)
    tickets = {name.partition(".")[2]: issuer.issue(name) for name in FORMS}
    return {"removal": found, "removal_tickets": tickets}


def hosts_of(request: RemovalRequest) -> list[HostProgress]:
    """Each picture at each host, in their order. Call inside `acting(actor)`."""
    found = HashSending.objects.filter(fingerprint__request=request).select_related("fingerprint", "host")
    rows = found.prefetch_related("steps").order_by("fingerprint__place", "host__host_name", "pk")
    return [
        HostProgress(
            picture=one.fingerprint.place,
            host=one.host.host_name,
            state=one.state,
            label=SendingState(one.state).label,
            at=max((each.at for each in one.steps.all()), default=one.created_at),
            expires_at=one.expires_at,
        )
        for one in rows
    ]


def addresses_of(request: RemovalRequest) -> list[AddressProgress]:
    """Each address, in their order. Call inside `acting(actor)`."""
    found = []
    for one in request.addresses.prefetch_related("steps"):
        steps = list(one.steps.all())
        gone = [each.at for each in steps if each.state == AddressState.REMOVED]
        found.append(
            AddressProgress(
                number=one.place,
                text=addresses.text_of(one, request),
                state=one.state,
                label=AddressState(one.state).label,
                at=steps[-1].at if steps else None,
                verified_at=gone[-1] if gone else None,
            )
        )
    return found


def searches_of(request: RemovalRequest) -> list[SearchProgress]:
    """Each search of public hosts. Call inside `acting(actor)`."""
    rows = request.handovers.filter(last_day__isnull=False).order_by("created_at", "pk")
    return [
        SearchProgress(one.reference, one.last_day, _search_state(one.withdrawn_at, one.last_day, one.search_state))
        for one in rows
        if one.last_day is not None
    ]


def counts(states: Iterable[str]) -> Mapping[str, int]:
    """How often each state is there."""
    return Counter(states)


def watched_until(request: RemovalRequest) -> datetime | None:
    """Until when hosts look for the pictures; None if none does. Call inside `acting(actor)`."""
    rows = HashSending.objects.filter(fingerprint__request=request, state__in=AT_HOST)
    return max(rows.values_list("expires_at", flat=True), default=None)


def _search_state(withdrawn_at: datetime | None, last_day: date, state: str) -> str:
    over = withdrawn_at is not None or state == "ended" or clock.now().date() > last_day
    return "ended" if over else state or "asked"
