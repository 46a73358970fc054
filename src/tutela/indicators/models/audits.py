"""Blind audit samples of the register: drawn items, answers and closing."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.indicators.models.indicators import Indicator, RegisterModel


class AuditSample(RegisterModel):
    """Sample of `size` indicators that were active at a moment, in the order given by the seed. `organisation_id` drew
    it.
    """

    number = models.CharField(max_length=16, unique=True)
    seed = models.CharField(max_length=64)
    moment = models.DateTimeField()
    population = models.BigIntegerField()
    size = models.IntegerField()
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="sample_recent")]

    def __str__(self) -> str:
        return self.number


class AuditDraw(RegisterModel):
    """Requested draw: seed and time are fixed from the beginning, with the reading progress.

    With `again`, the draw repeats an earlier sample and reports if the result is the same.
    """

    sample = models.ForeignKey(AuditSample, on_delete=models.PROTECT, null=True, related_name="draws")
    again = models.BooleanField(default=False)
    seed = models.CharField(max_length=64)
    moment = models.DateTimeField()
    size = models.IntegerField()
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    looked = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    same = models.BooleanField(null=True)
    # The code of an error.
    error = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="draw_recent")]

    def __str__(self) -> str:
        return f"{self.seed} {self.size}"


class AuditItem(RegisterModel):
    """One indicator of a sample; `place` is its rank by the seed."""

    sample = models.ForeignKey(AuditSample, on_delete=models.PROTECT, related_name="items")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    place = models.IntegerField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sample", "place"], name="one_item_a_place")]

    def __str__(self) -> str:
        return f"{self.sample_id} {self.place}"


class Finding(models.TextChoices):
    BELONGS = "belongs", _("belongs in the register")
    NOT = "not", _("does not belong in the register")
    CANNOT_SAY = "cannot_say", _("cannot be decided: the item is no longer held")


class AuditAnswer(RegisterModel):
    """One organisation's finding after re-examining the item: given once and never changed.

    `blind`: no one in the organisation had been shown the indicator, alone or on a list, since the sample was drawn.
    """

    item = models.ForeignKey(AuditItem, on_delete=models.PROTECT, related_name="answers")
    finding = models.CharField(max_length=16, choices=Finding.choices)
    classification = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=300, blank=True)
    blind = models.BooleanField()
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "organisation_id"], name="one_answer_an_organisation")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.finding}"


class AuditClosing(RegisterModel):
    """The sample takes no more answers. What was wrong among so many that were answered, and in another class."""

    sample = models.OneToOneField(AuditSample, on_delete=models.PROTECT, related_name="closing")
    answered = models.IntegerField()
    wrong = models.IntegerField()
    otherwise = models.IntegerField()
    note = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.sample_id)
