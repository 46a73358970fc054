"""From a match to the provider's desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx

from tutela import clock
from tutela.edge.outbox import Outbox
from tutela.exchange.candidate import Candidate, CandidateMatch
from tutela.exchange.release import SourceKind
from tutela.exchange.report_fields import Pdq
from tutela.matching import Match
from tutela.media import HASHER_ID, Hashed, Refused

PATH = "/api/v1/candidates"

# The desk understood and will say the same next time; everything else is worth another try, a wrong address included.
_FINAL = frozenset({400, 413, 415, 422})
# The desk has had this key with other words around it, such as an earlier time: the item was scanned again because an
# answer was lost on its way. The same key is the same candidate.
_HAS_IT = 409


@dataclass(frozen=True, slots=True)
class Named:
    """What the caller says about the item: its own reference, and where it was found."""

    item: str
    account: str | None = None
    service: str | None = None
    channel: str | None = None


def candidate(
    named: Named, result: Hashed | Refused, matches: Sequence[Match], *, shadow: bool, at: datetime
) -> Candidate:
    """The message for the desk. The result has digests, since something matched."""
    digests = result.digests
    if digests is None:
        raise ValueError("A match without digests is impossible.")
    frames = result.frames if isinstance(result, Hashed) else ()
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


def candidate_match(match: Match) -> CandidateMatch:
    """A match as it travels; one from a list of the provider's own says that no register stands behind it."""
    return CandidateMatch(
        list_id=match.list_id,
        list_version=match.list_version,
        entry_id=match.entry_id,
        source_kind=match.source,
        in_public_register=match.source == SourceKind.REGISTER,
        rule=match.rule,
        families=tuple(match.families),
        weak=match.weak,
        corroborated=match.corroborated,
        distance=match.distance,
        variant=match.variant,
        frame=match.frame,
        by_window=match.by_window,
    )


class Courier:
    """Brings what is due to the desk. `client` carries the desk's address and key."""

    def __init__(self, outbox: Outbox, client: httpx.Client) -> None:
        self._outbox, self._client = outbox, client

    def deliver(self) -> int:
        """Try everything that is due once; answers how many the desk took. Never raises for the desk's sake."""
        taken = 0
        for one in self._outbox.due(clock.now()):
            headers = {"Idempotency-Key": one.key, "Content-Type": "application/json"}
            try:
                status = self._client.post(PATH, content=one.body, headers=headers).status_code
            except httpx.HTTPError:
                status = 0
            if httpx.codes.is_success(status) or status == _HAS_IT:
                self._outbox.delivered(one.key)
                taken += 1
            elif status in _FINAL:
                self._outbox.refused(one.key, status)
            else:
                self._outbox.failed(one, clock.now())
        return taken
