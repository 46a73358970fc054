"""Withdraw a request: everything unwinds, every recipient is told, and its contents are erased.

1. The person in the pictures withdraws everything at any time, whatever a mandate says.
2. A representative withdraws the whole while the person has no access of their own; afterwards only gives the mandate
   back. Whose mandate somebody ended withdraws nothing.
3. A closed request is withdrawn too: hosts still look for its pictures.
4. Hosts and hotlines are told first, because the messages need the hashes. Then the request's key is erased, and with
   it every hash, address and text, unless a hold keeps them. Who reads along gets one sentence that names nobody.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.casework.assignment import erasure
from tutela.casework.public_languages.page_language import speaking
from tutela.events.actor import Actor
from tutela.events.record import record, record_of_hour
from tutela.events.transaction import acting
from tutela.law import clocks, holds
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox
from tutela.victims.errors import RequestEnded
from tutela.victims.hosts import send
from tutela.victims.hotlines import hand_over
from tutela.victims.models import (
    AccessRole,
    Fingerprint,
    MandateEndReason,
    RemovalRequest,
    RequestAccess,
    RequestedAddress,
    RequestStage,
    SendingState,
    StepKind,
)
from tutela.victims.removal import mandates, rows


def by_conversation(actor: Actor, conversation_id: UUID) -> None:
    """Withdraw what a conversation stands for, before it is erased. Call inside `acting(actor)`. Rules 1 and 2."""
    access = RequestAccess.objects.filter(conversation_id=conversation_id).first()
    if access is None:
        return
    request = rows.locked(access.request_id)
    if over(request):
        return
    represents = access.role == AccessRole.REPRESENTATIVE
    if represents and (mandates.has_own_access(request) or mandates.over_for_good(request)):
        for one in mandates.covering(request):
            mandates.end_one(actor, request, one, MandateEndReason.REPRESENTATIVE)
        return
    withdraw(actor, request, but=conversation_id, hourly=True)


def by_staff(actor: Actor, request_id: UUID, text: str) -> None:
    """Withdraw a request because its person said so to staff. Raises `RequestEnded`, `Invalid`."""
    actor.require(rows.WORK)
    said = rows.checked(text, "text")
    with acting(actor):
        request = rows.locked(request_id)
        if over(request):
            raise RequestEnded
        withdraw(actor, request, said)


def over(request: RemovalRequest) -> bool:
    """Whether nothing is left to withdraw."""
    return request.stage == RequestStage.WITHDRAWN or request.erased_at is not None


def withdraw(
    actor: Actor, request: RemovalRequest, text: str = "", *, but: UUID | None = None, hourly: bool = False
) -> None:
    """Rule 4, of a locked request. `but`: the conversation that its own person erases now."""
    send.take_back(actor, request, SendingState.WITHDRAWN)
    hand_over.take_back(actor, request)
    for one in mandates.counting(request):
        mandates.end_one(actor, request, one, MandateEndReason.PERSON)
    clocks.stop_if_running(actor, rows.CLOCK, rows.SUBJECT, request.pk)
    request.stage, request.flagged = RequestStage.WITHDRAWN, False
    request.closed_at = clock.this_hour() if hourly else clock.now()
    request.save(update_fields=["stage", "flagged", "closed_at"])
    rows.step(actor, request, StepKind.WITHDRAWN, text, hourly=hourly)
    note = record_of_hour if hourly else record
    note(actor, "removal.withdrawn", rows.SUBJECT, request.pk)
    _tell_others(actor, request, but)
    if holds.held(rows.SUBJECT, request.pk) is None:
        erase(actor, request)


def erase(actor: Actor, request: RemovalRequest) -> None:
    """Erase the contents of a request; number, steps and counts stay. Call inside `acting(actor)`."""
    # What the Centre was asked, and what a hotline refused, has digests and addresses.
    outbox.forget(actor, *request.fingerprints.values_list("pk", flat=True))
    for row in request.handovers.all():
        outbox.supersede(actor, row.hotline_id, hand_over.KIND, row.pk)
    subject_keys.erase(rows.SUBJECT, request.pk)
    erasure.erase(rows.SUBJECT, request.pk)
    Fingerprint.objects.filter(request=request).update(sealed=b"", found_by=[], look_up="")
    RequestedAddress.objects.filter(request=request).update(sealed=b"", found_by=[])
    request.sealed = request.sealed_contact = b""
    request.erased_at = clock.now()
    request.save(update_fields=["sealed", "sealed_contact", "erased_at"])


def _tell_others(actor: Actor, request: RemovalRequest, but: UUID | None) -> None:
    """Who reads along learns that it ended, and neither who ended it nor why."""
    with speaking(request.language):
        text = _("This request has ended. Hosts and hotlines were told to stop, and everything about it was erased.")
    for conversation in request.accesses.values_list("conversation_id", flat=True):
        if conversation != but:
            inbox.tell_only(actor, conversation, text)
