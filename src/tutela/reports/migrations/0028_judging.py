"""What the judging of reports keeps: urgent ones come first in every order; a budget of reading for each person."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models

# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


# What `history.note` keeps in step from here on: the first byte of a trait says that it is an account's.
ACCOUNTS = """
DO $$ BEGIN
INSERT INTO reports_account (id, organisation_id, created_at, provider_id, blind, relevant)
SELECT gen_random_uuid(), r.organisation_id, now(), r.provider_id, t.one, count(*)
FROM reports_report r CROSS JOIN LATERAL (SELECT DISTINCT one FROM unnest(r.traits) AS named (one)) t
WHERE r.duplicate_of_id IS NULL AND r.decided_at IS NOT NULL AND r.decision = 'forward' AND r.erased_at IS NULL
  AND get_byte(t.one, 0) = 97
GROUP BY r.organisation_id, r.provider_id, t.one;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0027_unfounded_reasons"),
    ]

    operations = [
        PATIENT,
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("urgent", True)),
                fields=["organisation_id", "created_at", "id"],
                include=["bundle", "state", "duplicate_of"],
                name="report_urgent_received",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("urgent", True)),
                fields=["organisation_id", "bundle", "created_at", "id"],
                name="report_urgent_in_bundle",
            ),
        ),
        migrations.CreateModel(
            name="ExposureTerms",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("budget", models.SmallIntegerField()),
                ("stop", models.SmallIntegerField()),
                ("in_a_row", models.SmallIntegerField()),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("budget__gte", models.F("in_a_row")),
                            ("in_a_row__gte", 1),
                            ("stop__gte", models.F("budget")),
                        ),
                        name="exposure_in_order",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Opening",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("by", models.CharField(max_length=80)),
                ("kind", models.CharField(max_length=20)),
                (
                    "beyond",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("nobody_else", "Nobody else is there to read it"),
                            ("begun", "I have begun with this case and finish it"),
                            ("time", "Its time runs out before tomorrow"),
                            ("other", "Another reason, agreed with the lead"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reports.report"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation_id", "by", "-created_at"], name="opening_day"),
                    models.Index(fields=["organisation_id", "created_at"], name="opening_recent"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("provider_id", models.UUIDField()),
                ("blind", models.BinaryField(max_length=16)),
                ("relevant", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation_id", "provider_id", "blind"), name="one_account_a_name"
                    )
                ],
            },
        ),
        migrations.RunSQL(ACCOUNTS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="bundlemove",
            name="kind",
            field=models.CharField(
                choices=[
                    ("joined", "joined: a report carries items of both"),
                    ("near", "joined: pictures of both look alike"),
                    ("series", "joined: items of both are of one series"),
                    ("merged", "merged"),
                    ("split", "split"),
                    ("undone", "undone"),
                ],
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="InSeries",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("mark", models.BinaryField(max_length=32)),
                ("code", models.CharField(blank=True, max_length=16)),
                ("to_join", models.DateTimeField(null=True)),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reports.report"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation_id", "mark", "created_at"], name="series_of"),
                    models.Index(
                        condition=models.Q(("to_join__isnull", False)),
                        fields=["organisation_id", "to_join"],
                        name="series_to_join",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("report", "mark"), name="once_in_a_series")],
            },
        ),
        migrations.CreateModel(
            name="AlarmTold",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("channel", models.CharField(choices=[("email", "e-mail"), ("webhook", "webhook")], max_length=8)),
                ("attempts", models.IntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
                ("over", models.BooleanField(default=False)),
                ("last_error", models.CharField(blank=True, max_length=200)),
                (
                    "alarm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="told", to="reports.alarm"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("over", False), ("told_at", None)),
                        fields=["organisation_id", "channel"],
                        name="alarm_to_tell",
                    ),
                    models.Index(fields=["organisation_id", "channel", "-told_at"], name="alarm_told"),
                ],
                "constraints": [models.UniqueConstraint(fields=("alarm", "channel"), name="told_once_a_channel")],
            },
        ),
    ]
