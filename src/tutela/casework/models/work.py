"""Rows of shared work on a case: claims, viewers, follows, labels, notes, passed cases, actions with undo."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel, unindexed


class SubjectRow(TenantModel):
    """Row about a case of a desk, by the kind and the ID of the case."""

    organisation_id = unindexed()
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id}"


class Claim(SubjectRow):
    """Current claim of a case, derived from the events of its changes. It ends at `until` without a further change."""

    holder = models.CharField(max_length=80)
    holder_name = models.CharField(max_length=200)
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "subject_kind", "subject_id"], name="one_claim_a_case")
        ]
        indexes = [models.Index(fields=["organisation_id", "subject_kind", "holder"], name="claim_of_person")]


class Viewer(SubjectRow):
    """Person who has the page of a case open, as of `seen_at`."""

    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "subject_kind", "subject_id", "by"], name="one_viewer_a_person"
            )
        ]


class Follow(SubjectRow):
    """Person who is notified of the steps of a case."""

    by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "subject_kind", "subject_id", "by"], name="one_follow_a_person"
            )
        ]


class Label(SubjectRow):
    """Short label of a case, for the own organisation."""

    text = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "subject_kind", "subject_id", "text"], name="label_once_a_case"
            )
        ]
        indexes = [models.Index(fields=["organisation_id", "subject_kind", "text"], name="label_text")]


class NoteKind(models.TextChoices):
    """Fact or assessment: a disclosure states which of them a note is."""

    FACT = "fact", _("fact")
    ASSESSMENT = "assessment", _("assessment")


class Note(SubjectRow):
    """Internal note on a case. The text is sealed with the case's own key for notes, and erased with it."""

    kind = models.CharField(max_length=12, choices=NoteKind.choices)
    text = models.TextField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [
            models.Index(fields=["organisation_id", "subject_kind", "subject_id", "created_at"], name="note_of_case")
        ]


class PassedCase(SubjectRow):
    """Case that a person passed to colleagues, without a reason. Deleted after a day."""

    by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "by", "subject_kind", "subject_id"], name="passed_once_a_person"
            )
        ]


class PendingAction(SubjectRow):
    """Action that takes effect at `not_before`, and can be undone until then. Deleted when it ran or was undone."""

    action = models.CharField(max_length=40)
    # Arguments as JSON, sealed: they may have words about a case.
    wrapped = models.BinaryField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    purpose = models.CharField(max_length=40)
    not_before = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "subject_kind", "subject_id"], name="one_pending_action_a_case"
            )
        ]
