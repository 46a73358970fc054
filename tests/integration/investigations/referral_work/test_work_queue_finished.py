"""A closed referral is never overdue in the list: who looks through it must not look for what nobody has to do."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client

from tests.support.cast import Cast
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.investigations.referral_work import answers, work_queue

LATER = timedelta(days=400)


def _line(client: Client, address: str, number: str) -> str:
    """The row of a list with this number."""
    page = client.get(address).content.decode()
    (found,) = [row for row in re.findall(r"<tr\b.*?</tr>", page, re.DOTALL) if f">{number}<" in row]
    return str(found)


def test_a_closed_referral_is_not_overdue(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "IT")
    referral = authority.referred(centre.file(authority.report()))
    (row,), _more = work_queue.inbox(authority.investigator)
    answers.acknowledge(authority.investigator, referral)
    answers.report_outcome(authority.investigator, referral, kind="closed", reason="", release="centre_only")
    with clock.simulate(clock.now() + LATER):
        client = cast.client(authority.machine, "investigator")
        assert "overdue" not in _line(client, "/desk/inbox/?state=closed", row.number)
