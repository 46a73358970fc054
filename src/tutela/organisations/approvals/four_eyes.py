"""Requests that need two people of an organisation: one requests with a reason, another decides.

1. A request stays pending for `LASTS`. Until then nobody can request the same action again.
2. The requester cannot approve the request, and may withdraw it. An API key or a system process does not count as a
   second person.
3. The action itself runs in the transaction that records the second person: neither exists without the other.
"""

from __future__ import annotations

from django.db.models import QuerySet

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.record import record
from tutela.organisations.errors import AskedAlready, SamePerson
from tutela.organisations.keys import subject_keys
from tutela.organisations.models import LASTS as LASTS
from tutela.organisations.models import ApprovalRequest as ApprovalRequest
from tutela.organisations.models import RequestDecision
from tutela.organisations.people.password_links import require_own_password

MOST_CHARACTERS = 200


def ask(actor: Actor, act: str, subject_kind: str, subject_id: object, reason: str, *, statement: str = "") -> None:
    """Request an action, exactly as `statement` describes if given. Call inside `acting(actor)`.

    Raises `Invalid` without a reason, `AskedAlready`, `Forbidden`.
    """
    _a_person(actor)
    if not reason.strip():
        raise Invalid("Enter a reason. The reason is part of the record.", field="reason")
    lock(f"four-eyes:{act}:{subject_id}")
    if _open(act, subject_kind, subject_id) is not None:
        raise AskedAlready
    row = ApprovalRequest(
        organisation_id=actor.organisation_id,
        act=act,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        reason=reason.strip()[:MOST_CHARACTERS],
        by=actor.reference,
        by_name=actor.name[:200],
        statement=statement,
    )
    subject_keys.seal_words(actor, subject_kind, subject_id, row)
    row.save()
    record(actor, "second_person.asked", subject_kind, subject_id, act=act, request=row.pk)


def pending_request(act: str, subject_kind: str, subject_id: object) -> ApprovalRequest | None:
    """Return the request about a subject that awaits a second person. Call inside `acting(actor)`."""
    row = _open(act, subject_kind, subject_id)
    return opened(row) if row else None


def agree(actor: Actor, act: str, subject_kind: str, subject_id: object) -> ApprovalRequest:
    """Record the second person's agreement. The caller does the act in this transaction. Call inside `acting(actor)`.

    Raises `NotFound` if nothing is pending, `SamePerson`, `Forbidden`.
    """
    _a_person(actor)
    row = _locked(act, subject_kind, subject_id)
    if row.by == actor.reference:
        raise SamePerson
    require_own_password(actor, row.created_at)
    _decide(actor, row, done=True)
    record(actor, "second_person.agreed", subject_kind, subject_id, act=act, request=row.pk, asked_by=row.by)
    return opened(row)


def refuse(actor: Actor, act: str, subject_kind: str, subject_id: object, because: str = "") -> None:
    """Refuse a request, or withdraw it as the requester.

    Call inside `acting(actor)`. Raises `NotFound`.
    """
    _a_person(actor)
    row = _locked(act, subject_kind, subject_id)
    _decide(actor, row, done=False)
    told = {"because": because} if because else {}
    record(actor, "second_person.refused", subject_kind, subject_id, act=act, request=row.pk, asked_by=row.by, **told)


def subjects(actor: Actor, act: str) -> list[str]:
    """Return the subjects that await this person's agreement, oldest first. Call inside `acting(actor)`."""
    rows = _all_open().filter(act=act).exclude(by=actor.reference)
    return list(rows.order_by("created_at").values_list("subject_id", flat=True))


def stated() -> QuerySet[ApprovalRequest]:
    """Acts on the register that wait, exactly as they were asked for, the oldest first. Inside `acting(actor)`."""
    return _all_open().exclude(statement="").order_by("created_at", "id")


def opened(row: ApprovalRequest) -> ApprovalRequest:
    """The request with its reason in clear, for reading alone. Call inside `acting(actor)`."""
    subject_keys.open_words(row.subject_kind, row.subject_id, [row])
    return row


def _a_person(actor: Actor) -> None:
    if actor.person_id is None:
        raise Forbidden("This action requires two people. An API client cannot be one of them.")


def _all_open() -> QuerySet[ApprovalRequest]:
    return ApprovalRequest.objects.filter(decision=None, created_at__gt=clock.now() - LASTS)


def _open(act: str, subject_kind: str, subject_id: object) -> ApprovalRequest | None:
    found = _all_open().filter(act=act, subject_kind=subject_kind, subject_id=str(subject_id))
    return found.order_by("-created_at", "-id").first()


def _locked(act: str, subject_kind: str, subject_id: object) -> ApprovalRequest:
    lock(f"four-eyes:{act}:{subject_id}")
    row = _open(act, subject_kind, subject_id)
    if row is None:
        raise NotFound
    return row


def _decide(actor: Actor, row: ApprovalRequest, *, done: bool) -> None:
    RequestDecision.objects.create(
        organisation_id=actor.organisation_id, request=row, done=done, by=actor.reference, by_name=actor.name[:200]
    )
