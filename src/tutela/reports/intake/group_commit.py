"""Group commit: single reports that arrive at the same time share one transaction.

Most of a single report's cost is the commit.

1. If no transaction is running for this sender and Centre, the report is stored immediately. No report waits for others
   to arrive.
2. Reports that arrive meanwhile wait. When the first is done, one of them stores all waiting reports in one
   transaction. Two messages under one key never share one.
3. Each report has its own answer, receipt or refusal, and none before the commit. If a shared transaction fails, each
   report is tried separately, so that a faulty report stops no other.
4. A broken database connection affects all waiting reports: each gets the error at once and must be sent again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from tutela.events.errors import TutelaError
from tutela.organisations.messages.inbox import Answer
from tutela.organisations.vocabulary.transient_errors import Trouble, trouble
from tutela.reports.intake.store import Filing

# In one transaction: the first of more would wait long for the last.
MOST = 20
type Take = Callable[[Sequence[WaitingReport]], Sequence[Answer | TutelaError]]


@dataclass(eq=False)
class WaitingReport:
    """A report under its key, for which somebody waits. Called without an answer it works for itself, or `leads`."""

    key: str
    body: bytes
    filing: Filing
    answer: Answer | TutelaError | None = None
    broken: Exception | None = None
    leads: bool = False
    called: threading.Event = field(default_factory=threading.Event)


class Gathering:
    """The reports that wait in this process, by who sent them to whom; who is at work has a line, an empty one too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: dict[Hashable, list[WaitingReport]] = {}

    def answer(self, whose: Hashable, one: WaitingReport, take: Take) -> Answer | TutelaError:
        """What `take` answers to this report, taken in alone or with others. Raises what it raises of it alone."""
        self._enter(whose, one)
        one.called.wait()
        if one.leads:
            try:
                return _work(self._group(whose, one), take)
            except Exception as error:
                if trouble(error) is Trouble.AWAY:
                    self._give_up(whose, error)
                raise
            finally:
                self._pass_on(whose)
        if one.broken is not None:
            raise one.broken
        return one.answer if one.answer is not None else _alone(one, take)

    def _enter(self, whose: Hashable, one: WaitingReport) -> None:
        with self._lock:
            if whose in self._lines:
                self._lines[whose].append(one)
            else:
                self._lines[whose] = []
                _lead(one)

    def _group(self, whose: Hashable, first: WaitingReport) -> list[WaitingReport]:
        """A report and those that wait behind it, each under a key of its own."""
        group = {first.key: first}
        with self._lock:
            for one in [*self._lines[whose]]:
                if len(group) < MOST and one.key not in group:
                    group[one.key] = one
                    self._lines[whose].remove(one)
        return [*group.values()]

    def _give_up(self, whose: Hashable, error: Exception) -> None:
        """Tell all that wait that there is no way to the database."""
        with self._lock:
            waiting, self._lines[whose] = self._lines[whose], []
        _tell(waiting, error)

    def _pass_on(self, whose: Hashable) -> None:
        """Let the next that waits work; or nobody is at work any more."""
        with self._lock:
            if self._lines[whose]:
                _lead(self._lines[whose].pop(0))
            else:
                del self._lines[whose]


def _lead(one: WaitingReport) -> None:
    one.leads = True
    one.called.set()


def _work(group: list[WaitingReport], take: Take) -> Answer | TutelaError:
    """Answer several; the answer to the first. After an error each is left to itself."""
    first, *others = group
    if others:
        try:
            for one, answer in zip(group, take(group), strict=True):
                one.answer = answer
        except Exception as error:
            if trouble(error) is Trouble.AWAY:
                _tell(others, error)
                raise
        finally:
            for one in others:
                one.called.set()
    return first.answer if first.answer is not None else _alone(first, take)


def _tell(waiting: Sequence[WaitingReport], error: Exception) -> None:
    for one in waiting:
        one.broken = error
        one.called.set()


def _alone(one: WaitingReport, take: Take) -> Answer | TutelaError:
    (answer,) = take([one])
    return answer
