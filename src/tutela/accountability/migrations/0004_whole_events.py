"""The verifier reads every column that a leaf commits to, counts events that have no place at all, and finds tombstones."""

from django.db import migrations

READ = """
CREATE FUNCTION accountability_read(after bigint, most integer)
RETURNS TABLE (place bigint, leaf bytea, head bytea, event uuid, at timestamptz, kind text, actor text,
  actor_name text, organisation text, purpose text, subject_kind text, subject_id text, legal_basis text,
  committed bytea, salt bytea, facts text, erased boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT a.position, a.leaf, a.head, a.event_id, e.at, e.kind, e.actor, e.actor_name, e.organisation_id::text,
    e.purpose, e.subject_kind, e.subject_id, e.legal_basis, e.commitment, f.salt, f.facts,
    f.event_id IS NULL AND EXISTS (SELECT 1 FROM events_event t
      WHERE t.subject_kind = 'event' AND t.subject_id = e.id::text AND t.kind = 'facts.erased'
        AND t.organisation_id = e.organisation_id)
  FROM accountability_entry a
  LEFT JOIN events_event e ON e.id = a.event_id
  LEFT JOIN events_eventfacts f ON f.event_id = a.event_id
  WHERE a.position > after ORDER BY a.position LIMIT most
$$"""

# Events that neither stand in the chain nor wait for their place: somebody took them out of the queue.
LOST = """
CREATE FUNCTION accountability_lost() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT e.id FROM events_event e
  WHERE NOT EXISTS (SELECT 1 FROM accountability_entry a WHERE a.event_id = e.id)
    AND NOT EXISTS (SELECT 1 FROM accountability_waiting_event w WHERE w.event_id = e.id)
  ORDER BY e.id LIMIT 100
$$"""

GRANTS = """
REVOKE ALL ON FUNCTION accountability_read(bigint, integer), accountability_lost() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accountability_read(bigint, integer), accountability_lost() TO tutela_app"""


class Migration(migrations.Migration):
    dependencies = [("accountability", "0003_public_log")]
    operations = [
        migrations.RunSQL(
            ["DROP FUNCTION accountability_read(bigint, integer)", READ, LOST, GRANTS],
            "DROP FUNCTION accountability_lost()",
        )
    ]
