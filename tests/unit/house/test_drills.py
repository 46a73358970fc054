"""Long drills in parts: each drill in one part, parts of about the same length, and the page read as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripts import drills

NAMES = st.from_regex(r"[a-z_/]{1,12}", fullmatch=True)
RUNS = st.dictionaries(
    NAMES,
    st.builds(
        drills.Run,
        st.just("2026-12-02"),
        st.just("3d41fa90"),
        st.sampled_from(["passed", "failed"]),
        st.integers(0, 4000).map(float),
    ),
    max_size=12,
)


@given(RUNS, st.integers(1, 7))
def test_every_drill_is_in_one_part_and_parts_differ_by_one_drill(runs: dict[str, drills.Run], of: int) -> None:
    found = [drills.Drill(name, ()) for name in runs]
    parts = [drills.share(found, runs, part, of) for part in range(1, of + 1)]
    assert sorted(one.name for part in parts for one in part) == sorted(runs)
    long = [sum(runs[one.name].seconds for one in part) for part in parts]
    assert max(long) - min(long) <= max((run.seconds for run in runs.values()), default=0)


@given(RUNS)
def test_the_page_is_read_as_it_was_written(runs: dict[str, drills.Run]) -> None:
    assert drills.last_runs(drills.page_of(runs, [*runs, "never"])) == runs


def test_every_drill_has_a_file_to_run() -> None:
    for drill in drills.drills():
        assert (drills.ROOT / drill.command[-1]).exists() or drill.name.startswith("fuzz/")


def test_a_part_or_a_drill_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert drills.main(["7/6"]) == 2
    assert drills.main(["no-such-drill"]) == 2
    assert "no-such-drill" in capsys.readouterr().err
