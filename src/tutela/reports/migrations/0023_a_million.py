"""What a page asks of a million reports: orders that are whole, and indexes for what was read row by row."""

import django.db.models.deletion
from django.db import migrations, models

OPEN = models.Q(("duplicate_of", None), ("state", "open"))
ORDER = ["-urgent", "lane", "-urgency", "-relevance_order", "created_at", "id"]
ALIKE = """
CREATE FUNCTION reports_alike(centre uuid, given bytea[], outside uuid, most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF centre::text IS DISTINCT FROM current_setting('tutela.organisation', true) THEN
    RAISE EXCEPTION 'another organisation acts' USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- First what shares a trait: without the fence all reports are read, the newest first, until enough were found.
  RETURN QUERY WITH alike AS MATERIALIZED (
      SELECT id, bundle_id, duplicate_of_id, created_at FROM reports_report
      WHERE traits && given AND organisation_id = centre)
    SELECT id FROM alike WHERE duplicate_of_id IS NULL AND bundle_id <> outside
    ORDER BY created_at DESC LIMIT most;
END $$"""

# How far every report came until now: the steps that an outcome proves, as `progress` has them.
REACH = """
DO $$ BEGIN
UPDATE reports_report SET reached = found.reached, released = found.released
FROM (
  SELECT f.report_id, bit_or(1 | coalesce(p.bits, 0))::smallint AS reached,
    bit_or(CASE WHEN o.release = 'statistics' THEN coalesce(p.bits, 0) ELSE 0 END)::smallint AS released
  FROM reports_referral f LEFT JOIN reports_outcome o ON o.referral_id = f.id
  LEFT JOIN (VALUES ('taken_up', 2), ('person_identified', 2 | 4), ('victim_identified', 2 | 8),
    ('charged', 2 | 4 | 16), ('convicted', 2 | 4 | 16 | 32)) p (kind, bits) ON p.kind = o.kind
  WHERE NOT EXISTS (SELECT FROM reports_referralreturn t WHERE t.referral_id = f.id)
    AND NOT EXISTS (SELECT FROM reports_assessment a WHERE a.report_id = f.report_id AND a.decision = 'erroneous'
                    AND a.created_at >= f.created_at)
  GROUP BY f.report_id
) found WHERE found.report_id = reports_report.id;
END $$"""


def anew(index: models.Index) -> list[object]:
    """Another index in the place of one of the same name."""
    return [
        migrations.RemoveIndex(model_name="report", name=index.name),
        migrations.AddIndex(model_name="report", index=index),
    ]


# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0022_video_looks"),
    ]

    operations = [
        PATIENT,
        migrations.AddField("report", "reached", models.SmallIntegerField(default=0)),
        migrations.AddField("report", "released", models.SmallIntegerField(default=0)),
        migrations.RunSQL(REACH, migrations.RunSQL.noop),
        *anew(models.Index(fields=["organisation_id", *ORDER], include=["duplicate_of"], name="report_queue")),
        *anew(
            models.Index(
                fields=["organisation_id", "created_at", "id"],
                include=["state", "duplicate_of"],
                name="report_received",
            )
        ),
        *anew(
            models.Index(
                fields=["organisation_id", "state", *ORDER],
                include=["bundle"],
                condition=models.Q(("duplicate_of", None)),
                name="report_state",
            )
        ),
        *anew(
            models.Index(
                fields=["organisation_id", "look_by", "id"], include=["bundle"], condition=OPEN, name="report_look_by"
            )
        ),
        *anew(models.Index(fields=["organisation_id", "bundle", *ORDER], condition=OPEN, name="report_open_in_bundle")),
        *anew(
            models.Index(
                fields=["organisation_id", "provider_id", "-decided_at"],
                include=["decision"],
                condition=models.Q(("decided_at__isnull", False), ("duplicate_of", None)),
                name="report_provider_decided",
            )
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["organisation_id", "provider_id", "-created_at"], name="report_provider_newest"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                fields=["organisation_id", "created_at", "id"],
                include=["bundle", "urgent", "urgency"],
                condition=OPEN,
                name="report_open_received",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                fields=["organisation_id", "created_at"],
                include=["country", "provider_id"],
                condition=models.Q(("duplicate_of", None)),
                name="report_funnel",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                fields=["organisation_id", "created_at"],
                include=["country", "provider_id", "reached", "released"],
                condition=models.Q(("duplicate_of", None), ("reached__gt", 0)),
                name="report_reached",
            ),
        ),
        migrations.AddIndex(
            model_name="volume",
            index=models.Index(
                fields=["organisation_id", "day"],
                include=["provider_id", "country", "kind", "reports", "duplicates", "urgent", "complete"],
                name="volume_day",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                fields=["organisation_id", "bundle", "created_at", "id"], include=["duplicate_of"], name="report_bundle"
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="bundle",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reports",
                to="reports.bundle",
            ),
        ),
        migrations.RunSQL(ALIKE, "DROP FUNCTION reports_alike"),
    ]
