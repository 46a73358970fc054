"""Units that figures count, stages at which they count, and kinds of measures. A figure without a unit is refused."""

from __future__ import annotations

from tutela.exchange.message.translatable_text import Term
from tutela.exchange.message.translatable_text import marked as _


class Unit(Term):
    """What one of a figure is. No unit is ever converted into another."""

    REPORT = "report", _("reports from a sender to a clearing house")
    REFERRAL = "referral", _("reports that the clearing house judged actionable")
    NOTICE = "notice", _("notices to a host")
    ITEM = "item", _("files")
    UNIQUE_ITEM = "unique_item", _("files that differ by cryptographic hash")
    NEAR_UNIQUE_ITEM = "near_unique_item", _("files that differ after grouping near duplicates")
    SIGHTING = "sighting", _("sightings of a file at a place and time")
    URL = "url", _("addresses assessed")
    MEASURE = "measure", _("restrictions applied by a platform")
    STATEMENT = "statement", _("statements of reasons")
    ORDER = "order", _("orders of authorities")
    COMPLAINT = "complaint", _("complaints about a decision")
    DECISION = "decision", _("decisions by people")
    ACCOUNT = "account", _("accounts")
    CASE = "case", _("cases or proceedings")
    PERSON = "person", _("persons")
    SUSPECT = "suspect", _("suspects")
    CONVICTED = "convicted", _("convicted persons")
    CHILD_DEPICTED = "child_depicted", _("children depicted and not identified")
    CHILD_IDENTIFIED = "child_identified", _("children identified")
    CHILD_SAFEGUARDED = "child_safeguarded", _("children safeguarded")
    RESPONDENT_SHARE = "respondent_share", _("share of the respondents of a survey")
    CONTACT = "contact", _("contacts with a helpline")
    STAFF = "staff", _("staff")
    USER = "user", _("active recipients of a service")
    HOUR = "hour", _("hours")


CHILDREN = frozenset({Unit.CHILD_IDENTIFIED, Unit.CHILD_SAFEGUARDED, Unit.CHILD_DEPICTED})
# Counts of people, to whom disclosure control applies.
PERSONS = CHILDREN | {Unit.PERSON, Unit.SUSPECT, Unit.CONVICTED, Unit.CONTACT}
# One of these stands for one person: a report, a referral of it and the decision before it are about one account, a
# complaint is of one user, a case about one suspect. Few of them say as much as few persons.
ONE_PERSON_EACH = frozenset({Unit.REPORT, Unit.REFERRAL, Unit.DECISION, Unit.COMPLAINT, Unit.ACCOUNT, Unit.CASE})


class Stage(Term):
    """How far what is counted has come."""

    NOT_STATED = "not_stated", _("stage not stated")
    BEFORE_REVIEW = "before_review", _("before human review")
    AFTER_REVIEW = "after_review", _("after human review")
    RECEIVED = "received", _("received")
    ASSESSED = "assessed", _("assessed")
    REFERRED = "referred", _("referred to an authority")
    TAKEN_UP = "taken_up", _("taken up by an authority")
    IDENTIFIED = "identified", _("identified")
    SAFEGUARDED = "safeguarded", _("safeguarded")
    CHARGED = "charged", _("charged")
    CONVICTED = "convicted", _("convicted")
    REMOVED = "removed", _("removed or disabled")
    DECIDED = "decided", _("decided")
    SELF_REPORTED = "self_reported", _("reported by the respondents themselves")


# One report at these stages says as much of a person as a count of one person.
STAGES_OF_PERSONS = frozenset({Stage.IDENTIFIED, Stage.SAFEGUARDED, Stage.CHARGED, Stage.CONVICTED})


class Measure(Term):
    """How values of a figure behave over time."""

    FLOW = "flow", _("events within a period")
    STOCK = "stock", _("holdings at a moment")
    CUMULATIVE = "cumulative", _("total since a beginning")
    SHARE = "share", _("share of a denominator")
    MEDIAN = "median", _("median")
    ESTIMATE = "estimate", _("estimate")


class Missing(Term):
    """Why a value is missing. Zero is a value; blank is not. Codes follow the SDMX list OBS_STATUS where it has one."""

    NOT_AVAILABLE = ":", _("not available")
    CONFIDENTIAL = "c", _("confidential")
    NOT_APPLICABLE = "n", _("not applicable")
    SUPPRESSED = "s", _("suppressed to protect persons")
    ABSENT = "absent", _("the row is absent")
    BLANK = "blank", _("the cell is blank")


class Status(Term):
    """How firm a value is. The codes are those of the SDMX list OBS_STATUS."""

    FINAL = "A", _("final")
    PROVISIONAL = "P", _("provisional")
    ESTIMATED = "E", _("estimated")
    BREAK = "B", _("break in the series")
    DEFINITION_DIFFERS = "D", _("the definition differs")


SDMX_OF_MISSING = {
    Missing.NOT_AVAILABLE: "M",
    Missing.CONFIDENTIAL: "M",
    Missing.NOT_APPLICABLE: "L",
    Missing.SUPPRESSED: "M",
    Missing.ABSENT: "M",
    Missing.BLANK: "M",
}
