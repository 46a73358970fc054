"""A decision about a report that thousands repeat: told of each, by as many statements as of a few."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.cast import Cast
from tests.support.reporting import account, item, report
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.exchange.report.feedback import Feedback
from tutela.investigations.referral_work import answers
from tutela.organisations.keys.envelope_encryption import unwrap
from tutela.organisations.models import OutboxMessage
from tutela.reports import jobs
from tutela.reports.triage import assess

type Counted = Callable[[Callable[[], object]], int]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """How many statements something takes, prepared ones as well."""

    def count(act: Callable[[], object]) -> int:
        prepared, execute = [0], psycopg.RawCursor.execute

        def counting(self: psycopg.RawCursor[tuple[object, ...]], *args: object, **more: object) -> object:
            prepared[0] += 1
            return execute(self, *args, **more)  # type: ignore[arg-type]

        with monkeypatch.context() as here, CaptureQueriesContext(connection) as found:
            here.setattr(psycopg.RawCursor, "execute", counting)
            act()
        return len(found) + prepared[0]

    return count


def _repeated(centre: Centre, times: int, country: str = "DE") -> tuple[UUID, list[UUID]]:
    """A report, and so many that repeat it."""
    same = {
        "items": [item()],
        "users": [account()],
        "locations": [{"ip": "192.0.2.7", "at": clock.now().isoformat()}],
        "geography": [{"country": country, "derived_from": "ip"}],
    }
    first, *others = [centre.file(report(**same)) for _ in range(times + 1)]
    assert all(centre.row(one).duplicate_of for one in others)
    return first, others


def test_a_decision_takes_no_more_statements_for_more_repetitions(cast: Cast, counted: Counted) -> None:
    centre = Centre(cast)
    few, many = _repeated(centre, 3), _repeated(centre, 14)

    def unfounded(made: UUID) -> Callable[[], None]:
        return lambda: assess.assess(centre.analyst, made, "unfounded", "A quay", seen=0, code="not_sexual")

    of_few = counted(unfounded(few[0]))
    assert counted(unfounded(many[0])) <= of_few
    for made in many[1]:
        assert centre.told(made)[-1] == "not_relevant"
        assert centre.row(made).state == "unfounded"
    with acting(cast.centre):
        named = [str(one) for one in many[1]]
        assert Event.objects.filter(kind="report.unfounded", subject_id__in=named).count() == len(named)
        rows = OutboxMessage.objects.filter(kind="feedback", subject_id__in=named)
        said = [Feedback.from_bytes(unwrap(bytes(row.sealed_body), f"outbox:{row.key}")) for row in rows]
    told = {str(one.report_id): (one.reason, one.reason_code) for one in said if one.kind == "not_relevant"}
    assert told == dict.fromkeys(named, ("A quay", "not_sexual"))


def test_a_hold_and_what_waits_for_its_end_are_told_of_each(cast: Cast, counted: Counted) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "AT")
    ends = []
    for times in (3, 14):
        made, others = _repeated(centre, times, "AT")
        referral = authority.referred(made)
        answers.acknowledge(authority.investigator, referral)
        until = clock.now() + timedelta(days=30)
        answers.ask_hold(authority.investigator, referral, reason="x", until=until)
        answers.report_outcome(authority.investigator, referral, kind="closed", reason="", release="provider")
        asked = counted(authority.answer)
        ends.append((made, others, asked))
    for made, others, _asked in ends:
        assert {tuple(centre.told(one)[-2:]) for one in (made, *others)} == {("relevant", "hold")}
    assert ends[1][2] <= ends[0][2]
    with clock.simulate(clock.now() + timedelta(days=31)):
        jobs.minutely(0)
        for made, others, _asked in ends:
            assert {centre.told(one)[-1] for one in (made, *others)} == {"closed"}
