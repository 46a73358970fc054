"""Drafts, sendings and answers. A draft's id stays its report's id, up to a court."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.detection.models.settings import Service
from tutela.events.tenant_model import TenantModel
from tutela.exchange.report.unfounded_reasons import text_of


class Origin(models.TextChoices):
    CANDIDATE = "candidate", _("Candidate")
    MANUAL = "manual", _("By hand")


class Draft(TenantModel):
    """A report from its confirmation on. The text is in its revisions."""

    number = models.CharField(max_length=16, unique=True)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="drafts")
    origin = models.CharField(max_length=10, choices=Origin.choices)
    candidate_ref = models.UUIDField(null=True, unique=True)
    how = models.CharField(max_length=8)
    by = models.CharField(max_length=80)
    # Keyed hashes of what its newest revision names (`casework.search.keys`), by which it is searched.
    found_by = ArrayField(models.BinaryField(max_length=16), null=True)
    # Derived from what was sent, answered and told, by `queries.refresh`: what the list is read by.
    state = models.CharField(max_length=12, default="drafted")
    # Derived from the rows of telling the user, by who writes them: since when it is due at first, when it was done.
    tell_from = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    # These derived columns are counted by the figures (`outcomes`) and outlive the report's text. They hold the first
    # sending to a Centre, the last recipient, and the fields missing then (null for older reports). They also hold
    # whether the Centre asked for more, and the reason of a return.
    sent_at = models.DateTimeField(null=True)
    sent_to = models.UUIDField(null=True)
    lacking = ArrayField(models.CharField(max_length=40), null=True)
    asked = models.BooleanField(default=False)
    why_not = models.CharField(max_length=20, blank=True, default="")
    # What the user was given back since it came back (`reinstatement`), derived as well.
    given_back = models.CharField(max_length=10, blank=True, default="")

    class Meta:
        indexes = [
            GinIndex(fields=["found_by"], name="draft_found_by"),
            models.Index(
                fields=["organisation_id", "tell_from", "created_at", "id"],
                name="draft_untold",
                condition=models.Q(told_at=None) & ~models.Q(state__in=("drafted", "discarded")),
            ),
            models.Index(
                fields=["organisation_id", "-told_at"],
                name="draft_told",
                condition=models.Q(told_at__isnull=False),
            ),
            models.Index(fields=["organisation_id", "-created_at"], name="draft_recent"),
            models.Index(fields=["organisation_id", "state", "-created_at", "-id"], name="draft_state"),
            models.Index(
                fields=["organisation_id", "sent_at"],
                include=["sent_to", "service", "state", "asked", "why_not", "given_back", "lacking"],
                name="draft_sent",
                condition=models.Q(sent_at__isnull=False),
            ),
            models.Index(
                fields=["organisation_id", "-created_at", "-id"],
                name="draft_to_reinstate",
                condition=models.Q(state="not_relevant", given_back=""),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Revision(TenantModel):
    """Text of a draft: a canonical report, wrapped.

    Rows are never changed; a trigger refuses it.
    """

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    wrapped = models.BinaryField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="one_revision_a_number")]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.number}"


class Sending(TenantModel):
    """The exact bytes that went to a Centre, wrapped. Rows are never changed; a trigger refuses it."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="sendings")
    number = models.PositiveSmallIntegerField()
    recipient_id = models.UUIDField()
    wrapped = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    by = models.CharField(max_length=80)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="one_sending_a_number")]
        indexes = [models.Index(fields=["organisation_id", "created_at"], include=["number"], name="sending_recent")]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.number}"


class Answer(TenantModel):
    """The Centre's answer to a sending: received, refused or unproven.

    "Received" has a receipt. "Unproven" has no valid receipt.
    """

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="answers")
    sending_number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=[(k, k) for k in ("received", "refused", "unproven")])
    status = models.PositiveSmallIntegerField()
    detail = models.CharField(max_length=1000, blank=True)
    errors = models.JSONField(default=list)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.kind


class Receipt(TenantModel):
    """A Centre's signed word that it has the report: the envelope itself, verified before it was stored."""

    draft = models.OneToOneField(Draft, on_delete=models.PROTECT, related_name="receipt")
    envelope = models.BinaryField()
    received_at = models.DateTimeField()
    key_id = models.CharField(max_length=64)
    centre_id = models.UUIDField()

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "created_at"], name="receipt_recent")]

    def __str__(self) -> str:
        return str(self.draft_id)


class Retraction(TenantModel):
    """Retraction of a report filed in error, with author and reason (`retract`).

    The Centre may have received the report by any way.
    """

    report_id = models.UUIDField()
    # Sealed by the report's key, as what a Centre told is.
    reason = models.TextField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "report_id"], name="one_retraction")]

    def __str__(self) -> str:
        return str(self.report_id)


class ReceivedFeedback(TenantModel):
    """One step of the return leg."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="feedback")
    feedback_id = models.UUIDField()
    kind = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    # Of `UnfoundedReason`, of what is not relevant; older Centres send none.
    reason_code = models.CharField(max_length=20, blank=True, default="")
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    content_until = models.DateTimeField(null=True)
    centre = models.CharField(max_length=300)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["organisation_id", "feedback_id"], name="one_feedback_an_id")]
        indexes = [models.Index(fields=["organisation_id", "created_at"], include=["kind"], name="feedback_recent")]

    def __str__(self) -> str:
        return self.kind

    @property
    def code_text(self) -> str:
        """Text of the reason code from the catalogue; empty without a code."""
        return text_of(self.reason_code) if self.reason_code else ""


class HoldEnd(TenantModel):
    """End of a Centre's hold by its date: the clock of the notice runs again."""

    feedback = models.OneToOneField(ReceivedFeedback, on_delete=models.PROTECT, related_name="hold_end")

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.feedback_id)


class Dispatch(TenantModel):
    """A report that somebody handed to an authority as a notification under Art. 18 DSA: when, where, as what."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="dispatches")
    revision_number = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    authority = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    sent_at = models.DateTimeField()
    reference = models.CharField(max_length=200)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    # The form's own: the same form sent twice is one dispatch.
    token = models.UUIDField(null=True)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "authority", "token"], name="one_dispatch_a_form")]

    def __str__(self) -> str:
        return self.authority


class Discard(TenantModel):
    """A draft that will not be sent, and why."""

    draft = models.OneToOneField(Draft, on_delete=models.PROTECT, related_name="discard")
    # Sealed by the report's key, as what a Centre told is.
    reason = models.TextField()
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.draft_id)
