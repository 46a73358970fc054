"""Entries of the ledger: what became of the notices about one case at one provider. Pure functions.

1. The first notice that left begins an entry. Further notices about the case to the same provider belong to it.
2. A notice begins a new entry if the provider is another one, or if the entry before it has ended.
3. An entry ends with the first verified absence ("removed"), or when the hotline finds the case legal ("withdrawn").
4. If it has not ended and the next entry is at another provider, the material has moved ("moved").
5. Otherwise the newest answer decides: a refusal is "refused", anything else is "open".
6. Hours are those from the first notice to the absence, without the time of police holds.
7. An entry reappeared if a recheck after its absence, and before the next entry, found the material again.

Everything is as it was at one moment: what happened later does not count. So figures of an ended period never change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from tutela.takedown.ledger.hold_time import Span, overlap, stands

HOUR = timedelta(hours=1)


class HostAnswer(StrEnum):
    """Answer of a host to a notice, as the steps of notices name it."""

    REMOVED = "removed"
    DISABLED = "disabled"
    REFUSED = "refused"
    NOT_FOUND = "not_found"


class Result(StrEnum):
    """What became of an entry."""

    REMOVED = "removed"
    REFUSED = "refused"
    OPEN = "open"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class SentNotice:
    """A notice that left: to whom, where the material was then, and what it was found to be."""

    at: datetime
    provider: str
    country: str
    label: str


@dataclass(frozen=True)
class AnswerGiven:
    """An answer of a host."""

    at: datetime
    answer: HostAnswer


@dataclass(frozen=True)
class CaseHistory:
    """Everything about one case that the ledger counts, each list in the order of time."""

    notices: tuple[SentNotice, ...]
    answers: tuple[AnswerGiven, ...] = ()
    absences: tuple[datetime, ...] = ()
    reappearances: tuple[datetime, ...] = ()
    found_legal: tuple[datetime, ...] = ()
    holds: tuple[Span, ...] = ()


@dataclass(frozen=True)
class LedgerEntry:
    """Notices about one case at one provider. `hours` only if removed; `held_hours` are not in them."""

    provider: str
    country: str
    label: str
    begun: datetime
    notices: int
    result: Result
    answer: HostAnswer | None
    hours: float | None
    held_hours: float
    under_hold: bool
    reappeared: bool

    @property
    def week(self) -> str:
        """ISO week of the first notice, in UTC."""
        return f"{self.begun:%G-W%V}"


@dataclass(frozen=True)
class _Stretch:
    """An entry before it is judged. `until`: where the next entry begins, None for the last."""

    notices: list[SentNotice]
    until: datetime | None

    @property
    def begin(self) -> datetime:
        return self.notices[0].at

    def has(self, moment: datetime) -> bool:
        return self.begin <= moment and (self.until is None or moment < self.until)


def entries_of(history: CaseHistory, at: datetime) -> list[LedgerEntry]:
    """The entries of a case as they were at a moment."""
    known = _known(history, at)
    return [_judged(known, one, at) for one in _stretches(known)]


def every_entry(histories: Iterable[CaseHistory], at: datetime) -> list[LedgerEntry]:
    """The entries of many cases as they were at a moment."""
    return [entry for one in histories for entry in entries_of(one, at)]


def _known(history: CaseHistory, at: datetime) -> CaseHistory:
    """What had happened at a moment. Holds are cut where they are counted."""
    return replace(
        history,
        notices=tuple(one for one in history.notices if one.at <= at),
        answers=tuple(one for one in history.answers if one.at <= at),
        absences=tuple(one for one in history.absences if one <= at),
        reappearances=tuple(one for one in history.reappearances if one <= at),
        found_legal=tuple(one for one in history.found_legal if one <= at),
    )


def _stretches(history: CaseHistory) -> list[_Stretch]:
    """Rules 1 and 2."""
    groups = list[list[SentNotice]]()
    for notice in history.notices:
        same = groups and groups[-1][0].provider == notice.provider
        if same and _end(history, _Stretch(groups[-1], notice.at)) is None:
            groups[-1].append(notice)
        else:
            groups.append([notice])
    following = [*(group[0].at for group in groups[1:]), None]
    return [_Stretch(group, until) for group, until in zip(groups, following, strict=False)]


def _end(history: CaseHistory, one: _Stretch) -> tuple[datetime, Result] | None:
    """Rule 3: when and how an entry ended."""
    absent = [(moment, Result.REMOVED) for moment in history.absences if one.has(moment)]
    legal = [(moment, Result.WITHDRAWN) for moment in history.found_legal if one.has(moment)]
    return min((*absent, *legal), default=None)


def _judged(history: CaseHistory, one: _Stretch, at: datetime) -> LedgerEntry:
    first, end = one.notices[0], _end(history, one)
    answer = next((said.answer for said in reversed(history.answers) if one.has(said.at)), None)
    result = end[1] if end else _unended(one, answer)
    stop = end[0] if end else one.until or at
    held, removed = overlap(history.holds, one.begin, stop), result is Result.REMOVED
    return LedgerEntry(
        provider=first.provider,
        country=first.country,
        label=first.label,
        begun=first.at,
        notices=len(one.notices),
        result=result,
        answer=answer,
        hours=(stop - one.begin - held) / HOUR if removed else None,
        held_hours=held / HOUR,
        under_hold=result in (Result.OPEN, Result.REFUSED) and stands(history.holds, at),
        reappeared=removed and any(one.has(moment) and moment > stop for moment in history.reappearances),
    )


def _unended(one: _Stretch, answer: HostAnswer | None) -> Result:
    """Rules 4 and 5."""
    if one.until is not None:
        return Result.MOVED
    return Result.REFUSED if answer is HostAnswer.REFUSED else Result.OPEN
