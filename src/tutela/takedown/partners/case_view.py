"""What the page of a case shows about partner hotlines: sent to whom, received from whom, and how far it came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from tutela import clock
from tutela.events.actor import Actor
from tutela.exchange.takedown.hotline_message import HotlineCase, HotlineLocation
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox_status
from tutela.organisations.messages.outbox_status import MessageState
from tutela.organisations.people import directory
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.models import (
    WITH_PARTNER,
    IncomingLocation,
    Partner,
    SentStatus,
    TakedownCase,
    Transfer,
    TransferState,
    TransferStep,
)
from tutela.takedown.partners import compose_case, receive_case

# A receipt is an answer of a machine. A partner that has sent none for so long is shown as silent.
SILENT_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class TransferView:
    """A case that was sent to a partner. `delivery`: attempts, errors and the next attempt."""

    row: Transfer
    partner: str
    country: str
    steps: list[TransferStep]
    delivery: MessageState | None
    silent: bool

    @property
    def active(self) -> bool:
        """Whether the case waits for this partner."""
        return self.row.state in WITH_PARTNER


@dataclass(frozen=True)
class IncomingView:
    """A partner's case with this address. `said` is None once the contents are erased."""

    sender: str
    reference: str
    received: datetime
    known: bool
    by_file: bool
    said: HotlineLocation | None
    statuses: list[SentStatus]
    # Statuses that the partner has not confirmed.
    waiting: list[MessageState]


@dataclass(frozen=True)
class PartnerChoice:
    """A partner in a country where the case is hosted."""

    id: UUID
    name: str
    country: str


@dataclass(frozen=True)
class PartnerView:
    """Everything about partners on the page of a case."""

    transfers: list[TransferView]
    incoming: list[IncomingView]
    choices: list[PartnerChoice]

    @property
    def active(self) -> TransferView | None:
        """The transfer for whose partner the case waits."""
        return next((one for one in self.transfers if one.active), None)


def load(actor: Actor, case: TakedownCase) -> PartnerView:
    """Transfers, partners' reports and possible partners of a case. Call inside `acting(actor)`."""
    rows = list(case.transfers.order_by("-created_at").select_related("partner").prefetch_related("steps"))
    subject_keys.open_words(SUBJECT, case.pk, [step for row in rows for step in row.steps.all()])
    peers = {one.id: one for one in directory.some(row.partner.peer_id for row in rows)}
    transfers = []
    for row in rows:
        peer, states = peers[row.partner.peer_id], outbox_status.states(actor, row.pk)
        late = row.state == TransferState.WAITING and row.created_at < clock.now() - SILENT_AFTER
        steps = sorted(row.steps.all(), key=lambda one: (one.created_at, one.pk))
        delivery = states[-1] if states and row.state == TransferState.WAITING else None
        transfers.append(TransferView(row, peer.name, peer.country, steps, delivery, late))
    return PartnerView(transfers, _incoming(actor, case), _choices(case))


def with_partner(*, silent: bool) -> QuerySet[Transfer]:
    """Transfers for which a case waits; `silent`: those without a receipt for too long. Call inside `acting(actor)`."""
    if silent:
        return Transfer.objects.filter(state=TransferState.WAITING, created_at__lte=clock.now() - SILENT_AFTER)
    return Transfer.objects.filter(state__in=WITH_PARTNER)


def _incoming(actor: Actor, case: TakedownCase) -> list[IncomingView]:
    found = []
    places = case.from_partners.order_by("created_at").select_related("incoming").prefetch_related("statuses")
    for place in places:
        row = place.incoming
        states = outbox_status.states(actor, row.pk) if row.sender_id else []
        found.append(
            IncomingView(
                row.sender_name,
                row.reference,
                row.created_at,
                place.known,
                row.sender_id is None,
                _said(case, place),
                sorted(place.statuses.all(), key=lambda one: one.sequence),
                [one for one in states if one.state != "sent"],
            )
        )
    return found


def _said(case: TakedownCase, place: IncomingLocation) -> HotlineLocation | None:
    if case.erased_at is not None or place.created_at < case.sealed_since or not place.sealed:
        return None
    body = subject_keys.unseal(SUBJECT, case.pk, bytes(place.sealed), receive_case.purpose(place.pk))
    return HotlineCase.from_bytes(body).locations[0]


def _choices(case: TakedownCase) -> list[PartnerChoice]:
    """Partners whose country the newest trace names."""
    if case.verdict not in compose_case.ILLEGAL or case.erased_at is not None:
        return []
    named = compose_case.countries(case)
    partners = dict(Partner.objects.filter(ended_at=None).values_list("peer_id", "pk"))
    peers = [one for one in directory.some(partners) if one.country in named]
    return [PartnerChoice(partners[one.id], one.name, one.country) for one in sorted(peers, key=lambda peer: peer.name)]
