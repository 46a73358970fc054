"""Lists of others: whose they are, how far they are read, what stands in them."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0008_feed"),
    ]

    operations = [
        migrations.CreateModel(
            name="ForeignList",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("list_id", models.CharField(max_length=63, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("source", models.CharField(max_length=80)),
                (
                    "format",
                    models.CharField(
                        choices=[("hashsharing", "NCMEC Hash Sharing, version 2"), ("stopncii", "StopNCII, version 1")],
                        max_length=16,
                    ),
                ),
                (
                    "about",
                    models.CharField(
                        choices=[("csam", "child sexual abuse material"), ("other", "something else")], max_length=8
                    ),
                ),
                ("base_url", models.CharField(max_length=300)),
                ("username", models.CharField(blank=True, max_length=120)),
                ("wrapped_secret", models.BinaryField(max_length=1000)),
                ("every", models.PositiveIntegerField()),
                ("legal_basis", models.CharField(max_length=120)),
                ("by", models.CharField(max_length=80)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ForeignCheckpoint",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("serial", models.BigIntegerField(default=0)),
                ("reading", models.IntegerField(default=0)),
                ("state", models.TextField(blank=True)),
                (
                    "list",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checkpoint",
                        to="indicators.foreignlist",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ForeignEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("key", models.CharField(max_length=255)),
                ("media_type", models.CharField(max_length=8)),
                ("at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("sealed", models.BinaryField(max_length=2000000)),
                ("reading", models.IntegerField()),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="indicators.foreignlist"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("withdrawn_at__isnull", True)), fields=["list", "id"], name="foreign_live"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("list", "key"), name="one_entry_a_key")],
            },
        ),
        migrations.CreateModel(
            name="ForeignPull",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("ended_at", models.DateTimeField(null=True)),
                ("pages", models.IntegerField(default=0)),
                ("added", models.IntegerField(default=0)),
                ("changed", models.IntegerField(default=0)),
                ("withdrawn", models.IntegerField(default=0)),
                ("broken", models.IntegerField(default=0)),
                ("reasons", models.TextField(blank=True)),
                ("unknown", models.TextField(blank=True)),
                ("error", models.CharField(blank=True, max_length=300)),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pulls", to="indicators.foreignlist"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["list", "-created_at"], name="pull_recent")],
            },
        ),
    ]
