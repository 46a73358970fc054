-- A reversal of a drill is in no figure and raises no alert. The queries leave it out; this holds for every other way.

CREATE OR REPLACE FUNCTION redress_is_drill(one uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM redress_reversal r WHERE r.id = one AND indicators_is_test(r.indicator_id))
$$;

CREATE OR REPLACE FUNCTION redress_refuse_drill() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF redress_is_drill(CASE TG_TABLE_NAME WHEN 'redress_errorentry' THEN (to_jsonb(NEW)->>'reversal_id')::uuid
      ELSE (to_jsonb(NEW)->>'subject_id')::uuid END) THEN
    RAISE EXCEPTION 'a drill is in no figure and raises no alert' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER redress_refuse_drill BEFORE INSERT ON redress_errorentry
  FOR EACH ROW EXECUTE FUNCTION redress_refuse_drill();
CREATE OR REPLACE TRIGGER redress_refuse_drill BEFORE INSERT ON casework_alert
  FOR EACH ROW WHEN (NEW.subject_kind = 'reversal') EXECUTE FUNCTION redress_refuse_drill();

REVOKE ALL ON FUNCTION redress_is_drill(uuid), redress_refuse_drill() FROM PUBLIC, tutela_app;
