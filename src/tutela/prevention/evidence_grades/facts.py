"""Facts of a result that the rule of grades reads. Plain values: no table, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Design(StrEnum):
    """How a study compares. `REVIEW` pools several trials in one analysis."""

    RANDOMISED = "randomised"
    REVIEW = "review"
    COMPARED = "compared"
    BEFORE_AFTER = "before_after"
    DESCRIPTIVE = "descriptive"
    THEORY = "theory"


class OutcomeKind(StrEnum):
    """What was measured, from an official record of an offence to the number of people reached."""

    RECORD = "record"
    BEHAVIOUR = "behaviour"
    SCALE = "scale"
    KNOWLEDGE = "knowledge"
    REACH = "reach"


class Metric(StrEnum):
    """How an effect is stated. Ratios are compared with 1, differences with 0."""

    RISK_RATIO = "risk_ratio"
    ODDS_RATIO = "odds_ratio"
    HAZARD_RATIO = "hazard_ratio"
    RISK_DIFFERENCE = "risk_difference"
    STANDARDISED_DIFFERENCE = "standardised_difference"
    MEAN_DIFFERENCE = "mean_difference"


class Bias(StrEnum):
    """Risk of bias of a study, judged by a curator."""

    LOW = "low"
    SOME = "some"
    HIGH = "high"


class Direction(StrEnum):
    """Where an interval lies: for benefit, for harm, or with no effect inside it."""

    BENEFIT = "benefit"
    HARM = "harm"
    INCLUDES_NULL = "includes_null"


RATIOS = frozenset({Metric.RISK_RATIO, Metric.ODDS_RATIO, Metric.HAZARD_RATIO})
# The smallest effect that would matter to practice. An interval without it rules out a relevant benefit. Mean
# differences have the unit of their instrument, so the curator states the smallest relevant difference.
SMALLEST_RELEVANT = {
    Metric.RISK_RATIO: 0.80,
    Metric.ODDS_RATIO: 0.80,
    Metric.HAZARD_RATIO: 0.80,
    Metric.RISK_DIFFERENCE: 0.05,
    Metric.STANDARDISED_DIFFERENCE: 0.20,
}


@dataclass(frozen=True)
class Effect:
    """An estimate with its 95 % interval. `lower_is_better`: a smaller value of the outcome is the benefit."""

    metric: Metric
    estimate: float
    low: float
    high: float
    lower_is_better: bool = True
    # The smallest relevant difference in the unit of the instrument; for mean differences only.
    relevant: float | None = None

    @property
    def null(self) -> float:
        return 1.0 if self.metric in RATIOS else 0.0

    @property
    def direction(self) -> Direction:
        """Where the whole interval lies."""
        if self.high < self.null:
            return Direction.BENEFIT if self.lower_is_better else Direction.HARM
        if self.low > self.null:
            return Direction.HARM if self.lower_is_better else Direction.BENEFIT
        return Direction.INCLUDES_NULL

    @property
    def points_to_harm(self) -> bool:
        """Whether the estimate alone lies on the harmful side."""
        return self.estimate > self.null if self.lower_is_better else self.estimate < self.null

    @property
    def rules_out_benefit(self) -> bool:
        """Whether the interval includes no effect and leaves out every benefit that would matter."""
        bound = self._relevant_bound()
        if bound is None or self.direction is not Direction.INCLUDES_NULL:
            return False
        return self.low > bound if self.lower_is_better else self.high < bound

    def _relevant_bound(self) -> float | None:
        smallest = self.relevant if self.metric is Metric.MEAN_DIFFERENCE else SMALLEST_RELEVANT[self.metric]
        if smallest is None:
            return None
        if self.metric in RATIOS:
            return smallest if self.lower_is_better else 1 / smallest
        return -smallest if self.lower_is_better else smallest


@dataclass(frozen=True)
class ResultFacts:
    """One result of one study about one outcome. None says that a fact was not reported.

    `cohort` names the data set, `team` the evaluators. `bias` is the worse of two curators' judgements, and None before
    two have judged. `published` is the day from which the study ages.
    """

    id: str
    design: Design
    kind: OutcomeKind
    published: date
    effect: Effect | None = None
    treated: int | None = None
    compared: int | None = None
    attrition_percent: float | None = None
    follow_up_months: float | None = None
    cohort: str = ""
    team: str = ""
    registered: bool = False
    identified: bool = True
    harms_looked_for: bool = False
    bias: Bias | None = None
    retracted: bool = False

    @property
    def participants(self) -> int | None:
        """All participants whose number was reported."""
        known = [one for one in (self.treated, self.compared) if one is not None]
        return sum(known) if known else None
