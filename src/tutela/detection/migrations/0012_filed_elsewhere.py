"""Reports that were filed another way than by this desk, and what the Centre says of them."""

import django.db.models.deletion
from django.db import migrations, models

import tutela.clock
import tutela.events.identifiers

KEYS = [
    (
        "id",
        models.UUIDField(default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False),
    ),
    ("organisation_id", models.UUIDField(db_index=True, editable=False)),
    ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
]


class Migration(migrations.Migration):
    dependencies = [
        ("detection", "0011_groups"),
    ]

    operations = [
        migrations.CreateModel(
            name="FiledElsewhere",
            fields=[
                *KEYS,
                ("report_id", models.UUIDField()),
                ("centre_id", models.UUIDField()),
                ("centre", models.CharField(max_length=300)),
                ("filed_as", models.CharField(blank=True, max_length=300)),
                ("state", models.CharField(blank=True, max_length=12)),
                ("held_until", models.DateTimeField(null=True)),
                ("content_until", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation_id", "-told_at", "-id"], name="elsewhere_recent"),
                    models.Index(fields=["organisation_id", "state", "-told_at", "-id"], name="elsewhere_state"),
                    models.Index(
                        condition=models.Q(("held_until__isnull", False)),
                        fields=["organisation_id", "held_until"],
                        name="elsewhere_held",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation_id", "report_id"), name="one_filed_elsewhere")
                ],
            },
        ),
        migrations.CreateModel(
            name="WordElsewhere",
            fields=[
                *KEYS,
                ("feedback_id", models.UUIDField()),
                ("kind", models.CharField(max_length=20)),
                ("reason", models.TextField(blank=True)),
                ("reason_code", models.CharField(blank=True, default="", max_length=20)),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("content_until", models.DateTimeField(null=True)),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="words",
                        to="detection.filedelsewhere",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation_id", "feedback_id"), name="one_word_an_id")
                ],
            },
        ),
    ]
