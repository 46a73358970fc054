"""What people type: several lines, pasted characters, more than fits."""

from __future__ import annotations

import pytest

from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Authority, Centre
from tutela.events.transaction import acting
from tutela.exchange.referral.referral import Referral as Package
from tutela.reports.models import Referral
from tutela.reports.report_detail import report_detail
from tutela.reports.report_encryption import unseal

LINES = "First line.\r\nSecond\x0bline."


@pytest.mark.parametrize("decision", ["unfounded", "ask"])
def test_a_reason_of_two_lines_is_taken_and_sent(cast: Cast, decision: str) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    client = cast.client(cast.centre, "analyst")
    fields = {"decision": decision, "code": "other", "reason": LINES, "seen": 0}
    assert client.post(f"/desk/reports/{made}/assess/", fields).status_code == 302
    assert [a.reason for a in report_detail.open_report(centre.analyst, made).assessments] == [
        "First line.\nSecond line."
    ]


def test_a_report_forwarded_with_two_lines_is_referred(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "BG")
    made = centre.file(authority.report())
    client = cast.client(cast.centre, "analyst")
    fields = {"decision": "forward", "reason": LINES, "seen": 0}
    assert client.post(f"/desk/reports/{made}/assess/", fields).status_code == 302
    assert client.post(f"/desk/reports/{made}/refer/").status_code == 302
    with acting(centre.machine):
        row = Referral.objects.get(report__report_id=made)
        package = Package.from_bytes(unseal(made, "referral", row.referral_id, bytes(row.sealed_body)))
    assert package.assessment.relevance_reason == "First line.\nSecond line."


def test_an_error_is_undone_with_a_reason_of_two_lines(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    client = cast.client(cast.centre, "analyst", "lead")
    assert client.post(f"/desk/reports/{made}/erroneous/", {"reason": LINES}).status_code == 302
    assert centre.told(made) == ["received", "not_relevant"]
