"""The few outcomes that name children are found among all others."""

from django.db import migrations, models

# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0024_tallies"),
    ]

    operations = [
        PATIENT,
        migrations.AddIndex(
            model_name="outcome",
            index=models.Index(
                fields=["organisation_id", "id"],
                include=["referral", "release"],
                condition=models.Q(("kind", "victim_identified")),
                name="outcome_child",
            ),
        ),
    ]
