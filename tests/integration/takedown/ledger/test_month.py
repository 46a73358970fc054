"""A simulated month: hosts comply, ignore, refuse, move, block by country, show "not found" with 200, die and let
material reappear. Every figure of the ledger is what truly happened.

With `DRILLS=long` the month has 20,000 addresses.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.drills import LONG
from tests.support.takedown_histories import BASE
from tests.support.takedown_month import MONTH, Month
from tests.support.takedown_truth import as_truth, comparable, true_line, true_lines
from tests.support.takedown_world import Hotline
from tutela.takedown.ledger import figures, histories
from tutela.takedown.ledger.figures import Grouping
from tutela.takedown.ledger.histories import EVER

pytestmark = pytest.mark.slow
ADDRESSES = 20_000 if LONG else 80


def test_every_figure_of_a_month_equals_the_truth(cast: Cast) -> None:
    hotline = Hotline(cast)
    truth = Month(hotline, ADDRESSES).live().truth
    assert {one.result for one in truth} == {"removed", "refused", "open", "moved"}
    assert any(one.reappeared for one in truth)
    assert any(one.held for one in truth)
    entries = histories.load_entries(hotline.analyst, EVER, BASE + timedelta(hours=MONTH))
    assert sorted(map(as_truth, entries), key=str) == sorted(map(comparable, truth), key=str)
    for by in Grouping:
        assert figures.lines(entries, by) == true_lines(truth, by.value)
    assert figures.line("", entries) == true_line("", truth)
