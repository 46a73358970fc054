"""Questions from practice with their steps, and policy briefs."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.prevention.models.records import Study
from tutela.prevention.models.vocabulary import Stage, Target


class QuestionState(models.TextChoices):
    """Where a question stands."""

    ASKED = "asked", _("asked")
    OPEN = "open", _("open: no study answers it")
    TAKEN = "taken", _("taken by a researcher")
    ANSWERED = "answered", _("answered")
    NOT_KNOWN = "not_known", _("answered: nobody knows")
    USED = "used", _("answer used")
    NOT_USED = "not_used", _("answer not used")
    MERGED = "merged", _("joined with another question")


class Question(TenantModel):
    """A question from practice. Its public wording is a curator's; what a person wrote stays in the conversation."""

    number = models.CharField(max_length=20, unique=True)
    conversation_id = models.UUIDField(null=True, unique=True)
    wording = models.CharField(max_length=400, blank=True)
    language = models.CharField(max_length=2, default="en")
    stage = models.CharField(max_length=20, choices=Stage.choices, blank=True)
    target = models.CharField(max_length=20, choices=Target.choices, blank=True)
    # Derived from the last step.
    state = models.CharField(max_length=10, choices=QuestionState.choices, default=QuestionState.ASKED)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "state", "asked_at"], name="question_queue")]

    def __str__(self) -> str:
        return self.number


class QuestionStep(TenantModel):
    """A step of a question: what happened, with the entries of the hub that answer it."""

    insert_only: ClassVar[bool] = True

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=10, choices=QuestionState.choices)
    text = models.TextField(blank=True)
    researcher = models.CharField(max_length=200, blank=True)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, null=True, related_name="questions")
    entries = ArrayField(models.UUIDField(), default=list)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.state


class PolicyBrief(TenantModel):
    """A brief for policy: a text, and the grades that it rests on as they were on its day."""

    insert_only: ClassVar[bool] = True

    title = models.CharField(max_length=200)
    text = models.TextField()
    # Each with programme, name, outcome, grade, rule and the studies that counted.
    claims = models.JSONField(default=list)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.title
