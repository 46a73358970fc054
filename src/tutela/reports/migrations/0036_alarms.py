"""Alarms of floods, what an answer answers, and what a provider has open at the CyberTipline interface."""

from django.db import migrations, models

CALLS = models.Q(("duplicate_of", None), ("urgent", True))
ONE_VOICE = models.Q(("report__isnull", False), ("sender_id", None)) | models.Q(
    ("report", None), ("sender_id__isnull", False)
)
OF_FLOOD = models.Q(("sender_id__isnull", False))

# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


def of_one(model: str, related: str) -> list[object]:
    """A report or a sender, where there was a report."""
    return [
        migrations.AlterField(
            model,
            "report",
            models.ForeignKey(null=True, on_delete=models.PROTECT, related_name=related, to="reports.report"),
        ),
        migrations.AddField(model, "sender_id", models.UUIDField(null=True)),
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0035_stated"),
    ]

    operations = [
        PATIENT,
        migrations.AddIndex(
            "cybertip",
            models.Index(fields=["provider_id"], condition=models.Q(("state", "open")), name="tip_open_of"),
        ),
        *of_one("alarm", "alarms"),
        *of_one("alarmtaken", "alarms_taken"),
        migrations.AddField("alarmtaken", "answers", models.IntegerField(default=0)),
        migrations.AddConstraint("alarm", models.CheckConstraint(condition=ONE_VOICE, name="an_alarm_of_one")),
        migrations.AddConstraint("alarmtaken", models.CheckConstraint(condition=ONE_VOICE, name="an_answer_to_one")),
        migrations.AddIndex(
            "alarm", models.Index(fields=["organisation_id", "sender_id"], condition=OF_FLOOD, name="alarm_of_flood")
        ),
        migrations.AddIndex("alarm", models.Index(fields=["organisation_id", "created_at"], name="alarm_sounded")),
        migrations.AddIndex(
            "alarmtaken",
            models.Index(fields=["organisation_id", "sender_id"], condition=OF_FLOOD, name="alarm_of_flood_taken"),
        ),
        migrations.AddIndex(
            "report", models.Index(fields=["provider_id", "look_by"], condition=CALLS, name="report_urgent_sent")
        ),
        migrations.AddIndex(
            "report",
            models.Index(
                fields=["organisation_id", "lane", "state", "provider_id"],
                include=["look_by", "created_at"],
                condition=CALLS,
                name="report_flood",
            ),
        ),
    ]
