"""Send a case to the partner hotline of the hosting country, and take it back.

1. The case is assessed as illegal, open and without a waiting notice; its newest trace names the partner's country.
   While the police ask to wait, it is not sent.
2. The message leaves with the step "sent", through the outbox. One partner works on a case at a time.
3. The case waits for the partner under recheck: no notice leaves from here.
4. A person may take it back with a reason. A message that nobody has taken is then not delivered any more.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.casework.assignment import claim
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.takedown.web_address import AddressKind
from tutela.law import holds
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown import case_rows as rows
from tutela.takedown.errors import (
    AlreadyNotified,
    Held,
    NoHost,
    NoPartnerKey,
    NotHostedThere,
    NotIllegal,
    NotWithPartner,
    WithPartner,
)
from tutela.takedown.models import (
    WITH_PARTNER,
    Stage,
    TakedownCase,
    Transfer,
    TransferState,
    TransferStep,
    TransferStepKind,
)
from tutela.takedown.notices import notify
from tutela.takedown.partners import compose_case, partner_list
from tutela.takedown.rechecks import schedule

KIND = "hotline-case"
NOTIFY = notify.NOTIFY
MOST_CHARACTERS = 2000


def send(actor: Actor, case_id: UUID, partner_id: UUID) -> UUID:
    """Send a case to a partner; returns the transfer's ID. Raises what rule 1 and 2 say."""
    actor.require(NOTIFY)
    with acting(actor):
        case = rows.locked_open(case_id)
        partner = partner_list.active(partner_id)
        peer = directory.entry(partner.peer_id)
        _check(actor, case, peer)
        before = case.transfers.count()
        row = Transfer(
            organisation_id=actor.organisation_id,
            case=case,
            partner=partner,
            reference=f"{case.number}/{before + 1}" if before else case.number,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        if not insert_ignore(row):
            raise WithPartner
        parties = (actor.organisation_name, peer.name)
        wire = compose_case.compose(case, row.pk, row.reference, parties, peer.country, clock.now())
        path = f"/api/v1/organisations/{peer.id}/takedown/hotline-cases"
        body, key = wire.to_bytes().decode(), f"hotline-case:{row.pk}"
        outbox.send(actor, peer.id, KIND, path, body, key=key, subject_id=row.pk, urgent=case.urgent)
        step(actor, row, TransferStepKind.SENT)
        case.stage, case.next_check_at = Stage.RECHECK, schedule.first(clock.now())
        case.save(update_fields=["stage", "next_check_at"])
        claim.decided(actor, rows.SUBJECT, case.pk)
    return row.pk


def take_back(actor: Actor, case_id: UUID, reason: str) -> None:
    """Go on here although a partner has the case, with a reason. Raises `NotWithPartner`, `Invalid`."""
    actor.require(NOTIFY)
    if not 1 <= len(reason.strip()) <= MOST_CHARACTERS:
        raise Invalid("Enter why the case goes on here, in at most {most} characters.", field="reason", most=2000)
    with acting(actor):
        waiting = Transfer.objects.filter(case=case_id, state__in=WITH_PARTNER).values_list("pk", flat=True).first()
        if waiting is None or not withdraw(actor, waiting, reason):
            rows.locked(case_id)
            raise NotWithPartner


def withdraw(actor: Actor, transfer_id: UUID, reason: str) -> bool:
    """Withdraw a transfer that a partner has; returns whether it still had it. Call inside `acting(actor)`.

    The message is emptied first: its delivery locks it before the case, too.
    """
    outbox.forget(actor, transfer_id)
    found = Transfer.objects.get(pk=transfer_id)
    case = rows.locked(found.case_id)
    row = Transfer.objects.select_for_update().get(pk=transfer_id)
    if row.state not in WITH_PARTNER:
        return False
    row.state = TransferState.WITHDRAWN
    row.save(update_fields=["state"])
    step(actor, row, TransferStepKind.WITHDRAWN, reason=reason)
    to_act(case)
    return True


def step(  # noqa: PLR0913 - each is a column of the step
    actor: Actor,
    row: Transfer,
    kind: str,
    *,
    at: datetime | None = None,
    reason: str = "",
    country: str = "",
    sequence: int | None = None,
    sha256: str = "",
) -> None:
    """Add a step to a locked transfer. Call inside `acting(actor)`."""
    made = TransferStep(
        organisation_id=actor.organisation_id,
        transfer=row,
        kind=kind,
        sequence=sequence,
        sha256=sha256,
        at=at or clock.now(),
        country=country,
        reason=reason.strip(),
        by=actor.reference,
        by_name=actor.name[:200],
    )
    subject_keys.seal_words(actor, rows.SUBJECT, row.case_id, made)
    made.save()
    record(actor, "takedown.transfer_step", rows.SUBJECT, row.case_id, transfer=row.pk, step=str(kind))


def to_act(case: TakedownCase) -> None:
    """Let a person decide about a locked case that waited for a partner."""
    if case.stage == Stage.RECHECK:
        case.stage = Stage.ACT
        case.save(update_fields=["stage"])


def require_open(case: TakedownCase) -> None:
    """Raise unless a partner may get this case: illegal, no hold of the police, and with no partner yet."""
    if case.verdict not in compose_case.ILLEGAL:
        raise NotIllegal
    if (until := holds.content_kept(rows.SUBJECT, case.pk)) is not None:
        raise Held(until=f"{until:%Y-%m-%d %H:%M} UTC")
    if case.transfers.filter(state__in=WITH_PARTNER).exists():
        raise WithPartner


def _check(actor: Actor, case: TakedownCase, peer: DirectoryEntry) -> None:
    """Rule 1."""
    if case.kind in (AddressKind.ONION, AddressKind.DECENTRALISED):
        raise NoHost
    require_open(case)
    if rows.waits(case):
        raise AlreadyNotified
    if peer.country not in compose_case.countries(case):
        raise NotHostedThere
    if not outbox.has_credential(actor, peer.id):
        raise NoPartnerKey
