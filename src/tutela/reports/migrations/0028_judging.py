"""What the judging of reports keeps: urgent ones come first in every order."""

from django.db import migrations, models

# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0026_kinds"),
    ]

    operations = [
        PATIENT,
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("urgent", True)),
                fields=["organisation_id", "created_at", "id"],
                include=["bundle", "state", "duplicate_of"],
                name="report_urgent_received",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("urgent", True)),
                fields=["organisation_id", "bundle", "created_at", "id"],
                name="report_urgent_in_bundle",
            ),
        ),
    ]
