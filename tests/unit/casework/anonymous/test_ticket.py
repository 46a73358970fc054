"""Tickets: signed, for one form, for two hours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tutela import clock
from tutela.casework.anonymous import ticket
from tutela.casework.anonymous.errors import FormExpired


def test_a_ticket_is_for_its_form_alone() -> None:
    given = ticket.issue("message.write")
    assert ticket.read(given.text, "message.write").nonce == given.nonce
    for text, form in ((given.text, "message.enter"), (given.text + "x", "message.write"), ("", "message.write")):
        with pytest.raises(FormExpired):
            ticket.read(text, form)


def test_a_ticket_matures_after_twenty_seconds_and_ends_after_two_hours() -> None:
    now = clock.now()
    given = ticket.issue("message.write")
    assert ticket.seconds_to_wait(given) > 0
    with clock.simulate(now + timedelta(seconds=21)):
        assert ticket.seconds_to_wait(given) == 0
    with clock.simulate(now + timedelta(hours=2, seconds=2)), pytest.raises(FormExpired):
        ticket.read(given.text, "message.write")


def test_the_secret_of_a_ticket_is_its_own() -> None:
    given = ticket.issue("message.write")
    assert ticket.secret_of(given) == ticket.secret_of(ticket.read(given.text, "message.write"))
    assert ticket.secret_of(given) != ticket.secret_of(ticket.issue("message.write"))
