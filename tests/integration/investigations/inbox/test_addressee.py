"""A referral package is taken by whom its message is for, from the Centre that signed it, by whatever names."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.post import SigningClient
from tests.support.reports_world import Authority, Centre
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.exchange.message.signed_message import HEADER
from tutela.exchange.referral.referral import Referral as Wire
from tutela.investigations.inbox.packages import package_of
from tutela.investigations.models import Referral
from tutela.organisations.messages import message_signing


@pytest.mark.parametrize("changed", ["authority", "centre", ""])
def test_a_package_is_taken_however_its_names_are_written(cast: Cast, changed: str) -> None:
    """Two directories may name one organisation differently; keys say who it is (decision 0070)."""
    authority = Authority(Centre(cast), "LT")
    referral = authority.referred(authority.centre.file(authority.report()))
    with acting(authority.machine):
        package = package_of(Referral.objects.get(referral_id=referral))
    assert isinstance(package, Wire)
    names: dict[str, dict[str, Any]] = {
        "authority": {"authority": f" {package.authority.upper()}  "},
        "centre": {"centre": "Le Centre"},
        "": {},
    }
    body = package.model_copy(update={"referral_id": uuid7(), **names[changed]}).to_bytes()
    path = f"/api/v1/organisations/{authority.machine.organisation_id}/referrals"
    headers = {**cast.key(cast.centre, "referrals:submit"), "Idempotency-Key": str(uuid4())}
    elsewhere = message_signing.signer(cast.centre, cast.authority.organisation_id)
    signed = elsewhere(path, headers["Idempotency-Key"], body)
    refused = Client().post(path, body, "application/json", headers={**headers, HEADER: signed})
    assert refused.status_code == 403, "signed for another authority"
    other = package.model_copy(update={"referral_id": uuid7(), "authority": "Another authority"}).to_bytes()
    answer = SigningClient().post(path, other, "application/json", headers={**headers, "Idempotency-Key": str(uuid4())})
    assert answer.status_code == 409, "the package names another authority"
    answer = SigningClient().post(path, body, "application/json", headers=headers)
    assert answer.status_code == 201, answer.content
    with acting(authority.machine):
        assert Referral.objects.filter(organisation_id=authority.machine.organisation_id).count() == 2
