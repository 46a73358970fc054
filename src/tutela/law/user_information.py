"""When the user is informed of a report: CSAR 12(2) with 48(6)-(7), as a function of received facts.

1. The user is informed at once when the Centre finds the report manifestly unfounded.
2. Otherwise the user is informed three calendar months after the report, if no hold was communicated by then.
3. If a hold came before either, the user is informed at the hold's end, earlier or later than the three months.
4. The user is never informed while a hold is active, whenever it came. The newest statement about a hold replaces the
   earlier one, and a statement whose time has passed ends the hold. No hold lasts longer than eighteen months from its
   receipt.
5. The user is informed only once.

Facts later than `now` are ignored, because they have not been received yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tutela.law.clock_kinds import LONGEST_HOLD_MONTHS, add_months

MONTHS = 3


@dataclass(frozen=True)
class Fact:
    """Fact received at a moment: `unfounded`, `hold` (with its end) or `told`."""

    kind: str
    at: datetime
    until: datetime | None = None
    # Among facts of one moment: which came first.
    place: int = 0


@dataclass(frozen=True)
class NoticeState:
    """State of the duty to notify: `waiting`, `held`, `due` or `told`, with its time and rule.

    `at`: when a waiting notice becomes due, when a hold ends, or since when it is due or told.
    """

    state: str
    at: datetime
    rule: str


@dataclass(frozen=True)
class SilentSpan:
    """Period in which nobody is notified: from `start` to before `end`."""

    start: datetime
    end: datetime


def standing(reported_at: datetime, facts: Iterable[Fact], now: datetime) -> NoticeState:
    """Return the state of the duty to notify at a moment."""
    known = sorted((f for f in facts if f.at <= now), key=lambda f: (f.at, f.place, f.kind, f.until or f.at))
    told = next((f for f in known if f.kind == "told"), None)
    if told is not None:
        return NoticeState("told", told.at, "told")
    spans = held(known)
    at, rule = _due(reported_at, known, spans)
    if any(span.start <= now < span.end for span in spans):
        end = next(span.end for span in spans if span.start <= now < span.end)
        return NoticeState("held", end, "hold")
    return NoticeState("due" if now >= at else "waiting", at, rule)


def held(facts: Sequence[Fact]) -> list[SilentSpan]:
    """The times in which a hold stands, in order and apart from each other."""
    words = [f for f in facts if f.kind == "hold" and f.until is not None]
    spans: list[SilentSpan] = []
    for index, word in enumerate(words):
        end = min(word.until or word.at, add_months(word.at, LONGEST_HOLD_MONTHS))
        if index + 1 < len(words):
            end = min(end, words[index + 1].at)
        if end <= word.at:
            continue
        if spans and spans[-1].end == word.at:
            spans[-1] = SilentSpan(spans[-1].start, end)
        else:
            spans.append(SilentSpan(word.at, end))
    return spans


def _due(reported_at: datetime, facts: Sequence[Fact], spans: Sequence[SilentSpan]) -> tuple[datetime, str]:
    """The first moment of a rule that no hold covers."""
    months = add_months(reported_at, MONTHS)
    early = [span for span in spans if span.start < months]
    moments = [(f.at, "unfounded") for f in facts if f.kind == "unfounded"]
    moments += [(span.end, "hold_ended") for span in early]
    if not early:
        moments.append((months, "three_months"))
    return min(_after_holds(at, rule, spans) for at, rule in moments)


def _after_holds(at: datetime, rule: str, spans: Sequence[SilentSpan]) -> tuple[datetime, str]:
    for span in spans:
        if span.start <= at < span.end:
            return span.end, "hold_ended"
    return at, rule
