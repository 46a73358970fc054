"""What the user is told: the gist of the report, how it came to it, what followed, and what can be done about it.

Three texts for one thing: for adults, for teenagers, for children. None names an authority, a list or another person,
and none says more of the matter than that it was reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tutela.detection.informing_languages import Adult, Language, Teenager
from tutela.exchange.report import Report


def paragraphs(language: Language, audience: str, report: Report | None, *, unfounded: bool, day: date) -> list[str]:
    """The text for `adult`, `teenager` or `child`, about a report of a day; `report` is None where it was erased."""
    write = {"child": _for_child, "teenager": _for_teenager}.get(audience, _for_adult)
    return list(write(language, report, unfounded, day))


def _for_adult(language: Language, report: Report | None, unfounded: bool, day: date) -> Iterator[str]:
    say = language.adult
    yield from _reported(language, say, report, day)
    yield say.unfounded if unfounded else say.unknown
    if report is not None and report.removal is not None and report.removal.removed_or_disabled:
        yield say.removed
    if report is not None and report.user_decision.decided:
        yield say.decided
    yield say.complain
    yield say.court


def _for_teenager(language: Language, report: Report | None, unfounded: bool, day: date) -> Iterator[str]:
    say = language.teenager
    yield say.opening
    yield from _reported(language, say, report, day)
    yield say.unfounded if unfounded else say.unknown
    yield say.not_wrong
    yield say.mistake
    yield say.complain
    yield say.helpline


def _for_child(language: Language, _report: Report | None, unfounded: bool, _day: date) -> Iterator[str]:
    say = language.child
    yield say.opening
    yield say.reported
    yield say.unfounded if unfounded else say.unknown
    yield say.not_in_trouble
    yield say.mistake
    yield say.helpline


def _reported(language: Language, say: Adult | Teenager, report: Report | None, day: date) -> Iterator[str]:
    if report is None:
        yield say.reported_erased
        return
    yield say.reported.format(day=language.day(day), service=report.service.name)
    yield say.how.format(how=_how(language, report))


def _how(language: Language, report: Report) -> str:
    """The manners of awareness."""
    return language.how.between.join(getattr(language.how, manner.value) for manner in report.awareness.manners)
