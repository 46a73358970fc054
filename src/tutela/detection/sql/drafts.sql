-- Texts of drafts, sent bytes and reviews are erased at the end of their retention period, and never changed before.

CREATE OR REPLACE FUNCTION detection_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'UPDATE on % is refused: add a row instead', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE TRIGGER detection_refuse_change BEFORE UPDATE ON detection_revision
  FOR EACH ROW EXECUTE FUNCTION detection_refuse_change();
CREATE OR REPLACE TRIGGER detection_refuse_change BEFORE UPDATE ON detection_sending
  FOR EACH ROW EXECUTE FUNCTION detection_refuse_change();
CREATE OR REPLACE TRIGGER detection_refuse_change BEFORE UPDATE ON detection_review
  FOR EACH ROW EXECUTE FUNCTION detection_refuse_change();

REVOKE ALL ON FUNCTION detection_refuse_change() FROM PUBLIC, tutela_app;
