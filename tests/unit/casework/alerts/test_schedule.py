"""When an alert is raised again: by its answers, its time, and whatever a clock that stood wrong has written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tutela.casework.alerts.schedule import AlertHistory

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def before(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("history", "due", "expected"),
    [
        (AlertHistory(), 60, "new"),
        (AlertHistory(alerts=1), 60, "unanswered"),  # by a wrong clock alone
        (AlertHistory(1, before(14), before(14)), 60, None),
        (AlertHistory(1, before(15), before(15)), 60, "unanswered"),
        (AlertHistory(1, before(50), before(50), answered=1), 60, None),
        (AlertHistory(2, before(50), before(15), answered=1), 60, "unanswered"),
        (AlertHistory(1, before(121), before(121), answered=1), -1, "late"),
        (AlertHistory(2, before(121), before(0), answered=1), -1, None),
        (AlertHistory(2, before(200), before(59), answered=2), -80, None),
        (AlertHistory(2, before(200), before(61), answered=2), -80, "late"),
    ],
)
def test_an_alert_is_raised_again(history: AlertHistory, due: int, expected: str | None) -> None:
    assert history.again(NOW + timedelta(minutes=due), NOW) == expected


def test_an_answer_answers_what_had_been_raised() -> None:
    assert AlertHistory(2, answered=1, by="Marek").taken_by is None
    assert AlertHistory(2, answered=2, by="Marek").taken_by == "Marek"
    assert not AlertHistory().unanswered
