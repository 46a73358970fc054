-- Events of an indicator and their times, for members of the register; the public log contains the same. No facts, no
-- actors. In parts, newest first.

CREATE OR REPLACE FUNCTION indicators_events(
  one uuid, past bigint, most bigint
)
RETURNS TABLE(event uuid, kind text, at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.id, e.kind::text, e.at FROM (
    SELECT 'indicator' AS kind, one::text AS id
    UNION ALL
    SELECT 'hold', h.id::text FROM indicators_hold h WHERE h.subject_id = one AND h.kind = 'indicator'
    UNION ALL
    SELECT 'hold', h.id::text FROM indicators_hold h
      JOIN indicators_indicator i ON i.run_id = h.subject_id WHERE i.id = one AND h.kind = 'import'
  ) about JOIN events_event e ON e.subject_kind = about.kind AND e.subject_id = about.id
  WHERE current_setting('tutela.register', true) = 'on'
    AND e.kind IN ('indicator.proposed', 'indicator.certified', 'indicator.activated', 'indicator.disputed',
      'dispute.decided', 'indicator.suspended', 'indicator.revoked', 'indicator.cleared', 'indicator.voted',
      'indicator.feedback', 'indicator.erased', 'indicator.hold_placed', 'indicator.hold_ended', 'register.held',
      'register.released')
  ORDER BY e.at DESC, e.id DESC LIMIT most OFFSET past
$$;

REVOKE ALL ON FUNCTION indicators_events(uuid, bigint, bigint) FROM PUBLIC, tutela_app;
GRANT EXECUTE ON FUNCTION indicators_events(uuid, bigint, bigint) TO tutela_app;
