"""Report outcomes in bulk: a table in, an answer for each line; a trial run changes nothing.

A refused line does not stop the others. Sending the same file again changes nothing, because a line's form token is
derived from its content.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError as BadValue

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.referral import outcome_csv
from tutela.exchange.referral.outcome_csv import OutcomeLine
from tutela.investigations.models import Acknowledgement, Referral
from tutela.investigations.referral_work import answers

_FORMS = uuid5(uuid.NAMESPACE_URL, "https://tutela.example/outcome-table")


@dataclass(frozen=True)
class Told:
    """Line and its result; `error` is empty if it was accepted."""

    line: OutcomeLine
    error: str = ""


class _Trial(Exception):
    """Ends a trial run: everything is undone."""


def report(actor: Actor, data: bytes, *, trial: bool) -> list[Told]:
    """Take a table of outcomes in; with `trial`, only say what would become of it. Raises `NotATableError`."""
    actor.require("investigations.answer")
    lines = outcome_csv.read(data)
    found: list[Told] = []
    try:
        with acting(actor):
            found = [_told(actor, line) for line in lines]
            if trial:
                raise _Trial
            refused = sum(bool(one.error) for one in found)
            record(actor, "outcomes.imported", "organisation", actor.organisation_id, lines=len(found), refused=refused)
    except _Trial:
        return found
    return found


def _told(actor: Actor, line: OutcomeLine) -> Told:
    if line.error:
        return Told(line, line.error)
    try:
        with acting(actor):
            _take(actor, line)
    except TutelaError as error:
        return Told(line, str(error))
    return Told(line)


def _take(actor: Actor, line: OutcomeLine) -> None:
    row = find(line.referral)
    if line.file_reference and not Acknowledgement.objects.filter(referral=row).exists():
        answers.acknowledge(actor, row.referral_id, line.file_reference)
    said = "\x1f".join((str(row.referral_id), line.kind, line.reason, line.release, *filter(None, [line.children])))
    answers.report_outcome(
        actor,
        row.referral_id,
        kind=line.kind,
        reason=line.reason,
        release=line.release,
        token=uuid5(_FORMS, said),
        children=line.children,
    )


def find(named: str) -> Referral:
    """A referral by its number or its id. Raises `NotFound`. Call inside `acting(actor)`."""
    try:
        row = Referral.objects.filter(referral_id=UUID(named)).first()
    except (ValueError, BadValue):
        row = Referral.objects.filter(number=named.upper()).first()
    if row is None:
        raise NotFound
    return row
