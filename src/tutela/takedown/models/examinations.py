"""Examinations on analysts' own machines: who has one, tasks that were made, and the files that were found."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel
from tutela.takedown.models.assessments import Reality, Verdict
from tutela.takedown.models.cases import TakedownCase


class AnalystMachine(TenantModel):
    """The hardened machine of one analyst. It has its own keys, and works once a second person has confirmed it."""

    name = models.CharField(max_length=80)
    # The person who examines on it.
    person = models.CharField(max_length=80)
    person_name = models.CharField(max_length=200)
    public_key = models.CharField(max_length=64)
    # age recipient to which tasks are sealed.
    recipient = models.CharField(max_length=62)
    # The document by which this person may look at content, and whether evidence may be sealed.
    mandate = models.CharField(max_length=300)
    seals_evidence = models.BooleanField(default=False)
    confirmed_by = models.CharField(max_length=80, blank=True)
    confirmed_by_name = models.CharField(max_length=200, blank=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "public_key"],
                condition=models.Q(removed_at=None),
                name="one_analyst_machine_a_key",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Examination(TenantModel):
    """One task for a machine, and when its result came."""

    case = models.ForeignKey(TakedownCase, on_delete=models.PROTECT, related_name="examinations")
    machine = models.ForeignKey(AnalystMachine, on_delete=models.PROTECT, related_name="examinations")
    round = models.PositiveSmallIntegerField()
    nonce = models.CharField(max_length=32)
    issued_at = models.DateTimeField()
    # The authority to which evidence is to be sealed, and its key.
    authority = models.CharField(max_length=200, blank=True)
    recipient = models.CharField(max_length=62, blank=True)
    answered_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    not_fetched = models.PositiveIntegerField(default=0)
    # Of the sealed file that the machine wrote; empty if nothing was sealed.
    evidence_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "-issued_at"], name="examinations_of_case")]

    def __str__(self) -> str:
        return str(self.pk)


class FoundItem(TenantModel):
    """A file at an address. Its digests are sealed by the case's key."""

    examination = models.ForeignKey(Examination, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    format = models.CharField(max_length=40)
    size = models.PositiveBigIntegerField()
    sealed = models.BinaryField()
    # Keyed hash of its SHA-256: the same file in several results is one.
    item_key = models.BinaryField(max_length=32)
    # Whether an active entry of the register has its SHA-256: an exact copy needs no viewing.
    certified = models.BooleanField(default=False)
    viewed_seconds = models.PositiveIntegerField(default=0)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["examination", "position"], name="one_found_item_a_position")]

    def __str__(self) -> str:
        return str(self.position)


class ItemAssessment(TenantModel):
    """A person's verdict on one file; the newest counts. The case's own assessment follows from all of them."""

    item = models.ForeignKey(FoundItem, on_delete=models.PROTECT, related_name="assessments")
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    label = models.CharField(max_length=80, blank=True)
    reality = models.CharField(max_length=10, choices=Reality.choices, blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.verdict
