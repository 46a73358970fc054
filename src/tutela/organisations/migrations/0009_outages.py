import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


# A node may have a million messages; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0008_messages_about"),
    ]

    operations = [
        PATIENT,
        migrations.AddField(
            model_name="outboxmessage",
            name="urgent",
            field=models.BooleanField(default=False),
        ),
        migrations.RemoveIndex(model_name="outboxmessage", name="outbox_waiting"),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                condition=models.Q(("answered_at", None)),
                fields=["organisation_id", "recipient", "-urgent", "created_at", "id"],
                name="outbox_lane",
            ),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                condition=models.Q(("answered_at", None)), fields=["recipient", "subject_id"], name="outbox_order"
            ),
        ),
        migrations.CreateModel(
            name="RecipientAway",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("attempts", models.IntegerField(default=1)),
                ("tried_at", models.DateTimeField(default=tutela.clock.now)),
                ("error", models.CharField(max_length=300)),
                (
                    "recipient",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="organisations.organisation"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation_id", "recipient"), name="one_absence_a_recipient")
                ],
            },
        ),
        migrations.CreateModel(
            name="ClockMoved",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("machine", models.CharField(max_length=80)),
                ("seconds", models.FloatField()),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
