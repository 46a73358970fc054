"""A report came back as unfounded, or as an error: what its user is given back, and that somebody says so.

- It waits from the Centre's word on, on the start page and in the list, until a person says what was given back, that
  nothing had been taken, or that what was done stays for a reason of its own.
- It is said once: the same word again changes nothing. One that was wrong is taken back by a row of its own.
- Where the Centre finds the report relevant after all, what was said before is of the past: a later return waits anew.
- A hold forbids nothing here, and is shown: who gets an account back may guess why.

Tutela gives nothing back by itself: it does not know how the provider reaches its users.
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
MOST = 600


@dataclass(frozen=True)
class Return:
    """A report that came back: what was done to its user, what has been said of it, and when the user is told."""

    # As the report said when it was sent; none known where it was erased.
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
    words = typed(words)[:MOST]
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
    """What was said was wrong: it waits again. Where nothing stands, nothing happens. Raises `Invalid`, `NotFound`."""
    actor.require("detection.report")
    words = typed(words)[:MOST]
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
    """Of how many reports that came back nobody has said yet. Call inside `acting(actor)`."""
    return Draft.objects.filter(state=FeedbackKind.NOT_RELEVANT, given_back="").count()


def reinstatement_of(row: Draft, report: Report | None) -> Return | None:
    """What a report's page says of it; None for one that never came back. Call inside `acting(actor)`."""
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
