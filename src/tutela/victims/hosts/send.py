"""Send fingerprints to hosts of the scheme, take them back, and let them expire.

1. Only hosts that accepted the scheme, each with the fewest types of hash that it named and with an expiry.
2. A fingerprint that a rule holds back goes nowhere (`rules`).
3. Hash, type, expiry and withdrawal are all that is sent, sealed to the host, in a message with a random ID.
4. Nothing here tells a register, a Centre or an authority.
5. A pause and a withdrawal are a new message with the same ID: the host deletes what it has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.removal.requested_hashes import (
    HashType,
    RequestedHash,
    RequestedHashes,
    Shape,
    sealed_message,
)
from tutela.organisations.messages import outbox
from tutela.victims.errors import NothingToSend, RequestPaused
from tutela.victims.hosts import scheme_hosts
from tutela.victims.models import (
    AT_HOST,
    Fingerprint,
    HashSending,
    RemovalRequest,
    RequestStage,
    SchemeHost,
    SendingState,
    SendingStep,
    StepKind,
)
from tutela.victims.removal import fingerprints, rows, rules
from tutela.victims.removal.message_lines import Hash

KIND = "removal-hashes"
# Long enough for an item that comes back; a person may ask again.
USUAL_DAYS = 365


def send(actor: Actor, request_id: UUID, host_ids: Collection[UUID]) -> int:
    """Send every free fingerprint to the chosen hosts; returns how many were sent.

    Raises `RequestEnded`, `RequestPaused`, `NothingToSend`.
    """
    actor.require(rows.WORK)
    with acting(actor):
        request = rows.locked_open(request_id)
        if request.stage == RequestStage.PAUSED:
            raise RequestPaused
        chosen = [one for one in scheme_hosts.accepting() if one.pk in host_ids]
        sent = sum(_send(actor, request, one, host) for one in free(request) for host in chosen)
        if not sent:
            raise NothingToSend
        rows.begun(actor, request, StepKind.SENT)
        record(actor, "removal.sent", rows.SUBJECT, request.pk, hosts=len(chosen), messages=sent)
    return sent


def free(request: RemovalRequest) -> list[Fingerprint]:
    """Fingerprints that no rule holds back. Call inside `acting(actor)`."""
    held = rules.held_places(request)
    return [] if 0 in held else [one for one in request.fingerprints.all() if one.place not in held]


def take_back(
    actor: Actor, request: RemovalRequest, state: SendingState, place: int = 0, but: UUID | None = None
) -> int:
    """Tell hosts to delete the fingerprints of a locked request, or one of them; returns how many messages left."""
    found = HashSending.objects.filter(fingerprint__request=request, state__in=(*AT_HOST, SendingState.PAUSED))
    if place:
        found = found.filter(fingerprint__place=place)
    count = 0
    if but is not None:
        found = found.exclude(pk=but)
    for one in found.select_related("fingerprint", "host").select_for_update(of=("self",)):
        if one.state != SendingState.PAUSED:
            _message(actor, request, one, withdrawn=True)
            count += 1
        step(actor, one, state)
    return count


def send_again(actor: Actor, request: RemovalRequest) -> int:
    """Send the paused fingerprints of a locked request again; returns how many messages left."""
    found = HashSending.objects.filter(fingerprint__request=request, state=SendingState.PAUSED)
    places, hosts, count = {one.pk for one in free(request)}, {one.pk for one in scheme_hosts.accepting()}, 0
    for one in found.select_related("fingerprint", "host").select_for_update(of=("self",)):
        if one.fingerprint_id not in places or one.host_id not in hosts:
            continue
        one.expires_at = _expiry(one.host)
        _message(actor, request, one, withdrawn=False)
        step(actor, one, SendingState.SENT)
        count += 1
    return count


def expire(actor: Actor) -> int:
    """Note the sendings that have expired; the host deletes what it has by itself. For a job."""
    with acting(actor):
        found = HashSending.objects.filter(state__in=AT_HOST, expires_at__lte=clock.now())
        due = list(found.select_for_update()[:1000])
        for one in due:
            step(actor, one, SendingState.EXPIRED)
    return len(due)


def step(actor: Actor, sending: HashSending, state: SendingState, **more: Any) -> None:
    """Add a step to a locked sending. Call inside `acting(actor)`."""
    said: dict[str, Any] = {"at": clock.now(), "by_name": actor.name[:200], **more}
    SendingStep.objects.create(
        organisation_id=actor.organisation_id, sending=sending, state=state, by=actor.reference, **said
    )
    sending.state = state
    sending.save(update_fields=["state", "sequence", "expires_at"])
    request_id = sending.fingerprint.request_id
    record(actor, "removal.sending", rows.SUBJECT, request_id, state=str(state), host=sending.host_id)


def take_receipt(actor: Actor, answer: outbox.MessageAnswer) -> None:
    """Note what a host's API said to a message. Subscribed to the outbox; in the answer's transaction."""
    found = HashSending.objects.select_for_update().filter(pk=UUID(answer.subject_id)).first()
    if found is not None and found.state == SendingState.SENT:
        step(
            actor,
            found,
            SendingState.RECEIVED if answer.accepted else SendingState.REFUSED,
            by_name=SchemeHost.objects.get(pk=found.host_id).host_name,
        )


def _send(actor: Actor, request: RemovalRequest, one: Fingerprint, host: SchemeHost) -> bool:
    types = fitting(fingerprints.hashes_of(one, request), host.types)
    if not types:
        return False
    row = HashSending(
        organisation_id=actor.organisation_id,
        fingerprint=one,
        host=host,
        message_id=uuid4(),
        types=types,
        expires_at=_expiry(host),
    )
    if not insert_ignore(row):
        return False
    _message(actor, request, row, withdrawn=False, first=True)
    step(actor, row, SendingState.SENT)
    return True


def fitting(hashes: Iterable[Hash], types: Collection[str]) -> list[str]:
    """The types that a host named and that the hashes have, in the host's order. Rule 1."""
    there = {kind for kind, _digits in hashes}
    return [one for one in types if one in there]


def _expiry(host: SchemeHost) -> datetime:
    return clock.now() + timedelta(days=min(USUAL_DAYS, host.most_days))


def _message(actor: Actor, request: RemovalRequest, row: HashSending, *, withdrawn: bool, first: bool = False) -> None:
    """Rules 3 and 5."""
    if not first:
        row.sequence += 1
    known = fingerprints.hashes_of(row.fingerprint, request)
    said = RequestedHashes(
        hashes=tuple(
            RequestedHash(type=HashType(kind), hash=digits, expires=row.expires_at, withdrawn=withdrawn)
            for kind, digits in known
            if kind in row.types
        )
    )
    message = sealed_message(row.message_id, row.sequence, said, Shape(row.host.shape), row.host.recipient)
    host = row.host.host_id
    path, key = f"/api/v1/organisations/{host}/removal/hashes", f"removal-hashes:{row.pk}:{row.sequence}"
    outbox.send(actor, host, KIND, path, message.to_bytes().decode(), key=key, subject_id=row.pk, urgent=True)
