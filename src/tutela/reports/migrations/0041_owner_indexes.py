"""What every report writes has no index of its owner alone: other indexes begin with it, or rows are found by others."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0040_windows"),
    ]

    operations = [
        migrations.AlterField(
            model_name="feedbacksent",
            name="organisation_id",
            field=models.UUIDField(editable=False),
        ),
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
        migrations.AlterField(
            model_name="item",
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
    ]
