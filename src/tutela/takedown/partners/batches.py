"""Batches: many cases of a partner in one call, each with its own answer. A refused case stops no other.

A case's message ID is its idempotency key: the same case again, in any batch or alone, has its first receipt.
"""

from __future__ import annotations

from pydantic import ValidationError

from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.problem import FieldError, from_validation
from tutela.exchange.report.batch import split
from tutela.exchange.takedown.hotline_batch import HotlineBatchAnswer, HotlineLineAnswer
from tutela.exchange.takedown.hotline_message import HotlineCase, HotlineReceipt
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown.errors import NotAPartner, TooManyLocations
from tutela.takedown.partners import receive_case

# Each case is a transaction; all of them are answered while the sender waits.
MOST_LOCATIONS = 1_000

type Read = HotlineCase | HotlineLineAnswer


def receive(sender: Actor, hotline: DirectoryEntry, body: bytes) -> HotlineBatchAnswer:
    """Store the cases of a JSON array or of lines, each once.

    Raises `NotAPartner`, `TooManyLocations`, or an ExchangeError for a body that cannot be read as a whole.
    """
    read = [(number, _read(number, data)) for number, data in split(body)]
    if sum(len(one.locations) for _number, one in read if isinstance(one, HotlineCase)) > MOST_LOCATIONS:
        raise TooManyLocations(most=MOST_LOCATIONS, field="locations")
    results = tuple(
        one if isinstance(one, HotlineLineAnswer) else _taken(sender, hotline, number, one) for number, one in read
    )
    received = sum(one.receipt is not None for one in results)
    return HotlineBatchAnswer(received=received, refused=len(results) - received, results=results)


def _read(number: int, data: bytes) -> Read:
    try:
        return HotlineCase.from_bytes(data)
    except ValidationError as error:
        return HotlineLineAnswer(line=number, status=422, errors=from_validation(error).errors)
    except ExchangeError as error:
        return _fault(number, 422, "", str(error))


def _taken(sender: Actor, hotline: DirectoryEntry, number: int, case: HotlineCase) -> HotlineLineAnswer:
    key = f"hotline-case:{case.message_id}"
    try:
        status, answer = receive_case.taken(sender, hotline, key, case.to_bytes(), case)
    except NotAPartner:
        raise
    except TutelaError as error:
        return _fault(number, error.status, error.field or "", str(error))
    return HotlineLineAnswer(line=number, status=status, receipt=HotlineReceipt.from_bytes(answer.encode()))


def _fault(number: int, status: int, field: str, reason: str) -> HotlineLineAnswer:
    return HotlineLineAnswer(line=number, status=status, errors=(FieldError(field=field, reason=reason[:500]),))
