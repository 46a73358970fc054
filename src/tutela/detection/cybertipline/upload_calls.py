"""Make one call to a CyberTipline interface, outside any transaction; `upload_steps` stores the result.

A file is streamed from the provider's storage in pieces and never stored. The file must match the digest in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import httpx

from tutela import clock
from tutela.detection.cybertipline.faults import Fault, TipFault, fault
from tutela.detection.models import Tip
from tutela.exchange.cybertip.client import Client, CybertipAnswer, Passing
from tutela.exchange.cybertip.from_report import CannotSubmitError, details, submission
from tutela.exchange.errors import ExchangeError
from tutela.exchange.feeds.http_client import Guarded
from tutela.exchange.message.text_cleanup import whole_number
from tutela.exchange.report.fields import Item
from tutela.exchange.report.report import Report

PIECE_BYTES = 1 << 20


class TakenOver(ExchangeError):
    """The call took too long, and another process went on."""


class NotTheItem(ExchangeError):
    """Your storage has another file under this name than the one that was reported."""


@dataclass(frozen=True)
class Call:
    """Next call to make, with everything that it needs."""

    what: str
    client: Client
    tip: Tip
    report: Report
    files: tuple[Item, ...] = ()
    item: Item | None = None
    link: str = ""
    file: str = ""
    # Extends the claim on this call; raises `TakenOver` if another process has claimed the call.
    keep: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class CallResult:
    """Result of a call: an answer, or the error; `sure` if nothing can have arrived."""

    said: CybertipAnswer | None = None
    error: Fault = field(default_factory=list)
    sure: bool = False
    final: bool = False


def made(call: Call, way: Guarded) -> CallResult:
    """Make the call, outside any transaction. Never raises: what went wrong is in the result."""
    client, number = call.client, call.tip.number or 0
    try:
        if call.what == "submit":
            return CallResult(client.submit(submission(call.report, call.tip.endpoint.email, call.files, clock.now())))
        if call.what == "upload" and call.item:
            return _uploaded(call, call.item, way)
        if call.what == "details" and call.item:
            return CallResult(client.describe(details(call.item, call.report, number, call.file, clock.now())))
        if call.what == "finish":
            return CallResult(client.finish(number))
        return CallResult(client.retract(call.tip.given_up or number))
    except NotTheItem:
        return CallResult(error=fault(TipFault.OTHER_FILE), final=True)
    except CannotSubmitError as error:
        return CallResult(error=fault(TipFault.UNSENDABLE, detail=str(error)), final=True)
    except ExchangeError as error:
        return CallResult(error=fault(TipFault.FAILED, detail=str(error)))


def _uploaded(call: Call, item: Item, way: Guarded) -> CallResult:
    """Pass the item on. Where the storage does not answer, nothing has left."""
    if not call.link:
        return CallResult(error=fault(TipFault.NO_STORAGE), sure=True)
    with ExitStack() as open_here:
        try:
            stored = open_here.enter_context(way.open(call.link, {}))
        except ExchangeError as error:
            return CallResult(error=fault(TipFault.STORAGE_FAILED, detail=str(error)), sure=True)
        if stored.status_code != httpx.codes.OK:
            return CallResult(error=fault(TipFault.STORAGE_STATUS, status=stored.status_code), sure=True)
        length = _length(stored.headers.get("content-length", ""))
        if None not in (length, item.size) and length != item.size:
            raise NotTheItem
        passing = Passing(_kept(stored.iter_bytes(PIECE_BYTES), call.keep), length)
        said = call.client.upload(call.tip.number or 0, str(item.item_id), passing)
    if (item.sha256 and passing.sha256 != item.sha256) or (item.size is not None and passing.size != item.size):
        raise NotTheItem
    if said.good and (said.md5 != passing.md5 or not said.file):
        return CallResult(error=fault(TipFault.DIFFERENT_BYTES))
    return CallResult(said)


def _kept(pieces: Iterable[bytes], keep: Callable[[], None]) -> Iterator[bytes]:
    for piece in pieces:
        keep()
        yield piece


def _length(said: str) -> int | None:
    return whole_number(said)
