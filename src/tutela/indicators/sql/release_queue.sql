-- Indicators that became active or inactive since a list's snapshot, for versions with changes only: a queue that a
-- trigger writes and functions empty.

CREATE OR REPLACE FUNCTION indicators_release_waits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO indicators_releasewaiting (indicator_id)
    SELECT fresh.indicator_id FROM fresh JOIN before ON before.id = fresh.id
    WHERE (fresh.state = 'active') <> (before.state = 'active');
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER indicators_release AFTER UPDATE ON indicators_indicatornow
  REFERENCING OLD TABLE AS before NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION indicators_release_waits();

-- Anyone with the runtime role may call these functions, so `reconcile` compares the queue with the indicators. Each
-- function does only what its list needs.
CREATE OR REPLACE FUNCTION indicators_release_wait(ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO indicators_releasewaiting (indicator_id) SELECT unnest(ids)
$$;

CREATE OR REPLACE FUNCTION indicators_release_noted(ids bigint[], number bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE indicators_releasewaiting w SET version = number
    WHERE w.id = ANY(ids) AND EXISTS (SELECT 1 FROM indicators_release r WHERE r.version = number)
$$;

CREATE OR REPLACE FUNCTION indicators_release_forget(number bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM indicators_releasewaiting WHERE version <= number
$$;

REVOKE ALL ON FUNCTION indicators_release_waits(), indicators_release_wait(uuid[]), indicators_release_noted(bigint[],
  bigint), indicators_release_forget(bigint) FROM PUBLIC, tutela_app;
GRANT EXECUTE ON FUNCTION indicators_release_wait(uuid[]), indicators_release_noted(bigint[], bigint),
  indicators_release_forget(bigint) TO tutela_app;
