"""Assess the files that examinations found, one by one, before the case.

1. The results of the case's round count together: the same file in several of them is one. A result without files takes
   none of them away.
2. A certified file is illegal, and needs no viewing. Every other file has a person's verdict before the case can be
   assessed. The newest verdict on a file counts.
3. The verdict on the case is not milder than that on any of its files. Where files were found, "could not be reached"
   is no verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.law import classification
from tutela.takedown import case_rows as rows
from tutela.takedown.errors import ItemsOpen
from tutela.takedown.models import Examination, FoundItem, ItemAssessment, Reality, TakedownCase, Verdict

CHANGE = "takedown.assess"
# Mildest first; "could not be reached" says nothing of a file.
SEVERITY = (Verdict.LEGAL, Verdict.ELSEWHERE, Verdict.ILLEGAL)


@dataclass(frozen=True)
class ItemJudgement:
    """What a person says of one file."""

    item_id: UUID
    verdict: str
    label: str = ""
    reality: str = ""


@dataclass(frozen=True)
class CurrentItem:
    """One file of a round: its newest row, whether any result found it certified, and what persons said, oldest
    first.
    """

    row: FoundItem
    certified: bool
    viewed_seconds: int
    assessments: tuple[ItemAssessment, ...]

    @property
    def verdict(self) -> str:
        """The verdict that counts; empty if there is none."""
        if self.certified:
            return Verdict.ILLEGAL
        return self.assessments[-1].verdict if self.assessments else ""


def assess_items(actor: Actor, case_id: UUID, given: list[ItemJudgement]) -> int:
    """Store verdicts on files of a case, all or none; returns how many are new. Raises `Invalid`, `CaseClosed`."""
    actor.require(CHANGE)
    for one in given:
        _check(one)
    with acting(actor):
        case = rows.locked_open(case_id)
        known = {item.row.pk: item for item in current_items(case)}
        made = []
        for one in given:
            item = known.get(one.item_id)
            if item is None:
                raise Invalid("A newer examination has other files. Reload the page.", field="items")
            if not _said(actor, item, one):
                made.append(_row(actor, item.row, one))
        ItemAssessment.objects.bulk_create(made)
        if made:
            record(actor, "takedown.items_assessed", rows.SUBJECT, case.pk, items=len(made))
    return len(made)


def answered_examinations(case: TakedownCase) -> list[Examination]:
    """The examinations of the case's round that have a result, newest first. Call inside `acting(actor)`."""
    found = case.examinations.filter(round=case.round).exclude(answered_at=None)
    return list(found.order_by("-answered_at", "-pk"))


def current_items(case: TakedownCase) -> list[CurrentItem]:
    """The files of the case's round, in the order in which they were found. Call inside `acting(actor)`."""
    found = FoundItem.objects.filter(examination__case=case, examination__round=case.round)
    grouped: dict[bytes, list[FoundItem]] = {}
    for one in found.order_by("examination__answered_at", "position").prefetch_related("assessments"):
        grouped.setdefault(bytes(one.item_key), []).append(one)
    return [_current(same) for same in grouped.values()]


def require_assessed(case: TakedownCase, verdict: str) -> None:
    """Raise `ItemsOpen` or `Invalid` unless a verdict on the case follows from its files (rules 2 and 3).

    Call inside `acting(actor)`.
    """
    verdicts = [one.verdict for one in current_items(case)]
    if not verdicts:
        return
    if verdict == Verdict.UNREACHABLE:
        raise Invalid("Files were found at this address. Assess them.", field="verdict")
    if still := verdicts.count(""):
        raise ItemsOpen(many=still)
    worst = max(verdicts, key=SEVERITY.index)
    if SEVERITY.index(verdict) < SEVERITY.index(worst):
        raise Invalid(
            "A file of this address was assessed as {verdict}.", field="verdict", verdict=Verdict(worst).label
        )


def _current(same: list[FoundItem]) -> CurrentItem:
    said = sorted((one for row in same for one in row.assessments.all()), key=lambda one: (one.created_at, one.pk))
    viewed = sum(row.viewed_seconds for row in same)
    return CurrentItem(same[-1], any(row.certified for row in same), viewed, tuple(said))


def _said(actor: Actor, item: CurrentItem, given: ItemJudgement) -> bool:
    """Whether this person's newest verdict on a file is the same already: a form that was sent twice."""
    own = [one for one in item.assessments if one.by == actor.reference]
    return bool(own) and (own[-1].verdict, own[-1].label, own[-1].reality) == (
        given.verdict,
        given.label,
        given.reality,
    )


def _row(actor: Actor, item: FoundItem, given: ItemJudgement) -> ItemAssessment:
    return ItemAssessment(
        organisation_id=actor.organisation_id,
        item=item,
        verdict=given.verdict,
        label=given.label,
        reality=given.reality,
        by=actor.reference,
        by_name=actor.name[:200],
    )


def _check(given: ItemJudgement) -> None:
    if given.verdict not in SEVERITY:
        raise Invalid("Choose a verdict for each file.", field="verdict")
    if given.verdict != Verdict.LEGAL:
        if not given.label:
            raise Invalid("Choose the label of the content.", field="label")
        classification.checked_code(given.label)
        if given.reality not in Reality.values:
            raise Invalid("Choose whether a real child is depicted.", field="reality")
