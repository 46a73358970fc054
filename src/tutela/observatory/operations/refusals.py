"""Reasons why an operation on figures is refused, each with what would make the operation possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tutela.exchange.message.translatable_text import Term, filled
from tutela.exchange.message.translatable_text import marked as _


class RefusalReason(Term):
    """Why two figures may not be used together."""

    UNITS = "units", _("One figure counts {first}, the other counts {second}.")
    DEFINITIONS = "definitions", _("The definitions {first} and {second} differ, and no mapping between them is known.")
    MAPPED = "mapped", _("The definition {first} is {relation} than {second}.")
    STAGES = "stages", _("One figure counts what is {first}, the other what is {second}.")
    PERIOD_LENGTH = "period_length", _("The periods {first} and {second} have different lengths.")
    PERIODS = "periods", _("The periods {first} and {second} differ.")
    PERIODS_OVERLAP = "periods_overlap", _("The periods {first} and {second} overlap: days would count twice.")
    COVERAGE = "coverage", _("Both figures may count the same: {areas}.")
    COVERAGE_UNKNOWN = "coverage_unknown", _("The coverage of {first} is not stated.")
    COVERAGE_DIFFERS = "coverage_differs", _("The figures cover different states or contributors.")
    COVERAGE_SMALL = "coverage_small", _("Only {count} of {of} Member States are covered.")
    SOURCES = "sources", _("The figures come from different sources: {first} and {second}.")
    VINTAGES = "vintages", _("The figures are of different days: {first} and {second}.")
    CUMULATIVE = "cumulative", _("The figure is a total since a beginning.")
    STOCK = "stock", _("The figure is a holding at a moment.")
    SHARE = "share", _("The figure is a share of a denominator.")
    MEDIAN = "median", _("The figure is a median.")
    ESTIMATE = "estimate", _("One figure is an estimate, the other a count.")
    MISSING = "missing", _("The value of {first} is missing: {code}.")
    NO_DENOMINATOR = "no_denominator", _("No unit of exposure is named for {first}.")
    NO_EXPOSURE = "no_exposure", _("{first} is no unit of exposure.")
    ZERO = "zero", _("The denominator of {first} is zero.")
    STATES_RANKED = "states_ranked", _("Lower counts of child protection do not rank states.")
    SMALL = "small", _("{first} counts {count}, fewer than {least}.")
    PRACTICE = "practice", _("Those who count sort differently into the categories of {first}.")
    UNMAPPED = "unmapped", _("{first} has categories that the template does not have: {codes}.")
    NOT_PART = "not_part", _("{first} is no part of {second}.")
    TOO_FEW = "too_few", _("The operation needs at least {least} figures.")
    BREAK = "break", _("The series breaks at {at}.")
    NO_INTERVAL = "no_interval", _("The rate {first} has no denominator or no interval.")
    NO_STAGE = "no_stage", _("The rate {first} does not say whether it is before or after human review.")


class Remedy(Term):
    """What would make a refused operation possible."""

    SIDE_BY_SIDE = "side_by_side", _("Show the figures next to each other, each with its own axis.")
    MAPPING = "mapping", _("Enter a mapping between the definitions: exact, narrower or broader.")
    COMPARE_MAPPED = "compare_mapped", _("Compare the figures and show the mapping. A sum needs an exact mapping.")
    SAME_STAGE = "same_stage", _("Use figures of the same stage.")
    RATE_PER_MONTH = "rate_per_month", _("Compare the figures as rates per month.")
    SPLIT_PERIODS = "split_periods", _("Use periods that do not overlap.")
    SAME_PERIOD = "same_period", _("Use figures of the same period.")
    DEDUPE_KEY = "dedupe_key", _("Name the key by which duplicates were removed between those who count.")
    STATE_COVERAGE = "state_coverage", _("State which Member States and contributors the figure covers.")
    COUNT_OF_27 = "count_of_27", _("Show the number of states that report. A total needs 60 % of them.")
    SAME_SOURCE = "same_source", _("Use figures of one source, or a reconciliation between the sources.")
    SAME_VINTAGE = "same_vintage", _("Use what both figures said on the same day.")
    FLOW = "flow", _("Ask the source for counts of each period.")
    LATEST = "latest", _("Show the newest holding.")
    NUMERATORS = "numerators", _("Add the numerators and the denominators, and compute the share again.")
    RAW_DATA = "raw_data", _("Compute the median from the single values.")
    COUNT = "count", _("Use counts, or show the estimate with its interval.")
    GET_VALUE = "get_value", _("Ask the source for the value.")
    EXPOSURE = "exposure", _("Name a denominator with its source, such as active recipients or the child population.")
    LARGER = "larger", _("Show a funnel plot, or use a longer period.")
    NOTHING = "nothing", _("Nothing makes this possible.")
    COMMON_PRACTICE = "common_practice", _("Agree on one practice, or use both tables of each report together.")
    PART_OF = "part_of", _("Use a numerator whose definition is a part of the denominator's.")
    MORE_FIGURES = "more_figures", _("Enter more figures.")
    BEFORE_OR_AFTER = "before_or_after", _("Compute a trend before the break and another after it.")
    STATE_RATE = "state_rate", _("State technology, stage, denominator and interval.")


@dataclass(frozen=True)
class OperationRefusal:
    """A reason with its values, and the remedy. `str()` is the whole in English; pages translate both texts."""

    reason: RefusalReason
    remedy: Remedy
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{filled(self.reason.text, self.values)} {self.remedy.text}"


class OperationRefused(Exception):
    """An operation that the definitions do not permit, with every reason."""

    def __init__(self, refusals: list[OperationRefusal]) -> None:
        self.refusals = refusals
        super().__init__(" ".join(map(str, refusals)))

    @property
    def reasons(self) -> set[RefusalReason]:
        """The reasons without their values."""
        return {one.reason for one in self.refusals}
