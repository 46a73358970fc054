"""Common to all tests. Folders that need the database have their own conftest, so that the others start at once.

With `CI=true` a skip fails the run unless `allowed_skips.txt` names its reason: what was not tried is not held.
"""

from __future__ import annotations

import gc
import os
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase, ReadOnlyDatabase

# A slow machine is no failing property. A drill tries twenty-five times as many examples, and keeps what fails for all.
COUNTEREXAMPLES = DirectoryBasedExampleDatabase(Path(__file__).with_name("counterexamples"))
DRILL = os.environ.get("DRILLS") == "long"
settings.register_profile(
    "tutela",
    deadline=None,
    max_examples=500 if DRILL else 20,
    database=COUNTEREXAMPLES if DRILL else ReadOnlyDatabase(COUNTEREXAMPLES),
)
settings.load_profile("tutela")

# Thousands of tests are collected and kept: looking through them for garbage took a twelfth of every run.
gc.set_threshold(50_000, 20, 20)
# A test that changes it starves what is started after it; encoders of video do.
PRIORITY = os.sched_getscheduler(0)
ALLOWED = Path(__file__).with_name("allowed_skips.txt")
_skipped: dict[str, str] = {}
# Seconds of each file, its fixtures included.
_took = Counter[str]()
LONGEST = 12


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: a test of more than ten seconds")
    if os.environ.get("COSTS"):
        from tests.support.costs_by_file import CostsByFile

        config.pluginmanager.register(CostsByFile())


def pytest_runtest_teardown(item: pytest.Item) -> None:
    assert os.sched_getscheduler(0) == PRIORITY, f"{item.nodeid} changed the process's scheduling"


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _took[report.location[0]] += report.duration
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped[report.nodeid] = _reason(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _skipped[report.nodeid] = _reason(report)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if refused() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if terminalreporter.config.option.durations:
        terminalreporter.section("slowest files")
        for file, seconds in _took.most_common(LONGEST):
            terminalreporter.write_line(f"{seconds:7.1f}s {file}")
    for nodeid, reason in refused().items():
        terminalreporter.write_line(f"SKIP NOT ALLOWED {nodeid}: {reason}", red=True)


def refused() -> dict[str, str]:
    """Skips that nobody allowed, by test; none outside continuous integration."""
    if os.environ.get("CI", "").lower() not in ("true", "1"):
        return {}
    patterns = [line for line in ALLOWED.read_text().splitlines() if line and not line.startswith("#")]
    return {
        nodeid: reason
        for nodeid, reason in _skipped.items()
        if not any(fnmatch(reason, pattern) for pattern in patterns)
    }


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")
