"""Hash a streamed file and seal it at the same time if it is to be stored.

No clear byte reaches a disk.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.conf import settings

from tutela.exchange.referral.age_encryption import Sealer
from tutela.organisations.keys import sealed_files
from tutela.organisations.people.encryption_recipients import Recipient
from tutela.reports.evidence.storage import Inside, StoragePlan


@dataclass(frozen=True)
class Streamed:
    """Result of streaming a file: its digests, and its ciphertext or the reason for having none."""

    inside: Inside
    part: sealed_files.SealedFileWriter | None
    recipient: Recipient | None
    why_not: str

    def discard(self) -> None:
        """Throw the ciphertext away."""
        if self.part is not None:
            self.part.discard()

    def give_up(self, error: BaseException) -> None:
        """Abort after an error, like `sealed_files.SealedFileWriter.give_up`."""
        if self.part is not None:
            self.part.give_up(error)


class Stream:
    """Stream of one file. `write` its pieces, then `close`; `abort` on failure."""

    def __init__(self, name: str, plan: StoragePlan) -> None:
        """Raises `NoRoom`."""
        self._name, self._size = name, 0
        self._sums = [hashlib.md5(usedforsecurity=False), hashlib.sha1(usedforsecurity=False), hashlib.sha256()]
        self._recipient, self._why_not = plan.recipient, plan.why_not
        self._part: sealed_files.SealedFileWriter | None = None
        self._sealer: Sealer | None = None
        if plan.recipient is not None:
            self._part = sealed_files.begin()
            self._sealer = Sealer(plan.recipient.text, self._part)

    def write(self, piece: bytes) -> None:
        """Raises `NoRoom`; then nothing is kept."""
        self._size += len(piece)
        for one in self._sums:
            one.update(piece)
        if self._size > settings.CONFIG.evidence_max_bytes:
            self._give_up("too_large")
        if self._sealer is not None:
            try:
                self._sealer.write(piece)
            except BaseException:
                self.abort()
                raise

    def close(self) -> Streamed:
        """Finish and return the result. Raises `NoRoom`; then nothing is kept."""
        if self._sealer is not None:
            try:
                self._sealer.close()
            except BaseException:
                self.abort()
                raise
        md5, sha1, sha256 = (one.hexdigest() for one in self._sums)
        inside = Inside(self._name, self._size, sha256, sha1, md5)
        return Streamed(inside, self._part, self._recipient, self._why_not)

    def abort(self) -> None:
        """Keep nothing."""
        self._give_up(self._why_not)

    def _give_up(self, why: str) -> None:
        if self._sealer is not None:
            self._sealer.abort()
        if self._part is not None:
            self._part.discard()
        if self._recipient is not None:
            self._why_not = why
        self._sealer = self._part = self._recipient = None
