"""The ledger computed from rows: simulated histories go through the desk's own steps, and each figure is true.

The truth is noted by the simulation while it happens (`tests.support.takedown_histories`). In the month, hosts comply,
ignore, refuse, move, block by country, show "not found" with 200, die and let material reappear. With `DRILLS=long` it
has 20,000 addresses.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.drills import LONG
from tests.support.takedown_histories import BASE, HORIZON
from tests.support.takedown_lived import Lived
from tests.support.takedown_month import MONTH, Month
from tests.support.takedown_truth import as_truth, comparable, true_line, true_lines
from tests.support.takedown_world import Hotline
from tutela.events.errors import Forbidden
from tutela.takedown.ledger import figures, histories
from tutela.takedown.ledger.figures import Grouping
from tutela.takedown.ledger.histories import EVER, LedgerPeriod

ADDRESSES = 20_000 if LONG else 80
END = BASE + timedelta(hours=HORIZON)


@pytest.fixture
def lived(cast: Cast) -> tuple[Hotline, list[Lived]]:
    hotline = Hotline(cast)
    return hotline, [Lived(hotline, seed) for seed in range(30)]


def test_every_figure_from_rows_equals_the_truth(lived: tuple[Hotline, list[Lived]]) -> None:
    hotline, cases = lived
    truth = [one for case in cases for one in case.truth]
    entries = histories.load_entries(hotline.analyst, EVER, END)
    assert {one.result for one in truth} == {"removed", "refused", "open", "moved", "withdrawn"}
    assert any(one.held for one in truth)
    assert any(one.reappeared for one in truth)
    key = str
    assert sorted(map(as_truth, entries), key=key) == sorted(map(comparable, truth), key=key)
    for by in Grouping:
        assert figures.lines(entries, by) == true_lines(truth, by.value)
    since, until = (BASE + timedelta(days=7)).date(), (BASE + timedelta(days=20)).date()
    part = histories.load_entries(hotline.analyst, LedgerPeriod(since, until), END)
    wanted = [one for one in truth if since <= (BASE + timedelta(hours=one.hour)).date() <= until]
    assert 0 < len(wanted) < len(truth)
    assert figures.line("", part) == true_line("", wanted)


def test_other_hotlines_count_nothing_of_it(cast: Cast) -> None:
    hotline = Hotline(cast)
    Lived(hotline, 1)
    assert histories.load_histories(hotline.analyst)
    assert not histories.load_histories(cast.actor(cast.hotline_de, "analyst"))
    with pytest.raises(Forbidden):
        histories.load_histories(cast.actor(hotline.machine, "administrator"))


def test_a_name_of_a_registry_loses_addresses() -> None:
    assert histories.plain_name("Example abuse@host.example Hosting https://host.example/x") == "Example Hosting"
    assert histories.plain_name("Example & Sons B.V.") == "Example & Sons B.V."


@pytest.mark.slow
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
