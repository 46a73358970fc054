"""A run of the benches: what fails it, what it writes, and that a quick one writes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))

import freshness
import page
import run

BENCH = Path(run.__file__).parent
FIGURE = "FIGURE digests_ratio 2 × target >=1"
LOW = "FIGURE digests_ratio 0.5 × target >=1"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The page, elsewhere, with a section of an earlier run."""
    place = tmp_path / "performance.md"
    place.write_text(page.merge("", {"digests": "earlier\n"}, ["digests"]))
    monkeypatch.setattr(page, "PAGE", place)
    monkeypatch.setattr(freshness, "warnings", lambda sections: [])
    return place


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize(
    ("script", "ends"),
    [
        (f"print({FIGURE!r})", 0),
        (f"print({LOW!r})", 0),
        ("print('SKIPPED no peer')", 0),
        ("print('# a note')", 1),
        (f"print({FIGURE!r}); raise SystemExit('the answers differ')", 1),
    ],
    ids=["figure", "below", "skipped", "silent", "broken"],
)
def test_run(
    written: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, ends: int, quick: bool
) -> None:
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "digests.py").write_text(script)
    monkeypatch.setattr(run, "BENCH", tmp_path / "bench")
    monkeypatch.setattr(run, "QUICK", quick)
    before = written.read_text()
    assert run.main(["digests"]) == (1 if quick and "SKIPPED" in script else ends), "what did not run says nothing"
    assert (written.read_text() == before) == (quick or "SKIPPED" in script)


def test_a_script_that_lacks_what_it_needs_says_so_and_ends_well() -> None:
    command = [sys.executable, "-c", "import figures; figures.machine(); figures.skip('no peer')"]
    done = subprocess.run(command, cwd=BENCH, env=os.environ, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "SKIPPED no peer"
    assert run.skipped(done.stdout.splitlines())
    assert "SIMD" in done.stdout


@pytest.mark.parametrize(("quick", "patience"), [(True, "20"), (False, "1")])
def test_a_script_of_a_quick_run_waits_longer_for_what_must_come(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, quick: bool, patience: str
) -> None:
    script = "from tests.support.patience import PATIENCE; print(f'FIGURE patience {PATIENCE} times target none')"
    (tmp_path / "patience.py").write_text(script)
    monkeypatch.setattr(run, "BENCH", tmp_path)
    monkeypatch.setattr(run, "QUICK", quick)
    monkeypatch.setenv("PYTHONPATH", f"{run.ROOT}:{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.delenv("PATIENCE", raising=False)
    assert run.run("patience").lines == [f"FIGURE patience {patience} times target none"]


def test_a_quick_run_begins_with_the_long_scripts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("digests", "tour"):
        (tmp_path / f"{name}.py").write_text(f"print('FIGURE {name} 1 s target none')")
    monkeypatch.setattr(run, "BENCH", tmp_path)
    monkeypatch.setattr(run, "QUICK", True)
    assert [name for name, _ in run.runs(["digests", "tour"])] == ["tour", "digests"]
