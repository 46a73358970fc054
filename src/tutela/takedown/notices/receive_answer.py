"""Record what a provider of the directory answers to a notice: receipt, decision, reversal.

1. Only the provider that got a notice answers it. For everybody else the notice does not exist.
2. The decision must be about the notice's addresses. The weakest action counts for a case.
3. The answer is a step of the notice (`notices.notify`). Anything that does not fit changes nothing.
"""

from __future__ import annotations

from tutela.events.actor import Actor
from tutela.exchange.takedown.notice import ActionTaken, NoticeAnswer, NoticeDecided, covered
from tutela.exchange.takedown.notice import Notice as Wire
from tutela.exchange.takedown.web_address import normalise
from tutela.organisations.messages import inbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown.errors import AnswerDiffers, NotWaiting, UnknownNotice
from tutela.takedown.models import Notice, StepKind
from tutela.takedown.notices import notify

# The weakest first.
STEPS = {
    ActionTaken.NONE: StepKind.REFUSED,
    ActionTaken.NOT_FOUND: StepKind.NOT_FOUND,
    ActionTaken.DISABLED: StepKind.DISABLED,
    ActionTaken.REMOVED: StepKind.REMOVED,
}
RESTORABLE = (StepKind.REMOVED, StepKind.DISABLED)


def receive(sender: Actor, hotline: DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Record an answer, once. Raises `UnknownNotice`, `NotWaiting`, `AnswerDiffers`, or a ValidationError."""
    answer = NoticeAnswer.from_bytes(body)
    actor = directory.acting_for(hotline, sender.reference, sender.name, frozenset({notify.NOTIFY}))

    def work() -> tuple[int, str]:
        found = Notice.objects.filter(number=answer.reference, recipient_id=sender.organisation_id).first()
        if found is None:
            raise UnknownNotice
        _record(actor, notify.locked(found.pk), answer)
        return 201, "{}"

    return inbox.once(actor, sender.organisation_id, key, body, work)


def _record(actor: Actor, row: Notice, answer: NoticeAnswer) -> None:
    notice, _to = notify.notice_of(row)
    if answer.receipt is not None:
        notify.answer_step(actor, row, StepKind.RECEIVED, answer.receipt.provider_reference or "")
    elif answer.decision is not None:
        kind = STEPS[_weakest(notice, answer.decision)]
        notify.answer_step(actor, row, kind, reason=answer.decision.reason or "")
    elif answer.reversal is not None:
        _check_places(notice, answer.reversal.locations)
        if row.state not in RESTORABLE:
            raise NotWaiting
        notify.step(actor, row, StepKind.RESTORED, reason=answer.reversal.reason)


def _weakest(notice: Wire, decision: NoticeDecided) -> ActionTaken:
    """Rule 2."""
    try:
        actions = set(covered(notice, decision).values())
    except ValueError:
        raise AnswerDiffers(field="locations") from None
    return next(one for one in STEPS if one in actions)


def _check_places(notice: Wire, locations: tuple[str, ...]) -> None:
    known = {normalise(one.url).normal for one in notice.locations}
    if not {normalise(one).normal for one in locations} <= known:
        raise AnswerDiffers(field="locations")
