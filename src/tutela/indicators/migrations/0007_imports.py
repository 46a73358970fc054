"""Imports in bulk: whose list an indicator came from, and how far a run has come."""

import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0006_policies"),
    ]

    operations = [
        migrations.AddField(
            model_name="indicator",
            name="run_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="indicator",
            name="source",
            field=models.CharField(blank=True, default="", max_length=80),
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("run_id", models.UUIDField()),
                ("file_sha256", models.CharField(max_length=64)),
                ("source", models.CharField(max_length=80)),
                ("lines", models.BigIntegerField()),
                ("accepted", models.BigIntegerField()),
                ("refused", models.BigIntegerField()),
                ("by", models.CharField(max_length=80)),
            ],
            options={
                "indexes": [models.Index(fields=["organisation_id", "file_sha256"], name="import_of_file")],
                "constraints": [models.UniqueConstraint(fields=("run_id", "lines"), name="one_batch_a_line")],
            },
        ),
    ]
