"""Programmes and studies. Each change is a new edition; the newest counts."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tutela.events.tenant_model import TenantModel
from tutela.prevention.models.vocabulary import (
    DesignName,
    MetricName,
    OutcomeName,
    ProgrammeStatus,
    Setting,
    Stage,
    StudyStatus,
    Target,
)


def _codes(choices: type[models.TextChoices]) -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=20, choices=choices.choices), default=list)


class Programme(TenantModel):
    """A programme under its address in the hub. What is known of it stands in its editions."""

    slug = models.SlugField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "slug"], name="one_programme_slug")]

    def __str__(self) -> str:
        return self.slug


class ProgrammeEdition(TenantModel):
    """What was known of a programme at one time. `checked` is the author's statement that sources were read."""

    insert_only: ClassVar[bool] = True

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=2, default="en")
    summary = models.TextField(blank=True)
    provider = models.CharField(max_length=200, blank=True)
    stages = _codes(Stage)
    targets = _codes(Target)
    settings = _codes(Setting)
    countries = ArrayField(models.CharField(max_length=2), default=list)
    languages = ArrayField(models.CharField(max_length=2), default=list)
    status = models.CharField(max_length=10, choices=ProgrammeStatus.choices, default=ProgrammeStatus.UNKNOWN)
    status_reason = models.CharField(max_length=300, blank=True)
    started = models.CharField(max_length=10, blank=True)
    ended = models.CharField(max_length=10, blank=True)
    mechanism = models.TextField(blank=True)
    staffing = models.TextField(blank=True)
    cost = models.TextField(blank=True)
    transfer = models.TextField(blank=True)
    safeguards = models.TextField(blank=True)
    accreditation = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=300)
    # The programme that this one was adapted or translated from: a translated programme is a new programme.
    derived_from = models.ForeignKey(Programme, on_delete=models.PROTECT, null=True, related_name="derived")
    checked = models.BooleanField(default=False)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "number"], name="one_programme_edition")]

    def __str__(self) -> str:
        return self.name


class Study(TenantModel):
    """A study under what identifies it. `doi` is in lower case."""

    doi = models.CharField(max_length=200, blank=True)
    registration = models.CharField(max_length=60, blank=True)
    publication = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "doi"], condition=~models.Q(doi=""), name="one_study_a_doi"
            ),
            models.UniqueConstraint(
                fields=["organisation_id", "registration"],
                condition=~models.Q(registration=""),
                name="one_study_a_registration",
            ),
        ]

    def __str__(self) -> str:
        return self.doi or self.registration or self.publication

    @property
    def identified(self) -> bool:
        """Whether anybody can look the study up by a DOI or a registration."""
        return bool(self.doi or self.registration)


class StudyEdition(TenantModel):
    """What was known of a study at one time. An empty field says that a fact was not reported."""

    insert_only: ClassVar[bool] = True

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=400)
    language = models.CharField(max_length=2, default="en")
    authors = ArrayField(models.CharField(max_length=120), default=list)
    journal = models.CharField(max_length=200, blank=True)
    abstract = models.TextField(blank=True)
    year = models.PositiveSmallIntegerField(null=True)
    published = models.DateField(null=True)
    design = models.CharField(max_length=12, choices=DesignName.choices)
    status = models.CharField(max_length=10, choices=StudyStatus.choices)
    completed = models.DateField(null=True)
    population = models.CharField(max_length=300, blank=True)
    countries = ArrayField(models.CharField(max_length=2), default=list)
    comparator = models.CharField(max_length=200, blank=True)
    treated = models.PositiveIntegerField(null=True)
    compared = models.PositiveIntegerField(null=True)
    attrition_percent = models.FloatField(null=True)
    follow_up_months = models.FloatField(null=True)
    team = models.CharField(max_length=120, blank=True)
    cohort = models.CharField(max_length=120, blank=True)
    registered_before = models.BooleanField(default=False)
    harms_looked_for = models.BooleanField(default=False)
    harms = models.TextField(blank=True)
    funding = models.CharField(max_length=300, blank=True)
    conflicts = models.CharField(max_length=300, blank=True)
    programmes = ArrayField(models.UUIDField(), default=list)
    source = models.CharField(max_length=300)
    checked = models.BooleanField(default=False)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="one_study_edition")]

    def __str__(self) -> str:
        return self.title


class StudyResult(TenantModel):
    """One result of an edition of a study: a programme, an outcome, and the effect with its 95 % interval."""

    insert_only: ClassVar[bool] = True

    edition = models.ForeignKey(StudyEdition, on_delete=models.PROTECT, related_name="results")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="results")
    kind = models.CharField(max_length=10, choices=OutcomeName.choices)
    outcome = models.CharField(max_length=160)
    target = models.CharField(max_length=20, choices=Target.choices)
    setting = models.CharField(max_length=20, choices=Setting.choices)
    metric = models.CharField(max_length=24, choices=MetricName.choices, blank=True)
    estimate = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    lower_is_better = models.BooleanField(default=True)
    relevant = models.FloatField(null=True)
    # Shares with the outcome, treated and comparison: the base rate goes with every relative effect.
    treated_share = models.FloatField(null=True)
    base_rate = models.FloatField(null=True)

    def __str__(self) -> str:
        return self.outcome
