"""What was withdrawn before its referral came."""

from django.db import migrations, models

import tutela.clock
import tutela.events.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("investigations", "0014_supplements"),
    ]

    operations = [
        migrations.CreateModel(
            name="EarlyWithdrawal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("report_id", models.UUIDField()),
                ("indicator", models.UUIDField(null=True)),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["organisation_id", "report_id"], name="withdrawn_early")],
            },
        ),
    ]
