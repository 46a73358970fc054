"""Whoever verifies the chain reads the contents of their own organisation's events; auditors and the owner read all.

Entries, leaves and heads are hashes and stay readable for every organisation of the node: the chain is one.
"""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("tutela.accountability.migrations.0004_whole_events")

READ = """
CREATE FUNCTION accountability_read(after bigint, most integer)
RETURNS TABLE (place bigint, leaf bytea, head bytea, shown boolean, event uuid, at timestamptz, kind text, actor text,
  actor_name text, organisation text, purpose text, subject_kind text, subject_id text, legal_basis text,
  committed bytea, salt bytea, facts text, erased boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.position, a.leaf, a.head, e.id IS NULL OR own.whole, a.event_id,
    CASE WHEN own.whole THEN e.at END, CASE WHEN own.whole THEN e.kind END, CASE WHEN own.whole THEN e.actor END,
    CASE WHEN own.whole THEN e.actor_name END, CASE WHEN own.whole THEN e.organisation_id::text END,
    CASE WHEN own.whole THEN e.purpose END, CASE WHEN own.whole THEN e.subject_kind END,
    CASE WHEN own.whole THEN e.subject_id END, CASE WHEN own.whole THEN e.legal_basis END,
    CASE WHEN own.whole THEN e.commitment END, CASE WHEN own.whole THEN f.salt END,
    CASE WHEN own.whole THEN f.facts END,
    own.whole AND f.event_id IS NULL AND EXISTS (SELECT 1 FROM events_event t
      WHERE t.subject_kind = 'event' AND t.subject_id = e.id::text AND t.kind = 'facts.erased'
        AND t.organisation_id = e.organisation_id)
  FROM accountability_entry a
  LEFT JOIN events_event e ON e.id = a.event_id
  LEFT JOIN events_eventfacts f ON f.event_id = a.event_id
  CROSS JOIN LATERAL (SELECT coalesce(session_user = current_user
    OR current_setting('tutela.audit', true) = 'on'
    OR e.organisation_id::text = current_setting('tutela.organisation', true), false) AS whole) own
  WHERE a.position > after ORDER BY a.position LIMIT most
$$"""
GRANTS = """
REVOKE ALL ON FUNCTION accountability_read(bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accountability_read(bigint, integer) TO tutela_app"""
DROP = "DROP FUNCTION accountability_read(bigint, integer)"


class Migration(migrations.Migration):
    dependencies = [("accountability", "0012_erasures")]
    operations = [migrations.RunSQL([DROP, READ, GRANTS], [DROP, BEFORE.READ, GRANTS])]
