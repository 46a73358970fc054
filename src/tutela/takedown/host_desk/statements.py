"""Statement of reasons for the affected user (DSA Art. 17), made from a decision, once.

1. The statement is about the addresses that are removed or disabled when it is made.
2. Source and time come from the notice and its decision. The notifier is not named.
3. Its texts contain no address and no contact details, because the transparency database publishes them.
4. In the same transaction each address gets an entry for the database (Art. 24(5)), without the address.
5. Tutela sends nothing to the user: the host has the contact. The e-mail is prepared as a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pydantic import ValidationError

from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.identifiers import NumberTaken, case_number, redrawn
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.problem import in_words
from tutela.exchange.takedown.notice import Notice as Wire
from tutela.exchange.takedown.statement_of_reasons import (
    Automation,
    Decision,
    Ground,
    Redress,
    RedressKind,
    Source,
    StatementOfReasons,
    database_payload,
)
from tutela.exchange.takedown.transparency_database import StatementInvalidError
from tutela.exchange.takedown.web_address import normalise
from tutela.organisations.keys import subject_keys
from tutela.takedown.errors import (
    AddressInStatement,
    AlreadyStated,
    NothingRestricted,
    StatementRefused,
    UnknownStatement,
)
from tutela.takedown.host_desk import notice_rows as rows
from tutela.takedown.models import DatabaseEntry, HostAction, HostDecision, HostStatement, IncomingNotice

PREFIX = "U"
# What the form calls each text.
TEXTS = {"facts": "Facts", "provision": "Legal ground", "explanation": "Why the content is illegal"}
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|\bwww\.|\bmagnet:", re.IGNORECASE)
_DECISIONS = {HostAction.REMOVED.value: Decision.REMOVED, HostAction.DISABLED.value: Decision.DISABLED}


@dataclass(frozen=True)
class StatementInput:
    """What a person adds to the decision. `redress`: internal complaint, out-of-court settlement, court."""

    facts: str
    provision: str
    explanation: str
    content_types: tuple[str, ...]
    content_date: date
    territory: tuple[str, ...]
    redress: tuple[str, str, str]
    language: str = "en"
    automated_detection: bool = False
    automated_decision: str = Automation.NONE


def state(actor: Actor, notice_id: UUID, given: StatementInput) -> UUID:
    """Make the statement of a decision; returns its ID. Raises `NothingRestricted`, `AlreadyStated`, `Invalid`."""
    actor.require(rows.DECIDE)

    def work() -> UUID:
        with acting(actor):
            return _stated(actor, rows.locked(notice_id), given)

    return redrawn(work)


def find(notice_id: UUID) -> tuple[HostStatement, StatementOfReasons]:
    """The statement about a notice. Raises `UnknownStatement`, `Erased`. Call inside `acting(actor)`."""
    row = HostStatement.objects.filter(decision__notice=notice_id).first()
    if row is None:
        raise UnknownStatement
    body = subject_keys.unseal(rows.SUBJECT, notice_id, bytes(row.sealed), _purpose(row.pk))
    return row, StatementOfReasons.from_bytes(body)


def download(actor: Actor, notice_id: UUID) -> tuple[HostStatement, StatementOfReasons]:
    """The statement as `find`; the access is recorded."""
    actor.require(rows.READ)
    with acting(actor):
        found = find(notice_id)
        record(actor, "host_statement.downloaded", rows.SUBJECT, notice_id)
    return found


def _stated(actor: Actor, row: IncomingNotice, given: StatementInput) -> UUID:
    decision = row.decisions.filter(sequence=1).first()
    actions = rows.newest_actions(row)
    places = rows.in_effect(actions)
    if decision is None or not places:
        raise NothingRestricted
    notice, number = rows.wire_of(row), case_number(PREFIX)
    _check_texts(notice, {name: getattr(given, name) for name in ("facts", "provision", "explanation")})
    taken = [_DECISIONS[actions[place]] for place in places]
    made = HostStatement(
        organisation_id=actor.organisation_id,
        decision=decision,
        number=number,
        by=actor.reference,
        by_name=actor.name[:200],
    )
    try:
        statement = _composed(row, decision, number, given, [notice.locations[one].url for one in places], taken)
        entries = list(_entries(actor, made, statement, given, taken))
    except ValidationError as error:
        raise StatementRefused(reason=in_words(error)) from None
    except StatementInvalidError as error:
        raise StatementRefused(reason=str(error)) from None
    made.sealed = subject_keys.seal(actor, rows.SUBJECT, row.pk, statement.to_bytes(), _purpose(made.pk))
    if not insert_ignore(made):
        raise AlreadyStated if HostStatement.objects.filter(decision=decision).exists() else NumberTaken
    DatabaseEntry.objects.bulk_create(entries)
    record(actor, "hosting.stated", rows.SUBJECT, row.pk, number=number, addresses=len(places))
    return made.pk


def _composed(
    row: IncomingNotice,
    decision: HostDecision,
    number: str,
    given: StatementInput,
    addresses: list[str],
    taken: list[Decision],
) -> StatementOfReasons:
    return StatementOfReasons(
        reference=number,
        language=given.language,
        decisions=tuple(dict.fromkeys(taken)),
        locations=tuple(addresses),
        territorial_scope=given.territory,
        applied_at=decision.created_at,
        facts=given.facts.strip(),
        source=Source.TRUSTED_FLAGGER if row.trusted else Source.NOTICE,
        automated_detection=given.automated_detection,
        automated_decision=Automation(given.automated_decision),
        illegal=Ground(provision=given.provision.strip(), explanation=given.explanation.strip()),
        redress=tuple(
            Redress(kind=kind, how=how.strip()) for kind, how in zip(RedressKind, given.redress, strict=True)
        ),
    )


def _entries(
    actor: Actor, made: HostStatement, statement: StatementOfReasons, given: StatementInput, taken: list[Decision]
) -> Iterable[DatabaseEntry]:
    """Rule 4: each entry has the decision about its own address."""
    for number, one in enumerate(taken, 1):
        payload = database_payload(
            statement.model_copy(update={"decisions": (one,)}),
            number=number,
            content_types=given.content_types,
            content_date=given.content_date,
        )
        yield DatabaseEntry(
            organisation_id=actor.organisation_id, statement=made, puid=payload["puid"], payload=payload
        )


def _check_texts(notice: Wire, texts: dict[str, str]) -> None:
    """Rule 3, for addresses; contact details are refused by the message's own rules."""
    hosts = {normalise(one.url).host for one in notice.locations} - {""}
    for name, text in texts.items():
        if _ADDRESS.search(text) or any(one in text.lower() for one in hosts):
            raise AddressInStatement(field=name, text=TEXTS[name])


def _purpose(statement_id: UUID) -> str:
    return f"hosting:{statement_id}:statement"
