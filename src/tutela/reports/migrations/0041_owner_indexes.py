"""What every report writes has no index of its owner alone: other indexes begin with it, or rows are found by others."""

import django.db.models.deletion
from django.db import migrations, models

# Backwards, indexes of a million rows are built; a statement of a node's work has a minute.
PATIENT = migrations.RunSQL(migrations.RunSQL.noop, "SET LOCAL statement_timeout = 0")
OF_REPORT = "reports_feedbacksent_report_id_4e9949ba"


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0040_windows"),
    ]

    operations = [
        migrations.AlterField(
            model_name="account",
            name="organisation_id",
            field=models.UUIDField(editable=False),
        ),
        migrations.AlterField(
            model_name="bundle",
            name="organisation_id",
            field=models.UUIDField(editable=False),
        ),
        migrations.AlterField(
            model_name="feedbacksent",
            name="organisation_id",
            field=models.UUIDField(editable=False),
        ),
        # The reference stays: made anew, every row of it would be read.
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    f"DROP INDEX {OF_REPORT}", f"CREATE INDEX {OF_REPORT} ON reports_feedbacksent (report_id)"
                )
            ],
            [
                migrations.AlterField(
                    model_name="feedbacksent",
                    name="report",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feedback",
                        to="reports.report",
                    ),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="inseries",
            name="organisation_id",
            field=models.UUIDField(editable=False),
        ),
        migrations.AlterField(
            model_name="item",
            name="organisation_id",
            field=models.UUIDField(editable=False),
        ),
        migrations.AlterField(
            model_name="look",
            name="organisation_id",
            field=models.UUIDField(editable=False),
        ),
        migrations.AlterField(
            model_name="report",
            name="organisation_id",
            field=models.UUIDField(editable=False),
        ),
        migrations.AlterField(
            model_name="sighting",
            name="organisation_id",
            field=models.UUIDField(editable=False),
        ),
        migrations.AlterField(
            model_name="tally",
            name="organisation_id",
            field=models.UUIDField(editable=False),
        ),
        PATIENT,
    ]
