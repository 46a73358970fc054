"""Materials with their lineage, campaigns with their plan and results, and the training register."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.prevention.models.vocabulary import GradeName


class Relation(models.TextChoices):
    """How a material comes from another one."""

    SOURCE = "source", _("source")
    TRANSLATION = "translation", _("translation")
    ADAPTATION = "adaptation", _("adaptation")


class ChangeKind(models.TextChoices):
    """What a new version changes. Wording makes descendants stale; substance withdraws them until they are renewed."""

    FIRST = "first", _("first version")
    TYPO = "typo", _("misprint")
    WORDING = "wording", _("wording")
    SUBSTANCE = "substance", _("substance or safety")


class Variant(models.TextChoices):
    """Children for whom a material is made."""

    DISABILITY = "disability", _("children with disabilities")
    MIGRATION = "migration", _("children in migration")
    CARE = "care", _("children in care")
    VERY_YOUNG = "very_young", _("very young children")


class Material(TenantModel):
    """A campaign, lesson, leaflet or film, named by a link. What it says stands in its versions."""

    derived_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="derived")
    relation = models.CharField(max_length=11, choices=Relation.choices, default=Relation.SOURCE)
    language = models.CharField(max_length=2)

    def __str__(self) -> str:
        return str(self.pk)


class MaterialVersion(TenantModel):
    """A version of a material. `follows` is the version of its source that it renders."""

    insert_only: ClassVar[bool] = True

    material = models.ForeignKey(Material, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="followed_by")
    change = models.CharField(max_length=9, choices=ChangeKind.choices)
    title = models.CharField(max_length=200)
    link = models.CharField(max_length=300, blank=True)
    licence = models.CharField(max_length=80)
    owner = models.CharField(max_length=200)
    # The text as people read it; of a film, what is said.
    text = models.TextField(blank=True)
    variants = ArrayField(models.CharField(max_length=10, choices=Variant.choices), default=list)
    accessible = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["material", "number"], name="one_material_version")]

    def __str__(self) -> str:
        return self.title


class CampaignDesign(models.TextChoices):
    """How a campaign is measured, from the weakest design to the strongest."""

    NONE = "none", _("not measured")
    REACH = "reach", _("reach counted")
    AFTER = "after", _("survey afterwards")
    BEFORE_AFTER = "before_after", _("survey before and after")
    COMPARISON = "comparison", _("before and after, with a comparison region")
    TIME_SERIES = "time_series", _("interrupted time series")
    STEPPED = "stepped", _("stepped wedge")


class CampaignPlan(TenantModel):
    """A plan as it stood before the campaign began. A measure chosen later is another plan."""

    insert_only: ClassVar[bool] = True

    title = models.CharField(max_length=200)
    aim = models.CharField(max_length=300)
    audience = models.CharField(max_length=300)
    audience_size = models.PositiveIntegerField(null=True)
    message = models.TextField()
    channel = models.CharField(max_length=200)
    theory = models.TextField()
    measure = models.CharField(max_length=300, blank=True)
    design = models.CharField(max_length=12, choices=CampaignDesign.choices)
    sample = models.PositiveIntegerField(null=True)
    points_before = models.PositiveSmallIntegerField(null=True)
    base_rate = models.FloatField(null=True)
    smallest_difference = models.FloatField(null=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.title


class CampaignResult(TenantModel):
    """What is said of a campaign's result, with the label that its design allows."""

    insert_only: ClassVar[bool] = True

    plan = models.ForeignKey(CampaignPlan, on_delete=models.PROTECT, related_name="results")
    label = models.CharField(max_length=10)
    statement = models.TextField()
    estimate = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    # Answers in the smaller group: what was planned is not what was reached.
    answered = models.PositiveIntegerField(null=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.label


class Profession(models.TextChoices):
    """Professions whose training Article 23 of Directive 2011/93/EU names or implies."""

    POLICE = "police", _("police")
    PROSECUTORS = "prosecutors", _("prosecutors")
    JUDGES = "judges", _("judges")
    TEACHERS = "teachers", _("teachers")
    HEALTH = "health", _("health care")
    SOCIAL = "social", _("social work")
    COACHES = "coaches", _("sports coaches")
    CHILD_CARE = "child_care", _("child care")


class TrainingReturn(TenantModel):
    """How many of a profession in a region are validly trained in a course. Names stay with the employer."""

    insert_only: ClassVar[bool] = True

    country = models.CharField(max_length=2)
    region = models.CharField(max_length=80, blank=True)
    profession = models.CharField(max_length=12, choices=Profession.choices)
    course = models.CharField(max_length=200)
    # Unknown is not 0.
    headcount = models.PositiveIntegerField(null=True)
    trained = models.PositiveIntegerField()
    trained_on = models.DateField()
    valid_months = models.PositiveSmallIntegerField(default=36)
    source = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        indexes = [
            models.Index(fields=["country", "region", "profession", "course", "-created_at"], name="training_newest")
        ]

    def __str__(self) -> str:
        return self.course


class TextKind(models.TextChoices):
    """Texts that only a named professional may write."""

    WORKBOOK = "workbook", _("page of the workbook")
    SIGNS = "signs", _("early signs")
    PARENTS = "parents", _("for parents")
    LESSON = "lesson", _("lesson of a teaching pack")


class AuthoredText(TenantModel):
    """A text of a named owner, with licence, day of review and evidence grade. The newest of a title counts.

    `questions` are those of a self-test: a question, its options, the number of the right one, and why.
    """

    insert_only: ClassVar[bool] = True

    kind = models.CharField(max_length=8, choices=TextKind.choices)
    language = models.CharField(max_length=2)
    title = models.CharField(max_length=200)
    text = models.TextField()
    questions = models.JSONField(default=list)
    owner = models.CharField(max_length=200)
    owner_profession = models.CharField(max_length=120)
    licence = models.CharField(max_length=80)
    review_due = models.DateField()
    grade = models.CharField(max_length=1, choices=GradeName.choices)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.title
