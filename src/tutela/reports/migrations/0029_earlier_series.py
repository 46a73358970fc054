"""How far earlier reports were read for their series."""

from django.db import migrations, models

import tutela.clock
import tutela.events.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0028_judging"),
    ]

    operations = [
        migrations.CreateModel(
            name="EarlierSeries",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("after", models.UUIDField(null=True)),
                ("total", models.IntegerField(default=0)),
                ("looked", models.IntegerField(default=0)),
                ("found", models.IntegerField(default=0)),
                ("unread", models.IntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("organisation_id",), name="earlier_series_once")],
            },
        ),
    ]
