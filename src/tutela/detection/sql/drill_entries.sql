-- No candidate rests on a test entry of the register, so no draft and no report does. A message that names one is
-- refused before (`exchange.report.fields`); this holds for every other way.

CREATE OR REPLACE FUNCTION detection_refuse_test_entry() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'a test entry matches nothing' USING ERRCODE = 'check_violation';
END $$;
CREATE OR REPLACE TRIGGER detection_refuse_test_entry BEFORE INSERT OR UPDATE ON detection_match
  FOR EACH ROW WHEN (indicators_is_test(NEW.entry_id)) EXECUTE FUNCTION detection_refuse_test_entry();

REVOKE ALL ON FUNCTION detection_refuse_test_entry() FROM PUBLIC, tutela_app;
