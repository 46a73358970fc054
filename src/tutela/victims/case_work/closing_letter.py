"""Closing letter: what was asked of whom, what came of it, and how to go on. Made of codes, in the person's language.

The letter goes into the conversation of the person. A representative gets it while the mandate counts. Hosts go on
looking until their expiry, and the hotline until the end of its watch; a message opens the request again.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.casework.assignment import claim
from tutela.casework.public_languages import catalogue, names
from tutela.casework.public_languages.page_language import speaking
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.law import clocks
from tutela.victims.case_work import progress
from tutela.victims.errors import RequestPaused
from tutela.victims.models import (
    AccessRole,
    AddressState,
    RemovalRequest,
    RequestStage,
    SendingState,
    StepKind,
)
from tutela.victims.removal import mandates, rows

REMOVED = (SendingState.REMOVED, SendingState.REAPPEARED)


def close(actor: Actor, request_id: UUID) -> bool:
    """Close a request with its letter; returns whether somebody reads it by the channel.

    Raises `RequestEnded`, `RequestPaused`.
    """
    actor.require(rows.WORK)
    with acting(actor):
        request = rows.locked_open(request_id)
        if request.stage == RequestStage.PAUSED:
            raise RequestPaused
        told = [inbox.tell(actor, one, letter(request)) for one in _readers(request)]
        rows.step(actor, request, StepKind.LETTER)
        request.stage, request.flagged, request.closed_at = RequestStage.CLOSED, False, clock.now()
        request.save(update_fields=["stage", "flagged", "closed_at"])
        clocks.stop_if_running(actor, rows.CLOCK, rows.SUBJECT, request.pk)
        claim.decided(actor, rows.SUBJECT, request.pk)
        rows.step(actor, request, StepKind.CLOSED)
        record(actor, "removal.closed", rows.SUBJECT, request.pk)
    return any(told)


def letter(request: RemovalRequest) -> str:
    """The letter as it would be written now. Call inside `acting(actor)`."""
    with speaking(request.language):
        return "\n\n".join([_head(request), *_hosts(request), *_addresses(request), *_on()])


def _head(request: RemovalRequest) -> str:
    return _("Your request {number} is finished for now. This is what was done.").format(number=request.number)


def _hosts(request: RemovalRequest) -> list[str]:
    found = progress.hosts_of(request)
    if not found:
        return [_("No fingerprint was sent to a host.")]
    hosts, removed = len({one.host for one in found}), sum(one.state in REMOVED for one in found)
    said = [
        _("Hosts that received the fingerprints: {count}.").format(count=hosts),
        _("Pictures that a host says it removed: {count}.").format(count=removed),
    ]
    until = progress.watched_until(request)
    if until is not None:
        day = names.day(catalogue.known(request.language), until.date())
        said.append(_("Hosts look for the pictures until {day}, and remove what comes back.").format(day=day))
    return said


def _addresses(request: RemovalRequest) -> list[str]:
    counted = progress.counts(one.state for one in progress.addresses_of(request))
    if not counted:
        return []
    absent, back = counted.get(AddressState.REMOVED, 0), counted.get(AddressState.REAPPEARED, 0)
    said = [_("Addresses that are verified absent: {count}.").format(count=absent)]
    if back:
        said.append(
            _("Addresses that have the pictures again: {count}. The hotline goes on with them.").format(count=back)
        )
    said.append(_("The hotline looks again for 90 days after an absence was verified."))
    return said


def _on() -> list[str]:
    return [
        _("Write here if something comes back, or if you want to withdraw the request."),
        _("With us, you are not in trouble."),
    ]


def _readers(request: RemovalRequest) -> list[UUID]:
    """Conversations that get the letter."""
    found = request.accesses.all()
    if not mandates.covering(request):
        found = found.filter(role=AccessRole.PERSON)
    return list(found.values_list("conversation_id", flat=True))
