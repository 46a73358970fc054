"""Rules for which agreement of hashes counts, and for how much.

A rule returns a verdict or nothing. No rule starts an action: a verdict is a candidate for a human being.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tutela.matching.files.records import MAX_DISTANCE, MIN_QUALITY
from tutela.matching.video.similarity import THRESHOLDS, Shared, Thresholds

# A second hash corroborates a PDQ hash that is nearer than it must be for a candidate. Pictures of a series (one map in
# two editions, one window in two languages) agree in both hashes, but lie 24 bits apart or more; copies seldom do.
CORROBORATING_DISTANCE = 20
# How far a restored picture may lie from an entry without a second hash.
RESTORED_ALONE_DISTANCE = 20


class Family(StrEnum):
    """A kind of hash. Digests of the same bytes are related to each other; how a picture looks is another matter."""

    MD5 = "md5"
    SHA1 = "sha1"
    SHA256 = "sha256"
    PDQ = "pdq"
    STRUCTURE = "structure"


DIGEST_FAMILIES = frozenset({Family.MD5, Family.SHA1, Family.SHA256})


@dataclass(frozen=True, slots=True)
class MatchEvidence:
    """All that agrees between one item and one entry. Distance in bits; qualities 0-100, of both sides.

    `by_window`: the looks agree only between parts of the pictures, or a part and the other's whole. `listed_video`:
    the entry is a video. `shared`: the item is one, and this is what agrees; `thresholds`: from which percentages on.
    `restored`: what agrees is the picture as it may have been before it was changed, in all hashes of the entry.
    `stretched`: the picture has too little contrast, and agrees once that is stretched; `by_window` is then true too.
    """

    families: frozenset[Family]
    distance: int | None = None
    quality_seen: int | None = None
    quality_listed: int | None = None
    by_window: bool = False
    listed_video: bool = False
    shared: Shared | None = None
    thresholds: Sequence[Thresholds] = THRESHOLDS
    restored: bool = False
    stretched: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule's answer. `weak`: the agreement can be produced on purpose by anybody who wants to."""

    rule: str
    families: frozenset[Family]
    weak: bool = False
    by_window: bool = False

    @property
    def corroborated(self) -> bool:
        """Two unrelated families agree: digest and perceptual hash, or two perceptual hashes.

        - MD5, SHA-1 and SHA-256 are all computed from the same bytes, so that one of them does not corroborate another.
        - PDQ keeps frequencies of the whole picture, structure keeps local steps: a collision of one is none of the
          other (decision 0010).
        - Windows never corroborate: a part that is visually similar says nothing about its surroundings.
        - Also a corroborated match is confirmed by a human being before anything is done.
        """
        other = DIGEST_FAMILIES | {Family.STRUCTURE}
        return not self.by_window and Family.PDQ in self.families and bool(self.families & other)


type Rule = Callable[[MatchEvidence], Verdict | None]


def exact_sha256(evidence: MatchEvidence) -> Verdict | None:
    """Match of identical bytes.

    - SHA-256 agrees in all bits.
    - It is a candidate: the bytes are those of the entry, but the entry itself may be wrong.
    """
    if Family.SHA256 in evidence.families:
        return Verdict("exact-sha256", counted(evidence))
    return None


def near_pdq(evidence: MatchEvidence) -> Verdict | None:
    """Match of the same picture, perhaps re-encoded.

    - The PDQ distance is at most 31 of 256 bits.
    - Both hashes have a quality of at least 50; near-empty pictures resemble one another.
    - It is a candidate: such neighbours can be made on purpose and exist by chance.
    - For a video that is looked up, any frame counts: it shows the listed picture.
    """
    if _looks_alike(evidence) and not evidence.by_window and not evidence.listed_video:
        return Verdict("near-pdq", counted(evidence))
    return None


def near_frame(evidence: MatchEvidence) -> Verdict | None:
    """A picture that looks like a frame of a listed video.

    - The distance and the qualities are those of `near_pdq`.
    - It is a candidate: a title or a black frame with a line of text is in many videos.
    """
    alone = evidence.listed_video and evidence.shared is None
    if alone and _looks_alike(evidence) and not evidence.by_window:
        return Verdict("near-frame", counted(evidence))
    return None


def near_video(evidence: MatchEvidence) -> Verdict | None:
    """Match of the same video, a longer one that contains it, or a clip of it.

    - Frames agree as in `near_pdq`; the query's and the compared percentage reach a pair of thresholds.
    - At least two different frames of either side agree.
    - It is corroborated if the frames that agree in structure too reach a pair.
    - Parts of frames count if whole ones do not reach a pair; it is then marked and never corroborated.
    """
    if _of_videos(evidence) and evidence.shared is not None and evidence.shared.reaches(evidence.thresholds):
        return _verdict_of_videos("near-video", evidence)
    return None


