"""Decide a received notice (DSA Art. 16(5) and (6)), and reverse the decision for some addresses.

1. A notice is decided once, for all its addresses. A second form changes nothing.
2. An address that stays needs a reason. Every decision names the redress.
3. A reversal is a further row: the address is accessible again, with the reason.
4. Decision and reversal are sent to the notifier in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from tutela import clock
from tutela.casework.assignment import claim
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.takedown.errors import AlreadyDecided, NotDecided, NotInEffect
from tutela.takedown.host_desk import answers
from tutela.takedown.host_desk import notice_rows as rows
from tutela.takedown.models import AddressDecision, HostAction, HostDecision, HostState, IncomingNotice

DECISIONS = (HostAction.REMOVED, HostAction.DISABLED, HostAction.NOT_FOUND, HostAction.NONE)
MOST_CHARACTERS = 2000


@dataclass(frozen=True)
class HostJudgement:
    """Decision about a notice: one action for each address, in the notice's order."""

    actions: tuple[str, ...]
    redress: str
    automated: bool = False
    reason: str = ""


def decide(actor: Actor, notice_id: UUID, given: HostJudgement) -> None:
    """Decide a notice and send the decision. Raises `AlreadyDecided`, `Invalid`, `Erased`."""
    actor.require(rows.DECIDE)
    _check(given)
    with acting(actor):
        row = rows.locked(notice_id)
        if row.state != HostState.OPEN:
            raise AlreadyDecided(name=row.decisions.get(sequence=1).by_name)
        notice = rows.wire_of(row)
        if len(given.actions) != len(notice.locations):
            raise Invalid("Choose an action for each address.", field="actions")
        actions = dict(enumerate(given.actions))
        made = _decision(actor, row, 1, actions, given.reason, given.redress.strip(), automated=given.automated)
        row.state, row.decided_at, row.acted = HostState.DECIDED, made.created_at, bool(rows.in_effect(actions))
        row.save(update_fields=["state", "decided_at", "acted"])
        claim.decided(actor, rows.SUBJECT, row.pk)
        record(actor, "hosting.decided", rows.SUBJECT, row.pk, acted=row.acted, automated=given.automated)
        made.reason = given.reason.strip()
        answers.send(actor, row, answers.decision_message(row, notice, made, actions), "decision")


def restore(actor: Actor, notice_id: UUID, places: Collection[int], reason: str) -> None:
    """Reverse the decision for some addresses and tell the notifier. Raises `NotInEffect`, `Invalid`, `Erased`."""
    actor.require(rows.DECIDE)
    if not reason.strip():
        raise Invalid("Enter why access is restored.", field="reason")
    with acting(actor):
        row = rows.locked(notice_id)
        before = rows.newest_actions(row)
        if not places or not set(places) <= set(rows.in_effect(before)):
            raise NotInEffect(field="places")
        notice, chosen = rows.wire_of(row), sorted(set(places))
        restored: dict[int, str] = dict.fromkeys(chosen, HostAction.RESTORED.value)
        made = _decision(actor, row, row.decisions.count() + 1, restored, reason)
        row.acted = bool(rows.in_effect(before | restored))
        row.save(update_fields=["acted"])
        record(actor, "hosting.restored", rows.SUBJECT, row.pk, addresses=len(chosen))
        made.reason = reason.strip()
        answers.send(actor, row, answers.reversal_message(row, notice, made, chosen), f"reversal-{made.sequence}")


def answer_text(actor: Actor, notice_id: UUID, language: str) -> tuple[str, str]:
    """Number and newest answer as a letter, for a notifier who is no machine. Raises `NotDecided`, `Erased`."""
    actor.require(rows.READ)
    with acting(actor), translation.override(language):
        row = rows.find(notice_id)
        newest = row.decisions.order_by("-sequence").first()
        if newest is None:
            raise NotDecided
        subject_keys.open_words(rows.SUBJECT, row.pk, [newest])
        notice, actions = rows.wire_of(row), rows.newest_actions(row)
        record(actor, "hosting.viewed", rows.SUBJECT, row.pk, form="text")
        lines = [
            _("Your notice {reference} was decided on {day}.").format(
                reference=row.reference, day=f"{newest.created_at:%Y-%m-%d}"
            ),
            "",
            *(f"{one.url}: {HostAction(actions[place]).label}" for place, one in enumerate(notice.locations)),
        ]
        lines += ["", newest.reason] if newest.reason else []
        lines += ["", newest.redress] if newest.redress else []
        return row.number, "\n".join(lines) + "\n"


def answer_file(actor: Actor, notice_id: UUID) -> tuple[str, bytes]:
    """Number and newest answer as a message, for a notifier who takes none by the API. Raises `NotDecided`."""
    actor.require(rows.READ)
    with acting(actor):
        row = rows.find(notice_id)
        newest = row.decisions.order_by("-sequence").first()
        if newest is None:
            raise NotDecided
        subject_keys.open_words(rows.SUBJECT, row.pk, [newest])
        actions = dict(newest.places.values_list("place", "action"))
        notice = rows.wire_of(row)
        record(actor, "hosting.viewed", rows.SUBJECT, row.pk, form="json")
        if newest.sequence == 1:
            return row.number, answers.decision_message(row, notice, newest, actions).to_bytes()
        return row.number, answers.reversal_message(row, notice, newest, sorted(actions)).to_bytes()


def _decision(
    actor: Actor,
    row: IncomingNotice,
    sequence: int,
    actions: dict[int, str],
    reason: str,
    redress: str = "",
    *,
    automated: bool = False,
) -> HostDecision:
    """Insert the rows of a decision. Their time is not before the receipt, also if a clock was set back."""
    made = HostDecision(
        organisation_id=actor.organisation_id,
        created_at=max(clock.now(), row.received_at),
        notice=row,
        sequence=sequence,
        automated=automated,
        redress=redress,
        reason=reason.strip(),
        by=actor.reference,
        by_name=actor.name[:200],
    )
    subject_keys.seal_words(actor, rows.SUBJECT, row.pk, made)
    made.save(force_insert=True)
    AddressDecision.objects.bulk_create(
        AddressDecision(organisation_id=actor.organisation_id, decision=made, place=place, action=action)
        for place, action in sorted(actions.items())
    )
    return made


def _check(given: HostJudgement) -> None:
    if not set(given.actions) <= set(DECISIONS):
        raise Invalid("Choose an action for each address.", field="actions")
    if HostAction.NONE in given.actions and not given.reason.strip():
        raise Invalid("Enter why the content is not removed.", field="reason")
    if not given.redress.strip():
        raise Invalid("Enter how the decision can be contested.", field="redress")
    for name, text in (("reason", given.reason), ("redress", given.redress)):
        if len(text) > MOST_CHARACTERS:
            raise Invalid("The text must have at most {most} characters.", field=name, most=MOST_CHARACTERS)
