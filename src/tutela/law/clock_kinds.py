"""Kinds of clock: length, possible extension, right to pause, and the norm."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

# CSAR 48(6)-(7): a hold names a period of at most so many months.
LONGEST_HOLD_MONTHS = 18


def add_months(moment: datetime, months: int) -> datetime:
    """Return the same day some calendar months later, or the last day of that month."""
    index = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


@dataclass(frozen=True)
class Length:
    """A duration of the law: calendar months plus exact hours."""

    months: int = 0
    hours: int = 0

    def after(self, moment: datetime) -> datetime:
        return add_months(moment, self.months) + timedelta(hours=self.hours)


# States and steps of a clock, as pages name them.
STATES = {"running": _("running"), "paused": _("paused"), "expired": _("expired"), "stopped": _("stopped")}
STEPS = {
    "start": _("start"),
    "pause": _("pause"),
    "resume": _("resume"),
    "extend": _("extend"),
    "stop": _("stop"),
}


@dataclass(frozen=True)
class Specification:
    """A kind of clock: its length, the longest extension in all, whether it may pause, and its source.

    `act` is the act without which nobody owes it; while that one does not act, the clock is a simulation.
    """

    kind: str
    label: object
    length: Length
    source: str
    longest_extension: Length = Length()
    pausable: bool = False
    act: str = ""
    simulated: bool = False


def _months(
    kind: str, label: object, months: int, source: str, extra: int = 0, pausable: bool = False, act: str = ""
) -> Specification:
    return Specification(kind, label, Length(months), source, Length(extra), pausable, act)


def _hours(kind: str, label: object, hours: int, source: str, pausable: bool = False, act: str = "") -> Specification:
    return Specification(kind, label, Length(0, hours), source, Length(), pausable, act)


SERVICE_LEVEL = "Service level of the Centre"
CSAR = "CSAR"
ALL = (
    _months("user_information", _("Inform the user after a report"), 3, "CSAR 12(2), 48(6)-(7)", 18, True, CSAR),
    _months("assessment_new", _("Assess new material"), 1, "CSAR 36(3)", 1, act=CSAR),
    _hours("user_promptly", _("Notify the user without undue delay"), 72, "CSAR 12(2); the hours are ours", True, CSAR),
    # Data are kept no longer than they are needed (GDPR 5(1)(e), in force); how many months that is, is our own rule.
    # CSAR 22(2), which would say twelve and more on request, is a proposal: nothing is lengthened or paused by it.
    _months("preservation", _("Delete preserved data"), 12, "GDPR 5(1)(e); the months are ours"),
    _months("cross_border", _("Answer another Coordinating Authority"), 2, "CSAR 37(3)-(4)", 0, True, CSAR),
    _months("complaint", _("Complaint window"), 6, "DSA 20(1)"),
    _hours("removal_order", _("Execute a removal order"), 24, "CSAR 14(2), 14(5)-(6)", True, CSAR),
    _hours("breach", _("Notify a data breach"), 72, "GDPR 33, LED 30"),
    _hours("complaint_decision", _("Decide a complaint"), 14 * 24, "DSA 20(4); the days are ours", True),
    _hours("reversal_answer", _("Answer a reversal"), 24, "DSA 20(4), LED 7(3), LED 16(5); the hours are ours"),
    _hours("reversal_alert", _("Answer an alert about a reversal"), 24, SERVICE_LEVEL),
    _hours("figures_alert", _("Answer an alert about figures"), 14 * 24, SERVICE_LEVEL),
    _hours("removal_first_step", _("Begin a removal request"), 24, "Service level of victim support"),
    _hours("hand_over", _("Answer an alert about a hand-over"), 24, "Service level of victim support"),
    _hours("support_first_step", _("Begin a support case"), 72, "Service level of victim support"),
    _hours("removal_item", _("Review an item of a removal request"), 24, "DSA 16(6); the hours are ours"),
    _months("data_request", _("Answer a data subject"), 1, "GDPR 12(3)", 2),
    _months("data_request_led", _("Answer a data subject"), 1, "LED 12(3); the month is ours"),
    _hours("source_review", _("Review a source of errors"), 14 * 24, SERVICE_LEVEL),
    _hours("urgent_referral", _("Refer an urgent report"), 2, SERVICE_LEVEL),
    _hours("urgent_candidate", _("Decide an urgent candidate"), 2, "DSA 18(1); the hours are ours"),
    _hours("urgent_case", _("Answer an urgent public report"), 1, SERVICE_LEVEL),
    _hours("relevance", _("Decide relevance"), 72, SERVICE_LEVEL, True),
    _hours("acknowledgement", _("Acknowledge a referral"), 72, SERVICE_LEVEL),
    # Somebody is on duty where it goes, as where it comes from; nobody waits for a Monday.
    _hours("acknowledgement_urgent", _("Acknowledge an urgent referral"), 4, SERVICE_LEVEL),
    _hours("provider_answer", _("Answer a request for information"), 14 * 24, "CSAR 48(4)", act=CSAR),
)
# Of a duty that is met at once the clock that runs where it is urgent.
URGENT = {"acknowledgement": "acknowledgement_urgent"}
KINDS = {specification.kind: specification for specification in ALL}
