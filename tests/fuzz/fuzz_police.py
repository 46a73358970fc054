"""Bytes that claim to be a report as police get it. Run: `python -m tests.fuzz.fuzz_police [seconds]` from the root."""

from __future__ import annotations

import json
import random
from typing import Any

from tests.fuzz.running import run
from tests.unit.exchange.cybertip.test_police_json_cybertip import document
from tutela.exchange.cybertip.police_json import NotPoliceJsonError, is_police, read_police
from tutela.exchange.report.report import Report

_VALUES: list[Any] = [
    None,
    "",
    "N/A",
    0,
    -1,
    1e300,
    True,
    [],
    {},
    [[]],
    [None],
    {"a": {"b": []}},
    "\ud800",
    "\0",
    "x" * 5000,
    "=1+1",
    "999.1.1.1",
    "::ffff:192.0.2.7",
    "2026-02-30T00:00:00Z",
    "2026-01-01T00:00:00+99:00",
    "javascript:x",
    10**40,
]


def one(seed: int) -> bool:
    """One document with values of other kinds in it; True if it was read, and then it reads back as itself."""
    rng = random.Random(seed)
    value: Any = json.loads(json.dumps(document()))
    for _ in range(rng.randint(1, 4)):
        _change(value, rng)
    if not is_police(value):
        return False
    try:
        read = read_police(value)
    except NotPoliceJsonError as error:
        if not error.errors:
            raise
        return False
    assert Report.from_bytes(read.to_bytes()) == read
    return True


def _change(value: Any, rng: random.Random) -> None:
    """Go down by chance, and put something else where that ends."""
    while True:
        keys = list(value) if isinstance(value, dict) else range(len(value))
        if not keys:
            return
        key = rng.choice(list(keys))
        inner = value[key]
        if isinstance(inner, (dict, list)) and inner and rng.random() < 0.8:
            value = inner
            continue
        value[key] = rng.choice(_VALUES)
        return


if __name__ == "__main__":
    run(one)
