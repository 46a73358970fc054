"""Import batch as rows: its end, and everything that can be computed without the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.events.identifiers import case_number, uuid7
from tutela.indicators.hashes import blind_index, encryption, validation, video_frames
from tutela.indicators.imports.line_faults import LineFault
from tutela.indicators.imports.lines import BadLine, Proposal
from tutela.indicators.integrity import signing
from tutela.indicators.integrity.signing import RegisterSigner
from tutela.organisations.keys.envelope_encryption import current_id

LINES_AT_ONCE = 5_000
# A batch ends as well after so many hashes of frames: a film has thousands.
HASHES_AT_ONCE = 200_000
# A hash: id, indicator, kind, sealed, blind, quality, hasher, sketch, salt.
type _Row = tuple[UUID, UUID, str, bytes, bytes, int | None, str, int | None, bytes | None]


@dataclass
class Made:
    """A batch as rows of one moment: indicators, and their hashes; `signed` are their numbers and certifications."""

    at: datetime
    last: int = 0
    indicators: list[tuple[UUID, str, Proposal]] = field(default_factory=list)
    hashes: list[_Row] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)
    # So many lines were refused by what the register has, or was told of.
    told: int = 0
    signed: dict[UUID, tuple[str, bytes]] = field(default_factory=dict)
    # The data key by which the hashes are sealed, or an earlier one.
    key: bytes = b""


class Cut:
    """Cut into batches: the same entries in the same order always give the same batches."""

    def __init__(self, most: int) -> None:
        self._most, self._count, self._looks = most, 0, 0

    def after(self, one: Proposal | BadLine) -> bool:
        """Whether this one is the last of its batch."""
        self._count += 1
        self._looks += len(one.film.film.looks) if isinstance(one, Proposal) and one.film else 0
        if self._count < self._most and self._looks < HASHES_AT_ONCE:
            return False
        self._count = self._looks = 0
        return True


def prepared(batch: Iterable[Proposal | BadLine], signer: RegisterSigner | None) -> Made:
    """The rows of a batch, signed if there is who signs; a digest that an earlier line has is a bad line.

    While the batch before is being written: what can be worked out without the database is worked out here.
    """
    made, seen = Made(clock.now(), key=current_id()), set[bytes | str]()
    blind_of, seal = blind_index.blinding(), encryption.sealing()
    for one in batch:
        made.last = one.line
        if isinstance(one, BadLine):
            made.bad.append(one)
            continue
        blinds = [blind_of(g.kind, g.value) for g in one.given]
        if bad := _repeating(one, blinds, seen):
            made.bad.append(bad)
            continue
        indicator, number = uuid7(), case_number("I")
        made.indicators.append((indicator, number, one))
        salt = signing.drawn()
        if signer is not None:
            made.signed[indicator] = number, signed(signer, indicator, number, one, made.at, salt)
        made.hashes += [
            (
                uuid7(),
                indicator,
                g.kind,
                seal(g.value + g.structure),
                blind,
                g.quality,
                g.hasher,
                blind_index.sketch_of(g),
                salt if place == 0 else None,
            )
            for place, (g, blind) in enumerate(zip(one.given, blinds, strict=True))
        ]
    return made


def _repeating(one: Proposal, blinds: list[bytes], seen: set[bytes | str]) -> BadLine | None:
    """Return why a line is a duplicate of an earlier one; otherwise note its hashes and return None."""
    own = {blind for g, blind in zip(one.given, blinds, strict=True) if g.kind != validation.WINDOW}
    frames = {video_frames.whole(one.film.film)} if one.film else set[str]()
    if own & seen:
        return BadLine(one.line, "hashes", LineFault.EARLIER_DIGEST)
    if frames & seen:
        return BadLine(one.line, "frames", LineFault.EARLIER_FRAMES)
    seen |= own
    seen |= frames
    return None


def signed(signer: RegisterSigner, indicator: UUID, number: str, one: Proposal, at: datetime, salt: bytes) -> bytes:
    """The envelope of the proposal's own certification."""
    return signer.sign(_About(number, one), 1, [(g.kind, g.value) for g in one.given], at, indicator, salt)


class _About:
    """Content of a certification for one line."""

    def __init__(self, number: str, one: Proposal) -> None:
        self.number, self.media_type, self.classification = number, one.media_type, one.classification
