"""Reports of a case to the police, evidence sealed to them, and their requests to wait.

Before a notice, the case is reported to the police, and evidence is sealed to them or the reason is recorded why not.
A case without a host ends with that; one that is illegal elsewhere alone ends once it was handed over.

While the police ask to wait, no notice leaves; the time counts apart (`law.holds`). Where a national procedure asks for
it, a notice waits after the report (`notice_waits`).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.takedown.hotline_message import ActionKind
from tutela.exchange.takedown.web_address import AddressKind
from tutela.law import holds
from tutela.organisations.keys import subject_keys
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.organisations.vocabulary.roles_and_permissions import AUTHORITIES
from tutela.takedown import case_changes
from tutela.takedown import case_rows as rows
from tutela.takedown.errors import Held, NotElsewhere, PoliceFirst, UnknownAuthority, WaitForPolice
from tutela.takedown.models import Availability, PoliceStep, PoliceStepKind, Stage, TakedownCase, Verdict
from tutela.takedown.police import notice_waits

NOTIFY = "takedown.notify"


def authorities(actor: Actor) -> list[DirectoryEntry]:
    """Law-enforcement authorities of the directory, those of the own country first."""
    own = directory.entry(actor.organisation_id).country
    found = [one for kind in sorted(AUTHORITIES) for one in directory.list_organisations(kind=kind) if one.verified]
    return sorted(found, key=lambda one: (one.country != own, one.country, one.name))


def report(actor: Actor, case_id: UUID, authority: UUID, reference: str) -> None:
    """Record that a case was reported to an authority, with the receipt's reference. Raises `UnknownAuthority`."""
    actor.require(NOTIFY)
    with acting(actor):
        case = rows.locked_open(case_id)
        name = _known(actor, authority).name
        _step(actor, case, PoliceStepKind.REPORTED, authority=name, reference=reference)


def seal_evidence(actor: Actor, case_id: UUID, reference: str) -> None:
    """Record that evidence was sealed to the police, with its reference there."""
    actor.require(NOTIFY)
    if not reference.strip():
        raise Invalid("Enter the reference of the sealed evidence.", field="reference")
    with acting(actor):
        _step(actor, rows.locked_open(case_id), PoliceStepKind.SEALED, reference=reference)


def evidence_sealed(actor: Actor, case: TakedownCase, authority: str, reference: str) -> None:
    """Record that an analyst's machine sealed evidence. Call inside `acting(actor)` with the case locked."""
    _step(actor, case, PoliceStepKind.SEALED, authority=authority, reference=reference)


def without_evidence(actor: Actor, case_id: UUID, reason: str) -> None:
    """Record why no evidence is sealed before the notice."""
    actor.require(NOTIFY)
    if not reason.strip():
        raise Invalid("Enter why no evidence is sealed.", field="reason")
    with acting(actor):
        _step(actor, rows.locked_open(case_id), PoliceStepKind.NO_EVIDENCE, reason=reason)


def hold(actor: Actor, case_id: UUID, authority: UUID, until: datetime, reason: str) -> UUID:
    """Place a hold that an authority asks for, and return its ID: no notice leaves, and nothing is erased.

    Raises `Invalid`, `HoldTooLong`.
    """
    actor.require(NOTIFY)
    if until <= clock.now():
        raise Invalid("Enter a time in the future.", field="until")
    with acting(actor):
        case = rows.locked(case_id)
        asked_by = _known(actor, authority).id
        holds.check_longest(rows.SUBJECT, case.pk, asked_by, until)
        return holds.place(
            actor, rows.SUBJECT, case.pk, asked_by=asked_by, reason=reason, until=until, content_until=until
        )


def end_hold(actor: Actor, case_id: UUID, hold_id: UUID) -> None:
    """End one hold of a case. Raises `NotFound` for one that has ended."""
    actor.require(NOTIFY)
    with acting(actor):
        case = rows.locked(case_id)
        if not holds.in_effect(rows.SUBJECT).filter(pk=hold_id, subject_id=str(case.pk)).exists():
            raise NotFound
        holds.lift(actor, hold_id)


def require_done(case: TakedownCase) -> None:
    """Raise `Held`, `PoliceFirst` or `WaitForPolice` unless a notice may leave. Call inside `acting(actor)`."""
    if (until := holds.content_kept(rows.SUBJECT, case.pk)) is not None:
        raise Held(until=f"{until:%Y-%m-%d %H:%M} UTC")
    if not reported(case):
        raise PoliceFirst
    if (begins := notice_waits.notice_from(case, clock.now())) is not None:
        raise WaitForPolice(at=f"{begins:%Y-%m-%d %H:%M} UTC")


def _known(actor: Actor, authority: UUID) -> DirectoryEntry:
    found = next((one for one in authorities(actor) if one.id == authority), None)
    if found is None:
        raise UnknownAuthority(field="authority")
    return found


def _step(actor: Actor, case: TakedownCase, kind: PoliceStepKind, **said: str) -> None:
    row = PoliceStep(
        organisation_id=actor.organisation_id,
        case=case,
        kind=kind,
        by=actor.reference,
        by_name=actor.name[:200],
        authority=said.get("authority", "")[:200],
        reference=said.get("reference", "").strip()[:120],
        reason=said.get("reason", "").strip(),
    )
    subject_keys.seal_words(actor, rows.SUBJECT, case.pk, row)
    row.save()
    record(actor, "takedown.police_step", rows.SUBJECT, case.pk, step=str(kind))
    if kind == PoliceStepKind.REPORTED:
        case_changes.changed(actor, case.pk, ActionKind.REPORTED_TO_POLICE)
    _hand_over(case)


def _hand_over(case: TakedownCase) -> None:
    """A case without a host ends with the report to the police: no notice can be sent."""
    hostless = case.kind in (AddressKind.ONION, AddressKind.DECENTRALISED)
    if case.stage == Stage.ACT and hostless and reported(case):
        _close(case)


def _close(case: TakedownCase) -> None:
    case.stage, case.closed_at, case.next_check_at = Stage.CLOSED, clock.now(), None
    case.availability = Availability.NOT_CHECKABLE
    case.save(update_fields=["stage", "closed_at", "next_check_at", "availability"])


def hand_over(actor: Actor, case_id: UUID, reason: str) -> None:
    """End a case that is illegal elsewhere alone, and that others have now: the police there, or a hotline by file.

    Raises `NotElsewhere`, `PoliceFirst`, `Invalid`.
    """
    actor.require(NOTIFY)
    if not reason.strip():
        raise Invalid("Enter to whom the case was handed over.", field="reason")
    with acting(actor):
        case = rows.locked_open(case_id)
        if case.verdict != Verdict.ELSEWHERE or case.stage != Stage.ACT:
            raise NotElsewhere
        if not reported(case):
            raise PoliceFirst
        _step(actor, case, PoliceStepKind.HANDED_OVER, reason=reason)
        _close(case)


def reported(case: TakedownCase) -> bool:
    """Whether the police have the report, and evidence or the reason why there is none. Call inside `acting(actor)`."""
    done = set(case.police_steps.values_list("kind", flat=True))
    return PoliceStepKind.REPORTED in done and bool(done & {PoliceStepKind.SEALED, PoliceStepKind.NO_EVIDENCE})
