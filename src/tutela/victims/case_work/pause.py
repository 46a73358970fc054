"""Pause and resume a request: by the person, by a representative whose mandate covers it, or by staff.

A pause unwinds what was begun: hosts delete the fingerprints, and the case at the hotline is taken back. To resume
sends all again. Call inside `acting(actor)`, the request locked.
"""

from __future__ import annotations

from tutela.events.actor import Actor
from tutela.victims.errors import NotPaused, RequestEnded
from tutela.victims.hosts import send
from tutela.victims.hotlines import hand_over
from tutela.victims.models import ENDED, RemovalRequest, RequestStage, SendingState, StepKind
from tutela.victims.removal import rows

# Who speaks by the anonymous channel (`anonymous_actor`).
ANONYMOUS = "public:anonymous"


def pause(actor: Actor, request: RemovalRequest, *, hourly: bool = False) -> None:
    """Pause a request and tell every recipient. Raises `RequestEnded`. Twice is one pause."""
    if request.stage in ENDED:
        raise RequestEnded
    if request.stage == RequestStage.PAUSED:
        return
    send.take_back(actor, request, SendingState.PAUSED)
    hand_over.take_back(actor, request)
    request.stage = RequestStage.PAUSED
    request.save(update_fields=["stage"])
    rows.step(actor, request, StepKind.PAUSED, hourly=hourly)


def by_person(request: RemovalRequest) -> bool:
    """Whether the person or a representative paused a request the last time."""
    newest = request.steps.filter(kind=StepKind.PAUSED).last()
    return newest is not None and newest.by == ANONYMOUS


def resume(actor: Actor, request: RemovalRequest, *, hourly: bool = False) -> None:
    """Resume a paused request: what was sent before is sent again. Raises `NotPaused`."""
    if request.stage != RequestStage.PAUSED:
        raise NotPaused
    sent = send.send_again(actor, request) + hand_over.hand_over_again(actor, request)
    request.stage = RequestStage.WORKING if sent else RequestStage.NEW
    request.save(update_fields=["stage"])
    rows.step(actor, request, StepKind.RESUMED, hourly=hourly)
