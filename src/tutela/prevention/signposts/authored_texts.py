"""Texts that only a named professional may write: workbook, early signs, for parents, lessons of teaching packs.

A text is shown while its review is not overdue and with its owner, licence and grade. Without one, a page points to
services instead. Self-tests are about a lesson: their answers are compared in the reader's browser and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.prevention.knowledge.permissions import CURATE, READ
from tutela.prevention.models import AuthoredText, GradeName, TextKind

MOST_QUESTIONS = 30


@dataclass(frozen=True)
class TextInput:
    """A text as a curator enters it for its owner. `questions` is in the notation of `read_questions`."""

    kind: str
    language: str
    title: str
    text: str
    owner: str
    owner_profession: str
    licence: str
    review_due: date
    grade: str
    questions: str = ""


def enter(actor: Actor, given: TextInput) -> UUID:
    """Enter a text; one of the same kind, language and title is replaced. Raises `Invalid` naming the field."""
    actor.require(CURATE)
    for name in ("title", "text", "owner", "owner_profession", "licence"):
        if not getattr(given, name).strip():
            raise Invalid("Fill in this field.", field=name)
    if given.kind not in TextKind.values:
        raise Invalid("Choose one of the list.", field="kind")
    if given.grade not in GradeName.values:
        raise Invalid("Choose one of the list.", field="grade")
    if given.grade == GradeName.HARM:
        raise Invalid("A text whose use was shown to harm is not published.", field="grade")
    if given.review_due <= clock.now().date():
        raise Invalid("Enter a day that is in the future.", field="review_due")
    if given.questions.strip() and given.kind != TextKind.LESSON:
        raise Invalid("Only a lesson has a self-test.", field="questions")
    facts = {name: getattr(given, name) for name in TextInput.__dataclass_fields__}
    with acting(actor):
        row = AuthoredText(
            organisation_id=actor.organisation_id,
            by=actor.reference,
            by_name=actor.name[:200],
            **(facts | {"questions": read_questions(given.questions)}),
        )
        row.save(force_insert=True)
        record(actor, "text.entered", "authored_text", row.pk, kind=row.kind, title=row.title, owner=row.owner)
        return UUID(str(row.pk))


def list_texts(actor: Actor) -> list[AuthoredText]:
    """The newest text of each kind, language and title."""
    actor.require(READ)
    with acting(actor):
        return _newest()


def public_texts(kind: str, language: str) -> list[AuthoredText]:
    """Texts that may be shown in a language, or else in English. Call inside `acting`."""
    today = clock.now().date()
    rows = [one for one in _newest() if one.kind == kind and one.review_due > today]
    return [one for one in rows if one.language == language] or [one for one in rows if one.language == "en"]


def read_questions(text: str) -> list[dict[str, object]]:
    """Questions of a self-test. Each line begins with its meaning. Raises `Invalid`.

    `?` begins a question, `+` is its right option, `-` another one, and `!` says why.
    """
    found = list[dict[str, object]]()
    for line in filter(None, map(str.strip, text.splitlines())):
        mark, rest = line[0], line[1:].strip()
        if mark == "?" and rest:
            found.append({"question": rest, "options": [], "right": None, "why": ""})
        elif mark in "+-" and rest and found:
            _option(found[-1], rest, right=mark == "+")
        elif mark == "!" and rest and found:
            found[-1]["why"] = rest
        else:
            raise Invalid("Begin each line with ?, +, - or !.", field="questions")
    if len(found) > MOST_QUESTIONS or not all(_complete(one) for one in found):
        raise Invalid("Each question has one right option, another one, and a reason.", field="questions")
    return found


def _option(question: dict[str, object], text: str, *, right: bool) -> None:
    options = question["options"]
    assert isinstance(options, list)
    if right:
        if question["right"] is not None:
            raise Invalid("Each question has one right option, another one, and a reason.", field="questions")
        question["right"] = len(options)
    options.append(text)


def _complete(question: dict[str, object]) -> bool:
    options = question["options"]
    return (
        isinstance(options, Sequence) and len(options) >= 2 and question["right"] is not None and bool(question["why"])
    )


def _newest() -> list[AuthoredText]:
    rows = AuthoredText.objects.order_by("created_at", "pk")
    newest = {(one.kind, one.language, one.title): one for one in rows}
    return sorted(newest.values(), key=lambda one: (one.kind, one.language, one.title))
