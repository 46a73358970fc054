-- Find reports by keyed values.

-- Reports that have any of the given keys, newest first. The function runs as the owner, because a GIN index is not
-- used under a policy, and therefore checks the acting organisation itself. Of a value that very many reports have,
-- 2,000 are compared by time.
CREATE OR REPLACE FUNCTION reports_found(centre uuid, given bytea[], most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF centre::text IS DISTINCT FROM current_setting('tutela.organisation', true) THEN
    RAISE EXCEPTION 'another organisation acts' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY WITH keyed AS MATERIALIZED (
      SELECT id, created_at FROM reports_report WHERE found_by && given AND organisation_id = centre LIMIT 2000)
    SELECT id FROM keyed ORDER BY created_at DESC, id DESC LIMIT most;
END $$;

GRANT EXECUTE ON FUNCTION reports_found(uuid, bytea[], integer) TO PUBLIC;
