"""Messages of reversals: receipt of a reversal, of its answer, and what the recipient's API said to ours.

1. Only an organisation that sent us something, or got something from us, can name it. For all others it does not exist.
2. A reversal changes nothing here by itself: with a stolen key somebody could otherwise undo reports. A person answers.
3. The same message again changes nothing. Another message with the same ID is refused.
4. A test of a drill is answered at once: there is nothing to correct, and nobody is asked.
5. At the Centre a provider's reversal that names an entry counts as its report of a false match, at once. So an entry
   stops everywhere on two independent providers, a certifier, or the Centre's decision, which has a clock.
"""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.events.identifiers import redrawn
from tutela.exchange.redress.reversal import Reversal as Wire
from tutela.exchange.redress.reversal import ReversalAnswer
from tutela.indicators.register import match_feedback
from tutela.indicators.release_files import version_files
from tutela.matching.files.drill_entries import is_test
from tutela.organisations.messages import inbox
from tutela.organisations.messages.outbox import MessageAnswer
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.redress.errors import NotConcerned, OtherReversal
from tutela.redress.models import FINAL, Hop, HopKind, HopState, Reversal
from tutela.redress.reversals import begin, concerned, hops, signals
from tutela.redress.reversals.begin import Mistake


def receive(sender: Actor, recipient: DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Store a reversal, once. Raises `NotConcerned`, `OtherReversal`, or a ValidationError."""
    message = Wire.from_bytes(body)
    actor = directory.acting_for(recipient, sender.reference, sender.organisation_name)

    def work() -> tuple[int, str]:
        if not sender.verified or not concerned.by(actor, sender, message):
            raise NotConcerned
        _keep(actor, sender, message)
        return 201, "{}"

    return redrawn(lambda: inbox.once(actor, sender.organisation_id, key, body, work))


def receive_answer(sender: Actor, recipient: DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Record a recipient's final answer on its hop, once. Raises `NotConcerned`, or a ValidationError."""
    answer = ReversalAnswer.from_bytes(body)
    actor = directory.acting_for(recipient, sender.reference, sender.organisation_name)

    def work() -> tuple[int, str]:
        told = Hop.objects.filter(reversal__root_id=answer.reversal, recipient_id=sender.organisation_id).first()
        row = hops.locked(told.reversal_id) if told is not None else None
        hop = Hop.objects.get(pk=told.pk) if told is not None else None
        if row is None or hop is None:
            raise NotConcerned
        if hop.state not in FINAL:
            hops.step(
                actor,
                hop,
                HopState(answer.outcome.value),
                because=answer.because.value if answer.because else "",
                consequences=[one.value for one in answer.consequences],
                at=answer.at,
                by_name=sender.organisation_name,
            )
            signals.answered(actor, row, answer)
            hops.settle(actor, row)
        return 201, "{}"

    return inbox.once(actor, sender.organisation_id, key, body, work)


def take_receipt(actor: Actor, answer: MessageAnswer) -> None:
    """Note what a recipient's API said to a reversal. Subscribed to the outbox; in the answer's transaction."""
    found = Hop.objects.filter(pk=UUID(answer.subject_id)).first()
    if found is None:
        return
    hops.locked(found.reversal_id)
    hop = Hop.objects.get(pk=found.pk)
    if hop.state == HopState.SENT:
        state = HopState.RECEIVED if answer.accepted else HopState.REFUSED
        hops.step(actor, hop, state, by_name=hop.recipient_name)


def _keep(actor: Actor, sender: Actor, message: Wire) -> None:
    known = Reversal.objects.filter(root_id=message.reversal, sender_id=sender.organisation_id).first()
    if known is not None:
        if known.sha256 != message.fingerprint():
            raise OtherReversal(field="reversal")
        return
    row = begin.new_row(
        actor,
        Mistake(
            error=message.error.value,
            report_ids=message.report_ids,
            indicator_id=concerned.entry_of(actor, message),
            notice_number=message.notice or "",
            root_id=message.reversal,
        ),
    )
    row.sender_id, row.sender_name = sender.organisation_id, sender.organisation_name[:200]
    row.sender_number, row.sha256 = message.reference, message.fingerprint()
    begin.stored(actor, row)
    if row.indicator_id is not None and is_test(row.indicator_id):
        _answer_test(actor, row)
    elif actor.organisation_kind == "centre":
        _count(actor, sender, row.indicator_id)
    else:
        hops.add(actor, row, HopKind.MEASURE if actor.organisation_kind == "provider" else HopKind.RECORD)


def _answer_test(actor: Actor, row: Reversal) -> None:
    """Rule 4."""
    hop = hops.add(actor, row, HopKind.RECORD)
    if hop is not None:
        hops.step(actor, hop, HopState.CORRECTED)
    row.accepted = True
    row.save(update_fields=["accepted"])
    hops.settle(actor, row)


def _count(actor: Actor, sender: Actor, entry: UUID | None) -> None:
    """Rule 5. A provider that never had the list has no say about its entries."""
    if entry is None or sender.organisation_kind != "provider":
        return
    try:
        match_feedback.of_desk(actor, sender, version_files.LIST_ID, entry, "false", "complaint")
    except TutelaError:
        return
