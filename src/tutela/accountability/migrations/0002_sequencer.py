"""The sequencer's functions. They run as the owner, who sees every tenant's events, and give out hashes alone."""

from django.db import migrations

from tutela.accountability.chain.leaves import SQL

# Events without a place. Filled by a trigger in the event's own transaction, emptied by the sequencer, so that a
# second's work costs what is new and not what is old.
QUEUE = """
CREATE TABLE accountability_waiting_event (event_id uuid PRIMARY KEY, xact bigint NOT NULL);
CREATE FUNCTION accountability_queue() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO accountability_waiting_event VALUES (NEW.id, NEW.xact);
  RETURN NULL;
END $$;
CREATE TRIGGER accountability_queue AFTER INSERT ON events_event FOR EACH ROW EXECUTE FUNCTION accountability_queue();
INSERT INTO accountability_waiting_event SELECT id, xact FROM events_event"""

# Transaction numbers beyond the present one come from before a restore into a new cluster: they are final.
SEQUENCE = f"""
CREATE FUNCTION accountability_sequence(most integer) RETURNS integer
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
    SELECT e.id, {SQL} AS leaf FROM accountability_waiting_event w JOIN events_event e ON e.id = w.event_id
    WHERE w.xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
      OR w.xact >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    ORDER BY w.xact, e.id LIMIT most
  LOOP
    place := place + 1;
    last := sha256(last || found.leaf);
    INSERT INTO accountability_entry (position, event_id, leaf, head) VALUES (place, found.id, found.leaf, last);
    DELETE FROM accountability_waiting_event WHERE event_id = found.id;
    done := done + 1;
  END LOOP;
  RETURN done;
END $$"""  # noqa: S608 - a constant of ours

READ = """
CREATE FUNCTION accountability_read(after bigint, most integer)
RETURNS TABLE (place bigint, leaf bytea, head bytea, event uuid, at timestamptz, kind text, actor text,
  organisation text, purpose text, subject_kind text, subject_id text, legal_basis text, committed bytea,
  salt bytea, facts text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT a.position, a.leaf, a.head, a.event_id, e.at, e.kind, e.actor, e.organisation_id::text, e.purpose,
    e.subject_kind, e.subject_id, e.legal_basis, e.commitment, f.salt, f.facts
  FROM accountability_entry a
  LEFT JOIN events_event e ON e.id = a.event_id
  LEFT JOIN events_eventfacts f ON f.event_id = a.event_id
  WHERE a.position > after ORDER BY a.position LIMIT most
$$"""

WAITING = """
CREATE FUNCTION accountability_waiting() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT count(*) FROM accountability_waiting_event
$$"""

GRANTS = """
REVOKE ALL ON FUNCTION accountability_sequence(integer), accountability_read(bigint, integer),
  accountability_waiting() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accountability_sequence(integer), accountability_read(bigint, integer),
  accountability_waiting() TO tutela_app"""

DROP = """
DROP TRIGGER accountability_queue ON events_event;
DROP FUNCTION accountability_queue();
DROP TABLE accountability_waiting_event;
DROP FUNCTION accountability_sequence(integer);
DROP FUNCTION accountability_read(bigint, integer);
DROP FUNCTION accountability_waiting()"""


class Migration(migrations.Migration):
    dependencies = [("accountability", "0001_initial"), ("events", "0001_initial")]
    operations = [migrations.RunSQL([QUEUE, SEQUENCE, READ, WAITING, GRANTS], DROP)]
