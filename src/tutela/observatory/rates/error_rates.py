"""Error rates that say everything needed to read them: technology, stage, denominator and exact interval."""

from __future__ import annotations

from dataclasses import dataclass

from tutela.indicators.audits import confidence_intervals
from tutela.observatory.definitions.units import Stage

_STAGES = (Stage.BEFORE_REVIEW, Stage.AFTER_REVIEW)


@dataclass(frozen=True)
class ErrorRate:
    """Errors of a denominator. Raises `ValueError` for a rate without technology or stage, or with too many errors."""

    technology: str
    stage: Stage
    errors: int
    of: int
    denominator: str

    def __post_init__(self) -> None:
        if not self.technology.strip() or not self.denominator.strip():
            raise ValueError("a rate names its technology and its denominator")
        if self.stage not in _STAGES:
            raise ValueError("a rate is before or after human review")
        if not 0 <= self.errors <= self.of:
            raise ValueError("a rate has at most as many errors as its denominator")

    @property
    def share(self) -> float | None:
        """Errors of the denominator; None without one."""
        return self.errors / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """Interval in which the true share is at 95 % (Clopper and Pearson)."""
        return confidence_intervals.exact(self.errors, self.of)
