"""A referral package is taken by its addressee alone, and from the Centre that it names."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.cast import Cast
from tests.integration.reports.world import Authority, Centre
from tests.post import SigningClient
from tutela.events.acting import acting
from tutela.exchange.referral import Referral as Wire
from tutela.investigations.models import Referral
from tutela.investigations.packages import package_of


@pytest.mark.parametrize("changed", [{"authority": "Another authority"}, {"centre": "Another Centre"}, {}])
def test_a_package_is_taken_by_who_it_names(cast: Cast, changed: dict[str, Any]) -> None:
    """Signed by the Centre for this authority, as if its program had mixed two up."""
    authority = Authority(Centre(cast), "LT")
    referral = authority.referred(authority.centre.file(authority.report()))
    with acting(authority.machine):
        package = package_of(Referral.objects.get(referral_id=referral))
    assert isinstance(package, Wire)
    body = package.model_copy(update=changed).to_bytes()
    answer = SigningClient().post(
        f"/api/v1/organisations/{authority.machine.organisation_id}/referrals", body, "application/json",
        headers={**cast.key(cast.centre, "referrals:submit"), "Idempotency-Key": str(uuid4())},
    )  # fmt: skip
    assert answer.status_code == (409 if changed else 201), answer.content
