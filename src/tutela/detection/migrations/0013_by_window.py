"""Whether a match is one by a part alone, on its row: of videos the rule's name does not say it."""

from django.db import migrations, models

# Of pictures the rule says it. Of videos it lies sealed in the message, which a candidate's page opens.
BY_RULE = "DO $$ BEGIN UPDATE detection_match SET by_window = true WHERE rule = 'near-window'; END $$"
# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("detection", "0012_filed_elsewhere"),
    ]

    operations = [
        PATIENT,
        migrations.AddField("match", "by_window", models.BooleanField(default=False)),
        migrations.RunSQL(BY_RULE, migrations.RunSQL.noop),
    ]
