"""Referrals to authorities, their acknowledgements and outcomes, and feedback to the provider."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tutela.events.tenant_model import TenantModel, unindexed
from tutela.reports.models.reports import Report


class Referral(TenantModel):
    """A package for an authority, exactly as sent."""

    referral_id = models.UUIDField(unique=True)
    number = models.CharField(max_length=16, unique=True)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="referrals")
    authority_id = models.UUIDField()
    authority_name = models.CharField(max_length=160)
    sealed_body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    # The handling codes that this copy carries; older rows do not say.
    codes = ArrayField(models.CharField(max_length=2), null=True)
    # What came after the package that it belongs to: it has the same authority, and stands as long as that one does.
    supplement_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="supplements")
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.number


class ReferralReturn(TenantModel):
    """An authority's statement that a referral is not its own, and whose it may be."""

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="returned")
    reason = models.TextField()
    country = models.CharField(max_length=2, blank=True)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.referral_id)


class Acknowledgement(TenantModel):
    """The authority has the package."""

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="acknowledgement")
    received_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    # Sealed by the report's key (`subject_keys.seal_words`).
    file_reference = models.TextField(blank=True)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.referral_id)


class Outcome(TenantModel):
    """One step of what became of a referral, and how far it may travel."""

    outcome_id = models.UUIDField(unique=True)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="outcomes")
    kind = models.CharField(max_length=30)
    reason = models.TextField(blank=True)
    release = models.CharField(max_length=20)
    at = models.DateTimeField()

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["at", "id"]
        # With its children: of all outcomes very few.
        indexes = [
            models.Index(
                fields=["organisation_id", "id"],
                include=["referral", "release"],
                condition=models.Q(kind="victim_identified"),
                name="outcome_child",
            )
        ]

    def __str__(self) -> str:
        return self.kind


class FeedbackHeld(TenantModel):
    """Feedback to a provider that is kept back during a hold. It was sent if a `FeedbackSent` has the same cause."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="feedback_held")
    kind = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    reason_code = models.CharField(max_length=20, blank=True, default="")
    cause = models.UUIDField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "kind", "cause"], name="one_held_a_cause")]

    def __str__(self) -> str:
        return self.kind


class FeedbackSent(TenantModel):
    """Feedback sent to the provider, once per cause: a decision, an outcome, a hold.

    The receipt has no row. The feedback is repeated on request; older rows have neither texts nor times.
    """

    organisation_id = unindexed()
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="feedback", db_index=False)
    kind = models.CharField(max_length=20)
    cause = models.UUIDField(null=True)
    # Sealed by the report's key.
    reason = models.TextField(blank=True, default="")
    until = models.DateTimeField(null=True)
    content_until = models.DateTimeField(null=True)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "kind", "cause"], nulls_distinct=False, name="one_feedback_a_cause"
            )
        ]

    def __str__(self) -> str:
        return self.kind
