"""What became of reports, as the provider counts it: on their rows, with why a report came back as a code."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

# By the first and the last sending; where retention has erased those, by the receipt. What a report lacked is unknown.
SENT = """
DO $$ BEGIN
UPDATE detection_draft d SET sent_at = f.sent_at, sent_to = f.sent_to FROM (
  SELECT draft_id, min(at) AS sent_at, (array_agg(recipient ORDER BY at DESC))[1] AS sent_to FROM (
    SELECT draft_id, created_at AS at, recipient_id AS recipient FROM detection_sending
    UNION ALL SELECT draft_id, received_at, centre_id FROM detection_receipt) known
  GROUP BY draft_id) f WHERE f.draft_id = d.id;
UPDATE detection_draft d SET asked = true WHERE EXISTS (
  SELECT FROM detection_receivedfeedback f WHERE f.draft_id = d.id AND f.kind = 'received' AND f.reason <> '');
END $$"""
# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("detection", "0007_a_million"),
    ]

    operations = [
        PATIENT,
        migrations.AddField("receivedfeedback", "reason_code", models.CharField(blank=True, default="", max_length=20)),
        migrations.AddField("draft", "sent_at", models.DateTimeField(null=True)),
        migrations.AddField("draft", "sent_to", models.UUIDField(null=True)),
        migrations.AddField("draft", "lacking", ArrayField(models.CharField(max_length=40), null=True)),
        migrations.AddField("draft", "asked", models.BooleanField(default=False)),
        migrations.AddField("draft", "why_not", models.CharField(blank=True, default="", max_length=20)),
        migrations.RunSQL(SENT, migrations.RunSQL.noop),
        migrations.AddIndex(
            "draft",
            models.Index(
                fields=["organisation_id", "sent_at"],
                include=["sent_to", "service", "state", "asked", "why_not", "lacking"],
                name="draft_sent",
                condition=models.Q(("sent_at__isnull", False)),
            ),
        ),
    ]
