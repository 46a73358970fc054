"""Processor seconds of each file of tests, by program and by cause, for `tests/support/costs.py`.

With `COSTS_CAUSES` also by causes inside a test's own process: founding organisations and people, rendering pages,
encoding media. What a file costs includes its fixtures, and what its processes do until the next file begins.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest

from tests.support import costs

# The outermost of these that runs is the cause.
CAUSES = {
    "founding": (
        "tutela.organisations.people.bootstrap:found",
        "tutela.organisations.people.bootstrap:enrol",
        "tutela.organisations.people.bootstrap:found_node",
        "tests.support.cast:Cast.organisation",
        "tests.support.cast:Cast.person",
    ),
    "rendering": ("django.template.base:Template.render",),
    "encoding": (
        "tests.support.videos:*",
        "tests.support.films:*",
        "tests.support.pictures:*",
    ),
}


class CostsByFile:
    """A plugin of pytest; it is used where `COSTS` names a file."""

    def __init__(self) -> None:
        self._file, self._at = "", Counter[str]()
        self._causes, self._running = Counter[str](), False
        self._wrapped = set[str]()
        self._number = 0

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """The first test of a file ends the account of the file before it."""
        if os.environ.get("COSTS_CAUSES"):
            self._wrap()
        file = item.location[0]
        if file != self._file:
            self._close(file)

    def pytest_sessionfinish(self) -> None:
        """End the account of the last file."""
        self._close("")

    def _close(self, file: str) -> None:
        now = costs.spent()
        spent = {name: round(value, 2) for name, value in (now - self._at).items() if value >= 0.01}
        causes = {name: round(value, 2) for name, value in self._causes.items() if value >= 0.01}
        # By program it is a hint: what an ended process spent is counted under the name of the one that waited for it.
        took = round(now.total() - self._at.total(), 2)
        # What came before the first file is the start: imports, the copy of the database, and collection.
        costs.add(file=self._file or "start", tests=self._number, took=took, programs=spent, causes=causes)
        self._file, self._at, self._number = file, now, 0
        self._causes.clear()

    def pytest_runtest_logfinish(self) -> None:
        """Count the tests of a file."""
        self._number += 1

    def _wrap(self) -> None:
        """Time what has been imported by now."""
        for cause, places in CAUSES.items():
            for place in places:
                module, _, path = place.partition(":")
                if place not in self._wrapped and module in sys.modules:
                    self._wrapped.add(place)
                    self._wrap_in(sys.modules[module], path, cause)

    def _wrap_in(self, module: Any, path: str, cause: str) -> None:
        if path == "*":
            for name, one in list(vars(module).items()):
                if callable(one) and getattr(one, "__module__", "") == module.__name__ and not isinstance(one, type):
                    self._replace(module, name, self._timed(one, cause))
            return
        owner, _, name = path.rpartition(".")
        holder = getattr(module, owner) if owner else module
        self._replace(holder, name, self._timed(getattr(holder, name), cause))

    @staticmethod
    def _replace(holder: Any, name: str, timed: Callable[..., Any]) -> None:
        """Also in the modules that have imported it by name."""
        old = getattr(holder, name)
        setattr(holder, name, timed)
        if not isinstance(holder, type):
            for module in list(sys.modules.values()):
                if module.__name__.startswith(("tests.", "tutela.")) and vars(module).get(name) is old:
                    setattr(module, name, timed)

    def _timed(self, function: Callable[..., Any], cause: str) -> Callable[..., Any]:
        @wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            if self._running:
                return function(*args, **kwargs)
            self._running, began = True, time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                self._running = False
                self._causes[cause] += time.process_time() - began

        return timed
