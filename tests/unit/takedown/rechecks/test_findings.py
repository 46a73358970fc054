"""What answers at an address mean: absence needs the word of the host, or an absence before; nothing else is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.takedown.look import Answer
from tutela.takedown.models import Availability
from tutela.takedown.rechecks.findings import judge

TABLE = [
    ([200], "", False, Availability.UP),
    ([200], Availability.ABSENT, False, Availability.REAPPEARED),
    ([200, 451], "", False, Availability.GEO_BLOCKED),
    ([200, 404], "", True, Availability.UP),
    ([451], "", False, Availability.GEO_BLOCKED),
    ([403], "", False, Availability.NOT_CHECKABLE),
    ([401], "", True, Availability.NOT_CHECKABLE),
    ([404], "", False, Availability.NOT_REACHABLE),
    ([404, 410], "", True, Availability.ABSENT),
    ([404], Availability.ABSENT, False, Availability.ABSENT),
    ([404, 500], "", True, Availability.HOST_SAYS),
    ([0], "", False, Availability.NOT_REACHABLE),
    ([0], "", True, Availability.HOST_SAYS),
    ([0], Availability.ABSENT, True, Availability.ABSENT),
    ([500], "", False, Availability.NOT_REACHABLE),
    ([], "", True, Availability.HOST_SAYS),
]


@pytest.mark.parametrize(("statuses", "before", "says", "found"), TABLE)
def test_the_table_of_findings(statuses: list[int], before: str, says: bool, found: Availability) -> None:
    assert judge([Answer(one) for one in statuses], before, host_says=says) == found


STATUSES = st.lists(st.sampled_from([0, 200, 204, 301, 401, 403, 404, 410, 429, 451, 500, 503]), max_size=5)


@given(statuses=STATUSES, before=st.sampled_from(["", *Availability.values]))
def test_nothing_is_absent_without_the_hosts_word_or_an_absence_before(statuses: list[int], before: str) -> None:
    found = judge([Answer(one) for one in statuses], before, host_says=False)
    assert found != Availability.ABSENT or before == Availability.ABSENT


@given(statuses=STATUSES, before=st.sampled_from(["", *Availability.values]), says=st.booleans())
def test_where_content_answers_nothing_is_absent(statuses: list[int], before: str, says: bool) -> None:
    found = judge([Answer(one) for one in [*statuses, 200]], before, host_says=says)
    assert found in (Availability.UP, Availability.GEO_BLOCKED, Availability.REAPPEARED)
