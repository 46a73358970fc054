"""What of a referred report nobody has."""

from django.db import migrations, models

# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0036_alarms"),
    ]

    operations = [
        PATIENT,
        migrations.AddField(
            "report",
            "astray",
            models.SmallIntegerField(
                choices=[
                    (1, "an urgent package has not arrived"),
                    (2, "a copy came back and is nobody's"),
                    (3, "an urgent package has not arrived, and a copy is nobody's"),
                ],
                default=0,
            ),
        ),
        migrations.AddIndex(
            "report",
            models.Index(
                fields=["organisation_id", "created_at"], condition=models.Q(("astray__gt", 0)), name="report_astray"
            ),
        ),
        migrations.AlterField(
            "alarm",
            "ring",
            models.CharField(
                choices=[
                    ("new", "it came"),
                    ("unanswered", "nobody has answered"),
                    ("late", "its time is over"),
                    ("unarrived", "it was referred and has not arrived"),
                    ("returned", "a copy came back and is nobody's"),
                ],
                max_length=12,
            ),
        ),
    ]
