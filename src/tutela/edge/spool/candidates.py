"""Deliver a match to the provider's desk or to another system of the provider."""

from __future__ import annotations

import errno
import hmac
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
from pydantic import SecretStr

from tutela import clock
from tutela.edge.spool.outbox import CandidateSink, Outbox, WaitingMessage
from tutela.exchange.report.candidate import Candidate
from tutela.exchange.report.fields import Pdq
from tutela.matching import Match
from tutela.media import HASHER_ID, FrameHash, Hashed, Refused
from tutela.scan.item_json import candidate_match

PATH = "/api/v1/candidates"

# So many hashes a candidate may carry.
_MOST_FRAMES = 500
# The desk understood and will say the same next time; everything else is worth another try, a wrong address included.
_FINAL = frozenset({400, 413, 415, 422})
# The desk has had this key with other words around it, such as an earlier time: the item was scanned again because an
# answer was lost on its way. The same key is the same candidate.
_HAS_IT = 409
# Nobody answered, or somebody who stands before the desk: it is away, whichever candidate asks.
_AWAY = frozenset({0, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class NamedItem:
    """The caller's information about the item: its own reference, and where it was found."""

    item: str
    account: str | None = None
    service: str | None = None
    channel: str | None = None


def candidate(
    named: NamedItem, result: Hashed | Refused, matches: Sequence[Match], *, shadow: bool, at: datetime
) -> Candidate:
    """The message for the desk. The result has digests, since something matched."""
    digests = result.digests
    if digests is None:
        raise ValueError("A match without digests is impossible.")
    frames = _told(result, matches) if isinstance(result, Hashed) else ()
    pdq = tuple(Pdq(hash=f.pdq.hex(), quality=f.quality, hasher=HASHER_ID, frame=f.index) for f in frames)
    return Candidate(
        item=named.item,
        account=named.account,
        service=named.service,
        channel=named.channel,
        at=at,
        shadow=shadow,
        md5=digests.md5,
        sha1=digests.sha1,
        sha256=digests.sha256,
        size=digests.size,
        media_type=result.format if isinstance(result, Hashed) else None,
        pdq=pdq,
        matches=tuple(candidate_match(match) for match in matches),
    )


def _told(result: Hashed, matches: Sequence[Match]) -> Sequence[FrameHash]:
    """The frames whose hashes travel: all, or of a long video those that agree, and then the others from the first."""
    if len(result.frames) <= _MOST_FRAMES:
        return result.frames
    times = {time for match in matches if match.footage for time in match.footage.times_ms}
    numbers = {match.frame for match in matches}
    agreeing = [one for one in result.frames if one.index in numbers or one.time_ms in times]
    others = [one for one in result.frames if one not in agreeing]
    return sorted([*agreeing, *others][:_MOST_FRAMES], key=lambda one: one.index)


type Deliver = Callable[[WaitingMessage], int]


def to_desk(client: httpx.Client) -> Deliver:
    """Deliver over the desk's API; `client` carries its address and key."""
    return lambda one: _post(client, PATH, one, {})


def to_webhook(client: httpx.Client, secret: SecretStr | None) -> Deliver:
    """Deliver to an address of the provider's own, signed with HMAC-SHA256 over the body if there is a secret."""

    def deliver(one: WaitingMessage) -> int:
        signed = {}
        if secret is not None:
            signature = hmac.new(secret.get_secret_value().encode(), one.body, "sha256").hexdigest()
            signed["X-Tutela-Signature"] = f"sha256={signature}"
        return _post(client, "", one, signed)

    return deliver


def to_file(path: Path) -> Deliver:
    """Append durably to a JSON Lines file: one candidate per line, with its key."""

    def deliver(one: WaitingMessage) -> int:
        line = json.dumps({"key": one.key, "candidate": json.loads(one.body)}, ensure_ascii=False).encode() + b"\n"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        before = os.fstat(file).st_size
        try:
            if os.write(file, line) < len(line):
                raise OSError(errno.ENOSPC, "incompletely written")
            os.fsync(file)
        except OSError:
            os.truncate(file, before)  # half a line would spoil the next one
            return 0
        finally:
            os.close(file)
        return httpx.codes.OK

    return deliver


def _post(client: httpx.Client, path: str, one: WaitingMessage, more: dict[str, str]) -> int:
    headers = {"Idempotency-Key": one.key, "Content-Type": "application/json", **more}
    try:
        return client.post(path, content=one.body, headers=headers).status_code
    except httpx.HTTPError:
        return 0


class Courier:
    """Brings what is due to one sink. `deliver` answers an HTTP status, or 0 if it was not reached."""

    def __init__(self, outbox: Outbox, deliver: Deliver, sink: CandidateSink = CandidateSink.DESK) -> None:
        self._outbox, self._deliver, self._sink = outbox, deliver, sink
        self._away = False

    def deliver(self) -> int:
        """Try everything that is due once; answers how many were taken. Never raises for the sink's sake.

        While the sink is away one candidate a turn asks for it; with its first answer all that wait are due.
        """
        taken = 0
        for one in self._outbox.due(clock.now(), sink=self._sink):
            status = self._deliver(one)
            if httpx.codes.is_success(status) or status == _HAS_IT:
                self._outbox.delivered(one.key, self._sink)
                taken += 1
                if self._away:
                    self._outbox.hasten(clock.now(), self._sink)
                self._away = False
            elif status in _FINAL:
                self._outbox.refused(one.key, status, self._sink)
            else:
                self._outbox.failed(one, clock.now(), self._sink)
                self._away = status in _AWAY
                if self._away:
                    break
        return taken
