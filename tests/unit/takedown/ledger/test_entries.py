"""Rules of entries, one by one, where a simulation rarely comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tutela.takedown.ledger.entries import (
    AnswerGiven,
    CaseHistory,
    HostAnswer,
    LedgerEntry,
    Result,
    SentNotice,
    entries_of,
)
from tutela.takedown.ledger.hold_time import Span

BASE = datetime(2026, 12, 30, 12, tzinfo=UTC)


def _at(hours: float) -> datetime:
    return BASE + timedelta(hours=hours)


def _sent(hours: float, provider: str = "A", country: str = "NL") -> SentNotice:
    return SentNotice(_at(hours), provider, country, "x:y")


def _results(history: CaseHistory, hours: float = 1000) -> list[Result]:
    return [one.result for one in entries_of(history, _at(hours))]


def _only(history: CaseHistory, hours: float = 1000) -> LedgerEntry:
    (found,) = entries_of(history, _at(hours))
    return found


def test_a_reappearance_before_the_absence_is_none_of_this_entry() -> None:
    before = _only(CaseHistory((_sent(0),), absences=(_at(9),), reappearances=(_at(3),)))
    after = _only(CaseHistory((_sent(0),), absences=(_at(9),), reappearances=(_at(12),)))
    assert (before.reappeared, after.reappeared) == (False, True)


def test_an_absence_before_the_notice_does_not_end_it() -> None:
    assert _results(CaseHistory((_sent(5),), absences=(_at(1),))) == [Result.OPEN]


def test_the_first_end_counts() -> None:
    assert _results(CaseHistory((_sent(0),), absences=(_at(3),), found_legal=(_at(4),))) == [Result.REMOVED]
    assert _results(CaseHistory((_sent(0),), absences=(_at(4),), found_legal=(_at(3),))) == [Result.WITHDRAWN]


def test_the_newest_answer_decides_whether_it_was_refused() -> None:
    answers = (AnswerGiven(_at(1), HostAnswer.REFUSED), AnswerGiven(_at(2), HostAnswer.REMOVED))
    assert _results(CaseHistory((_sent(0),), answers)) == [Result.OPEN]
    assert _results(CaseHistory((_sent(0),), answers), 1.5) == [Result.REFUSED]
    assert _results(CaseHistory((_sent(0),), answers, absences=(_at(3),))) == [Result.REMOVED]


def test_a_refusal_then_a_notice_to_another_provider_is_two_entries() -> None:
    refused = (AnswerGiven(_at(1), HostAnswer.REFUSED),)
    history = CaseHistory((_sent(0), _sent(5), _sent(9, "B"), _sent(20)), refused, absences=(_at(30),))
    found = entries_of(history, _at(100))
    assert [(one.provider, one.result, one.notices) for one in found] == [
        ("A", Result.MOVED, 2),
        ("B", Result.MOVED, 1),
        ("A", Result.REMOVED, 1),
    ]
    assert found[-1].hours == 10


def test_time_of_holds_is_not_in_the_hours() -> None:
    holds = (Span(_at(-5), _at(2)), Span(_at(4), _at(8)), Span(_at(6), _at(7)), Span(_at(9.5), _at(90)))
    found = _only(CaseHistory((_sent(0),), absences=(_at(10),), holds=holds))
    assert (found.hours, found.held_hours, found.under_hold) == (3.5, 6.5, False)
    waiting = _only(CaseHistory((_sent(0),), holds=holds), 20)
    assert (waiting.held_hours, waiting.under_hold) == (16.5, True)


def test_weeks_are_those_of_iso_in_utc() -> None:
    assert _only(CaseHistory((_sent(0),))).week == "2026-W53"
    assert _only(CaseHistory((_sent(24 * 4),))).week == "2026-W53"
    assert _only(CaseHistory((_sent(24 * 5),))).week == "2027-W01"
