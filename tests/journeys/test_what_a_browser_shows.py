"""Damaged and unusual files in real Chromium and in the hasher: what is shown alike is found or refused.

Sixty files, in a drill three hundred; bench/evasion.py tries more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.drills import LONG
from tests.support.mutations import FORMATS, mutants
from tests.support.mutations.judging import Verdict, judged
from tutela.media import HasherPool

COUNT, LEAST_KINDS = 300 if LONG else 60, 60


@pytest.fixture(scope="module")
def pool() -> Iterator[HasherPool]:
    with HasherPool(workers=1) as pool:
        yield pool


def test_every_format_has_its_kinds_of_mutants_and_they_come_again_alike() -> None:
    for one in FORMATS:
        assert len(one.kinds(one.write(0))) >= LEAST_KINDS, one.name
    assert list(mutants(40, seed=1)) == list(mutants(40, seed=1))


def test_what_chromium_shows_like_the_original_is_found_or_refused(chromium: Browser, pool: HasherPool) -> None:
    files = list(mutants(COUNT))
    seen = list(judged(chromium, files, lambda data: pool.hash_bytes(data, tenant="house")))
    counts = Counter(one.verdict for one in seen)
    assert not [(one.mutant.format, one.mutant.kind) for one in seen if one.verdict is Verdict.ESCAPED]
    assert len(seen) == COUNT
    # The comparison means something only if most mutants are shown, and in every format.
    assert counts[Verdict.FOUND] > COUNT // 2
    assert {one.mutant.format for one in seen if one.verdict is Verdict.FOUND} == {one.name for one in FORMATS}
    alike = COUNT - counts[Verdict.OTHER]
    assert counts[Verdict.REFUSED] <= alike * 3 // 100, counts
