"""The yearly report: its totals are the ledger's, and it has no address and no personal data."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.support.takedown_histories import BASE, HORIZON, simulated
from tests.support.takedown_truth import history_of
from tutela.takedown.ledger.entries import Result, every_entry
from tutela.takedown.ledger.figures import Grouping, line, lines
from tutela.takedown.ledger.yearly_report import Action, yearly_report

AT = BASE + timedelta(hours=HORIZON)
ENTRIES = every_entry([history_of(simulated(seed)) for seed in range(150)], AT)
CONTACT = re.compile(r"@|://|www\.|\d{1,3}(\.\d{1,3}){3}|[0-9a-f]{8}-[0-9a-f]{4}", re.IGNORECASE)


def test_totals_equal_the_ledger() -> None:
    report, every = yearly_report(ENTRIES), line("", ENTRIES)
    assert (report.entries, report.notices) == (every.count, every.notices)
    for group in lines(ENTRIES, Grouping.PROVIDER):
        own = [one for one in report.rows if one.provider == group.name]
        assert (sum(one.entries for one in own), sum(one.notices for one in own)) == (group.count, group.notices)
    counted = {action: sum(one.entries for one in report.rows if one.action is action) for action in Action}
    assert counted[Action.VERIFIED] == every.removed
    assert counted[Action.REFUSED] == every.refused
    assert counted[Action.MOVED] == every.moved
    assert counted[Action.WITHDRAWN] == every.withdrawn
    assert counted[Action.SAID] + counted[Action.NOT_FOUND] + counted[Action.NONE] == every.open
    assert all(counted.values())


def test_each_row_is_once_there_and_says_no_more_than_it_must() -> None:
    rows = yearly_report(ENTRIES).rows
    assert len({(one.provider, one.label, one.action) for one in rows}) == len(rows)
    assert not [one for one in rows if CONTACT.search(str(one))]
    assert {one.result for one in ENTRIES} == set(Result)
