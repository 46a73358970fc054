"""Which agreement of hashes counts, and for how much.

A rule answers a verdict or nothing. None of them starts an action: a verdict is a candidate for a human being.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tutela.matching.records import MIN_QUALITY

# At this distance PDQ's authors call two pictures the same; it is also the widest at which chunks find everything.
MAX_DISTANCE = 31


class Family(StrEnum):
    """A kind of hash. Digests of the same bytes are related to each other; how a picture looks is another matter."""

    MD5 = "md5"
    SHA1 = "sha1"
    SHA256 = "sha256"
    PDQ = "pdq"
    STRUCTURE = "structure"


DIGEST_FAMILIES = frozenset({Family.MD5, Family.SHA1, Family.SHA256})


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that agrees between one item and one entry. Distance in bits; qualities 0-100, of both sides.

    `by_window`: the looks agree only between parts of the pictures, or a part and the other's whole.
    """

    families: frozenset[Family]
    distance: int | None = None
    quality_seen: int | None = None
    quality_listed: int | None = None
    by_window: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule's answer. `weak`: the agreement can be produced on purpose by anybody who wants to."""

    rule: str
    families: frozenset[Family]
    weak: bool = False
    by_window: bool = False

    @property
    def corroborated(self) -> bool:
        """Two unrelated families agree: the bytes and the look, or two looks that are unrelated.

        - MD5, SHA-1 and SHA-256 are all computed from the same bytes, so that one of them does not corroborate another.
        - PDQ keeps frequencies of the whole picture, structure keeps local steps: a collision of one is none of the
          other (decision 0010).
        - Windows never corroborate: a part that looks alike says nothing of what lies around it.
        - Also a corroborated match is confirmed by a human being before anything is done.
        """
        other = DIGEST_FAMILIES | {Family.STRUCTURE}
        return not self.by_window and Family.PDQ in self.families and bool(self.families & other)


type Rule = Callable[[Evidence], Verdict | None]


def exact_sha256(evidence: Evidence) -> Verdict | None:
    """The same bytes.

    - SHA-256 agrees in all bits.
    - It is a candidate: the bytes are those of the entry, but the entry itself may be wrong.
    """
    if Family.SHA256 in evidence.families:
        return Verdict("exact-sha256", counted(evidence))
    return None


def near_pdq(evidence: Evidence) -> Verdict | None:
    """The same picture, perhaps re-encoded.

    - The PDQ distance is at most 31 of 256 bits.
    - Both hashes have a quality of at least 50; near-empty pictures resemble one another.
    - It is a candidate: such neighbours can be made on purpose and exist by chance.
    """
    if _looks_alike(evidence) and not evidence.by_window:
        return Verdict("near-pdq", evidence.families)
    return None


def near_window(evidence: Evidence) -> Verdict | None:
    """A part of one picture, or its whole, looks like a part of the other, or its whole.

    - The distance and the qualities are those of `near_pdq`.
    - A listed part covers at least 64 % of the listed picture.
    - It is a candidate that is never corroborated: a human being says whether the listed item is in the picture.
    """
    if _looks_alike(evidence) and evidence.by_window:
        return Verdict("near-window", evidence.families, by_window=True)
    return None


def exact_legacy(evidence: Evidence) -> Verdict | None:
    """The same old digest, and nothing stronger.

    - MD5 or SHA-1 agrees in all bits.
    - It is a weak candidate: collisions of both are made in practice.
    """
    if evidence.families & {Family.MD5, Family.SHA1}:
        return Verdict("exact-legacy", counted(evidence), weak=True)
    return None


def counted(evidence: Evidence) -> frozenset[Family]:
    """The families whose agreement counts: a far or poor look, or that of a part, corroborates nothing."""
    if _looks_alike(evidence) and not evidence.by_window:
        return evidence.families
    return evidence.families - {Family.PDQ, Family.STRUCTURE}


def _looks_alike(evidence: Evidence) -> bool:
    distance, seen, listed = evidence.distance, evidence.quality_seen, evidence.quality_listed
    if Family.PDQ not in evidence.families or distance is None or seen is None or listed is None:
        return False
    return distance <= MAX_DISTANCE and min(seen, listed) >= MIN_QUALITY


# The strongest rule that applies names the match.
RULES: tuple[Rule, ...] = (exact_sha256, near_pdq, exact_legacy, near_window)


def judge(evidence: Evidence, rules: Sequence[Rule] = RULES) -> Verdict | None:
    """The verdict of the first rule that applies; None if nothing counts."""
    return next((verdict for rule in rules if (verdict := rule(evidence))), None)
