"""Notices as signed messages to providers of the directory, through the outbox.

1. A provider can get messages if it is verified and the hotline holds a key for its API.
2. The message leaves with the step "sent". The outbox retries it until the provider's API answers.
3. A refusal by the API is a step: a person chooses another way.
"""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.organisations.messages import outbox
from tutela.organisations.messages.outbox import MessageAnswer
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown.models import Notice, StepKind
from tutela.takedown.notices import notify

KIND = "takedown-notice"


def providers(actor: Actor) -> list[DirectoryEntry]:
    """Providers of the directory to which the actor's organisation can send messages."""
    held = outbox.peers_with_credential(actor)
    if not held:
        return []
    return [one for one in directory.list_organisations(kind="provider") if one.verified and one.id in held]


def send(actor: Actor, row: Notice) -> StepKind:
    """Hand a locked notice to the outbox; returns its step. Call inside `acting(actor)`."""
    notice, _to = notify.notice_of(row)
    if row.recipient_id is None:
        return StepKind.FAILED
    path = f"/api/v1/organisations/{row.recipient_id}/takedown/notices"
    body = notice.to_bytes().decode()
    outbox.send(actor, row.recipient_id, KIND, path, body, key=f"notice:{row.pk}", subject_id=row.pk)
    return StepKind.SENT


def take_answer(actor: Actor, answer: MessageAnswer) -> None:
    """Rule 3. Subscribed to the outbox; in the transaction of the answer."""
    if answer.accepted:
        return
    row = notify.locked(UUID(answer.subject_id))
    if row.state == StepKind.SENT:
        notify.step(actor, row, StepKind.FAILED, f"HTTP {answer.status}")
