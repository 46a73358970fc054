-- Indicators that became active or inactive, for the set of the private look-up: a queue that a trigger writes and
-- functions empty.

CREATE OR REPLACE FUNCTION indicators_lookup_waits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO indicators_lookupwaiting (indicator_id)
    SELECT fresh.indicator_id FROM fresh JOIN before ON before.id = fresh.id
    WHERE (fresh.state = 'active') <> (before.state = 'active') AND NOT indicators_is_test(fresh.indicator_id);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER indicators_lookup AFTER UPDATE ON indicators_indicatornow
  REFERENCING OLD TABLE AS before NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION indicators_lookup_waits();

CREATE OR REPLACE FUNCTION indicators_lookup_wait(ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO indicators_lookupwaiting (indicator_id) SELECT unnest(ids)
$$;

CREATE OR REPLACE FUNCTION indicators_lookup_noted(ids bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM indicators_lookupwaiting WHERE id = ANY(ids)
$$;

CREATE OR REPLACE FUNCTION indicators_lookup_forget() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM indicators_lookupwaiting WHERE NOT EXISTS (SELECT 1 FROM indicators_lookupset)
$$;

REVOKE ALL ON FUNCTION indicators_lookup_waits(), indicators_lookup_wait(uuid[]), indicators_lookup_noted(bigint[]),
  indicators_lookup_forget() FROM PUBLIC, tutela_app;
GRANT EXECUTE ON FUNCTION indicators_lookup_wait(uuid[]), indicators_lookup_noted(bigint[]),
  indicators_lookup_forget() TO tutela_app;
