"""The text for the user of one report, in the languages of this node."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from django.conf import settings

from tutela.detection.drafting import text_of
from tutela.detection.informing_languages import Language, load
from tutela.detection.informing_paragraphs import paragraphs
from tutela.detection.models import Draft
from tutela.exchange.report import Report


@cache
def languages() -> Mapping[str, Language]:
    """Every language of this node by its code. Read once; what an operator put there was checked at the start."""
    return load(settings.USER_TEXTS)


def report_of(row: Draft) -> Report | None:
    """What the report says; None where retention has erased it. Call inside `acting(actor)`."""
    revision = row.revisions.order_by("-number").first()
    return text_of(revision) if revision else None


def text(row: Draft, report: Report | None, audience: str, language: Language, reported_at: datetime) -> list[str]:
    """The paragraphs, in a language and for an audience, about a report of a day. Call inside `acting(actor)`."""
    unfounded = row.feedback.filter(kind="not_relevant").exists()
    return paragraphs(language, audience, report, unfounded=unfounded, day=reported_at.date())
