"""Closed vocabularies of prevention. Codes are stored and sent; labels are shown."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    """When a programme works, as Articles 22 and 23 of Directive 2011/93/EU and the strategy divide prevention."""

    BEFORE = "before", _("before an offence")
    PROCEEDINGS = "proceedings", _("during proceedings")
    CUSTODY = "custody", _("in custody")
    AFTER = "after", _("after release")
    CHILDREN = "children", _("children")
    BYSTANDERS = "bystanders", _("parents, professionals and bystanders")
    SITUATIONAL = "situational", _("places and organisations")
    ONLINE = "online", _("online services")


class Target(models.TextChoices):
    """For whom a programme is."""

    WORRIED = "worried", _("adults who worry about their thoughts or behaviour")
    OFFENDED = "offended", _("adults who offended")
    YOUNG = "young", _("young people with harmful sexual behaviour")
    CHILDREN = "children", _("children")
    DISABLED = "disabled", _("children with disabilities")
    PARENTS = "parents", _("parents and relatives")
    PROFESSIONALS = "professionals", _("professionals and volunteers")
    PUBLIC = "public", _("the public")


class Setting(models.TextChoices):
    """Where a programme takes place."""

    CLINIC = "clinic", _("clinic")
    PRISON = "prison", _("prison")
    COMMUNITY = "community", _("community")
    SCHOOL = "school", _("school")
    FAMILY = "family", _("family")
    HELPLINE = "helpline", _("helpline")
    ORGANISATION = "organisation", _("organisation")
    ONLINE = "online", _("online")


class ProgrammeStatus(models.TextChoices):
    """State of a programme. Ended and withdrawn programmes stay in the hub."""

    UNKNOWN = "unknown", _("not known")
    PROPOSED = "proposed", _("proposed")
    PILOT = "pilot", _("pilot")
    RUNNING = "running", _("running")
    PAUSED = "paused", _("paused")
    ENDED = "ended", _("ended")
    WITHDRAWN = "withdrawn", _("withdrawn for harm")


class StudyStatus(models.TextChoices):
    """State of a study, as its registry or its authors state it."""

    PLANNED = "planned", _("planned")
    RUNNING = "running", _("running")
    COMPLETED = "completed", _("completed, no results")
    PUBLISHED = "published", _("results published")
    TERMINATED = "terminated", _("terminated early")
    RETRACTED = "retracted", _("retracted")


class DesignName(models.TextChoices):
    """Designs, as `evidence_grades.facts.Design`."""

    RANDOMISED = "randomised", _("randomised trial")
    REVIEW = "review", _("review with meta-analysis")
    COMPARED = "compared", _("comparison without randomisation")
    BEFORE_AFTER = "before_after", _("before and after")
    DESCRIPTIVE = "descriptive", _("description")
    THEORY = "theory", _("theory")


class OutcomeName(models.TextChoices):
    """Kinds of outcome, as `evidence_grades.facts.OutcomeKind`."""

    RECORD = "record", _("offences on record")
    BEHAVIOUR = "behaviour", _("behaviour, as reported")
    SCALE = "scale", _("score of an instrument")
    KNOWLEDGE = "knowledge", _("knowledge or attitude")
    REACH = "reach", _("reach")


class MetricName(models.TextChoices):
    """Measures of effect, as `evidence_grades.facts.Metric`."""

    RISK_RATIO = "risk_ratio", _("risk ratio")
    ODDS_RATIO = "odds_ratio", _("odds ratio")
    HAZARD_RATIO = "hazard_ratio", _("hazard ratio")
    RISK_DIFFERENCE = "risk_difference", _("risk difference")
    STANDARDISED = "standardised_difference", _("standardised mean difference")
    MEAN = "mean_difference", _("mean difference")


class BiasLevel(models.TextChoices):
    """Risk of bias, as `evidence_grades.facts.Bias`."""

    LOW = "low", _("low")
    SOME = "some", _("some concerns")
    HIGH = "high", _("high")


class GradeName(models.TextChoices):
    """Grades, as `evidence_grades.rule.Grade`, in the order in which lists show them."""

    HARM = "X", _("harm shown")
    NO_EFFECT = "N", _("no effect shown")
    STRONG = "A", _("effect shown by independent studies")
    MODERATE = "B", _("effect shown")
    LIMITED = "C", _("limited evidence of an effect")
    UNCERTAIN = "U", _("uncertain")
    WEAK = "D", _("theory or description")
    NOT_EVALUATED = "-", _("not evaluated")
