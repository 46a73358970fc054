"""Answers of hosts about requested hashes: removed, not removed, or deleted.

1. Only the host that was sent the hashes answers about them. For everybody else they do not exist.
2. An answer is taken once, and one about a message that was replaced says nothing of the newer one. A second `removed`
   means that a copy had come back and was removed again. No answer is older than its message, or of a time to come.
3. A host that found a picture lawful ends it there, and the rule takes it back from every other host until a person
   decides (`rules`).
"""

from __future__ import annotations

from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.exchange.removal.scheme import KeptBecause, RemovalAnswer, RemovalOutcome
from tutela.organisations.messages import inbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.victims.errors import UnknownSending
from tutela.victims.hosts import send
from tutela.victims.models import FlagKind, HashSending, SendingState, SendingStep
from tutela.victims.removal import rows, rules

GONE = (SendingState.WITHDRAWN, SendingState.PAUSED, SendingState.EXPIRED, SendingState.DELETED)


def receive(sender: Actor, support: DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Record an answer, once. Raises `UnknownSending`, or a ValidationError."""
    answer = RemovalAnswer.from_bytes(body)
    actor = directory.acting_for(support, sender.reference, sender.organisation_name)

    def work() -> tuple[int, str]:
        found = HashSending.objects.filter(message_id=answer.message_id, host__host_id=sender.organisation_id).first()
        if found is None or not sender.verified:
            raise UnknownSending
        request = rows.locked(found.fingerprint.request_id)
        _record(actor, request.pk, found.pk, answer, sender.organisation_name)
        return 201, "{}"

    return inbox.once(actor, sender.organisation_id, key, body, work)


def _record(actor: Actor, request_id: UUID, sending_id: UUID, answer: RemovalAnswer, name: str) -> None:
    row = HashSending.objects.select_for_update(of=("self",)).select_related("fingerprint").get(pk=sending_id)
    if answer.sequence > row.sequence:
        raise UnknownSending
    replaced = answer.sequence < row.sequence
    if SendingStep.objects.filter(sending=row, answer_id=answer.answer_id).exists():
        return
    if replaced and answer.outcome is RemovalOutcome.DELETED:
        return
    state = SendingState(row.state) if replaced else _state(row, answer.outcome)
    because, at = answer.because.value if answer.because else "", min(max(answer.at, row.created_at), clock.now())
    send.step(actor, row, state, because=because, answer_id=answer.answer_id, at=at, by_name=name[:200])
    if answer.because is KeptBecause.LAWFUL and state == SendingState.KEPT and not replaced:
        request = rows.find(request_id)
        if rules.raise_flag(actor, request, FlagKind.LAWFUL, row.fingerprint.place):
            send.take_back(actor, request, SendingState.PAUSED, row.fingerprint.place, but=row.pk)


def _state(row: HashSending, outcome: RemovalOutcome) -> SendingState:
    """Rule 2. What was taken back stays so, whatever a host still says about it."""
    if outcome is RemovalOutcome.DELETED:
        return SendingState.PAUSED if row.state == SendingState.PAUSED else SendingState.DELETED
    if row.state in GONE:
        return SendingState(row.state)
    if outcome is RemovalOutcome.KEPT:
        return SendingState.KEPT
    again = row.steps.filter(state__in=(SendingState.REMOVED, SendingState.REAPPEARED)).exists()
    return SendingState.REAPPEARED if again else SendingState.REMOVED
