"""Anomaly rules: find hashes that do not look like assessed material, deterministically.

For one proposal, including its windows:
- *crowded*: practically identical to `CROWD` or more others. Variants of one image are one indicator; many indicators
  around one image are an attempt to match similar images.
- *bits*: a PDQ hash has 128 of its 256 bits set, by its median. A hash with more than `FAR` more or fewer was made up.
- *parts*: more than `PARTS` windows for each hash of a whole image. Their distance to it is no evidence: a cut of a
  tenth on each side of a real image may share nothing with it by PDQ.

For the frames of a video:
- *bits*, as above.
- *incoherent*: most neighbouring frames have nothing in common, as if each came from a different image.

For a sufficiently large batch:
- *batch_bits*: more than a tenth of its PDQ hashes have more than `OFF` bits too many or too few.
- *clustered*: more than a quarter of the bits are the same in nearly all of its hashes: variants of one image.
- *flat*: the median of its qualities is below `FLAT`: images with so little detail resemble one another.

For a batch compared with earlier imports of the same organisation, after `BATCHES` imports:
- *larger*: ten times its largest import so far, and more than `LARGE`.
- *flatter*: its median quality is `FALL` points below the earlier one.
- *bare*: the share of entries without any digest exceeds the earlier share by half of the whole.

Other rules:
- *size*: more by imports within a day than the Centre allows the organisation (`import_quotas`).
- *proposals_per_hour*: a run from a partner list exceeds the hourly rate limit of the policy (`proposals`).

An outlier proves nothing: the material is held until a person at the Centre has checked it (`quarantine`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from tutela.exchange.register.reason_codes import HoldReason

BITS = 256
# Six standard deviations of a random hash, and three.
FAR, OFF = 48, 24
CROWD = 10
# What the hasher lists of a picture: three cuts, and what is left within bars, twice at most.
PARTS = 5
# Frames of fewer are too few to say. Hashes of different pictures differ in 128 bits, by eight more or fewer; those
# of a film that moves fast in 118 or so, of one that stands still in a few.
FEW, APART = 60, 124
# Below so many hashes a batch's statistics say nothing.
ENOUGH = 50
FLAT, FALL = 60, 20
BATCHES, LARGE = 5, 1000
_TENTH, _QUARTER, _HALF, _NEARLY_ALL = 0.1, 0.25, 0.5, 0.95


@dataclass(frozen=True)
class Odd:
    """A rule that was broken, and the figures of its text."""

    code: HoldReason
    values: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """A batch in a few numbers: entries, those without a digest, PDQ hashes, their median quality."""

    entries: int
    bare: int
    looks: int
    quality: int


@dataclass(frozen=True)
class PdqNumber:
    """A PDQ hash as a number, and its quality."""

    value: int
    quality: int

    @property
    def off(self) -> int:
        """Difference between the number of set bits and half of all bits."""
        return abs(self.value.bit_count() - BITS // 2)


def of_one(looks: Sequence[PdqNumber], neighbours: int) -> list[Odd]:
    """Return the anomalies of one proposal.

    `neighbours` counts others that are nearly identical to one of its hashes.
    """
    found = list[Odd]()
    if neighbours >= CROWD:
        found.append(Odd(HoldReason.CROWDED, {"count": neighbours}))
    worst = max((one.off for one in looks), default=0)
    if worst > FAR:
        found.append(Odd(HoldReason.BITS, {"count": worst}))
    return found


def of_parts(wholes: int, parts: int) -> list[Odd]:
    """Return anomalies in the number of a proposal's windows relative to its whole-image hashes."""
    if parts <= PARTS * max(1, wholes):
        return []
    return [Odd(HoldReason.PARTS, {"count": parts, "wholes": wholes, "most": PARTS})]


def of_film(frames: Sequence[PdqNumber]) -> list[Odd]:
    """Return the anomalies of a video's frames, given in their order."""
    found = of_one(frames, 0)
    apart = [(one.value ^ after.value).bit_count() for one, after in pairwise(frames)]
    if len(frames) >= FEW and (middle := median(apart)) > APART:
        found.append(Odd(HoldReason.INCOHERENT, {"count": round(middle), "bits": BITS}))
    return found


def of_batch(looks: Sequence[PdqNumber]) -> list[Odd]:
    """Return the anomalies of a batch by itself."""
    if len(looks) < ENOUGH:
        return []
    found, count = list[Odd](), len(looks)
    off = sum(one.off > OFF for one in looks)
    if off > _TENTH * count:
        found.append(Odd(HoldReason.BATCH_BITS, {"off": off, "count": count}))
    same = _constant(looks)
    if same > _QUARTER * BITS:
        found.append(Odd(HoldReason.CLUSTERED, {"same": same, "bits": BITS, "count": count}))
    quality = median(one.quality for one in looks)
    if quality < FLAT:
        found.append(Odd(HoldReason.FLAT, {"quality": round(quality), "count": count}))
    return found


def of_history(batch: Profile, before: Sequence[Profile]) -> list[Odd]:
    """Return anomalies of a batch compared with earlier batches of the same organisation."""
    if len(before) < BATCHES:
        return []
    found, largest = list[Odd](), max(one.entries for one in before)
    if batch.entries > LARGE and batch.entries > 10 * largest:
        found.append(Odd(HoldReason.LARGER, {"count": batch.entries, "before": largest}))
    qualities = [one.quality for one in before if one.looks]
    if qualities and batch.looks >= ENOUGH and batch.quality <= median(qualities) - FALL:
        found.append(Odd(HoldReason.FLATTER, {"quality": batch.quality, "before": round(median(qualities))}))
    share, was = _bare([batch]), _bare(before)
    if batch.entries >= ENOUGH and share >= was + _HALF:
        found.append(Odd(HoldReason.BARE, {"share": round(100 * share), "before": round(100 * was)}))
    return found


def profile(entries: int, bare: int, looks: Sequence[PdqNumber]) -> Profile:
    """A batch in its numbers."""
    quality = int(median(one.quality for one in looks)) if looks else 0
    return Profile(entries, bare, len(looks), quality)


def _bare(profiles: Sequence[Profile]) -> float:
    return sum(one.bare for one in profiles) / max(1, sum(one.entries for one in profiles))


def _constant(looks: Sequence[PdqNumber]) -> int:
    """Return the number of bits that are set, or unset, in nearly all hashes.

    The bits are counted all at once: `planes[n]` has the binary digit n of each bit's count.
    """
    planes = list[int]()
    for one in looks:
        carry, n = one.value, 0
        while carry:
            if n == len(planes):
                planes.append(0)
            planes[n], carry = planes[n] ^ carry, planes[n] & carry
            n += 1
    counts = [sum((plane >> bit & 1) << n for n, plane in enumerate(planes)) for bit in range(BITS)]
    nearly = _NEARLY_ALL * len(looks)
    return sum(count >= nearly or len(looks) - count >= nearly for count in counts)
