"""Reinstatement of a user whose report was returned as unfounded or filed in error.

- From the Centre's decision on, the report is listed as pending, on the start page and in the list. This lasts until a
  person records one of three answers: the user was reinstated, no measure had been taken, or the measure stays for a
  separate reason.
- The answer is recorded once: the same answer again changes nothing. A wrong answer is undone by a separate row.
- If the Centre finds the report relevant after all, earlier answers no longer count: a later return is pending again.
- A hold forbids nothing here, but it is shown: a user who gets an account back may guess why.

Tutela reinstates nobody by itself: it does not know how the provider reaches its users.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tutela.detection.errors import NotCameBack, SaidBefore
from tutela.detection.models import Draft, Reinstatement
from tutela.detection.models.reinstatements import UNDONE, GivenBack
from tutela.detection.notices import schedule
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.report.feedback import FeedbackKind
from tutela.exchange.report.report import Report
from tutela.law import holds
from tutela.law.user_information import NoticeState
from tutela.organisations.keys import subject_keys

KIND = "report"
MOST_REASON_CHARACTERS = 600


@dataclass(frozen=True)
class Return:
    """A returned report: measure against its user, recorded answers, notice to the user."""

    # The values are those of the report when it was sent; they are empty if the report was erased.
    removed: bool | None
    measures: list[str]
    said: list[Reinstatement]
    standing: Reinstatement | None
    held: Any
    telling: NoticeState | None
    simulated: bool = field(default=False)


def say(actor: Actor, draft_id: UUID, kind: str, words: str = "") -> None:
    """Say what the user was given back. The same word again changes nothing.

    Raises `NotCameBack`, `SaidBefore` where another word stands, `Invalid` naming the field, `NotFound`.
    """
    actor.require("detection.report")
    words = typed(words)[:MOST_REASON_CHARACTERS]
    if kind not in GivenBack:
        raise Invalid("Choose the outcome for the user.", field="kind")
    if kind == GivenBack.STAYS and not words:
        raise Invalid("Enter the separate reason why the measure stays.", field="words")
    with acting(actor):
        row = _locked(draft_id)
        if row.state != FeedbackKind.NOT_RELEVANT:
            raise NotCameBack
        stands = standing(row)
        if stands is not None:
            if stands.kind != kind:
                raise SaidBefore
            return
        _write(actor, row, kind, words)
        record(actor, "user.reinstated", KIND, row.pk, given_back=kind)


def take_back(actor: Actor, draft_id: UUID, words: str) -> None:
    """Undo a wrong answer, so that the report is pending again.

    Does nothing without a current answer. Raises `Invalid`, `NotFound`.
    """
    actor.require("detection.report")
    words = typed(words)[:MOST_REASON_CHARACTERS]
    if not words:
        raise Invalid("Enter what was wrong.", field="words")
    with acting(actor):
        row = _locked(draft_id)
        stands = standing(row)
        if stands is None:
            return
        _write(actor, row, UNDONE, words, undoes=stands)
        record(actor, "user.reinstatement_undone", KIND, row.pk, given_back=stands.kind)


def refresh(row: Draft) -> None:
    """Write on a draft what stands. Call inside `acting(actor)`, after each such row and after the Centre's word."""
    stands = standing(row)
    row.given_back = stands.kind if stands else ""
    Draft.objects.filter(pk=row.pk).update(given_back=row.given_back)


def waiting_count() -> int:
    """Count returned reports without a recorded answer. Call inside `acting(actor)`."""
    return Draft.objects.filter(state=FeedbackKind.NOT_RELEVANT, given_back="").count()


def reinstatement_of(row: Draft, report: Report | None) -> Return | None:
    """Return the data for a report's page; None if it was never returned.

    Call inside `acting(actor)`.
    """
    said = list(row.reinstatements.all())
    if row.state != FeedbackKind.NOT_RELEVANT and not said:
        return None
    subject_keys.open_words(KIND, row.pk, said, "words")
    stands = standing(row)
    removal, decision = (report.removal, report.user_decision) if report else (None, None)
    measures = [*decision.measures, *([decision.details] if decision.details else [])] if decision else []
    return Return(
        removed=removal.removed_or_disabled if removal else False if report else None,
        measures=measures,
        said=said,
        standing=next((one for one in said if stands and one.pk == stands.pk), None),
        held=holds.held(KIND, row.pk),
        telling=schedule.standing_of(row),
        simulated=schedule.simulated(),
    )


def _write(actor: Actor, row: Draft, kind: str, words: str, undoes: Reinstatement | None = None) -> None:
    made = Reinstatement(
        organisation_id=actor.organisation_id,
        draft=row,
        kind=kind,
        words=words,
        undoes=undoes,
        by=actor.reference,
        by_name=actor.name[:200],
    )
    subject_keys.seal_words(actor, KIND, row.pk, made, "words")
    made.save()
    refresh(row)


def standing(row: Draft) -> Reinstatement | None:
    """The newest word that nobody took back and that the Centre has not overtaken by finding the report relevant.

    Call inside `acting(actor)`.
    """
    rows = row.reinstatements.filter(undoes=None, undone=None)
    relevant = row.feedback.filter(kind=FeedbackKind.RELEVANT).order_by("-created_at", "-id").first()
    if relevant is not None:
        rows = rows.filter(created_at__gt=relevant.created_at)
    return rows.order_by("-created_at", "-id").first()


def _locked(draft_id: UUID) -> Draft:
    row = Draft.objects.select_for_update().filter(pk=draft_id).first()
    if row is None:
        raise NotFound
    return row
