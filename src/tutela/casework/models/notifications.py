"""Notifications of a person about cases, without any contents of a case, and how the person wants e-mails of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.casework.models.work import SubjectRow
from tutela.events.tenant_model import TenantModel, unindexed


class Cause(models.TextChoices):
    """Cause of a notification."""

    MENTION = "mention", _("mentioned you in a note")
    NOTE = "note", _("wrote a note")
    ASSIGNED = "assigned", _("assigned this case to you")
    TAKEN = "taken", _("took over a case that you had claimed")
    DECIDED = "decided", _("decided")
    FAILED = "failed", _("Your decision was not carried out. Open the case and try again.")


class Notification(SubjectRow):
    """Notification of one person. Deleted with the contents of the case, or after 90 days."""

    to = models.CharField(max_length=80)
    cause = models.CharField(max_length=12, choices=Cause.choices)
    by_name = models.CharField(max_length=200)
    read_at = models.DateTimeField(null=True)
    # Time at which an e-mail told of it; also set for people who want none.
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation_id", "to", "-created_at"], name="notification_of_person"),
            models.Index(
                fields=["organisation_id", "to"], condition=models.Q(read_at=None), name="notification_unread"
            ),
            models.Index(
                fields=["organisation_id", "to"], condition=models.Q(mailed_at=None), name="notification_unsent"
            ),
            models.Index(fields=["organisation_id", "subject_kind", "subject_id"], name="notification_of_case"),
        ]


class MailTime(models.TextChoices):
    """When a person gets e-mails about notifications."""

    NONE = "none", _("No e-mails")
    AT_ONCE = "at_once", _("An e-mail at once")
    DAILY = "daily", _("One e-mail a day")


class MailChoice(TenantModel):
    """A person's choice of e-mails, and the time of the last one."""

    organisation_id = unindexed()
    person = models.CharField(max_length=80)
    choice = models.CharField(max_length=8, choices=MailTime.choices)
    last_mail_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "person"], name="one_mail_choice_a_person")]

    def __str__(self) -> str:
        return self.choice
