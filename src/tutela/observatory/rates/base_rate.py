"""What a rate means at a base rate: of all alerts, the share that is right (positive predictive value, Bayes)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BaseRate:
    """Alerts in a number of items. Every share is from 0 to 1.

    `prevalence` is the share of items that are what is looked for, `sensitivity` the share of these that is found, and
    `false_positive_rate` the share of all other items that is found in error. Raises `ValueError`.
    """

    prevalence: float
    sensitivity: float
    false_positive_rate: float
    items: int = 1_000_000

    def __post_init__(self) -> None:
        if not all(0 <= one <= 1 for one in (self.prevalence, self.sensitivity, self.false_positive_rate)):
            raise ValueError("a share is from 0 to 1")
        if self.items < 1:
            raise ValueError("at least one item is examined")

    @property
    def right(self) -> float:
        """Alerts that are right."""
        return self.items * self.prevalence * self.sensitivity

    @property
    def wrong(self) -> float:
        """Alerts that are errors."""
        return self.items * (1 - self.prevalence) * self.false_positive_rate

    @property
    def missed(self) -> float:
        """Items that are what is looked for and are not found."""
        return self.items * self.prevalence * (1 - self.sensitivity)

    @property
    def predictive_value(self) -> float | None:
        """Share of alerts that is right; None if nothing raises an alert."""
        alerts = self.right + self.wrong
        return self.right / alerts if alerts else None

    @property
    def predictive_percent(self) -> str:
        """The share with two decimals; a dash if nothing raises an alert."""
        return "–" if self.predictive_value is None else f"{self.predictive_value:.2%}"
