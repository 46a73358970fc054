"""Statements of reasons: from the decision, complete by Article 17, and nothing personal in the database's payload."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy

import pytest

from tests.support.cast import Cast
from tests.support.hosting_world import GIVEN, REDRESS, HostDesk, wire
from tutela.events.errors import Forbidden, NotFound
from tutela.events.transaction import acting
from tutela.exchange.takedown.statement_of_reasons import StatementOfReasons
from tutela.exchange.takedown.transparency_database import validate
from tutela.takedown.errors import AddressInStatement, AlreadyStated, NothingRestricted, StatementRefused
from tutela.takedown.host_desk import decide, flaggers, statement_text, statements
from tutela.takedown.models import DatabaseEntry, HostStatement


@pytest.fixture
def desk(cast: Cast) -> HostDesk:
    assert cast.centre
    return HostDesk(cast)


def _entries(desk: HostDesk) -> list[DatabaseEntry]:
    with acting(desk.lead):
        return list(DatabaseEntry.objects.order_by("puid"))


def test_a_statement_has_every_element_and_its_payload_nothing_personal(desk: HostDesk) -> None:
    notice = desk.decided("removed", "disabled")
    statements.state(desk.lead, notice, GIVEN)
    row, statement = statements.download(desk.reviewer, notice)
    assert StatementOfReasons.from_bytes(statement.to_bytes()) == statement
    assert statement.locations == ("https://host.example.org/x/1", "https://host.example.org/x/2")
    assert statement.notifier is None
    text = statement_text.as_text(statement)
    for part in ("Article 17", row.number, "all countries", "A person made the decision", "certified body", REDRESS):
        assert part in text
    first, second = _entries(desk)
    assert (first.puid, second.puid) == (f"{row.number}-1", f"{row.number}-2")
    assert first.payload["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert second.payload["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_DISABLED"]
    for one in (first, second):
        assert validate(one.payload) == []
        assert "example.org" not in json.dumps(one.payload)
        assert desk.hotline.machine.organisation_name not in json.dumps(one.payload)
    with acting(desk.lead):
        assert b"host.example" not in bytes(HostStatement.objects.get(pk=row.pk).sealed)


def test_only_restricted_addresses_are_stated_and_the_source_is_the_hosts_own_finding(desk: HostDesk) -> None:
    notice = desk.taken_in()
    flaggers.set_status(desk.lead, notice, trusted=True, source="Coordinator of Ireland")
    decide.decide(desk.lead, notice, decide.HostJudgement(("removed", "disabled"), REDRESS))
    decide.restore(desk.lead, notice, [0], "A complaint.")
    statements.state(desk.lead, notice, GIVEN)
    _row, statement = statements.download(desk.lead, notice)
    assert statement.locations == ("https://host.example.org/x/2",)
    assert statement.source == "SOURCE_TRUSTED_FLAGGER"
    assert len(_entries(desk)) == 1


def test_a_double_click_makes_one_statement(desk: HostDesk) -> None:
    notice = desk.decided()
    statements.state(desk.lead, notice, GIVEN)
    with pytest.raises(AlreadyStated):
        statements.state(desk.lead, notice, GIVEN)
    assert len(_entries(desk)) == 2


def test_without_a_restriction_there_is_no_statement(desk: HostDesk) -> None:
    for notice in (desk.taken_in(), desk.decided("not_found", "none", reason="Lawful.")):
        with pytest.raises(NothingRestricted):
            statements.state(desk.lead, notice, GIVEN)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"facts": "It was at https://x.example.org/1."}, AddressInStatement),
        ({"explanation": "Seen on host.example.org."}, AddressInStatement),
        ({"facts": "Sent by user@mail.example."}, StatementRefused),
        ({"content_types": ()}, StatementRefused),
        ({"territory": ("EL",)}, StatementRefused),
        ({"content_date": date(1999, 1, 1)}, StatementRefused),
        ({"redress": (REDRESS, " ", "x")}, StatementRefused),
    ],
)
def test_what_the_rules_refuse_stores_nothing(
    desk: HostDesk, changed: dict[str, object], error: type[Exception]
) -> None:
    notice = desk.decided()
    with pytest.raises(error):
        statements.state(desk.lead, notice, replace(GIVEN, **changed))  # type: ignore[arg-type]
    assert _entries(desk) == []
    with pytest.raises(NotFound):
        statements.download(desk.lead, notice)


def test_strangers_and_the_read_role_make_none(desk: HostDesk, cast: Cast) -> None:
    notice = desk.decided()
    with pytest.raises(Forbidden):
        statements.state(desk.reviewer, notice, GIVEN)
    with pytest.raises(NotFound):
        statements.state(cast.actor(cast.other_provider, "lead"), notice, GIVEN)


def test_the_prepared_email_names_its_recipient_alone(desk: HostDesk) -> None:
    notice = desk.decided(notice=wire())
    statements.state(desk.lead, notice, GIVEN)
    _row, statement = statements.download(desk.lead, notice)
    mail = message_from_bytes(statement_text.prepared(statement, "user@example.org"), policy=policy.default)
    assert mail["To"] == "user@example.org"
    assert statement.reference in mail["Subject"]
    assert "host.example.org" not in mail["Subject"]
