"""Rounds of certifications, suspensions as rows of their own, votes, feedback, floods."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


# Under the old rule an undecided dispute had stopped its indicator, whoever brought it: it stays stopped.
CARRY_OVER = """
DO $$ BEGIN
INSERT INTO indicators_suspension (id, organisation_id, created_at, indicator_id, round, cause, reason, by)
SELECT DISTINCT ON (d.indicator_id) gen_random_uuid(), d.organisation_id, d.created_at, d.indicator_id, 1, 'doubts',
  d.reason, d.by
FROM indicators_dispute d
WHERE NOT EXISTS (SELECT 1 FROM indicators_disputedecision e WHERE e.dispute_id = d.id)
ORDER BY d.indicator_id, d.created_at;
END $$"""


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0004_edge_alarms"),
    ]

    operations = [
        migrations.CreateModel(
            name="Feedback",
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
                (
                    "verdict",
                    models.CharField(choices=[("confirmed", "confirmed"), ("false", "false positive")], max_length=16),
                ),
                ("note", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="FloodHold",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("held_id", models.UUIDField(db_index=True)),
                ("count", models.IntegerField()),
                ("reason", models.CharField(max_length=300)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FloodRelease",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("reason", models.CharField(max_length=300)),
                ("by", models.CharField(max_length=80)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Suspension",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("round", models.PositiveSmallIntegerField()),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("certifier", "a certifier doubts it"),
                            ("doubts", "two organisations doubt it"),
                            ("feedback", "providers report false positives"),
                            ("centre", "stopped by the Centre"),
                            ("flood", "part of a flood of proposals"),
                        ],
                        max_length=16,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("by", models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name="SuspensionEnd",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("upheld", models.BooleanField()),
                ("reason", models.CharField(max_length=300)),
                ("by", models.CharField(max_length=80)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Vote",
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
                    "kind",
                    models.CharField(choices=[("confirm", "confirmed"), ("reclassify", "other class")], max_length=16),
                ),
                ("classification", models.CharField(blank=True, max_length=80)),
                ("country", models.CharField(max_length=2)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("by", models.CharField(max_length=80)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RemoveConstraint(
            model_name="certification",
            name="one_certification_each",
        ),
        migrations.AddField(
            model_name="activation",
            name="round",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="certification",
            name="round",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="dispute",
            name="ground",
            field=models.CharField(
                choices=[("doubt", "wrongly listed"), ("not_csam", "not CSAM")], default="doubt", max_length=16
            ),
        ),
        migrations.AlterField(
            model_name="activation",
            name="indicator",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="activations", to="indicators.indicator"
            ),
        ),
        migrations.AddConstraint(
            model_name="activation",
            constraint=models.UniqueConstraint(fields=("indicator", "round"), name="one_activation_a_round"),
        ),
        migrations.AddConstraint(
            model_name="certification",
            constraint=models.UniqueConstraint(
                fields=("indicator", "organisation_id", "round"), name="one_certification_a_round"
            ),
        ),
        migrations.AddField(
            model_name="feedback",
            name="indicator",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="feedback", to="indicators.indicator"
            ),
        ),
        migrations.AddField(
            model_name="floodrelease",
            name="hold",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="release", to="indicators.floodhold"
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="indicator",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="suspensions", to="indicators.indicator"
            ),
        ),
        migrations.AddField(
            model_name="suspensionend",
            name="suspension",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="end", to="indicators.suspension"
            ),
        ),
        migrations.AddField(
            model_name="vote",
            name="indicator",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="votes", to="indicators.indicator"
            ),
        ),
        migrations.AddIndex(
            model_name="feedback",
            index=models.Index(fields=["indicator", "sender_id", "-created_at"], name="feedback_newest"),
        ),
        migrations.AddConstraint(
            model_name="suspension",
            constraint=models.UniqueConstraint(fields=("indicator", "round"), name="one_suspension_a_round"),
        ),
        migrations.RunSQL(CARRY_OVER, migrations.RunSQL.noop),
    ]
