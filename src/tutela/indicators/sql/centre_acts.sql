-- Rows that only the Centre may add: the end of a suspension or hold; legal holds; clearances of false
-- positives; erasures; import limits; and the reference of lawful pictures, because a hash in the reference keeps an
-- item out of the register.

CREATE OR REPLACE FUNCTION indicators_check_end() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF (SELECT kind FROM organisations_organisation WHERE id = NEW.organisation_id) <> 'centre' THEN
    RAISE EXCEPTION 'the Centre alone decides' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER indicators_check_allowance BEFORE INSERT ON indicators_importallowance
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end();
CREATE OR REPLACE TRIGGER indicators_check_clearing BEFORE INSERT ON indicators_clearing
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end();
CREATE OR REPLACE TRIGGER indicators_check_end BEFORE INSERT ON indicators_suspensionend
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end();
CREATE OR REPLACE TRIGGER indicators_check_erasure BEFORE INSERT ON indicators_erasure
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end();
CREATE OR REPLACE TRIGGER indicators_check_hold BEFORE INSERT ON indicators_legalhold
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end();
CREATE OR REPLACE TRIGGER indicators_check_hold_end BEFORE INSERT ON indicators_legalholdend
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end();
CREATE OR REPLACE TRIGGER indicators_check_referenceend BEFORE INSERT ON indicators_referenceend
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end();
CREATE OR REPLACE TRIGGER indicators_check_referencehash BEFORE INSERT ON indicators_referencehash
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end();
CREATE OR REPLACE TRIGGER indicators_check_referenceload BEFORE INSERT ON indicators_referenceload
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end();
CREATE OR REPLACE TRIGGER indicators_check_release BEFORE INSERT ON indicators_holddecision
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end();

REVOKE ALL ON FUNCTION indicators_check_end() FROM PUBLIC, tutela_app;
