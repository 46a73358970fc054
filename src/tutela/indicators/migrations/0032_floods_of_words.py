"""A flood of false positives is held as one of disputes is, and what was said in either names its hold; what the
reference of lawful pictures refuses is counted."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models

# A register may have millions of them; a statement of a node's work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)
PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0031_policy_shape"),
    ]

    operations = [
        PATIENT,
        migrations.AlterField(
            model_name="floodhold",
            name="kind",
            field=models.CharField(
                choices=[("proposals", "proposals"), ("disputes", "disputes"), ("feedback", "false positives")],
                default="proposals",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="floodrelease",
            name="counts",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="dispute",
            name="hold",
            field=models.ForeignKey(null=True, on_delete=PROTECT, related_name="disputes", to="indicators.floodhold"),
        ),
        migrations.AddField(
            model_name="feedback",
            name="hold",
            field=models.ForeignKey(null=True, on_delete=PROTECT, related_name="feedback", to="indicators.floodhold"),
        ),
        migrations.AddIndex(
            model_name="feedback",
            index=models.Index(fields=["sender_id", "-created_at"], name="feedback_of_sender"),
        ),
        migrations.CreateModel(
            name="ReferenceRefusals",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("grantee_id", models.UUIDField(db_index=True)),
                ("day", models.DateField()),
                (
                    "gate",
                    models.CharField(
                        choices=[
                            ("proposal", "a proposal"),
                            ("import", "an import, or a list of another"),
                            ("video", "the frames of a proposed video"),
                        ],
                        max_length=10,
                    ),
                ),
                ("entries", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation_id", "day", "gate"), name="one_count_a_day")
                ],
            },
        ),
    ]
