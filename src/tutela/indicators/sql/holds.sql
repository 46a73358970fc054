-- Holds: indicators that are held as outliers, alone or with their import, are not activated.

-- Whether an indicator or its import is held and not released. This is the only definition. Each of the two uses its
-- own index: one OR over both reads every row if no bitmap can be built.
CREATE OR REPLACE FUNCTION indicators_is_held(one uuid, run uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM indicators_hold h WHERE h.subject_id = one AND h.kind = 'indicator' AND NOT EXISTS
      (SELECT 1 FROM indicators_holddecision d WHERE d.hold_id = h.id AND d.accepted))
    OR EXISTS (SELECT 1 FROM indicators_hold h WHERE h.subject_id = run AND h.kind = 'import' AND NOT EXISTS
      (SELECT 1 FROM indicators_holddecision d WHERE d.hold_id = h.id AND d.accepted))
$$;

CREATE OR REPLACE FUNCTION indicators_mark_held(ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE indicators_indicatornow n SET held = NOT n.held FROM indicators_indicator i
    WHERE n.indicator_id = ANY(ids) AND i.id = n.indicator_id AND n.held <> indicators_is_held(i.id, i.run_id)
$$;

CREATE OR REPLACE FUNCTION indicators_check_on_hold() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF (SELECT indicators_is_held(i.id, i.run_id) FROM indicators_indicator i WHERE i.id = NEW.indicator_id) THEN
    RAISE EXCEPTION 'what is held as an outlier is not activated' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER indicators_check_on_hold BEFORE INSERT ON indicators_activation
  FOR EACH ROW EXECUTE FUNCTION indicators_check_on_hold();

REVOKE ALL ON FUNCTION indicators_mark_held(uuid[]), indicators_check_on_hold() FROM PUBLIC, tutela_app;
GRANT EXECUTE ON FUNCTION indicators_mark_held(uuid[]) TO tutela_app;
GRANT EXECUTE ON FUNCTION indicators_is_held(uuid, uuid) TO PUBLIC;
