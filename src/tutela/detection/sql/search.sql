-- Find candidates and drafts by keyed values.

-- Candidates that have any of the given keys, newest first. The function runs as the owner, because a GIN index is not
-- used under a policy, and therefore checks the acting organisation itself. Of a value that very many candidates have,
-- 2,000 are compared by time.
CREATE OR REPLACE FUNCTION detection_candidates_found(provider uuid, given bytea[], most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF provider::text IS DISTINCT FROM current_setting('tutela.organisation', true) THEN
    RAISE EXCEPTION 'another organisation acts' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY WITH keyed AS MATERIALIZED (
      SELECT id, created_at FROM detection_candidate WHERE found_by && given AND organisation_id = provider LIMIT 2000)
    SELECT id FROM keyed ORDER BY created_at DESC, id DESC LIMIT most;
END $$;

GRANT EXECUTE ON FUNCTION detection_candidates_found(uuid, bytea[], integer) TO PUBLIC;

-- The same for drafts.
CREATE OR REPLACE FUNCTION detection_drafts_found(provider uuid, given bytea[], most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF provider::text IS DISTINCT FROM current_setting('tutela.organisation', true) THEN
    RAISE EXCEPTION 'another organisation acts' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY WITH keyed AS MATERIALIZED (
      SELECT id, created_at FROM detection_draft WHERE found_by && given AND organisation_id = provider LIMIT 2000)
    SELECT id FROM keyed ORDER BY created_at DESC, id DESC LIMIT most;
END $$;

GRANT EXECUTE ON FUNCTION detection_drafts_found(uuid, bytea[], integer) TO PUBLIC;
