"""That a reinstated user was told so, with the digest of the text."""

import django.db.models.deletion
from django.db import migrations, models

import tutela.clock
import tutela.events.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("detection", "0009_outcomes"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReinstatementTold",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("language", models.CharField(max_length=35)),
                (
                    "audience",
                    models.CharField(
                        choices=[("adult", "an adult"), ("teenager", "a teenager"), ("child", "a child")], max_length=8
                    ),
                ),
                ("way", models.CharField(blank=True, max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
                (
                    "reinstatement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="told",
                        to="detection.reinstatement",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
