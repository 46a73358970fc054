"""Alarms of Edges and their answers."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0003_certified_set"),
    ]

    operations = [
        migrations.CreateModel(
            name="EdgeAlarm",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("sender_id", models.UUIDField()),
                ("alarm_id", models.UUIDField(unique=True)),
                ("list_id", models.CharField(max_length=63)),
                ("code", models.CharField(max_length=40)),
                ("detail", models.CharField(max_length=1000)),
                ("version", models.BigIntegerField()),
                ("sequence", models.BigIntegerField()),
                ("log_size", models.BigIntegerField()),
                ("evidence", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["-created_at"], name="alarm_recent")],
            },
        ),
        migrations.CreateModel(
            name="AlarmAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("note", models.CharField(max_length=300)),
                ("by", models.CharField(max_length=200)),
                (
                    "alarm",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answer", to="indicators.edgealarm"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