def near_segment(evidence: MatchEvidence) -> Verdict | None:
    """A scene of a listed video among others.

    - At least five different frames on end, as they were sampled, agree with as many different ones of the entry.
    - It is a candidate and never corroborated by its looks: opening titles are shared by many videos.
    - Parts of frames count as in `near_video`.
    """
    if _of_videos(evidence) and evidence.shared is not None and evidence.shared.segment:
        return _verdict_of_videos("near-segment", evidence)
    return None


def near_window(evidence: MatchEvidence) -> Verdict | None:
    """A part of one picture, or its whole, looks like a part of the other, or its whole.

    - The distance and the qualities are those of `near_pdq`.
    - A listed part covers at least 64 % of the listed picture.
    - The match is a candidate that is never corroborated: a human being decides whether the listed item is in the
      picture.
    """
    guessed = evidence.restored or evidence.stretched
    if _looks_alike(evidence) and evidence.by_window and not _shared_by_videos(evidence) and not guessed:
        return Verdict("near-window", evidence.families, by_window=True)
    return None


def near_stretched(evidence: MatchEvidence) -> Verdict | None:
    """A picture with too little contrast that looks like the listed one once its contrast is stretched.

    - The distance is that of `near_pdq`; so is the quality, of the picture once it is stretched.
    - At least 225 of its 256 bits hold against the rounding of its levels, which the hasher has checked.
    - The match is a candidate that is never corroborated: a human being decides whether it is the listed picture.
    """
    if _looks_alike(evidence) and evidence.stretched and not _shared_by_videos(evidence):
        return Verdict("near-stretched", evidence.families - {Family.STRUCTURE}, by_window=True)
    return None


def near_restored(evidence: MatchEvidence) -> Verdict | None:
    """A picture that looks like the listed one once it is turned back, uncovered, or taken out of a collage.

    - The distance and the qualities are those of `near_pdq`, and the second hash agrees as well. Of an entry without
      one the distance is at most 20.
    - The match is a candidate that is never corroborated: that the picture was changed is a guess.
    """
    if _looks_alike(evidence) and evidence.restored:
        return Verdict("near-restored", evidence.families - {Family.STRUCTURE}, by_window=True)
    return None


def exact_legacy(evidence: MatchEvidence) -> Verdict | None:
    """Match of the same MD5 or SHA-1 digest, and nothing stronger.

    - MD5 or SHA-1 agrees in all bits.
    - It is a weak candidate: collisions of both are made in practice.
    """
    if evidence.families & {Family.MD5, Family.SHA1}:
        return Verdict("exact-legacy", counted(evidence), weak=True)
    return None


def counted(evidence: MatchEvidence) -> frozenset[Family]:
    """The families whose agreement counts: a far or poor look, or that of a part, corroborates nothing.

    Of a look between 21 and 31 bits PDQ counts, and its second hash does not. Of two videos PDQ counts if their
    percentages or a segment do, and the second hash if the percentages of its own do.
    """
    if evidence.shared is not None and evidence.listed_video:
        shared = evidence.shared
        agree = not shared.by_window and (shared.reaches(evidence.thresholds) or shared.segment)
        counts = {Family.PDQ} if agree else set[Family]()
        counts |= {Family.STRUCTURE} if shared.reaches_strictly(evidence.thresholds) else set()
        return evidence.families - {Family.PDQ, Family.STRUCTURE} | (evidence.families & counts)
    if _looks_alike(evidence) and not evidence.by_window:
        near = evidence.distance is not None and evidence.distance <= CORROBORATING_DISTANCE
        return evidence.families if near else evidence.families - {Family.STRUCTURE}
    return evidence.families - {Family.PDQ, Family.STRUCTURE}


def _shared_by_videos(evidence: MatchEvidence) -> bool:
    return evidence.listed_video and evidence.shared is not None


def _of_videos(evidence: MatchEvidence) -> bool:
    return evidence.listed_video and _looks_alike(evidence)


def _verdict_of_videos(rule: str, evidence: MatchEvidence) -> Verdict:
    if evidence.by_window:
        return Verdict(rule, evidence.families - {Family.STRUCTURE}, by_window=True)
    return Verdict(rule, counted(evidence))


def _looks_alike(evidence: MatchEvidence) -> bool:
    distance, seen, listed = evidence.distance, evidence.quality_seen, evidence.quality_listed
    if Family.PDQ not in evidence.families or distance is None or seen is None or listed is None:
        return False
    return distance <= MAX_DISTANCE and min(seen, listed) >= MIN_QUALITY


# The strongest rule that applies names the match.
RULES: tuple[Rule, ...] = (
    exact_sha256,
    near_pdq,
    near_video,
    near_frame,
    near_segment,
    exact_legacy,
    near_window,
    near_stretched,
    near_restored,
)


def judge(evidence: MatchEvidence, rules: Sequence[Rule] = RULES) -> Verdict | None:
    """The verdict of the first rule that applies; None if nothing counts."""
    return next((verdict for rule in rules if (verdict := rule(evidence))), None)
