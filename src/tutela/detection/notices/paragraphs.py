"""Paragraphs of a user notice: gist of the report, its origin, measures taken, and remedies.

There are three texts: for adults, for teenagers, for children. None names an authority, a list or another person, and
none says more of the matter than that it was reported. If a measure was taken because of the report, each text says
that it can be undone. A second text says that it was undone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tutela.detection.notices.sentences import Adult, Child, Language, Teenager
from tutela.exchange.report.report import Report


@dataclass(frozen=True)
class About:
    """Subject of a text: a report of a day (None after its erasure), and its outcome."""

    report: Report | None
    day: date
    unfounded: bool = False
    reinstated: bool = False

    @property
    def removed(self) -> bool:
        """Return whether the report says that content was removed."""
        found = self.report.removal if self.report else None
        return found is not None and found.removed_or_disabled

    @property
    def decided(self) -> bool:
        """Return whether the report says that a decision was taken about the account."""
        return self.report is not None and self.report.user_decision.decided


def paragraphs(language: Language, audience: str, about: About) -> list[str]:
    """The text for `adult`, `teenager` or `child`."""
    write = {"child": _for_child, "teenager": _for_teenager}.get(audience, _for_adult)
    return list(write(language, about))


def given_back(language: Language, audience: str, about: About) -> list[str]:
    """Return the text that tells each user of the reinstatement after an unfounded report."""
    return list(_given_back(language, audience, about))


def _for_adult(language: Language, about: About) -> Iterator[str]:
    say = language.adult
    yield from _reported(language, say, about)
    if about.report is not None:
        yield say.how.format(how=_how(language, about.report))
    yield say.unfounded if about.unfounded else say.unknown
    if about.removed:
        yield say.removed
    if about.decided:
        yield say.decided
    yield from _returned(say, about)
    yield say.complain
    yield say.court


def _for_teenager(language: Language, about: About) -> Iterator[str]:
    say = language.teenager
    yield say.opening
    yield from _reported(language, say, about)
    if about.report is not None:
        yield say.how.format(how=_how(language, about.report))
    yield say.unfounded if about.unfounded else say.unknown
    yield say.not_wrong
    yield say.mistake
    yield from _returned(say, about)
    yield say.complain
    yield say.helpline


def _for_child(language: Language, about: About) -> Iterator[str]:
    say = language.child
    yield say.opening
    yield say.reported
    yield say.unfounded if about.unfounded else say.unknown
    yield say.not_in_trouble
    yield say.mistake
    yield from _returned(say, about)
    yield say.helpline


def _returned(say: Adult | Teenager | Child, about: About) -> Iterator[str]:
    """Sentences stating that measures were reversed, or may be."""
    if about.unfounded and about.reinstated:
        yield say.given_back
        yield say.sorry
    elif about.removed or about.decided:
        yield say.may_return


def _given_back(language: Language, audience: str, about: About) -> Iterator[str]:
    if audience == "child":
        child = language.child
        yield from (child.opening, child.reported, child.unfounded)
        yield from (child.given_back, child.sorry, child.still_missing, child.helpline)
    elif audience == "teenager":
        young = language.teenager
        yield from (young.opening, *_reported(language, young, about), young.unfounded, young.not_wrong)
        yield from (young.given_back, young.sorry, young.still_missing, young.helpline)
    else:
        say = language.adult
        yield from (*_reported(language, say, about), say.unfounded)
        yield from (say.given_back, say.sorry, say.still_missing, say.court)


def _reported(language: Language, say: Adult | Teenager, about: About) -> Iterator[str]:
    if about.report is None:
        yield say.reported_erased
    else:
        yield say.reported.format(day=language.day(about.day), service=about.report.service.name)


def _how(language: Language, report: Report) -> str:
    """The manners of awareness."""
    return language.how.between.join(getattr(language.how, manner.value) for manner in report.awareness.manners)
