"""Batches: many reports at once, each with its own answer. A refused report stops no other.

A report's id is its idempotency key: the same report again, in any batch, gets its first receipt. A batch can therefore
be sent again as a whole, with a corrected line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import batched
from uuid import UUID

from pydantic import ValidationError

from tutela.events.actor import Actor
from tutela.events.identifiers import redrawn
from tutela.events.transaction import acting_and_asking
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.problem import FieldError, from_validation
from tutela.exchange.report.batch import MOST_REPORTS
from tutela.exchange.report.report import Report as Wire
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.roles_and_permissions import Kind
from tutela.reports.errors import NotTheProvider, ReportKnown
from tutela.reports.intake.store import Answer, Filing, questions, store_reports


@dataclass(frozen=True)
class BatchResult:
    """Result of one report of a batch: a receipt, or errors that name each field."""

    line: int
    status: int
    report_id: UUID | None = None
    receipt: str = ""
    errors: tuple[FieldError, ...] = ()

    @property
    def received(self) -> bool:
        return self.status == 201

    def to_json(self) -> str:
        """Serialise as one result of `exchange.report.batch.BatchAnswer`; the receipt is included byte for byte."""
        said: dict[str, object] = {"line": self.line, "status": self.status}
        if self.report_id:
            said["report_id"] = str(self.report_id)
        if self.errors:
            said["errors"] = [{"field": one.field, "reason": one.reason} for one in self.errors]
        text = json.dumps(said, ensure_ascii=False)
        return f'{text[:-1]}, "receipt": {self.receipt}}}' if self.receipt else text


# Who brings reports of providers elsewhere, as police receive them.
HANDS_ON = frozenset({Kind.CENTRE, Kind.AUTHORITY, Kind.EUROPOL})


def receive(
    sender: Actor, centre: directory.DirectoryEntry, lines: Iterable[tuple[int, bytes]], *, handed_on: bool = False
) -> list[BatchResult]:
    """Take reports in, a hundred a transaction; the answers in the order of the lines. Raises `NotTheProvider`.

    `handed_on`: they are of providers elsewhere, and the sender only brings them.
    """
    sender.require("reports.submit")
    own = sender.organisation_kind == Kind.PROVIDER
    if not sender.verified or not (own or (handed_on and sender.organisation_kind in HANDS_ON)):
        raise NotTheProvider
    actor = directory.acting_for(centre, sender.reference, sender.name)
    return [one for part in batched(lines, MOST_REPORTS) for one in _part(actor, sender, part)]


def to_json(answers: Sequence[BatchResult]) -> str:
    """The body of the answer to a batch."""
    received = sum(one.received for one in answers)
    results = ", ".join(one.to_json() for one in answers)
    return f'{{"received": {received}, "refused": {len(answers) - received}, "results": [{results}]}}'


def _part(actor: Actor, sender: Actor, lines: Sequence[tuple[int, bytes]]) -> list[BatchResult]:
    read = [_read(sender, number, data) for number, data in lines]
    filings = [one for one in read if isinstance(one, tuple)]
    answers, new = [], [filing for _number, filing in filings]
    if new:
        answers = redrawn(lambda: _taken(actor, sender, new))
    taken = iter(zip(filings, answers, strict=True))
    return [one if isinstance(one, BatchResult) else _answered(*next(taken)) for one in read]


def _taken(actor: Actor, sender: Actor, filings: Sequence[Filing]) -> list[Answer]:
    with acting_and_asking(actor, questions(actor, sender, filings)) as found:
        return store_reports(actor, sender, filings, found)


def _read(sender: Actor, number: int, data: bytes) -> tuple[int, Filing] | BatchResult:
    try:
        return number, Filing(sender.organisation_id, Wire.received(data, sender.organisation_id))
    except ValidationError as error:
        return BatchResult(number, 422, errors=from_validation(error).errors)
    except ExchangeError as error:
        return BatchResult(number, 422, errors=(FieldError(field="", reason=str(error)[:500]),))


def _answered(filed: tuple[int, Filing], answer: str | ReportKnown) -> BatchResult:
    number, filing = filed
    report_id = filing.report.report_id
    if isinstance(answer, ReportKnown):
        return BatchResult(number, 409, report_id, errors=(FieldError(field="report_id", reason=str(answer)),))
    return BatchResult(number, 201, report_id, answer)
