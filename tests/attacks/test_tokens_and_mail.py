"""Somebody reads the log, the database or the time of an answer to get into an account or to learn who has one."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog
import structlog.testing
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.cast import Cast
from tutela.app import settings as node_settings
from tutela.app.runtime.log_filters import WithoutTokens
from tutela.app.runtime.mail import NotSent
from tutela.events.models import RateCount
from tutela.organisations.keys.envelope_encryption import wrap
from tutela.organisations.people import password_resets

TOKEN = "c0ffee-only-i-may-read-this"
ADDRESSES = (
    f"/join/{TOKEN}/",
    f"/new-password/{TOKEN}/",
    f"/account/password/reset/key/3k-{TOKEN}/",
    f"/x?next=/join/{TOKEN}/&a=b",
)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("logger", ["django.request", "django.security.csrf", "_granian", "tutela.web"])
def test_no_token_of_an_address_is_in_the_log(address: str, logger: str) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(WithoutTokens())
    to = logging.getLogger(logger)
    to.addHandler(handler)
    try:
        to.warning("Not Found: %s", address)
        try:
            raise ValueError(address)
        except ValueError:
            to.exception("failed at %s", address)
    finally:
        to.removeHandler(handler)
    assert "Not Found: /" in written.getvalue()
    assert TOKEN not in written.getvalue()
    assert settings.LOGGING["handlers"]["stderr"]["filters"] == ["tokens"], "every line of the node passes it"


@pytest.mark.parametrize("address", ADDRESSES)
def test_nor_in_what_the_node_logs_itself(address: str) -> None:
    said = {"event": "unexpected", "path": address, "exception": f"Resolver404: {address}"}
    for processor in structlog.get_config()["processors"]:
        if getattr(processor, "__name__", "") == "tokens_left_out":
            said = processor(None, "error", said)  # type: ignore[assignment]
    assert TOKEN not in json.dumps(said)


def test_without_a_mail_server_no_message_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with structlog.testing.capture_logs() as told:
        assert NotSent().send_messages([EmailMessage("Reset", f"/account/password/reset/key/3k-{TOKEN}/")]) == 0
    assert TOKEN not in f"{told}{capfd.readouterr()}"
    assert [one["messages"] for one in told] == [1]
    assert node_settings.MAILERS["default"]["BACKEND"] == "tutela.app.runtime.mail.NotSent"


def _asked(email: str) -> tuple[int, str, list[str]]:
    RateCount.objects.all().delete()
    with CaptureQueriesContext(
        connection,
    ) as found:
        answer = Client().post("/account/password/reset/", {"email": email})
    return answer.status_code, answer["Location"], [one["sql"].split("(")[0][:40] for one in found.captured_queries]


def test_who_has_an_account_is_told_by_no_answer_and_no_step_of_it(cast: Cast) -> None:
    known = cast.person(cast.pixelpost, "reviewer", name="Mila").email
    assert _asked(known) == _asked("nobody-has-this@example.org")


def test_strangers_get_no_mail_and_links_lead_to_the_node(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MAILERS", {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}})
    mail.outbox = []
    known = cast.person(cast.pixelpost, "reviewer", name="Enea").email
    for address in ("stranger@example.org", known):
        password_resets.send(wrap(address.encode(), password_resets.PURPOSE).hex())
    assert [one.to for one in mail.outbox] == [[known]]
    assert f"{settings.PUBLIC_URL}/account/password/reset/key/" in mail.outbox[0].body
