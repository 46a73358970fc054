-- An indicator is activated by its certifications, whoever inserts the row. Conditions: the current round; as many
-- organisations and jurisdictions as the policy requires, at least two; a category that the policy permits; neither
-- suspended nor revoked. `videos.sql` and `holds.sql` add conditions.

CREATE OR REPLACE FUNCTION indicators_two_jurisdictions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  present integer;
  many integer;
  countries integer;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('tutela.indicator'), hashtext(NEW.indicator_id::text));
  IF EXISTS (SELECT 1 FROM indicators_revocation WHERE indicator_id = NEW.indicator_id) THEN
    RAISE EXCEPTION 'a revoked indicator is never activated' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM indicators_suspension s WHERE s.indicator_id = NEW.indicator_id
      AND NOT EXISTS (SELECT 1 FROM indicators_suspensionend e WHERE e.suspension_id = s.id)) THEN
    RAISE EXCEPTION 'a suspended indicator is not activated' USING ERRCODE = 'check_violation';
  END IF;
  SELECT coalesce(max(round), 0) + 1 INTO present FROM indicators_suspension WHERE indicator_id = NEW.indicator_id;
  IF NEW.round <> present THEN
    RAISE EXCEPTION 'an indicator is activated in its present round alone' USING ERRCODE = 'check_violation';
  END IF;
  SELECT p.organisations, p.jurisdictions INTO many, countries FROM indicators_policyversion p
    WHERE p.version = indicators_policy_in_force();
  IF (SELECT count(DISTINCT c.organisation_id) < coalesce(many, 2) OR count(DISTINCT c.country) < coalesce(countries, 2)
    FROM indicators_certification c WHERE c.indicator_id = NEW.indicator_id AND c.round = present
      AND indicators_counts(c.organisation_id, c.country, c.envelope))
  THEN
    RAISE EXCEPTION 'an indicator needs two organisations in two jurisdictions' USING ERRCODE = 'check_violation';
  END IF;
  IF NOT (SELECT indicators_permitted(indicators_class(NEW.indicator_id))) THEN
    RAISE EXCEPTION 'the policy in force does not permit this category' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER indicators_two_jurisdictions BEFORE INSERT ON indicators_activation
  FOR EACH ROW EXECUTE FUNCTION indicators_two_jurisdictions();

-- A suspension ends only the current round.
CREATE OR REPLACE FUNCTION indicators_check_suspension() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.round <> (SELECT coalesce(max(round), 0) + 1 FROM indicators_suspension WHERE indicator_id = NEW.indicator_id)
  THEN
    RAISE EXCEPTION 'a suspension ends the present round' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER indicators_check_suspension BEFORE INSERT ON indicators_suspension
  FOR EACH ROW EXECUTE FUNCTION indicators_check_suspension();

-- Queue an activated indicator for the job that verifies its certifications and checks its hashes.
CREATE OR REPLACE FUNCTION indicators_activation_waits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO indicators_activationwaiting (indicator_id)
    SELECT fresh.indicator_id FROM fresh JOIN before ON before.id = fresh.id
    WHERE fresh.state = 'active' AND before.state <> 'active';
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER indicators_looks AFTER UPDATE ON indicators_indicatornow
  REFERENCING OLD TABLE AS before NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION indicators_activation_waits();

REVOKE ALL ON FUNCTION indicators_two_jurisdictions(), indicators_check_suspension(), indicators_activation_waits()
  FROM PUBLIC, tutela_app;
