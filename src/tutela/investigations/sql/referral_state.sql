-- The state of a referral is kept on its row by triggers, so that an index counts and orders an inbox.

CREATE OR REPLACE FUNCTION investigations_stands() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  CASE TG_TABLE_NAME
    WHEN 'investigations_acknowledgement' THEN
      UPDATE investigations_referral SET acknowledged = true WHERE id = NEW.referral_id;
    WHEN 'investigations_returned' THEN
      UPDATE investigations_referral SET given_back = true WHERE id = NEW.referral_id;
    WHEN 'investigations_withdrawn' THEN
      UPDATE investigations_referral SET withdrawn = true WHERE id = NEW.referral_id;
    WHEN 'investigations_outcome' THEN
      UPDATE investigations_referral SET newest_outcome = NEW.kind, closed = closed OR NEW.kind = 'closed'
        WHERE id = NEW.referral_id;
  END CASE;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER investigations_stands AFTER INSERT ON investigations_acknowledgement
  FOR EACH ROW EXECUTE FUNCTION investigations_stands();
CREATE OR REPLACE TRIGGER investigations_stands AFTER INSERT ON investigations_returned
  FOR EACH ROW EXECUTE FUNCTION investigations_stands();
CREATE OR REPLACE TRIGGER investigations_stands AFTER INSERT ON investigations_withdrawn
  FOR EACH ROW EXECUTE FUNCTION investigations_stands();
CREATE OR REPLACE TRIGGER investigations_stands AFTER INSERT ON investigations_outcome
  FOR EACH ROW EXECUTE FUNCTION investigations_stands();

REVOKE ALL ON FUNCTION investigations_stands() FROM PUBLIC, tutela_app;
