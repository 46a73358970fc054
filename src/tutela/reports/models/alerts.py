"""Urgent reports call until somebody answers; and a draw of those that stand last is looked at all the same."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.reports.models.reports import Report

ONE_VOICE = models.Q(report__isnull=False, sender_id=None) | models.Q(report=None, sender_id__isnull=False)


class Ring(models.TextChoices):
    """Why an alarm sounds."""

    NEW = "new", _("new urgent report")
    UNANSWERED = "unanswered", _("no answer yet")
    LATE = "late", _("deadline passed")
    UNARRIVED = "unarrived", _("referred, but undelivered")
    RETURNED = "returned", _("a returned copy is unassigned")


class Alarm(TenantModel):
    """An urgent report calls for somebody; or, with one voice, all that stand in a sender's own lane
    (`flood_alerts`)."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, related_name="alarms")
    sender_id = models.UUIDField(null=True)
    ring = models.CharField(max_length=12, choices=Ring.choices)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.CheckConstraint(condition=ONE_VOICE, name="an_alarm_of_one")]
        indexes = [
            models.Index(
                fields=["organisation_id", "sender_id"],
                condition=models.Q(sender_id__isnull=False),
                name="alarm_of_flood",
            ),
            models.Index(fields=["organisation_id", "created_at"], name="alarm_sounded"),
        ]

    def __str__(self) -> str:
        return self.ring


class AlarmTaken(TenantModel):
    """Somebody answers: who sees to the report, or to the sender's reports, from now on."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, related_name="alarms_taken")
    sender_id = models.UUIDField(null=True)
    # So many alarms are answered: all that had sounded. No clock says which those were; older rows do not say.
    answers = models.IntegerField(default=0)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.CheckConstraint(condition=ONE_VOICE, name="an_answer_to_one")]
        indexes = [
            models.Index(
                fields=["organisation_id", "sender_id"],
                condition=models.Q(sender_id__isnull=False),
                name="alarm_of_flood_taken",
            )
        ]

    def __str__(self) -> str:
        return self.by_name


class Channel(models.TextChoices):
    """How duty officers outside the house are told."""

    EMAIL = "email", _("e-mail")
    WEBHOOK = "webhook", _("webhook")


class AlarmTold(TenantModel):
    """An alarm is to be told on a channel; told once that has a date, and never where it was over before."""

    alarm = models.ForeignKey(Alarm, on_delete=models.PROTECT, related_name="told")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    over = models.BooleanField(default=False)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alarm", "channel"], name="told_once_a_channel")]
        indexes = [
            models.Index(
                fields=["organisation_id", "channel"],
                condition=models.Q(told_at=None, over=False),
                name="alarm_to_tell",
            ),
            models.Index(fields=["organisation_id", "channel", "-told_at"], name="alarm_told"),
        ]

    def __str__(self) -> str:
        return self.channel


class DrawnDay(TenantModel):
    """A day was drawn from, also where nothing was drawn: the order moves on, and nobody draws from it again.

    With it the days before it that wait: too few had come by then to make a tenth.
    """

    day = models.DateField()
    # Of how many reports, those of the days that waited included.
    of = models.IntegerField()
    drawn = models.IntegerField()
    waits = models.BooleanField(default=False)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "day"], name="one_draw_a_day")]

    def __str__(self) -> str:
        return str(self.day)


class Draw(TenantModel):
    """A report of the lowest tenth that was drawn to be looked at, as whoever draws again will find too."""

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="draw")
    # The last day of the window (`spot_checks`), and of how many reports in it the tenth was.
    day = models.DateField()
    of = models.IntegerField()
    # Groups by which rates are told, as the report says them; empty where it does not, and in older draws: the language
    # of the report, that of the account, where the account's holder lives; age group and gender of the holder and of
    # the child.
    language = models.CharField(max_length=8, blank=True, default="")
    account_language = models.CharField(max_length=8, blank=True, default="")
    residence = models.CharField(max_length=2, blank=True, default="")
    account_age = models.CharField(max_length=8, blank=True, default="")
    account_gender = models.CharField(max_length=8, blank=True, default="")
    child_age = models.CharField(max_length=8, blank=True, default="")
    child_gender = models.CharField(max_length=8, blank=True, default="")

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.report_id)


class Examination(TenantModel):
    """What somebody found who looked at a report that was drawn: whether it was urgent after all."""

    draw = models.OneToOneField(Draw, on_delete=models.PROTECT, related_name="examination")
    urgent = models.BooleanField()
    # Sealed by the report's key.
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.urgent)
