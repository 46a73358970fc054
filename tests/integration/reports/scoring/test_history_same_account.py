"""The Centre knows an account again by what it found relevant of it before, and for as long as that stands."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from tests.support.cast import Cast
from tests.support.reporting import account, item, report
from tests.support.reports_world import Centre
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.report.score_reasons import ScoreCode
from tutela.reports import retention
from tutela.reports.intake import precheck
from tutela.reports.models import Account
from tutela.reports.scoring.scores import VERSION
from tutela.reports.triage import assess


class Known:
    """Reports about one account, by which nothing else is known."""

    def __init__(self, cast: Cast) -> None:
        self.centre, self.cast = Centre(cast), cast
        self.name = secrets.token_hex(6)

    def file(self, provider: Actor | None = None, name: str = "", **changes: Any) -> UUID:
        return self.centre.file(report(**{"users": [account(name or self.name)], **changes}), provider)

    def relevant(self) -> UUID:
        made = self.file()
        assess.assess(self.centre.analyst, made, "forward", "", seen=0)
        return made

    def times(self, made: UUID) -> int:
        """In how many earlier reports, as the report's own row says."""
        said = [one for one in self.centre.row(made).reasons["urgency"] if one[1] == ScoreCode.SAME_ACCOUNT]
        return said[0][2]["times"] if said else 0

    def rows(self) -> list[int]:
        with acting(self.centre.machine):
            return list(Account.objects.filter(provider_id=self.cast.pixelpost.organisation_id).values_list("relevant"))


@pytest.fixture
def known(cast: Cast) -> Known:
    return Known(cast)


def test_only_what_was_found_relevant_before_counts(known: Known) -> None:
    first = known.file()
    second = known.file()
    assert known.times(second) == 0, "nobody has decided anything"
    assess.assess(known.centre.analyst, first, "forward", "", seen=0)
    assess.assess(known.centre.analyst, second, "unfounded", "no", seen=0, code="not_sexual")
    third = known.file()
    assert known.times(third) == 1
    assert known.times(second) == 0, "what was known when it came stands with it"
    row = known.centre.row(third)
    assert row.reasons["rules"] == VERSION
    assert row.urgency == known.centre.row(second).urgency + 15
    page = known.cast.client(known.cast.centre, "analyst").get(f"/desk/reports/{third}/").content.decode()
    assert "earlier relevant reports about the same account: 1" in page


def test_another_account_and_another_provider_are_somebody_else(known: Known) -> None:
    known.relevant()
    assert known.times(known.file(name=secrets.token_hex(6))) == 0
    assert known.times(known.file(known.cast.other_provider)) == 0
    assert known.times(known.file()) == 1


def test_one_of_several_names_is_enough(known: Known) -> None:
    known.relevant()
    both = [{**account(), "emails": [f"{known.name}@mail.example"]}]
    assert known.times(known.file(users=both)) == 1


def test_what_is_undone_counts_no_longer(known: Known) -> None:
    made = known.relevant()
    assess.declare_erroneous(known.centre.lead, made, "It was wrong", revoke=False)
    assert known.times(known.file()) == 0
    assert known.rows() == []


def test_what_is_erased_counts_no_longer(known: Known) -> None:
    made = known.relevant()
    known.relevant()
    assert set(known.rows()) == {(2,)}
    with clock.simulate(clock.now() + timedelta(minutes=1)), acting(known.centre.machine):
        row = known.centre.row(made)
        row.state = "referred"
        row.save(update_fields=["state"])
        erased = dict(retention.erase_kept(known.centre.machine, clock.now()))
    assert erased
    assert set(known.rows()) == {(1,)}


def test_a_repetition_does_not_count_the_report_that_it_repeats(known: Known) -> None:
    shared: dict[str, Any] = {"items": [item()], "locations": [{"ip": "192.0.2.7", "at": clock.now().isoformat()}]}
    first = known.file(**shared)
    assess.assess(known.centre.analyst, first, "forward", "", seen=0)
    again = known.file(**shared)
    assert known.centre.row(again).duplicate_of
    assert known.times(again) == 0
    assert not any(one[1] == ScoreCode.DUPLICATE for one in known.centre.row(first).reasons["urgency"])


def test_a_provider_does_not_learn_by_asking_what_the_centre_knows_of_an_account(known: Known) -> None:
    known.relevant()
    asked = report(users=[account(known.name)])
    sender = known.cast.actor(known.cast.pixelpost, "lead")
    sender = sender.__class__(**{**vars(sender), "permissions": sender.permissions | {"reports.submit"}})
    said = precheck.check(sender, known.centre.entry, asked.to_bytes())
    assert not any("same account" in one["why"] for one in said["urgency"])


def test_nothing_readable_is_kept_of_an_account(known: Known) -> None:
    known.relevant()
    with acting(known.centre.machine), connection.cursor() as cursor:
        cursor.execute("SELECT a::text FROM reports_account a")
        assert not any(known.name in text for (text,) in cursor.fetchall())
