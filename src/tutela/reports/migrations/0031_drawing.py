"""Draws: that a day was drawn from, and by which groups their rates are told."""

import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0030_repetitions"),
    ]

    operations = [
        migrations.CreateModel(
            name="DrawnDay",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("day", models.DateField()),
                ("of", models.IntegerField()),
                ("drawn", models.IntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("organisation_id", "day"), name="one_draw_a_day")],
            },
        ),
        migrations.AddField(
            model_name="draw", name="language", field=models.CharField(blank=True, default="", max_length=8)
        ),
        migrations.AddField(
            model_name="draw", name="account_language", field=models.CharField(blank=True, default="", max_length=8)
        ),
        migrations.AddField(
            model_name="draw", name="residence", field=models.CharField(blank=True, default="", max_length=2)
        ),
    ]
