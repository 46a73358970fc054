"""No row that somebody wrote stops the sequencer, speaks for the log in its own words, or is of a time that no date has."""

from importlib import import_module

from django.db import migrations

SEQUENCE = import_module("tutela.accountability.migrations.0007_sequencing_at_once").SEQUENCE

# What is no object, cannot be read or is longer than an entry says nothing: an error here would stop every event.
FACTS = """
CREATE OR REPLACE FUNCTION accountability_facts(facts text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = public AS $$
DECLARE
  found jsonb;
BEGIN
  IF octet_length(facts) > 60000 THEN RETURN '{}'; END IF;
  found := facts::jsonb;
  RETURN CASE WHEN jsonb_typeof(found) = 'object' THEN found ELSE '{}' END;
EXCEPTION WHEN OTHERS THEN RETURN '{}';
END $$"""

# A leaf counts microseconds, and nobody reads a year of five digits.
TIMES = """
ALTER TABLE events_event ADD CONSTRAINT event_of_a_date
CHECK (at >= '1970-01-01T00:00:00Z' AND at < '9999-01-01T00:00:00Z') NOT VALID"""

# A checkpoint that is not the chain's is none of the log's, and does not keep the next one out.
CHECKPOINT = """
CREATE OR REPLACE FUNCTION accountability_log_checkpoint() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  found record;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('tutela.sequencer')) THEN RETURN false; END IF;
  SELECT c.position, c.head INTO found FROM accountability_checkpoint c
  JOIN accountability_entry e ON e.position = c.position AND e.head = c.head ORDER BY c.position DESC LIMIT 1;
  IF found IS NULL OR EXISTS (SELECT 1 FROM accountability_publicleaf WHERE checkpoint >= found.position) THEN
    RETURN false;
  END IF;
  INSERT INTO accountability_publicleaf (position, checkpoint, entry, at)
  SELECT coalesce((SELECT max(position) + 1 FROM accountability_publicleaf), 0), found.position,
    convert_to(jsonb_build_object('event', 'audit.checkpoint', 'position', found.position,
      'head', encode(found.head, 'hex'))::text, 'UTF8'), now();
  RETURN true;
END $$"""

GRANTS = "REVOKE ALL ON FUNCTION accountability_facts(text) FROM PUBLIC"
BEFORE = import_module("tutela.accountability.migrations.0003_public_log").CHECKPOINT.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)


class Migration(migrations.Migration):
    dependencies = [("accountability", "0010_reference")]
    operations = [
        migrations.RunSQL(
            [FACTS, GRANTS, SEQUENCE, TIMES, CHECKPOINT],
            ["ALTER TABLE events_event DROP CONSTRAINT event_of_a_date", BEFORE],
        )
    ]
