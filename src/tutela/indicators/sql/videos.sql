-- The frames that identify a video, and each certifier's proof of possession.

-- Frames are inserted with the proposal, by its proposer, before any other certification.
CREATE OR REPLACE FUNCTION indicators_check_film() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM indicators_indicator i WHERE i.id = NEW.indicator_id
      AND i.organisation_id = NEW.organisation_id AND i.media_type = 'video') THEN
    RAISE EXCEPTION 'frames belong to a video that the same organisation proposes' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM indicators_certification c WHERE c.indicator_id = NEW.indicator_id
      AND c.organisation_id <> NEW.organisation_id) THEN
    RAISE EXCEPTION 'nobody certified these frames' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER indicators_check_film BEFORE INSERT ON indicators_indicatorfilm
  FOR EACH ROW EXECUTE FUNCTION indicators_check_film();

CREATE OR REPLACE FUNCTION indicators_check_shown() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM indicators_certification c WHERE c.id = NEW.certification_id
      AND c.organisation_id = NEW.organisation_id) THEN
    RAISE EXCEPTION 'an organisation shows its own copy' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER indicators_check_shown BEFORE INSERT ON indicators_videoshown
  FOR EACH ROW EXECUTE FUNCTION indicators_check_shown();

CREATE OR REPLACE FUNCTION indicators_check_held() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM indicators_indicatorfilm f WHERE f.indicator_id = NEW.indicator_id) AND EXISTS (
    SELECT 1 FROM indicators_certification c JOIN indicators_indicator i ON i.id = c.indicator_id
    WHERE c.indicator_id = NEW.indicator_id AND c.round = NEW.round AND c.organisation_id <> i.organisation_id
      AND NOT EXISTS (SELECT 1 FROM indicators_videoshown s WHERE s.certification_id = c.id))
  THEN
    RAISE EXCEPTION 'every certifier of a video shows that it holds it' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER indicators_check_held BEFORE INSERT ON indicators_activation
  FOR EACH ROW EXECUTE FUNCTION indicators_check_held();

REVOKE ALL ON FUNCTION indicators_check_film(), indicators_check_shown(), indicators_check_held() FROM PUBLIC,
  tutela_app;
