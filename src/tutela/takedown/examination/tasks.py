"""Tasks for the own machine of an analyst, and their results.

1. A task names one open case. It is signed by the node's key and sealed to the machine.
2. It is refused at the person's daily limit of viewing, unless the case is urgent.
3. A result is taken once, and not long after its task has expired. Its files become items of the case; each that was
   shown counts as an opening.
4. A file whose SHA-256 has an active entry in the register is certified, and opens a case again that was closed.
5. Evidence that was sealed is recorded as a step to the police.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tutela import clock
from tutela.casework.exposure import openings
from tutela.casework.exposure.budget import own_budget
from tutela.casework.exposure.terms import current_terms
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.errors import EnvelopeMalformedError, ExchangeError
from tutela.exchange.message.signed_envelope import Envelope, trusted_keys
from tutela.exchange.takedown.examination import messages
from tutela.exchange.takedown.examination.messages import (
    AccessConditions,
    Asked,
    EvidenceRecipient,
    ExaminationResult,
    ExaminationTask,
)
from tutela.exchange.takedown.look import Conditions
from tutela.exchange.takedown.web_address import AddressKind
from tutela.indicators.register import search
from tutela.organisations.errors import Erased
from tutela.organisations.keys import signing, subject_keys
from tutela.organisations.people import encryption_recipients
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown import case_rows as rows
from tutela.takedown.errors import AtViewingLimit, ExaminationTaken, MachineUnusable, NoHost
from tutela.takedown.examination import machines
from tutela.takedown.exposure_rule import RULE
from tutela.takedown.intake.address_keys import item_key
from tutela.takedown.intake.open_case import address_of, reopen
from tutela.takedown.models import AnalystMachine, Examination, FoundItem, Stage, TakedownCase
from tutela.takedown.police import police_steps
from tutela.takedown.rechecks import access_conditions

CHANGE = "takedown.assess"
# So long after a task has expired its result is still taken.
GRACE = timedelta(days=1)
MOST_BYTES = 2 << 20
# Results are taken of so many of a case's newest tasks.
MOST_TASKS = 20


@dataclass(frozen=True)
class ExaminationOutcome:
    """What a result brought."""

    status: int
    items: int
    certified: int
    sealed: bool


def sealing_authorities(actor: Actor) -> list[DirectoryEntry]:
    """Authorities of the directory to whose key evidence can be sealed."""
    with acting(actor):
        known = police_steps.authorities(actor)
        sealed_to = encryption_recipients.holders(one.id for one in known)
        return [one for one in known if one.id in sealed_to]


def make_task(actor: Actor, case_id: UUID, machine_id: UUID, authority: UUID | None = None) -> bytes:
    """A task for the actor's own machine.

    Raises `MachineUnusable`, `AtViewingLimit`, `NoHost`, `CaseClosed`, `Erased`, `NoSigningKey`, and `Invalid` for an
    authority to which nothing can be sealed.
    """
    actor.require(CHANGE)
    now = clock.now()
    with acting(actor):
        machine = _own_machine(actor, machine_id)
        case = rows.locked_open(case_id)
        _require_examinable(actor, case)
        evidence = _evidence(actor, machine, authority) if authority else None
        row = Examination(
            pk=uuid7(),
            organisation_id=actor.organisation_id,
            case=case,
            machine=machine,
            round=case.round,
            nonce=secrets.token_hex(16),
            issued_at=now,
            authority=evidence.authority if evidence else "",
            recipient=evidence.recipient if evidence else "",
        )
        task = _task(row, case, evidence)
        row.save(force_insert=True)
        record(actor, "takedown.examination_asked", rows.SUBJECT, case.pk, sealing=evidence is not None)
        key = signing.current_private(actor.organisation_id, "message")
        return messages.seal_task(task, key, machine.recipient)


def take_result(actor: Actor, case_id: UUID, data: bytes) -> ExaminationOutcome:
    """Take the result of a task that the actor made. Raises `ExaminationTaken`, `Invalid`, `NotFound`."""
    actor.require(CHANGE)
    if len(data) > MOST_BYTES:
        raise Invalid("A result has at most {most} bytes.", field="file", most=MOST_BYTES)
    with acting(actor):
        case = rows.locked(case_id)
        row, result = _opened(actor, case, data)
        if case.erased_at is not None:
            raise Erased
        certified = search.active_among(actor, [one.sha256 for one in result.items])
        _open_again(actor, case, row, certified=bool(certified))
        row.answered_at, row.fetched_at = clock.now(), result.fetched_at
        row.status, row.not_fetched = result.status, result.not_fetched
        row.evidence_sha256 = result.evidence.sha256 if result.evidence else ""
        row.save(update_fields=["round", "answered_at", "fetched_at", "status", "not_fetched", "evidence_sha256"])
        items = _items(actor, row, result, certified)
        for one in items:
            if one.viewed_seconds:
                openings.note(actor, RULE, one.pk, seconds=one.viewed_seconds)
        if result.evidence is not None:
            police_steps.evidence_sealed(actor, case, row.authority, f"SHA-256 {result.evidence.sha256}")
        record(actor, "takedown.examined", rows.SUBJECT, case.pk, items=len(items), not_fetched=result.not_fetched)
        found = sum(one.certified for one in items)
    return ExaminationOutcome(result.status, len(items), found, result.evidence is not None)


def digests_of(case_id: UUID, items: Sequence[FoundItem]) -> dict[UUID, dict[str, str]]:
    """Digests of items, by their ID; of what was erased there are none. Call inside `acting(actor)`."""
    bodies = [(case_id, bytes(one.sealed), _purpose(one)) for one in items]
    opened = subject_keys.unseal_all(rows.SUBJECT, bodies)
    return {one.pk: json.loads(body) for one, body in zip(items, opened, strict=True) if body is not None}


def _opened(actor: Actor, case: TakedownCase, data: bytes) -> tuple[Examination, ExaminationResult]:
    """The task that a result says it is of, and the result, verified."""
    try:
        said = Envelope.from_bytes(data).payload
        tasks = case.examinations.select_for_update(of=("self",)).select_related("machine")
        row = next((one for one in tasks.order_by("-issued_at")[:MOST_TASKS] if str(one.pk).encode() in said), None)
        if row is None or row.machine.person != actor.reference or row.machine.removed_at is not None:
            raise Invalid("The result is of no task that you made for this case.", field="file")
        expires = row.issued_at + messages.VALID
        asked = Asked(row.pk, row.machine_id, row.nonce, row.issued_at, expires, row.recipient)
        result = messages.open_result(data, trusted_keys([row.machine.public_key]), asked, clock.now())
    except EnvelopeMalformedError:
        raise Invalid("Choose the file result.json that tutela examine run wrote.", field="file") from None
    except ExchangeError as error:
        raise Invalid("The result is not valid: {reason}", field="file", reason=str(error)) from None
    if row.answered_at is not None:
        raise ExaminationTaken
    if clock.now() > expires + GRACE:
        raise Invalid("The task of this result has expired. Make a new one.", field="file")
    return row, result


def _open_again(actor: Actor, case: TakedownCase, row: Examination, *, certified: bool) -> None:
    """A case that was closed opens again if a certified file is there, and the result belongs to its new round."""
    if certified and case.stage == Stage.CLOSED:
        reopen(case, clock.now())
        case.save()
        row.round = case.round
        record(actor, "takedown.reopened", rows.SUBJECT, case.pk, source="examination", urgent=case.urgent)


def _items(actor: Actor, row: Examination, result: ExaminationResult, certified: set[str]) -> list[FoundItem]:
    made = []
    for one in result.items:
        item = FoundItem(
            organisation_id=actor.organisation_id,
            examination=row,
            position=one.position,
            format=one.format,
            size=one.size,
            certified=one.sha256 in certified,
            item_key=item_key(actor.organisation_id, one.sha256),
            viewed_seconds=one.viewed_seconds,
        )
        body = {"sha256": one.sha256, "md5": one.md5, "pdq": one.pdq or "", "refused": one.refused or ""}
        item.sealed = subject_keys.seal(actor, rows.SUBJECT, row.case_id, json.dumps(body).encode(), _purpose(item))
        made.append(item)
    FoundItem.objects.bulk_create(made)
    return made


def _own_machine(actor: Actor, machine_id: UUID) -> AnalystMachine:
    machine = next((one for one in machines.own(actor) if one.pk == machine_id), None)
    if machine is None:
        raise MachineUnusable
    return machine


def _require_examinable(actor: Actor, case: TakedownCase) -> None:
    """Rule 2, and that the address has a host."""
    if case.kind in (AddressKind.ONION, AddressKind.DECENTRALISED):
        raise NoHost
    since = clock.now() - messages.VALID
    mine = Examination.objects.filter(machine__person=actor.reference, answered_at=None, issued_at__gt=since)
    # A task that is out counts as one opening, so that nobody stacks them.
    if not case.urgent and own_budget(actor, RULE, current_terms(RULE)).left <= mine.count():
        raise AtViewingLimit


def _task(row: Examination, case: TakedownCase, evidence: EvidenceRecipient | None) -> ExaminationTask:
    return ExaminationTask(
        task_id=row.pk,
        sender=row.organisation_id,
        machine=row.machine_id,
        nonce=row.nonce,
        case_number=case.number,
        address=address_of(case).normal,
        conditions=_conditions(access_conditions.conditions_of(case)),
        evidence=evidence,
        issued_at=row.issued_at,
        expires_at=row.issued_at + messages.VALID,
    )


def _evidence(actor: Actor, machine: AnalystMachine, authority: UUID) -> EvidenceRecipient:
    if not machine.seals_evidence:
        raise Invalid("The mandate of this machine does not cover sealed evidence.", field="authority")
    entry = next((one for one in police_steps.authorities(actor) if one.id == authority), None)
    key = encryption_recipients.current(authority) if entry else None
    if entry is None or key is None:
        raise Invalid("Nothing can be sealed to this authority: it has no key.", field="authority")
    return EvidenceRecipient(authority=entry.name, recipient=key.text)


def _conditions(given: Conditions) -> AccessConditions:
    return AccessConditions(
        referrer=given.referrer,
        cookie=given.cookie,
        password=given.password,
        device=given.device,
        country=given.country or None,
        time=given.time,
    )


def _purpose(item: FoundItem) -> str:
    return f"takedown:{item.pk}:item"
