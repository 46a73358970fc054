"""What became of reports, as the provider counts it: on their rows, with why a report came back as a code."""

import django.db.models.deletion
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

import tutela.clock
import tutela.events.identifiers

# By the first and the last sending; where retention has erased those, by the receipt. What a report lacked is unknown.
# In one statement: a row that is changed twice has its foreign keys checked, and then no index can be made.
SENT = """
DO $$ BEGIN
UPDATE detection_draft d SET sent_at = f.sent_at, sent_to = f.sent_to, asked = EXISTS (
  SELECT FROM detection_receivedfeedback r WHERE r.draft_id = d.id AND r.kind = 'received' AND r.reason <> '')
FROM (
  SELECT draft_id, min(at) AS sent_at, (array_agg(recipient ORDER BY at DESC))[1] AS sent_to FROM (
    SELECT draft_id, created_at AS at, recipient_id AS recipient FROM detection_sending
    UNION ALL SELECT draft_id, received_at, centre_id FROM detection_receipt) known
  GROUP BY draft_id) f WHERE f.draft_id = d.id;
END $$"""
# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("detection", "0008_hold_of_content"),
    ]

    operations = [
        PATIENT,
        migrations.AddField("receivedfeedback", "reason_code", models.CharField(blank=True, default="", max_length=20)),
        migrations.AddField("draft", "sent_at", models.DateTimeField(null=True)),
        migrations.AddField("draft", "sent_to", models.UUIDField(null=True)),
        migrations.AddField("draft", "lacking", ArrayField(models.CharField(max_length=40), null=True)),
        migrations.AddField("draft", "asked", models.BooleanField(default=False)),
        migrations.AddField("draft", "why_not", models.CharField(blank=True, default="", max_length=20)),
        migrations.AddField("draft", "given_back", models.CharField(blank=True, default="", max_length=10)),
        migrations.RunSQL(SENT, migrations.RunSQL.noop),
        migrations.AddIndex(
            "draft",
            models.Index(
                fields=["organisation_id", "sent_at"],
                include=["sent_to", "service", "state", "asked", "why_not", "given_back", "lacking"],
                name="draft_sent",
                condition=models.Q(("sent_at__isnull", False)),
            ),
        ),
        migrations.AddIndex(
            "draft",
            models.Index(
                fields=["organisation_id", "-created_at", "-id"],
                name="draft_to_reinstate",
                condition=models.Q(("given_back", ""), ("state", "not_relevant")),
            ),
        ),
        migrations.CreateModel(
            name="Reinstatement",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("kind", models.CharField(max_length=10)),
                ("words", models.TextField(blank=True)),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reinstatements",
                        to="detection.draft",
                    ),
                ),
                (
                    "undoes",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone",
                        to="detection.reinstatement",
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["reinstated", "nothing", "stays"]), ("undoes", None)),
                            models.Q(("kind", "undone"), ("undoes__isnull", False)),
                            _connector="OR",
                        ),
                        name="given_back_or_undone",
                    )
                ],
            },
        ),
    ]
