"""The public page asks for the last entry of each day."""

from django.db import migrations, models

# A log may have tens of millions; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("accountability", "0007_sequencing_at_once")]

    operations = [
        PATIENT,
        migrations.AddIndex("publicleaf", models.Index(fields=["-at", "-position"], name="leaf_of_a_day")),
    ]
