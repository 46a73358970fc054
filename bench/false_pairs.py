"""What is found that is something else: of Tutela and of PDQ as its peers run it, on the same pairs of pictures."""

from __future__ import annotations

import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from same_content import same
from subjects import RADIUS, Asked, Subject, entry, hashes_of, matrix

from tutela.matching import HammingIndex, Match, MatchList
from tutela.media.results import WHOLE, WindowKind

# The peer's radius is sought up to here.
WIDEST = 60
AT_ONCE, FRAMES_AT_ONCE = 4096, 256

type Pair = tuple[int, int]


@dataclass
class FalsePairs:
    """Ordered pairs (upload, entry) of different content: candidates, by the whole, corroborated; and the left out.

    `twos` and `corroborated_twos` count two pictures once, whichever of them is the upload.
    """

    pairs: int
    candidates: int
    by_whole: int
    corroborated: int
    same: frozenset[Pair]
    twos: int = 0
    corroborated_twos: int = 0
    # All pairs that were found; candidates of the second pass besides, and its twos.
    found: frozenset[Pair] = frozenset()
    second: int = 0
    second_twos: int = 0
    second_same: int = 0

    def most(self, twos: int) -> float:
        """The exact upper 95 % bound of how often an upload and an entry are such a pair, by so many twos.

        Two pictures seen from both sides are one observation, and of those there are half as many.
        """
        return at_most(twos) / (self.pairs / 2)


def near(asked: list[Asked], listed: list[Asked], radius: int) -> Iterator[tuple[Asked, Asked, int]]:
    """Hashes of two pictures within the radius, and how many bits apart."""
    index = HammingIndex(matrix(listed))
    for first in range(0, len(asked), AT_ONCE):
        part = asked[first : first + AT_ONCE]
        found = index.query(matrix(part), radius)
        for query, one in enumerate(part):
            for place, distance in found.of(query):
                if listed[place].picture != one.picture:
                    yield one, listed[place], distance


def matched(subjects: list[Subject], known: MatchList, *, again: bool = False) -> dict[Pair, Match]:
    """What the list answers for every picture, but for the entry of the picture itself; if `again`, a second time."""
    numbers, found = {entry(number): number for number in range(len(subjects))}, dict[Pair, Match]()
    for first in range(0, len(subjects), FRAMES_AT_ONCE):
        some = subjects[first : first + FRAMES_AT_ONCE]
        for upload, answer in enumerate(
            known.match_all([(None, (one.again if again else one.asked,)) for one in some]), first
        ):
            found |= {(upload, other): match for match in answer if (other := numbers[match.entry_id]) != upload}
    return found


def false_pairs(subjects: list[Subject], known: MatchList) -> FalsePairs:
    """Look every picture up in the list of all, by the rules that the list goes by.

    Which windows agree is asked of an index besides, so that pairs of the same content can be left out.
    """
    listed = listed_hashes(subjects)
    asked = [one for number, s in enumerate(subjects) for one in hashes_of(number, s.asked)]
    agreeing: dict[Pair, list[tuple[Asked, Asked]]] = defaultdict(list)
    for one, other, _ in near(asked, listed, RADIUS):
        agreeing[one.picture, other.picture].append((one, other))
    matches = matched(subjects, known)
    assert set(matches) == set(agreeing), "the list and an index of its hashes find different pairs"
    identical = set[Pair]()
    for pair, looks in agreeing.items():
        upload, entered = subjects[pair[0]].small, subjects[pair[1]].small
        if any(same(upload, a.box, a.variant, entered, b.box) for a, b in looks):
            identical.add(pair)
    wrong = {pair: match for pair, match in matches.items() if pair not in identical}
    sure = [pair for pair, match in wrong.items() if match.corroborated]
    return FalsePairs(
        len(subjects) * (len(subjects) - 1) - len(identical),
        len(wrong),
        sum(not match.by_window for match in wrong.values()),
        len(sure),
        frozenset(identical),
        len(set(map(frozenset, wrong))),
        len(set(map(frozenset, sure))),
        found=frozenset(matches),
    )


def with_second_pass(seen: FalsePairs, subjects: list[Subject], known: MatchList) -> FalsePairs:
    """Add the candidates of the second pass: pairs of different content that the first one did not find.

    What was cut out as a part of a collage may be the listed picture, and then the pair is of the same content. What
    was turned back or uncovered is compared as it was before, as a whole.
    """
    later = {pair for pair in matched(subjects, known, again=True) if pair not in seen.found}
    parts = same_parts(subjects, later)
    # No picture is mirrored by the second pass.
    wrong = [
        (upload, entered)
        for upload, entered in later - parts
        if not same(subjects[upload].small, WHOLE, 0, subjects[entered].small, WHOLE)
    ]
    return replace(
        seen, second=len(wrong), second_twos=len(set(map(frozenset, wrong))), second_same=len(later) - len(wrong)
    )


def same_parts(subjects: list[Subject], pairs: set[Pair]) -> set[Pair]:
    """Those of the pairs in which a part of the upload shows the same as the entry."""
    asked = list[Asked]()
    for number in sorted({upload for upload, _ in pairs}):
        again = subjects[number].again
        panes = tuple(one for one in again.windows if one.kind is WindowKind.PANE)
        asked += hashes_of(number, replace(again, windows=panes))
    return {
        (one.picture, other.picture)
        for one, other, _ in near(asked, listed_hashes(subjects), RADIUS)
        if (one.picture, other.picture) in pairs
        and same(subjects[one.picture].small, one.box, one.variant, subjects[other.picture].small, other.box)
    }


def listed_hashes(subjects: list[Subject]) -> list[Asked]:
    """The hashes of the list: of each picture upright, and of its windows."""
    listed = [one for number, s in enumerate(subjects) for one in hashes_of(number, s.listed)[:1]]
    return listed + [one for number, s in enumerate(subjects) for one in hashes_of(number, s.listed)[8:]]


def at_most(count: int) -> float:
    """The exact upper 95 % bound of a Poisson mean of which `count` were seen; 3.0 for none."""
    low, high = 0.0, 10.0 + 3 * count
    for _ in range(60):
        mean = (low + high) / 2
        below = sum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1))
        low, high = (mean, high) if below > 0.05 else (low, mean)
    return high


def equal_budget(subjects: list[Subject], seen: FalsePairs) -> int:
    """The widest radius at which PDQ in eight positions gives no more false pairs than both passes do (at least 31).

    What is the same content for Tutela is so for the peer, and what is the same as a whole, at any distance, besides.
    """
    upright = [hashes_of(number, one.listed)[0] for number, one in enumerate(subjects)]
    eight = [one for number, s in enumerate(subjects) for one in hashes_of(number, s.asked)[:8]]
    looks: dict[Pair, list[tuple[int, int]]] = defaultdict(list)
    for one, other, distance in near(eight, upright, WIDEST):
        looks[one.picture, other.picture].append((distance, one.variant))
    counts = Counter[int]()
    for (a, b), found in looks.items():
        upload, entered = subjects[a].small, subjects[b].small
        alike = (a, b) in seen.same or any(same(upload, WHOLE, variant, entered, WHOLE) for _, variant in found)
        counts[256 if alike else min(found)[0]] += 1
    total, radius = 0, RADIUS
    for distance in range(WIDEST + 1):
        total += counts[distance]
        if total <= seen.candidates + seen.second:
            radius = max(RADIUS, distance)
    return radius
