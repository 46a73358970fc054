"""How many reports came how far, kept by week too, and by the first kind that a report names."""

from importlib import import_module

from django.db import migrations, models

BEFORE = import_module("tutela.reports.migrations.0024_tallies")
# What of a report decides where it counts, in each of two spans.
OF = "organisation_id, span, begin, provider_id, country, kind, reached, released"
COLUMNS = f"id, created_at, {OF}, reports"
SPANS = """CROSS JOIN LATERAL (VALUES
    ('month', date_trunc('month', created_at AT TIME ZONE 'UTC')::date),
    ('week', date_trunc('week', created_at AT TIME ZONE 'UTC')::date)) spans (span, begin)
  CROSS JOIN LATERAL (VALUES (coalesce(kinds[1], ''))) first (kind)"""
TRIGGERS = f"""
CREATE FUNCTION reports_tally_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO reports_tally ({COLUMNS})
  SELECT gen_random_uuid(), max(created_at), {OF}, count(*) FROM came {SPANS} WHERE duplicate_of_id IS NULL
  GROUP BY {OF};
  RETURN NULL;
END $$;
CREATE TRIGGER reports_tally_came AFTER INSERT ON reports_report REFERENCING NEW TABLE AS came
  FOR EACH STATEMENT EXECUTE FUNCTION reports_tally_came();
CREATE FUNCTION reports_tally_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO reports_tally ({COLUMNS})
  SELECT gen_random_uuid(), created_at, {OF}, more
  FROM (SELECT OLD.*, -1 AS more UNION ALL SELECT NEW.*, 1 WHERE TG_OP = 'UPDATE') moved {SPANS}
  WHERE duplicate_of_id IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER reports_tally_moved AFTER UPDATE ON reports_report FOR EACH ROW
  WHEN ((OLD.organisation_id, OLD.created_at, OLD.provider_id, OLD.country, OLD.kinds, OLD.reached, OLD.released,
         OLD.duplicate_of_id IS NULL) IS DISTINCT FROM (NEW.organisation_id, NEW.created_at, NEW.provider_id,
         NEW.country, NEW.kinds, NEW.reached, NEW.released, NEW.duplicate_of_id IS NULL))
  EXECUTE FUNCTION reports_tally_moved();
CREATE TRIGGER reports_tally_gone AFTER DELETE ON reports_report FOR EACH ROW
  EXECUTE FUNCTION reports_tally_moved()"""  # noqa: S608 - columns
# All of it anew.
TALLY = f"""
DO $$ BEGIN
DELETE FROM reports_tally;
INSERT INTO reports_tally ({COLUMNS})
SELECT gen_random_uuid(), max(created_at), {OF}, count(*) FROM reports_report {SPANS} WHERE duplicate_of_id IS NULL
GROUP BY {OF};
END $$"""  # noqa: S608 - columns


# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0038_feedback_said"),
    ]

    operations = [
        PATIENT,
        # From here on whoever writes a report waits until the kept rows are those of all reports again.
        migrations.RunSQL(BEFORE.GONE, f"{BEFORE.TRIGGERS};{BEFORE.TALLY}"),
        migrations.RemoveIndex("tally", "tally_month"),
        migrations.RenameField("tally", "month", "begin"),
        migrations.AlterField(
            "tally", "begin", models.DateField(help_text="The first of a month, the Monday of a week, in UTC")
        ),
        migrations.AddField(
            "tally",
            "span",
            models.CharField(choices=[("month", "Month"), ("week", "Week")], default="month", max_length=5),
            preserve_default=False,
        ),
        migrations.AddField("tally", "kind", models.CharField(default="", max_length=20), preserve_default=False),
        migrations.AddIndex(
            "tally",
            models.Index(
                fields=["organisation_id", "span", "begin", "provider_id", "country", "kind", "reached", "released"],
                include=["reports"],
                name="tally_span",
            ),
        ),
        migrations.RunSQL(TRIGGERS, BEFORE.GONE),
        migrations.RunSQL(TALLY, migrations.RunSQL.noop),
    ]
