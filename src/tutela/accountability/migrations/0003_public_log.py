"""The public log's entries, made by the sequencer in the transaction in which an event gets its place."""

import tutela.clock
from django.db import migrations, models

from tutela.accountability.chain.leaves import PUBLIC_ENTRY, PUBLIC_KINDS, SQL

_KINDS = ", ".join(f"'{kind}'" for kind in PUBLIC_KINDS)

SEQUENCE = f"""
CREATE OR REPLACE FUNCTION accountability_sequence(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  done integer := 0;
  place bigint;
  last bytea;
  found record;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('tutela.sequencer')) THEN RETURN 0; END IF;
  SELECT position, head INTO place, last FROM accountability_entry ORDER BY position DESC LIMIT 1;
  IF place IS NULL THEN place := 0; last := decode(repeat('00', 32), 'hex'); END IF;
  FOR found IN
    SELECT e.id, e.kind, {SQL} AS leaf FROM accountability_waiting_event w JOIN events_event e ON e.id = w.event_id
    WHERE w.xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
      OR w.xact >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    ORDER BY w.xact, e.id LIMIT most
  LOOP
    place := place + 1;
    last := sha256(last || found.leaf);
    INSERT INTO accountability_entry (position, event_id, leaf, head) VALUES (place, found.id, found.leaf, last);
    IF found.kind IN ({_KINDS}) THEN
      INSERT INTO accountability_publicleaf (position, event_id, entry, at)
      SELECT coalesce((SELECT max(position) + 1 FROM accountability_publicleaf), 0), e.id,
        convert_to({PUBLIC_ENTRY}::text, 'UTF8'), now()
      FROM events_event e LEFT JOIN events_eventfacts f ON f.event_id = e.id WHERE e.id = found.id;
    END IF;
    DELETE FROM accountability_waiting_event WHERE event_id = found.id;
    done := done + 1;
  END LOOP;
  RETURN done;
END $$"""  # noqa: S608 - a constant of ours

# The chain's newest checkpoint as an entry of the public log, once.
CHECKPOINT = """
CREATE FUNCTION accountability_log_checkpoint() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  found record;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('tutela.sequencer')) THEN RETURN false; END IF;
  SELECT c.position, c.head INTO found FROM accountability_checkpoint c ORDER BY c.position DESC LIMIT 1;
  IF found IS NULL OR EXISTS (SELECT 1 FROM accountability_publicleaf WHERE checkpoint >= found.position) THEN
    RETURN false;
  END IF;
  INSERT INTO accountability_publicleaf (position, checkpoint, entry, at)
  SELECT coalesce((SELECT max(position) + 1 FROM accountability_publicleaf), 0), found.position,
    convert_to(jsonb_build_object('event', 'audit.checkpoint', 'position', found.position,
      'head', encode(found.head, 'hex'))::text, 'UTF8'), now();
  RETURN true;
END $$"""

GRANTS = """
REVOKE ALL ON FUNCTION accountability_log_checkpoint() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accountability_log_checkpoint() TO tutela_app"""


class Migration(migrations.Migration):
    dependencies = [("accountability", "0002_sequencer"), ("events", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="PublicLeaf",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("event_id", models.UUIDField(null=True, unique=True)),
                ("checkpoint", models.BigIntegerField(null=True, unique=True)),
                ("entry", models.BinaryField(max_length=65535)),
                ("at", models.DateTimeField(default=tutela.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="WitnessState",
            fields=[
                ("name", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("size", models.BigIntegerField(default=0)),
                ("cosigned_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("asked_at", models.DateTimeField(default=tutela.clock.now)),
            ],
        ),
        migrations.RunSQL([SEQUENCE, CHECKPOINT, GRANTS], "DROP FUNCTION accountability_log_checkpoint()"),
    ]
