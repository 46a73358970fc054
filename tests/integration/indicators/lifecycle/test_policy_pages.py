"""The register's policies as files: who counts on to the end finds it, and nobody's log complains of that."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.support.cast import Cast
from tutela.indicators.lifecycle import policy


def test_the_number_after_the_last_is_asked_for_without_a_complaint(
    cast: Cast, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    cast.centre  # noqa: B018 - there must be one
    newest = policy.versions()[0].policy.version if policy.versions() else 0
    assert client.get(f"/log/register-policy/{newest + 1}").status_code == 404
    assert not [one for one in caplog.records if "register-policy" in one.getMessage()]
    assert client.get(f"/log/register-policy/{newest + 2}").status_code == 404
    assert client.get("/log/nothing").status_code == 404
    told = [one.getMessage() for one in caplog.records if one.name == "django.request"]
    assert told == [f"Not Found: /log/register-policy/{newest + 2}", "Not Found: /log/nothing"]
