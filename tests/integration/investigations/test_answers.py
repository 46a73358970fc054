"""What an authority answers, as people type it."""

from __future__ import annotations

from tests.cast import Cast
from tests.integration.reports.world import Authority, Centre
from tutela.events.acting import acting
from tutela.investigations import desk
from tutela.reports.models import Outcome


def test_an_outcome_of_two_lines_reaches_the_centre(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "LT")
    referral = authority.referred(centre.file(authority.report()))
    client, address = cast.client(authority.machine, "investigator"), f"/desk/inbox/{referral}/"
    assert client.post(f"{address}acknowledge/", {"file_reference": "A-1"}).status_code == 302
    fields = {"kind": "no_action", "reason": "First line.\r\nSecond line.", "release": "provider"}
    assert client.post(f"{address}outcome/", fields).status_code == 302
    authority.answer()
    with acting(centre.machine):
        assert Outcome.objects.get(referral__referral_id=referral).reason == "First line.\nSecond line."


def test_a_file_reference_that_is_too_long_is_named(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "LV")
    referral = authority.referred(centre.file(authority.report()))
    client = cast.client(authority.machine, "investigator")
    answer = client.post(f"/desk/inbox/{referral}/acknowledge/", {"file_reference": "x" * 301}, follow=True)
    assert answer.status_code == 200
    assert "300" in answer.content.decode()
    assert desk.open_referral(authority.investigator, referral).acknowledgement is None
