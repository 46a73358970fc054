"""The messages about one report, referral or draft are found by an index; a subject's key by one alone."""

from django.db import migrations, models

# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0007_outbox_refused"),
    ]

    operations = [
        PATIENT,
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(fields=["organisation_id", "subject_id"], name="outbox_about"),
        ),
        migrations.AlterField("subjectkey", "organisation_id", models.UUIDField(editable=False)),
    ]
