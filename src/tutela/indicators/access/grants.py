"""Grants: which organisation may fetch which list, its purpose, legal basis, degree and period.

The degree limits the use of the list: counted in shadow mode, acted on after a person has checked, or acted on at once.
The holder of a grant reads the grant over the API. Use of the list happens on the holder's side; the grant records what
was agreed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Invalid, NotFound
from tutela.events.purposes import ADMINISTRATION, VOCABULARY
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.register.approval import Act, ActSubject
from tutela.indicators.errors import NoGrant
from tutela.indicators.models import Degree, Grant
from tutela.organisations.approvals import approve
from tutela.organisations.approvals.approve import NO_INPUT, Way
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.roles_and_permissions import Kind

# The form counts in days: a second click a moment later asks for the same last day.
_SAME_DAY = timedelta(days=1)


def give(  # noqa: PLR0913 - each is a part of what is agreed
    actor: Actor,
    grantee_id: UUID,
    *,
    list_id: str,
    purpose: str,
    legal_basis: str,
    valid_to: datetime,
    valid_from: datetime | None = None,
    degree: str = Degree.REVIEW,
    per_day: int = 0,
    way: Way = NO_INPUT,
) -> UUID:
    """Grant a list to a verified organisation, from now on or later.

    If a grant with the same terms covers these days, that grant is returned and nothing is stored. Raises `Invalid`
    naming the field, and as `approve.approve`: two people or a key are asked about its days.
    """
    actor.require("grants.manage")
    grantee, now = directory.entry(grantee_id), clock.now()
    _check_terms(grantee, purpose, legal_basis, degree)
    begins = max(valid_from or now, now)
    if valid_to <= begins:
        raise Invalid("The last day is before the first day, or in the past.", field="valid_to")
    with acting(actor):
        row = Grant(
            organisation_id=actor.organisation_id,
            list_id=list_id,
            grantee_id=grantee_id,
            purpose=purpose,
            legal_basis=legal_basis.strip()[:120],
            degree=degree,
            valid_from=begins,
            valid_to=valid_to,
            by=actor.reference,
            per_day=per_day,
        )
        return _stored_once(actor, row, _giving(row, grantee, later=begins > now), way)


def _stored_once(actor: Actor, row: Grant, act: Act, way: Way) -> UUID:
    """Store a new grant once it is approved, or return the one that covers it."""
    lock(f"grant:{row.list_id}:{row.grantee_id}")
    if (known := _covering(row)) is not None:
        return known.id
    approve.approve(actor, act, way)
    row.save(force_insert=True)
    _record(actor, row)
    return row.id


def _covering(row: Grant) -> Grant | None:
    """The stored grant of the same list, organisation, purpose and terms that covers the days of this one."""
    same = Grant.objects.filter(
        list_id=row.list_id,
        grantee_id=row.grantee_id,
        purpose=row.purpose,
        legal_basis=row.legal_basis,
        degree=row.degree,
        per_day=row.per_day,
        ended_at=None,
    )
    return same.filter(valid_from__lte=row.valid_from, valid_to__gt=row.valid_to - _SAME_DAY).first()


def _record(actor: Actor, row: Grant) -> None:
    record(
        actor,
        "grant.given",
        "grant",
        row.id,
        grantee=row.grantee_id,
        list=row.list_id,
        legal_basis=row.legal_basis,
        granted_for=row.purpose,
        degree=row.degree,
        valid_from=row.valid_from.isoformat(),
        valid_to=row.valid_to.isoformat(),
    )


def _check_terms(grantee: directory.DirectoryEntry, purpose: str, legal_basis: str, degree: str) -> None:
    if not grantee.verified:
        raise Invalid("Verify the organisation first.", field="grantee")
    if not legal_basis.strip():
        raise Invalid("Enter the legal basis.", field="legal_basis")
    if degree not in Degree.values:
        raise Invalid("Choose one of: {known}.", field="degree", known=", ".join(Degree.values))
    if purpose not in purposes_of(grantee.kind):
        raise Invalid(
            "The purpose must be one of: {known}.", field="purpose", known=", ".join(purposes_of(grantee.kind))
        )


def _giving(row: Grant, grantee: directory.DirectoryEntry, *, later: bool) -> Act:
    """The description of a grant for approval. It states the days, because a second person may agree a week later."""
    said = {
        "list": row.list_id,
        "purpose": row.purpose,
        "legal_basis": row.legal_basis,
        "degree": row.degree,
        "since": f"{row.valid_from:%Y-%m-%d}" if later else "",
        "until": f"{row.valid_to:%Y-%m-%d}",
        "per_day": str(row.per_day or ""),
    }
    subject = ActSubject(id=grantee.id, name=grantee.name)
    return Act(name="grant", subjects=(subject,), chosen={name: text for name, text in said.items() if text})


def purposes_of(kind: str) -> dict[str, object]:
    """Return the purposes for which this kind of organisation may be granted a list; its own administration is
    excluded.
    """
    return {word: label for word, label in VOCABULARY.get(kind, {}).items() if word not in ADMINISTRATION}


def grantees() -> list[directory.DirectoryEntry]:
    """Return the organisations to which the register's list may be granted."""
    return [one for one in directory.list_organisations() if one.verified and one.kind != Kind.CENTRE]


