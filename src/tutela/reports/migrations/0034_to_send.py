"""Repetitions that wait to be sent after a referral."""

from django.db import migrations, models

# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0033_why_unfounded"),
    ]

    operations = [
        PATIENT,
        migrations.AddField(
            model_name="report",
            name="to_send",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            "report",
            models.Index(
                fields=["organisation_id", "duplicate_of"],
                include=["to_send"],
                condition=models.Q(("to_send__isnull", False)),
                name="report_to_send",
            ),
        ),
    ]
