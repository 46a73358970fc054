"""Answers of a host to the notifier: receipt, decision and reversal, through the outbox.

Only a hotline takes answers by the API. Other notifiers get the answer as a file, by hand.
"""

from __future__ import annotations

from tutela.events.actor import Actor
from tutela.exchange.takedown.notice import ActionTaken, LocationDecision, NoticeAnswer, NoticeDecided, NoticeReversed
from tutela.exchange.takedown.notice import Notice as Wire
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.takedown.models import HostDecision, IncomingNotice, NoticeOrigin

KIND = "notice-answer"


def send(actor: Actor, row: IncomingNotice, answer: NoticeAnswer, name: str) -> bool:
    """Send an answer; returns whether the notifier takes answers. `name` is part of its key. Inside `acting`."""
    if not takes_answers(row):
        return False
    path = f"/api/v1/organisations/{row.notifier_id}/takedown/notice-answers"
    body = answer.to_bytes().decode()
    outbox.send(actor, row.notifier_id, KIND, path, body, key=f"notice-{name}:{row.pk}", subject_id=row.pk)
    return True


def takes_answers(row: IncomingNotice) -> bool:
    """Whether the notifier takes answers by the API."""
    return row.origin == NoticeOrigin.API and directory.entry(row.notifier_id).kind == "hotline"


def decision_message(
    row: IncomingNotice, notice: Wire, decision: HostDecision, actions: dict[int, str]
) -> NoticeAnswer:
    """The decision as a message. Most addresses have its first action; the others are named."""
    first = actions[0]
    return NoticeAnswer(
        decision=NoticeDecided(
            reference=row.reference,
            received_at=row.received_at,
            decided_at=decision.created_at,
            action=ActionTaken(first),
            locations=tuple(
                LocationDecision(url=notice.locations[place].url, action=ActionTaken(one))
                for place, one in sorted(actions.items())
                if one != first
            ),
            automated=decision.automated,
            redress=decision.redress,
            reason=decision.reason or None,
        )
    )


def reversal_message(row: IncomingNotice, notice: Wire, decision: HostDecision, places: list[int]) -> NoticeAnswer:
    """The reversal as a message."""
    return NoticeAnswer(
        reversal=NoticeReversed(
            reference=row.reference,
            reversed_at=decision.created_at,
            locations=tuple(notice.locations[place].url for place in places),
            reason=decision.reason,
        )
    )
