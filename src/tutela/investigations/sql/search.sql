-- Find referrals by keyed values.

-- Referrals that have any of the given keys, newest first. The function runs as the owner, because a GIN index is not
-- used under a policy, and therefore checks the acting organisation itself. Of a value that very many referrals have,
-- 2,000 are compared by time.
CREATE OR REPLACE FUNCTION investigations_found(authority uuid, given bytea[], most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF authority::text IS DISTINCT FROM current_setting('tutela.organisation', true) THEN
    RAISE EXCEPTION 'another organisation acts' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY WITH keyed AS MATERIALIZED (
      SELECT id, created_at FROM investigations_referral
      WHERE found_by && given AND organisation_id = authority LIMIT 2000)
    SELECT id FROM keyed ORDER BY created_at DESC, id DESC LIMIT most;
END $$;

GRANT EXECUTE ON FUNCTION investigations_found(uuid, bytea[], integer) TO PUBLIC;
