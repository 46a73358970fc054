"""The text for the user of one report, in the languages of this node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.conf import settings

from tutela.detection.drafts.drafts import text_of
from tutela.detection.models import Draft
from tutela.detection.models.reinstatements import GivenBack
from tutela.detection.models.user_notices import Audience
from tutela.detection.notices import language as notices_language
from tutela.detection.notices.language import Choice
from tutela.detection.notices.paragraphs import About, given_back, paragraphs
from tutela.detection.notices.sentences import Language, load
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.exchange.report.report import Report
from tutela.organisations.people import directory


@dataclass(frozen=True)
class NoticeReader:
    """Audience and language of a text, and the reason of the language; `report` is the subject."""

    report: Report | None
    audience: str
    language: Language
    choice: Choice


@cache
def languages() -> Mapping[str, Language]:
    """Every language of this node by its code. Read once; what an operator put there was checked at the start."""
    return load(settings.USER_TEXTS)


def chosen(audience: str, language: str) -> Language:
    """The language in which a user was notified. Raises `Invalid` for an unknown audience or language."""
    if audience not in Audience.values:
        raise Invalid("Choose one of: {known}.", field="audience", known=", ".join(Audience.values))
    spoken = languages().get(language)
    if spoken is None:
        raise Invalid("No text exists in this language.", field="language")
    return spoken


def reader(actor: Actor, row: Draft, audience: str, language: str) -> NoticeReader:
    """Choose the reader of a text before a notice: an adult if no known audience is asked for.

    Without a `language`, or in one that has no text, the facts of the report decide (`language`). Call inside
    `acting(actor)`.
    """
    report, known = report_of(row), languages()
    country = directory.entry(actor.organisation_id).country
    choice = notices_language.choose(report, country, language, known)
    wanted = audience if audience in Audience.values else Audience.ADULT.value
    return NoticeReader(report, wanted, known[choice.code], choice)


def report_of(row: Draft) -> Report | None:
    """Return the report's text; None if retention has erased it. Call inside `acting(actor)`."""
    revision = row.revisions.order_by("-number").first()
    return text_of(revision) if revision else None


def text(row: Draft, report: Report | None, audience: str, language: Language, reported_at: datetime) -> list[str]:
    """The paragraphs, in a language and for an audience, about a report of a day. Call inside `acting(actor)`."""
    unfounded = row.feedback.filter(kind="not_relevant").exists()
    reinstated = row.given_back == GivenBack.REINSTATED
    return paragraphs(language, audience, About(report, reported_at.date(), unfounded, reinstated))


def of_reinstatement(report: Report | None, audience: str, language: Language, reported_at: datetime) -> list[str]:
    """The paragraphs that say to the user of a report that came back that they are reinstated."""
    return given_back(language, audience, About(report, reported_at.date(), unfounded=True, reinstated=True))
