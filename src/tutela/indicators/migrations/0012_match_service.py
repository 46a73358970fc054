"""The hosted match service: what a grant of it allows, and what was asked."""

import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0011_signed_certifications"),
    ]

    operations = [
        migrations.AddField(
            model_name="grant",
            name="per_day",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="MatchUse",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("recipient_id", models.UUIDField()),
                ("day", models.DateField()),
                ("asked", models.IntegerField(default=0)),
                ("matched", models.IntegerField(default=0)),
                ("blinded", models.IntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("recipient_id", "day"), name="one_use_a_day")],
            },
        ),
    ]
