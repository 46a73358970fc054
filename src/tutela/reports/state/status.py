"""Status of a report: columns for the queue, derived from the rows that decide.

- Erroneous and unfounded come from the newest decision, unless a later examination found the report urgent: then no
  decision is valid.
- Asked lasts until the provider answers, or until its deadline where that is law (`expired_questions`). Then the report
  is open again.
- Forwarded means to be referred, until a referral is valid. Referred lasts until an outcome arrives; then the status is
  answered.
- A referral is valid unless the report was declared erroneous after it, or its authority returned it. Its supplements
  are valid with it.
- A duplicate has the status of its original.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from tutela.reports.errors import AlreadyDecided, DecidedBy
from tutela.reports.models import Assessment, Decision, Examination, Outcome, Referral, Report, State
from tutela.reports.scoring import history
from tutela.reports.state import progress

FINAL = {Decision.UNFOUNDED: State.UNFOUNDED, Decision.ERRONEOUS: State.ERRONEOUS}


def refresh(row: Report) -> None:
    """Write the columns of a report and of its duplicates. Call inside `acting(actor)`, with the row locked."""
    newest = row.assessments.order_by("-created_at", "-id").first()
    if newest is not None and newest.decision in FINAL and _found_urgent_since(row, newest):
        newest = None
    decided = newest is not None and newest.decision != Decision.ASK
    stands = referrals_that_stand(row)
    outcomes = list(Outcome.objects.filter(referral__in=stands).values_list("kind", "release"))
    referred = bool(outcomes) or stands.exists()
    reached, released = progress.progress_of(outcomes) if referred else (0, 0)
    columns: dict[str, Any] = {
        "state": _state(row, newest, answered=bool(outcomes), referred=referred) if newest else State.OPEN,
        "decision": newest.decision if newest else "",
        "decided_at": newest.created_at if newest and decided else None,
        "reached": reached,
        "released": released,
    }
    history.note(row, columns["decision"], decided)
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=list(columns))
    row.duplicates.update(state=columns["state"], decision=columns["decision"])


def decided_already(row: Report) -> AlreadyDecided:
    """The refusal of a further decision, with the name of who made the newest. Call inside `acting(actor)`."""
    newest = row.assessments.order_by("-created_at", "-id").first()
    return DecidedBy(name=newest.by_name) if newest else AlreadyDecided()


def referrals_not_undone() -> QuerySet[Referral]:
    """Referrals that no later error has undone; their authorities hold the package, also who returned it."""
    undone = Assessment.objects.filter(
        report=OuterRef("report"), decision=Decision.ERRONEOUS, created_at__gte=OuterRef("created_at")
    )
    return Referral.objects.filter(~Exists(undone))


def standing_referrals() -> QuerySet[Referral]:
    """Every referral that stands. Call inside `acting(actor)`, as for the others."""
    return referrals_not_undone().filter(returned=None, supplement_to__returned=None)


def referrals_that_stand(row: Report) -> QuerySet[Referral]:
    """A report's referrals that no later error has undone and nobody has returned."""
    return standing_referrals().filter(report=row)


def primary_referrals(row: Report) -> QuerySet[Referral]:
    """The referrals that stand and are no supplements, the first one first. Call inside `acting(actor)`."""
    return referrals_that_stand(row).filter(supplement_to=None).order_by("created_at", "id")


def closing_outcome(row: Report) -> Outcome | None:
    """The first released closing outcome once no valid referral is open; None before, or if none was released.

    One closed copy does not close the report, and a notice for each would reveal the number of copies. The result does
    not change when a further copy is closed later. Call inside `acting(actor)`.
    """
    stand = set(primary_referrals(row).values_list("pk", flat=True))
    closed = list(Outcome.objects.filter(referral__in=stand, kind="closed").order_by("created_at", "id"))
    if not stand or {one.referral_id for one in closed} != stand:
        return None
    return next((one for one in closed if one.release != "centre_only"), None)


def lead_referral(row: Report) -> Referral | None:
    """The first referral that stands: to its authority further files are sealed."""
    return referrals_that_stand(row).order_by("created_at", "id").first()


def that_stood(row: Report, moment: datetime) -> QuerySet[Referral]:
    """A report's referrals that stood at a moment, whatever became of them since. Call inside `acting(actor)`."""
    undone = Assessment.objects.filter(
        report=OuterRef("report"),
        decision=Decision.ERRONEOUS,
        created_at__gte=OuterRef("created_at"),
        created_at__lte=moment,
    )
    rows = Referral.objects.filter(~Exists(undone), report=row, created_at__lte=moment)
    rows = rows.exclude(returned__created_at__lte=moment).exclude(supplement_to__returned__created_at__lte=moment)
    return rows.order_by("created_at", "id")


def _found_urgent_since(row: Report, decided: Assessment) -> bool:
    found = Examination.objects.filter(draw__report=row, urgent=True, created_at__gt=decided.created_at)
    return found.exists()


def _state(row: Report, newest: Assessment, *, answered: bool, referred: bool) -> str:
    if newest.decision in FINAL:
        return FINAL[Decision(newest.decision)]
    if newest.decision == Decision.ASK:
        return State.OPEN if row.answers.filter(created_at__gte=newest.created_at).exists() else State.ASKED
    if answered:
        return State.ANSWERED
    return State.REFERRED if referred else State.FORWARD
