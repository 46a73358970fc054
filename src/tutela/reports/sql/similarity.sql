-- Find related reports by shared traits.

-- The newest reports outside a bundle that share a trait with the given ones. The function runs as the owner, because a
-- GIN index is not used under a policy, and therefore checks the acting organisation itself.
CREATE OR REPLACE FUNCTION reports_alike(centre uuid, given bytea[], outside uuid, most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF centre::text IS DISTINCT FROM current_setting('tutela.organisation', true) THEN
    RAISE EXCEPTION 'another organisation acts' USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- Shared traits first: without this fence the database reads all reports, newest first, until enough are found.
  RETURN QUERY WITH alike AS MATERIALIZED (
      SELECT id, bundle_id, duplicate_of_id, created_at FROM reports_report
      WHERE traits && given AND organisation_id = centre)
    SELECT id FROM alike WHERE duplicate_of_id IS NULL AND bundle_id <> outside
    ORDER BY created_at DESC LIMIT most;
END $$;

GRANT EXECUTE ON FUNCTION reports_alike(uuid, bytea[], uuid, integer) TO PUBLIC;
