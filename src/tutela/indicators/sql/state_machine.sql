-- The state of every indicator, kept on a row of its own by triggers, with counts of it; lists of millions are read
-- from indexes.

-- Set the state of indicators from their rows: revoked before suspended before active before proposed, as in
-- `lifecycle/queries.py`. A separate statement locks the rows first, so that the state is computed from what a
-- concurrent transaction wrote.
CREATE OR REPLACE FUNCTION indicators_move(ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM indicators_indicatornow n WHERE n.indicator_id = ANY(ids) ORDER BY n.indicator_id FOR UPDATE;
  WITH moved AS (
    SELECT f.id, f.organisation_id, f.state AS now, n.state AS was
    FROM (SELECT i.id, i.organisation_id,
      CASE
        WHEN EXISTS (SELECT 1 FROM indicators_revocation r WHERE r.indicator_id = i.id) THEN 'revoked'
        WHEN EXISTS (SELECT 1 FROM indicators_suspension s WHERE s.indicator_id = i.id
          AND NOT EXISTS (SELECT 1 FROM indicators_suspensionend e WHERE e.suspension_id = s.id)) THEN 'suspended'
        WHEN EXISTS (SELECT 1 FROM indicators_activation a WHERE a.indicator_id = i.id
          AND NOT EXISTS (SELECT 1 FROM indicators_suspension s
            WHERE s.indicator_id = a.indicator_id AND s.round >= a.round)) THEN 'active'
        ELSE 'proposed'
      END AS state FROM indicators_indicator i WHERE i.id = ANY(ids)) f
    JOIN indicators_indicatornow n ON n.indicator_id = f.id WHERE n.state <> f.state
  ), put AS (
    UPDATE indicators_indicatornow n SET state = moved.now FROM moved WHERE n.indicator_id = moved.id
  )
  -- A test entry is in no figure.
  INSERT INTO indicators_statetally (id, organisation_id, created_at, state, n)
    SELECT gen_random_uuid(), organisation_id, now(), state, sum(n) FROM (
      SELECT id, organisation_id, now AS state, 1 AS n FROM moved
      UNION ALL SELECT id, organisation_id, was, -1 FROM moved
    ) said WHERE NOT indicators_is_test(id) GROUP BY organisation_id, state;
END $$;

-- A proposal starts as proposed, or as held if its import is held.
CREATE OR REPLACE FUNCTION indicators_now_begun() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO indicators_indicatornow
    (id, organisation_id, created_at, indicator_id, state, proposed_at, held, media_type)
    SELECT f.id, f.organisation_id, f.created_at, f.id, 'proposed', f.created_at, coalesce(r.held, false), f.media_type
    FROM fresh f LEFT JOIN (
      SELECT run_id, indicators_is_held(NULL, run_id) AS held
      FROM (SELECT DISTINCT run_id FROM fresh WHERE run_id IS NOT NULL) runs
    ) r ON r.run_id = f.run_id;
  INSERT INTO indicators_statetally (id, organisation_id, created_at, state, n)
    SELECT gen_random_uuid(), organisation_id, now(), 'proposed', count(*) FROM fresh
    WHERE NOT indicators_is_test(id) GROUP BY organisation_id;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER indicators_now AFTER INSERT ON indicators_indicator
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION indicators_now_begun();

CREATE OR REPLACE FUNCTION indicators_now_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM indicators_move(ARRAY(SELECT DISTINCT indicator_id FROM fresh));
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER indicators_now AFTER INSERT ON indicators_activation
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION indicators_now_moved();
CREATE OR REPLACE TRIGGER indicators_now AFTER INSERT ON indicators_suspension
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION indicators_now_moved();
CREATE OR REPLACE TRIGGER indicators_now AFTER INSERT ON indicators_revocation
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION indicators_now_moved();

CREATE OR REPLACE FUNCTION indicators_now_decided() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM indicators_move(ARRAY(
    SELECT DISTINCT s.indicator_id FROM fresh JOIN indicators_suspension s ON s.id = fresh.suspension_id));
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER indicators_now AFTER INSERT ON indicators_suspensionend
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION indicators_now_decided();

-- Adds up the counts of each state: every move adds rows to them.
CREATE OR REPLACE FUNCTION indicators_sum_tally() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM indicators_statetally RETURNING organisation_id, state, n)
  INSERT INTO indicators_statetally (id, organisation_id, created_at, state, n)
    SELECT gen_random_uuid(), organisation_id, now(), state, sum(n) FROM gone
    GROUP BY organisation_id, state HAVING sum(n) <> 0
$$;

REVOKE ALL ON FUNCTION indicators_move(uuid[]), indicators_now_begun(), indicators_now_moved(),
  indicators_now_decided(), indicators_sum_tally() FROM PUBLIC, tutela_app;
GRANT EXECUTE ON FUNCTION indicators_sum_tally() TO tutela_app;
