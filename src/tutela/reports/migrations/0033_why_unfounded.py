"""Why reports were unfounded is counted from indexes alone: decisions and reports meet by their moment."""

from django.db import migrations, models

PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0032_surges"),
    ]

    operations = [
        PATIENT,
        migrations.AddIndex(
            "report",
            models.Index(
                fields=["organisation_id", "decided_at", "id"],
                include=["provider_id"],
                condition=models.Q(("decision", "unfounded"), ("duplicate_of", None)),
                name="report_unfounded",
            ),
        ),
    ]
