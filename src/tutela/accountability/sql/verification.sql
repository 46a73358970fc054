-- Functions that the verifier of the chain reads.

-- Entries, leaves and heads are hashes and can be read by every organisation of the node: the chain is one. The
-- contents of an event are shown to its own organisation, to auditors, and to the owner.
CREATE OR REPLACE FUNCTION accountability_read(
  after bigint, most integer
)
RETURNS TABLE(place bigint, leaf bytea, head bytea, shown boolean, event uuid, at timestamptz, kind text, actor text,
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
$$;

-- Events that are neither in the chain nor in the queue: somebody removed them from the queue.
CREATE OR REPLACE FUNCTION accountability_lost() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.id FROM events_event e
  WHERE NOT EXISTS (SELECT 1 FROM accountability_entry a WHERE a.event_id = e.id)
    AND NOT EXISTS (SELECT 1 FROM accountability_waiting_event w WHERE w.event_id = e.id)
  ORDER BY e.id LIMIT 100
$$;

REVOKE ALL ON FUNCTION accountability_read(bigint, integer), accountability_lost() FROM PUBLIC, tutela_app;
GRANT EXECUTE ON FUNCTION accountability_read(bigint, integer), accountability_lost() TO tutela_app;