def end(actor: Actor, grant_id: UUID, way: Way = NO_INPUT) -> None:
    """End a grant; the next fetch is refused. Raises `NotFound`, and as `approve.approve`."""
    actor.require("grants.manage")
    with acting(actor):
        row = Grant.objects.filter(pk=grant_id, ended_at=None).first()
        if row is None:
            raise NotFound
        subject = ActSubject(id=row.pk, name=directory.entry(row.grantee_id).name)
        approve.approve(actor, Act(name="grant_end", subjects=(subject,), chosen={"list": row.list_id}), way)
        if not Grant.objects.filter(pk=grant_id, ended_at=None).update(ended_at=clock.now()):
            raise NotFound
        record(actor, "grant.ended", "grant", grant_id)


def current_grant(list_id: str, grantee_id: UUID) -> Grant | None:
    """The grant in effect now. Call inside `acting(centre)`."""
    now = clock.now()
    rows = Grant.objects.filter(list_id=list_id, grantee_id=grantee_id, ended_at=None)
    return rows.filter(valid_from__lte=now, valid_to__gt=now).order_by("-valid_to").first()


def ever_granted(list_id: str, grantee_id: UUID) -> bool:
    """Whether an organisation may or might once fetch the list. Call inside `acting(centre)`."""
    return Grant.objects.filter(list_id=list_id, grantee_id=grantee_id).exists()


def mine(centre: Actor, sender: Actor, list_id: str) -> list[Grant]:
    """Return the sender's current and future grants of a list. Raises `NoGrant`.

    The access is recorded like any other.
    """
    with acting(centre):
        rows = Grant.objects.filter(list_id=list_id, grantee_id=sender.organisation_id, ended_at=None)
        found = list(rows.filter(valid_to__gt=clock.now()).order_by("valid_from", "id"))
        if not found or not sender.verified:
            raise NoGrant
        record(centre, "grant.read", "list", list_id, recipient=sender.organisation_id)
    return found


def state_of(row: Grant) -> str:
    """`ended`, `expired`, `later` or `in effect`."""
    now = clock.now()
    if row.ended_at:
        return "ended"
    return "expired" if row.valid_to < now else "later" if row.valid_from > now else "in effect"


def list_grants() -> list[tuple[Grant, directory.DirectoryEntry]]:
    """All grants with their grantees, newest first. Call inside `acting(centre)`."""
    known = {one.id: one for one in directory.list_organisations()}
    return [(row, known[row.grantee_id]) for row in Grant.objects.order_by("-created_at")]
