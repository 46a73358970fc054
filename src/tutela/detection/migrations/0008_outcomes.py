"""What became of reports, as the provider counts it: why a report came back, as a code."""

from django.db import migrations, models

# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("detection", "0007_a_million"),
    ]

    operations = [
        PATIENT,
        migrations.AddField("receivedfeedback", "reason_code", models.CharField(blank=True, default="", max_length=20)),
    ]
