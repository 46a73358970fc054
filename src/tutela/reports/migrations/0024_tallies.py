"""How many reports came how far, kept in rows that are added up: of a million reports a figure reads a few thousand."""

from django.db import migrations, models

import tutela.clock
import tutela.events.identifiers

# What of a report decides where it counts.
PLACE = (
    "organisation_id, date_trunc('month', created_at AT TIME ZONE 'UTC')::date, provider_id, country, reached, released"
)
COLUMNS = "id, created_at, organisation_id, month, provider_id, country, reached, released, reports"
TRIGGERS = f"""
CREATE FUNCTION reports_tally_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO reports_tally ({COLUMNS})
  SELECT gen_random_uuid(), max(created_at), {PLACE}, count(*) FROM came WHERE duplicate_of_id IS NULL
  GROUP BY {PLACE};
  RETURN NULL;
END $$;
CREATE TRIGGER reports_tally_came AFTER INSERT ON reports_report REFERENCING NEW TABLE AS came
  FOR EACH STATEMENT EXECUTE FUNCTION reports_tally_came();
CREATE FUNCTION reports_tally_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO reports_tally ({COLUMNS})
  SELECT gen_random_uuid(), created_at, {PLACE}, more
  FROM (SELECT OLD.*, -1 AS more UNION ALL SELECT NEW.*, 1 WHERE TG_OP = 'UPDATE') moved WHERE duplicate_of_id IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER reports_tally_moved AFTER UPDATE ON reports_report FOR EACH ROW
  WHEN ((OLD.organisation_id, OLD.created_at, OLD.provider_id, OLD.country, OLD.reached, OLD.released,
         OLD.duplicate_of_id IS NULL) IS DISTINCT FROM (NEW.organisation_id, NEW.created_at, NEW.provider_id,
         NEW.country, NEW.reached, NEW.released, NEW.duplicate_of_id IS NULL))
  EXECUTE FUNCTION reports_tally_moved();
CREATE TRIGGER reports_tally_gone AFTER DELETE ON reports_report FOR EACH ROW
  EXECUTE FUNCTION reports_tally_moved()"""  # noqa: S608 - columns
GONE = """
DROP TRIGGER reports_tally_came ON reports_report;
DROP TRIGGER reports_tally_moved ON reports_report;
DROP TRIGGER reports_tally_gone ON reports_report;
DROP FUNCTION reports_tally_came();
DROP FUNCTION reports_tally_moved()"""
# All of it anew.
TALLY = f"""
DO $$ BEGIN
DELETE FROM reports_tally;
INSERT INTO reports_tally ({COLUMNS})
SELECT gen_random_uuid(), max(created_at), {PLACE}, count(*) FROM reports_report WHERE duplicate_of_id IS NULL
GROUP BY {PLACE};
END $$"""  # noqa: S608 - columns


# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0023_a_million"),
    ]

    operations = [
        PATIENT,
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("month", models.DateField()),
                ("provider_id", models.UUIDField()),
                ("country", models.CharField(blank=True, max_length=2)),
                ("reached", models.SmallIntegerField()),
                ("released", models.SmallIntegerField()),
                ("reports", models.IntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["organisation_id", "month", "provider_id", "country", "reached", "released"],
                        include=["reports"],
                        name="tally_month",
                    )
                ],
            },
        ),
        migrations.RunSQL(TRIGGERS, GONE),
        migrations.RunSQL(TALLY, migrations.RunSQL.noop),
    ]
