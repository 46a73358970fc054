"""Tests that python-threatexchange keeps for itself, loaded out of `tests/fixtures/threatexchange`."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parents[1] / "fixtures" / "threatexchange"


def loaded(name: str, place: str) -> Any:
    """A module of the library's tests, at the place where the others look for it."""
    module = types.ModuleType(place)
    sys.modules[place] = module
    exec(compile((FIXTURES / f"{name}.py.txt").read_text(), name, "exec"), module.__dict__)
    return module


def harness() -> Any:
    """The checks that the library runs on its own signal types: the class `SignalTypeAutoTest`."""
    return loaded("signal_type_test_helper", "threatexchange.signal_type.tests.signal_type_test_helper")
