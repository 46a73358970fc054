"""Judgements about studies and programmes, grades, requests for overdue results, and the public index."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.identifiers import uuid7
from tutela.events.tenant_model import TenantModel
from tutela.prevention.models.records import Programme, Study
from tutela.prevention.models.vocabulary import BiasLevel, GradeName, OutcomeName, Setting, Stage, Target


class BiasJudgement(TenantModel):
    """One curator's judgement of a study's risk of bias. A curator's newest one counts."""

    insert_only: ClassVar[bool] = True

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="judgements")
    # Level by domain, such as {"allocation": "low"}.
    domains = models.JSONField(default=dict)
    overall = models.CharField(max_length=4, choices=BiasLevel.choices)
    reason = models.TextField(blank=True)
    # Digest of the design and the results that were judged.
    facts = models.CharField(max_length=64)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["study", "by", "-created_at"], name="judgement_newest")]

    def __str__(self) -> str:
        return self.overall


class StudyInterest(TenantModel):
    """A curator's conflict of interest with a study. Who states one does not judge it, and no longer counts."""

    insert_only: ClassVar[bool] = True

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="interests")
    text = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.text


class SurvivorReview(TenantModel):
    """Survivors' review of a programme: how many took part, what they said, and what changed. No names."""

    insert_only: ClassVar[bool] = True

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="reviews")
    people = models.PositiveSmallIntegerField()
    text = models.TextField()
    changed = models.TextField(blank=True)
    held_on = models.DateField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return str(self.held_on)


class GradeEntry(TenantModel):
    """A grade as the rule gave it. The newest of a claim counts."""

    insert_only: ClassVar[bool] = True

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="grades")
    kind = models.CharField(max_length=10, choices=OutcomeName.choices)
    outcome = models.CharField(max_length=160)
    target = models.CharField(max_length=20, choices=Target.choices, blank=True)
    setting = models.CharField(max_length=20, choices=Setting.choices, blank=True)
    grade = models.CharField(max_length=1, choices=GradeName.choices)
    rule = models.PositiveSmallIntegerField()
    rule_version = models.PositiveSmallIntegerField()
    fell = models.BooleanField(default=False)
    aged = models.BooleanField(default=False)
    harms_looked_for = models.BooleanField(default=False)
    # IDs of results that count, and pairs of an ID and the reason why it does not.
    counted = models.JSONField(default=list)
    left_out = models.JSONField(default=list)
    stale_on = models.DateField(null=True)
    stale = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["programme", "kind", "outcome", "-created_at"], name="grade_newest")]

    def __str__(self) -> str:
        return self.grade


class ChaseKind(models.TextChoices):
    """Step towards results that are overdue."""

    ASKED = "asked", _("authors asked")
    ANSWERED = "answered", _("authors answered")
    REFUSED = "refused", _("authors publish no results")


class ChaseStep(TenantModel):
    """A step towards results that are overdue."""

    insert_only: ClassVar[bool] = True

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="chases")
    kind = models.CharField(max_length=8, choices=ChaseKind.choices)
    text = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.kind


class CoverageAnswer(TenantModel):
    """A country's answer that it has no programme of a stage for a target. Without one, an empty cell is unknown."""

    insert_only: ClassVar[bool] = True

    country = models.CharField(max_length=2)
    stage = models.CharField(max_length=20, choices=Stage.choices)
    target = models.CharField(max_length=20, choices=Target.choices)
    source = models.CharField(max_length=300)
    answered_on = models.DateField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.country


class HubEntry(models.Model):
    """Public index of the hub, derived from newest editions and grades. It has no owner: all of it is published."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=9, choices=[("programme", _("programme")), ("study", _("study"))])
    subject_id = models.UUIDField(unique=True)
    address = models.CharField(max_length=120)
    language = models.CharField(max_length=2)
    title = models.CharField(max_length=400)
    text = models.TextField(blank=True)
    # Such as "stage:before" and "country:SE".
    facets = ArrayField(models.CharField(max_length=40), default=list)
    # Place of the most telling grade in the order in which lists show grades: harm and no effect first.
    rank = models.PositiveSmallIntegerField(default=0)
    grade = models.CharField(max_length=1, blank=True)
    checked = models.BooleanField(default=False)
    vector = SearchVectorField()
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            GinIndex(fields=["vector"], name="hub_words"),
            GinIndex(fields=["facets"], name="hub_facets"),
            models.Index(fields=["rank", "title", "id"], name="hub_order"),
        ]

    def __str__(self) -> str:
        return self.title
