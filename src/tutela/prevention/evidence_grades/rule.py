"""The published rule of evidence grades. Nobody sets a grade by hand; the same facts always give the same grade.

A claim is about one programme, one population, one setting and one outcome. Only results of that outcome count. Of each
data set, one result counts: that of the strongest design, then the newest.

A result counts if its study has a DOI or a registration, is not retracted, and two curators judged its risk of bias. A
result that shows harm also counts without a DOI or a registration: a warning does not wait for a number. A judgement
counts while the study still says what was judged, and never from a curator with a conflict of interest.

1. **X, harm shown**: a randomised or compared study without a high risk of bias has an interval that lies wholly on the
   harmful side. Only newer studies that reach A by themselves end it.
2. **A**: two randomised studies of independent teams, or one and an independent compared study; the outcome is a
   record or a behaviour; each interval shows benefit; each follow-up has 12 months or more; harms were looked for;
   attrition is at most 40 %, the risk of bias not high. It falls to B once the newest study is older than 10 years.
3. **B**: one randomised study or review, or two compared studies of two data sets, with an interval that shows benefit;
   the outcome is a record, a behaviour, a scale, or, for a claim about knowledge, knowledge.
4. **C**: one compared study that shows benefit; a randomised study with attrition above 40 % or a high risk of bias; a
   before-and-after study with 20 participants or more.
5. **Falls by one step**: A or B, if a study of an equal or a stronger design points to harm, or rules out a relevant
   benefit.
6. **N, no effect shown**: no study shows benefit, and at least one registered randomised or compared study has an
   interval that includes no effect and rules out a relevant benefit.
7. **U, uncertain**: studies with a comparison were made, none shows benefit or harm, and none rules out a relevant
   benefit. A small study that finds nothing proves nothing.
8. **D**: theory, description, a before-and-after study with fewer than 20 participants, or reach alone. For a claim
   about abuse prevented also what was measured on knowledge alone.
9. **–, not evaluated**: no result counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tutela.prevention.evidence_grades.facts import Bias, Design, Direction, OutcomeKind, ResultFacts

# The rule that a grade was computed by. A changed rule has a new number, and all grades are computed again.
VERSION = 1
LONGEST_A_YEARS = 10
LEAST_FOLLOW_UP_MONTHS = 12
MOST_ATTRITION_PERCENT = 40
LEAST_BEFORE_AFTER = 20
# A grade is stale three years after the newest judgement or study that it rests on: nobody has looked again.
STALE_YEARS = 3


class Grade(StrEnum):
    """Grades in the order in which lists show them: harm and no effect first."""

    HARM = "X"
    NO_EFFECT = "N"
    STRONG = "A"
    MODERATE = "B"
    LIMITED = "C"
    UNCERTAIN = "U"
    WEAK = "D"
    NOT_EVALUATED = "-"


class Left(StrEnum):
    """Why a result does not count."""

    RETRACTED = "retracted"
    NOT_IDENTIFIED = "not_identified"
    NOT_JUDGED = "not_judged"
    SAME_DATA = "same_data"
    OTHER_OUTCOME = "other_outcome"


@dataclass(frozen=True)
class Graded:
    """A grade, the number of the rule that gave it, what it rests on, and why other results were left out."""

    grade: Grade
    rule: int
    counted: tuple[str, ...] = ()
    left: tuple[tuple[str, Left], ...] = ()
    fell: bool = False
    aged: bool = False
    harms_looked_for: bool = False


# Strongest first.
_STRENGTH = (
    Design.RANDOMISED,
    Design.REVIEW,
    Design.COMPARED,
    Design.BEFORE_AFTER,
    Design.DESCRIPTIVE,
    Design.THEORY,
)
_WITH_COMPARISON = frozenset({Design.RANDOMISED, Design.REVIEW, Design.COMPARED})
_LOWER = {Grade.STRONG: Grade.MODERATE, Grade.MODERATE: Grade.LIMITED}


def grade(results: Iterable[ResultFacts], claimed: OutcomeKind, today: date) -> Graded:
    """Grade a claim about an outcome of the kind `claimed`, from all results of its programme, by the rule above."""
    counted, left = _select(results, claimed)
    own = [one for one in counted if one.kind is claimed]
    found = _decide(own, claimed, today) or _weakest(counted)
    ids = tuple(one.id for one in (own or counted))
    looked = any(one.harms_looked_for for one in own)
    return Graded(found[0], found[1], ids, tuple(left), found[2], found[3], looked)


def may_recommend(grades: Sequence[Graded], reviewed_by_survivors: bool) -> bool:
    """Whether a programme may be called recommended.

    One claim needs A or B with harms looked for, none may show harm, and survivors must have reviewed the programme.
    """
    good = any(one.grade in (Grade.STRONG, Grade.MODERATE) and one.harms_looked_for for one in grades)
    return good and reviewed_by_survivors and all(one.grade is not Grade.HARM for one in grades)


def stale_on(judged: date, published: Iterable[date]) -> date:
    """Day from which a grade is stale."""
    newest = max([judged, *published])
    return _years_after(newest, STALE_YEARS)


def _select(results: Iterable[ResultFacts], claimed: OutcomeKind) -> tuple[list[ResultFacts], list[tuple[str, Left]]]:
    left, usable = list[tuple[str, Left]](), list[ResultFacts]()
    for one in results:
        reason = _why_not(one, claimed)
        if reason is None:
            usable.append(one)
        else:
            left.append((one.id, reason))
    usable.sort(key=lambda one: (_STRENGTH.index(one.design), -one.published.toordinal(), one.id))
    kept, seen = list[ResultFacts](), set[tuple[str, OutcomeKind]]()
    for one in usable:
        key = (one.cohort or one.id, one.kind)
        if key in seen:
            left.append((one.id, Left.SAME_DATA))
        else:
            seen.add(key)
            kept.append(one)
    return kept, left


def _why_not(one: ResultFacts, claimed: OutcomeKind) -> Left | None:
    if one.retracted:
        return Left.RETRACTED
    if one.kind is not claimed and not _supports_weakly(one, claimed):
        return Left.OTHER_OUTCOME
    if one.bias is None:
        return Left.NOT_JUDGED
    if not one.identified and not _harmful(one):
        return Left.NOT_IDENTIFIED
    return None


def _supports_weakly(one: ResultFacts, claimed: OutcomeKind) -> bool:
    """Knowledge, reach and theory say a little about abuse prevented, and nothing about other outcomes."""
    return claimed is OutcomeKind.RECORD and one.kind in (OutcomeKind.KNOWLEDGE, OutcomeKind.REACH)


def _decide(results: list[ResultFacts], claimed: OutcomeKind, today: date) -> tuple[Grade, int, bool, bool] | None:
    """Grade, number of the rule, whether it fell by one step, whether it aged; None if only rules 8 and 9 are left."""
    if claimed is OutcomeKind.REACH:
        return None
    harm = [one for one in results if _harmful(one)]
    if harm:
        newest = max(one.published for one in harm)
        later = [one for one in results if one.published > newest]
        if not _strong(later, claimed):
            return Grade.HARM, 1, False, False
        results = later
    found = _benefit(results, claimed)
    if found is not None:
        return _settled(found, results, today)
    with_comparison = [one for one in results if one.design in _WITH_COMPARISON and one.effect is not None]
    if any(_rules_out(one) for one in with_comparison):
        return Grade.NO_EFFECT, 6, False, False
    if with_comparison:
        return Grade.UNCERTAIN, 7, False, False
    return None


def _benefit(results: list[ResultFacts], claimed: OutcomeKind) -> tuple[Grade, int] | None:
    if _strong(results, claimed):
        return Grade.STRONG, 2
    good = [one for one in results if _beneficial(one) and _sound(one)]
    if any(one.design in (Design.RANDOMISED, Design.REVIEW) for one in good):
        return Grade.MODERATE, 3
    if len([one for one in good if one.design is Design.COMPARED]) >= 2:
        return Grade.MODERATE, 3
    if any(_beneficial(one) and one.design in _WITH_COMPARISON for one in results):
        return Grade.LIMITED, 4
    # A comparison that finds nothing outweighs a change without one.
    if any(one.design in _WITH_COMPARISON and one.effect is not None for one in results):
        return None
    if any(_before_after(one) for one in results):
        return Grade.LIMITED, 4
    return None


def _settled(found: tuple[Grade, int], results: list[ResultFacts], today: date) -> tuple[Grade, int, bool, bool]:
    reached, rule = found
    aged = reached is Grade.STRONG and _years_after(max(one.published for one in results), LONGEST_A_YEARS) < today
    if aged:
        reached = Grade.MODERATE
    if reached in _LOWER and _opposed(results):
        return _LOWER[reached], 5, True, aged
    return reached, rule, False, aged


def _opposed(results: list[ResultFacts]) -> bool:
    """Whether a study of equal or stronger design than the weakest one for benefit speaks against it."""
    weakest = max(_STRENGTH.index(one.design) for one in results if _beneficial(one))
    return any(
        one.effect is not None
        and not _beneficial(one)
        and _sound(one)
        and _STRENGTH.index(one.design) <= weakest
        and (one.effect.points_to_harm or one.effect.rules_out_benefit)
        for one in results
    )


def _strong(results: list[ResultFacts], claimed: OutcomeKind) -> bool:
    if claimed not in (OutcomeKind.RECORD, OutcomeKind.BEHAVIOUR):
        return False
    good = [one for one in results if _beneficial(one) and _sound(one) and _long(one)]
    if not any(one.harms_looked_for for one in good):
        return False
    return any(
        first.design is Design.RANDOMISED and second is not first and _independent(first, second)
        for first in good
        for second in good
        if second.design in (Design.RANDOMISED, Design.COMPARED)
    )


def _independent(first: ResultFacts, second: ResultFacts) -> bool:
    """Different teams; unknown teams are not independent of each other."""
    return bool(first.team and second.team) and first.team != second.team


def _long(one: ResultFacts) -> bool:
    return one.follow_up_months is not None and one.follow_up_months >= LEAST_FOLLOW_UP_MONTHS


def _sound(one: ResultFacts) -> bool:
    attrition = one.attrition_percent
    return one.bias is not Bias.HIGH and (attrition is None or attrition <= MOST_ATTRITION_PERCENT)


def _beneficial(one: ResultFacts) -> bool:
    return one.effect is not None and one.effect.direction is Direction.BENEFIT


def _harmful(one: ResultFacts) -> bool:
    if one.effect is None or one.design not in _WITH_COMPARISON or one.bias in (None, Bias.HIGH):
        return False
    return one.kind is not OutcomeKind.REACH and one.effect.direction is Direction.HARM


def _rules_out(one: ResultFacts) -> bool:
    return one.registered and _sound(one) and one.effect is not None and one.effect.rules_out_benefit


def _before_after(one: ResultFacts) -> bool:
    enough = one.participants is not None and one.participants >= LEAST_BEFORE_AFTER
    return one.design is Design.BEFORE_AFTER and enough and _beneficial(one)


def _weakest(counted: list[ResultFacts]) -> tuple[Grade, int, bool, bool]:
    return (Grade.WEAK, 8, False, False) if counted else (Grade.NOT_EVALUATED, 9, False, False)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
