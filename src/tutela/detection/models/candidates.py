"""Candidates and the decisions about them.

Data that could identify an item or account is deleted with its candidate.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.detection.models.settings import Service
from tutela.events.tenant_model import TenantModel
from tutela.exchange.report.candidate import FootageMatch


class Candidate(TenantModel):
    """An item that agreed with a list. `wrapped` is the message itself; the columns are what a queue is sorted by."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="candidates")
    fingerprint = models.CharField(max_length=64)
    account = models.CharField(max_length=300, blank=True)
    media_type = models.CharField(max_length=300, blank=True)
    seen_at = models.DateTimeField()
    legal_basis = models.CharField(max_length=120)
    wrapped = models.BinaryField()
    # Keyed hashes of its account, digests and reference (`casework.search.keys`), by which it is searched.
    found_by = ArrayField(models.BinaryField(max_length=16), null=True)
    # Derived from reviews, outcome and marks, by the capability that writes them: what the queue is read by.
    state = models.CharField(max_length=10, default="open")
    urgent = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "fingerprint"], name="one_candidate_a_fingerprint")
        ]
        indexes = [
            GinIndex(fields=["found_by"], name="candidate_found_by"),
            models.Index(fields=["organisation_id", "created_at"], include=["state"], name="candidate_received"),
            models.Index(
                fields=["organisation_id", "-urgent", "created_at", "id"],
                include=["state"],
                condition=models.Q(state__in=("open", "second", "disputed")),
                name="candidate_queue",
            ),
            models.Index(fields=["organisation_id", "state", "-urgent", "created_at", "id"], name="candidate_state"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Match(TenantModel):
    """Match of an item with an entry of a list, which made it a candidate. The first is the strongest."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="matches")
    place = models.PositiveSmallIntegerField()
    list_id = models.CharField(max_length=300)
    list_version = models.BigIntegerField()
    entry_id = models.UUIDField()
    in_public_register = models.BooleanField()
    rule = models.CharField(max_length=300)
    families = ArrayField(models.CharField(max_length=300))
    weak = models.BooleanField()
    corroborated = models.BooleanField()
    # Only a part agrees, whatever the rule is called.
    by_window = models.BooleanField(default=False)
    distance = models.PositiveSmallIntegerField(null=True)
    # Only for a video: the value is sealed in the candidate's message and set here when that message is opened.
    footage: FootageMatch | None = None

    class Meta:
        ordering = ["place"]
        indexes = [
            models.Index(fields=["organisation_id", "entry_id"], name="match_entry"),
            models.Index(fields=["organisation_id", "rule"], name="match_rule"),
            models.Index(fields=["organisation_id", "list_id"], name="match_list"),
        ]

    def __str__(self) -> str:
        return f"{self.list_id} {self.rule}"


class Decision(models.TextChoices):
    CONFIRM = "confirm", _("Confirm")
    REJECT = "reject", _("Reject")


class How(models.TextChoices):
    VIEWED = "viewed", _("viewed")
    UNOPENED = "unopened", _("unopened")


class Reason(models.TextChoices):
    """Closed set of reasons, so that reasons can be counted; the accompanying text is free."""

    KNOWN_ITEM = "known_item", _("Listed item")
    NEW_ITEM = "new_item", _("Another item that must be reported")
    OTHER_PICTURE = "other_picture", _("Another item, which is lawful")
    CHANCE = "chance", _("Hashes match by chance")
    LISTED_IN_ERROR = "listed_in_error", _("Listed item that should not be on a list")


class Review(TenantModel):
    """One person's decision about a candidate."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="reviews")
    decision = models.CharField(max_length=8, choices=Decision.choices)
    reason_code = models.CharField(max_length=20, choices=Reason.choices)
    reason = models.CharField(max_length=300, blank=True)
    how = models.CharField(max_length=8, choices=How.choices)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(how="viewed") | models.Q(decision="confirm"), name="a_rejection_was_viewed"
            )
        ]

    def __str__(self) -> str:
        return self.decision


class UrgentMark(TenantModel):
    """A person's statement that a candidate is urgent, with the reason."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="urgent_marks")
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return str(self.candidate_id)


class Outcome(TenantModel):
    """Outcome of a candidate. Outlives the candidate and names neither item nor account."""

    KINDS = ("confirmed", "rejected", "withdrawn", "expired")

    subject_id = models.UUIDField(unique=True)
    service = models.ForeignKey(Service, on_delete=models.PROTECT)
    kind = models.CharField(max_length=10, choices=[(k, k) for k in KINDS])
    rule = models.CharField(max_length=300)
    list_id = models.CharField(max_length=300)
    reason_code = models.CharField(max_length=20, blank=True)
    how = models.CharField(max_length=8, blank=True)
    received_at = models.DateTimeField()
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [
            models.Index(fields=["organisation_id", "created_at"], name="outcome_recent"),
            models.Index(fields=["organisation_id", "received_at"], include=["kind", "created_at"], name="outcome_of"),
        ]

    def __str__(self) -> str:
        return self.kind


class ShadowSighting(TenantModel):
    """A candidate of a service that is being tried out: counted, with nothing that names an item or an account."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="shadow")
    rule = models.CharField(max_length=300)
    list_id = models.CharField(max_length=300)
    weak = models.BooleanField()
    lawful = models.CharField(max_length=120, blank=True)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.rule


class Withdrawal(TenantModel):
    """Withdrawal of an indicator that was wrong: who withdrew it, when and why."""

    indicator_id = models.UUIDField()
    reason = models.CharField(max_length=1000)
    withdrawn_at = models.DateTimeField()
    sender_id = models.UUIDField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "indicator_id"], name="one_withdrawal_an_indicator")
        ]

    def __str__(self) -> str:
        return str(self.indicator_id)


class WithdrawnMark(TenantModel):
    """A candidate or a report that rested on a withdrawn indicator."""

    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="marks")
    subject_kind = models.CharField(max_length=10, choices=[("candidate", "candidate"), ("report", "report")])
    subject_id = models.UUIDField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["withdrawal", "subject_kind", "subject_id"], name="one_mark_a_subject")
        ]
        indexes = [models.Index(fields=["subject_id"], name="mark_subject")]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id}"
