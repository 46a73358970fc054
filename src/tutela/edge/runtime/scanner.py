"""Scan pictures and look up hashes for a caller. Plain functions of bytes; `app` adds HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tutela import clock
from tutela.edge.active_lists.lists_in_use import LiveList, LiveLists, Subject
from tutela.edge.errors import NoTrustedListError, QueueFullError
from tutela.edge.runtime.lookup_query import Lookup, frame_of
from tutela.edge.runtime.metrics import Metrics
from tutela.edge.runtime.second_pass import SecondPass, WaitingPicture
from tutela.edge.runtime.settings import Detection, FailurePolicy, UndecodedPolicy
from tutela.edge.spool.candidates import NamedItem, candidate
from tutela.edge.spool.outbox import CandidateSink, Outbox
from tutela.edge.spool.unscanned import UnscannedQueue
from tutela.edge.spool.unscanned_entry import unscanned
from tutela.matching import Match
from tutela.matching.lists.rules import DIGEST_FAMILIES
from tutela.media import Code, FrameHash, Hashed, Refused
from tutela.scan.hasher import Hasher
from tutela.scan.item_json import as_json, described
from tutela.scan.outcome import Status, code_of, status_of


@dataclass(frozen=True, slots=True)
class Settled:
    """Result of matching one item seen at `at`: the matches, the lists used, and the candidate if there is one.

    `sure`: a match is exact or corroborated, so that nothing more is to be found out.
    """

    matches: list[Match]
    asked: list[LiveList]
    candidate: dict[str, Any] | None
    at: datetime
    sure: bool


@dataclass(frozen=True, slots=True)
class EdgePolicy:
    """Policy of an Edge: whether matches count for the desk, and the treatment of items that could not be scanned."""

    detection: Detection = Detection.SHADOW
    failure: FailurePolicy = FailurePolicy.HOLD
    sinks: tuple[CandidateSink, ...] = (CandidateSink.DESK,)
    undecoded: UndecodedPolicy = UndecodedPolicy.QUEUE


def never_seen(result: Hashed | Refused | None) -> bool:
    """True if no decoder was available, which says nothing about the item."""
    return isinstance(result, Refused) and result.code is Code.UNAVAILABLE


class EdgeService:
    """Safe to share between threads."""

    def __init__(
        self,
        lists: LiveLists,
        hasher: Hasher,
        outbox: Outbox,
        metrics: Metrics,
        policy: EdgePolicy,
        unscanned: UnscannedQueue,
        second: SecondPass | None = None,
    ) -> None:
        """`second`: for named pictures without a sure match, if this Edge has a second pass."""
        self.lists, self.outbox, self.metrics, self.unscanned = lists, outbox, metrics, unscanned
        self._hasher, self._policy, self._second = hasher, policy, second
        # With the lists themselves, so that none of them gives its place in memory to another.
        self._last_told: tuple[tuple[int, ...], bytes, list[LiveList]] = ((), b"", [])

    def scan(
        self,
        data: bytes,
        named: NamedItem | None,
        tenant: str,
        location: str | None = None,
        undecoded: UndecodedPolicy | None = None,
    ) -> dict[str, Any]:
        """Hash and match; accept a candidate durably before answering if a named item matches.

        `tenant` is the caller that sent the picture; its decoder handles no other caller's pictures. Without a trusted
        list, or without a decoder, the failure policy decides. The answer then says `scanned: false` and contains no
        matches. Raises NoTrustedListError where the item is to be held: above all, the answer is never "no match".

        A file without a perceptual hash is never `scanned: true`. Its digests are looked up, and for a picture or video
        the policy for undecoded items decides: that of the request (`undecoded`) or of this Edge. A picture that is too
        flat to be compared is held or passes; it is not queued, since a later scan would find no more.
        """
        started = time.perf_counter()
        try:
            self.lists.trusted()
        except NoTrustedListError as error:
            result = None if self._policy.failure is FailurePolicy.HOLD else self.hash(data, tenant)
            return self._unscanned(error, named, result, location, tenant)
        result = self.hash(data, tenant)
        if never_seen(result):
            return self._unscanned(NoTrustedListError("The decoders are not running."), named, None, location, tenant)
        try:
            settled = self.settle(result, named, clock.now())
        except NoTrustedListError as error:
            return self._unscanned(error, named, result, location, tenant)
        self.metrics.seconds.observe(time.perf_counter() - started)
        answer, status = self._answer(result, settled), status_of(result)
        answer["second_pass"] = self.offer_again(data, result, settled, named, tenant)
        policy = undecoded or self._policy.undecoded
        if status is Status.NOT_DECODED:
            answer |= self._not_decoded(result, named, location, tenant, policy)
        if status is Status.NOT_COMPARED:
            answer |= self._too_flat(policy)
        return answer

    def offer_again(
        self, data: bytes, result: Hashed | Refused, settled: Settled, named: NamedItem | None, tenant: str
    ) -> bool:
        """Return true if a named picture without a sure match now waits for the second pass."""
        if self._second is None or named is None or settled.sure or not isinstance(result, Hashed):
            return False
        found = frozenset((match.list_id, match.entry_id) for match in settled.matches)
        return self._second.offer(WaitingPicture(data, result, named, tenant, settled.at, found, self._settle_again))

    def _settle_again(self, one: WaitingPicture, frames: tuple[FrameHash, ...]) -> bool:
        """Accept the candidate of a second pass: entries that the first one did not find."""
        answers, asked = self.lists.match_all([(None, frames)])
        matches = [match for match in answers[0] if (match.list_id, match.entry_id) not in one.found]
        return self._settled(matches, asked, one.result, one.named, one.at).candidate is not None

    def _answer(self, result: Hashed | Refused, settled: Settled) -> dict[str, Any]:
        now, status = clock.now(), status_of(result)
        return {
            "scanned": status is Status.SCANNED,
            "status": status.value,
            **described(result),
            "matches": as_json(settled.matches),
            "lists": [live.describe(now) for live in settled.asked],
            "detection": self._policy.detection.value,
            "candidate": settled.candidate,
        }

    def _too_flat(self, policy: UndecodedPolicy) -> dict[str, Any]:
        policy = policy if policy is UndecodedPolicy.HOLD else UndecodedPolicy.PASS
        self.metrics.not_compared.labels(policy.value).inc()
        return {"policy": policy.value, "queued": False}

    def _not_decoded(
        self,
        result: Hashed | Refused,
        named: NamedItem | None,
        location: str | None,
        tenant: str,
        policy: UndecodedPolicy,
    ) -> dict[str, Any]:
        """Instruction to the caller for an undecoded item.

        An item that cannot be queued is held: nobody could find it again.
        """
        queued = False
        if policy is UndecodedPolicy.QUEUE:
            queued = named is not None and self._queued(named, result, location, tenant)
            policy = policy if queued else UndecodedPolicy.HOLD
        self.metrics.not_decoded.labels(code_of(result), policy.value).inc()
        return {"policy": policy.value, "queued": queued}

    def _queued(self, named: NamedItem, result: Hashed | Refused, location: str | None, tenant: str) -> bool:
        """Queue an item for a later scan if its bytes can be fetched again, otherwise for a person.

        False if the queue is full.
        """
        try:
            if location:
                self.unscanned.put([unscanned(named, clock.now(), result=None, location=location, tenant=tenant)])
            else:
                self.set_aside(named, result, clock.now(), tenant=tenant)
        except QueueFullError:
            return False
        return True

    def set_aside(
        self, named: NamedItem, result: Hashed | Refused, at: datetime, *, location: str | None = None, tenant: str = ""
    ) -> None:
        """Keep an item that no decoder could hash for a person. Durable on return. Raises QueueFullError."""
        self.unscanned.set_aside(unscanned(named, at, result=result, location=location, tenant=tenant))

    @property
    def decoders(self) -> str:
        """Isolation of the decoders."""
        return self._hasher.isolation

    def hash(self, data: bytes, tenant: str) -> Hashed | Refused:
        """Hash the bytes with the sandboxed hasher."""
        result = self._hasher.hash_bytes(data, tenant=tenant)
        hashed = isinstance(result, Hashed) and status_of(result) is not Status.NOT_COMPARED
        self.metrics.scans.labels("hashed" if hashed else code_of(result)).inc()
        return result

    def settle(self, result: Hashed | Refused, named: NamedItem | None, at: datetime) -> Settled:
        """Match one item and accept its candidate, seen at `at`. Raises NoTrustedListError."""
        frames = result.frames if isinstance(result, Hashed) else ()
        answers, asked = self.lists.match_all([(result.digests, frames)])
        return self._settled(answers[0], asked, result, named, at)

    def _settled(
        self,
        matches: list[Match],
        asked: list[LiveList],
        result: Hashed | Refused,
        named: NamedItem | None,
        at: datetime,
    ) -> Settled:
        """Accept the candidate of these matches. Only lists about child sexual abuse can produce one."""
        self._count(matches)
        reportable = {live.manifest.list_id for live in asked if live.subject is Subject.CSA}
        grounds = [match for match in matches if match.list_id in reportable]
        accepted = self._accept(named, result, grounds, at) if named and grounds else None
        sure = any(match.corroborated or DIGEST_FAMILIES & set(match.families) for match in grounds)
        return Settled(matches, asked, accepted, at, sure)

    def _unscanned(
        self,
        error: NoTrustedListError,
        named: NamedItem | None,
        result: Hashed | Refused | None,
        location: str | None,
        tenant: str,
    ) -> dict[str, Any]:
        policy, queued = self._policy.failure, False
        if policy is FailurePolicy.HOLD:
            raise error
        if policy is FailurePolicy.PASS_AND_QUEUE:
            # Digests of what no decoder looked at are not what it is known by: it is fetched and looked at.
            found = result if result is not None and result.digests is not None and not never_seen(result) else None
            if named is None or not (found or location):
                # What nobody could find again later must not pass.
                raise error
            entry = unscanned(named, clock.now(), result=found, location=location, tenant=tenant)
            self.unscanned.put([entry])
            queued = True
        self.metrics.passed.labels(policy.value).inc()
        status = Status.NO_LIST.value
        return {"scanned": False, "status": status, "reason": str(error), "policy": policy.value, "queued": queued}

    def lookup(self, query: Lookup) -> bytes:
        """Matches of each item in the order asked, as JSON. Nothing is delivered without an upload."""
        items = [(item, [frame_of(i, pdq) for i, pdq in enumerate(item.pdq)]) for item in query.items]
        answers, asked = self.lists.match_all(items)
        self.metrics.lookups.inc(len(items))
        found = [
            {"ref": item.ref, "matches": as_json(matches)} for item, matches in zip(query.items, answers, strict=True)
        ]
        return b'{"items":' + _json(found) + b',"lists":' + self._told(asked) + b"}"

    def _told(self, asked: list[LiveList]) -> bytes:
        """Description of the lists, rebuilt when the lists or a fifth of a second have changed."""
        now = clock.now()
        key = (*map(id, asked), int(now.timestamp() * 5))
        if self._last_told[0] != key:
            self._last_told = (key, _json([live.describe(now) for live in asked]), asked)
        return self._last_told[1]

    def _accept(
        self, named: NamedItem, result: Hashed | Refused, matches: Sequence[Match], at: datetime
    ) -> dict[str, Any]:
        detection = self._policy.detection
        shadow = detection is Detection.SHADOW
        message = candidate(named, result, matches, shadow=shadow, at=at)
        new = self.outbox.put(message.key(), message.to_bytes(), clock.now(), self._policy.sinks)
        if new:
            self.metrics.candidates.labels(detection.value).inc()
        return {"key": message.key(), "shadow": shadow, "new": new}

    def _count(self, matches: Sequence[Match]) -> None:
        for match in matches:
            self.metrics.matches.labels(match.list_id, match.rule, self._policy.detection.value).inc()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
