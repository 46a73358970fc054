"""A decided report is never overdue in the list: who looks through it must not look for what nobody has to do."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client

from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Centre
from tutela import clock
from tutela.reports.triage import assess

LATER = timedelta(days=400)


def _line(client: Client, state: str, number: str) -> str:
    """The row of the list with this number, looked for as a person would: other tests leave reports of their own."""
    page = client.get(f"/desk/reports/?{state}text={number}").content.decode()
    (found,) = [row for row in re.findall(r"<tr\b.*?</tr>", page, re.DOTALL) if f">{number}<" in row]
    return str(found)


def test_a_decided_report_is_not_overdue_and_an_open_one_is(cast: Cast) -> None:
    centre = Centre(cast)
    still_open, decided = centre.file(report()), centre.file(report())
    assess.assess(centre.analyst, decided, "forward", "", seen=0)
    with clock.simulate(clock.now() + LATER):
        client = cast.client(centre.machine, "analyst")
        assert "overdue" in _line(client, "", centre.row(still_open).number)
        assert "overdue" not in _line(client, "state=forward&", centre.row(decided).number)
