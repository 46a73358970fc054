"""Samples of the register that are reviewed again, blind."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0013_passing_on"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditSample",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("number", models.CharField(max_length=16, unique=True)),
                ("seed", models.CharField(max_length=64)),
                ("moment", models.DateTimeField()),
                ("population", models.BigIntegerField()),
                ("size", models.IntegerField()),
                ("reason", models.CharField(max_length=300)),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
            ],
            options={
                "indexes": [models.Index(fields=["-created_at"], name="sample_recent")],
            },
        ),
        migrations.CreateModel(
            name="AuditItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("place", models.IntegerField()),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="indicators.indicator"
                    ),
                ),
                (
                    "sample",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="indicators.auditsample"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AuditClosing",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("answered", models.IntegerField()),
                ("wrong", models.IntegerField()),
                ("otherwise", models.IntegerField()),
                ("note", models.CharField(blank=True, max_length=300)),
                ("by", models.CharField(max_length=80)),
                (
                    "sample",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="closing", to="indicators.auditsample"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AuditAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                (
                    "finding",
                    models.CharField(
                        choices=[
                            ("belongs", "belongs in the register"),
                            ("not", "does not belong in the register"),
                            ("cannot_say", "cannot be said: the item is not held any more"),
                        ],
                        max_length=16,
                    ),
                ),
                ("classification", models.CharField(blank=True, max_length=80)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("blind", models.BooleanField()),
                ("by", models.CharField(max_length=80)),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="indicators.audititem"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("item", "organisation_id"), name="one_answer_an_organisation")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="audititem",
            constraint=models.UniqueConstraint(fields=("sample", "place"), name="one_item_a_place"),
        ),
    ]
