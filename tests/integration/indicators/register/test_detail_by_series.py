"""The register by series: as somebody types it, newest first, by an index and not by sorting all of it."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.integration.indicators.register.test_register import CLASS, _scheme
from tests.support.cast import Cast
from tutela import clock
from tutela.events.transaction import acting
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.register import detail, propose, search

__all__ = ["_scheme"]


def _proposed(cast: Cast, series: str, count: int) -> list[str]:
    """Numbers of entries of a series, newest first."""
    made = []
    for place in range(count):
        given = [HashValue("sha256", secrets.token_hex(32))]
        with clock.simulate(clock.now() + timedelta(seconds=place)):
            made.append(
                propose.propose(
                    cast.hotline_ie, given=given, media_type="image", classification=CLASS, reason="x", series=series
                )
            )
    return [detail.load_detail(cast.hotline_ie, one).line.number for one in reversed(made)]


def _found(cast: Cast, typed: str, state: str = "") -> list[str]:
    return [
        one.number
        for one in search.list_indicators(cast.hotline_ie, search.RegisterFilter(series=typed, state=state))[0]
    ]


def test_a_series_is_found_as_somebody_types_it(cast: Cast) -> None:
    code = f"S-{secrets.token_hex(3).upper()}"
    numbers = _proposed(cast, code, 3)
    for typed in (code, code.lower(), f" {code} "):
        assert _found(cast, typed) == numbers
    assert _found(cast, code, "proposed") == numbers
    assert _found(cast, code, "active") == []
    assert _found(cast, "S-none-at-all") == []
    lower = _proposed(cast, code.lower(), 2)
    assert sorted(_found(cast, code)) == sorted(numbers + lower), "two spellings are one series to who looks for it"
    assert sorted(_found(cast, code.lower())) == sorted(numbers + lower)


def test_its_newest_come_from_an_index(cast: Cast) -> None:
    code = f"S-{secrets.token_hex(3).upper()}"
    _proposed(cast, code, 2)
    with CaptureQueriesContext(
        connection,
    ) as said:
        _found(cast, code)
    assert any("enable_sort = off" in one["sql"] for one in said), "the page asks for the order of an index"
    (query,) = [one["sql"] for one in said if "now__" in one["sql"] or "indicatornow" in one["sql"]][:1]
    with acting(cast.hotline_ie), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {query}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "indicator_series" in plan
    assert "Sort" not in plan
