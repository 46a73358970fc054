-- An organisation may require that its actions on the register are approved with a security key or by two people.
-- Removing a rule needs the approval that the rule requires.

-- Whether an organisation requires it, by the newest row of each rule. This is the only definition in SQL.
CREATE OR REPLACE FUNCTION organisations_asks(who uuid, what text) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT r.state = 'on' FROM organisations_approvalrule r
    WHERE r.organisation_id = who AND r.rule = what ORDER BY r.at DESC, r.id DESC LIMIT 1), false)
$$;

CREATE OR REPLACE FUNCTION organisations_check_rule() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF organisations_asks(NEW.organisation_id, 'key') AND NOT EXISTS (SELECT 1 FROM organisations_approval a
      WHERE a.id = NEW.approval_id AND a.organisation_id = NEW.organisation_id AND a.signature IS NOT NULL
        AND a.act = 'rule_' || NEW.state AND a.by = NEW."by") THEN
    RAISE EXCEPTION 'this organisation changes its rules with a security key' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.state = 'off' AND organisations_asks(NEW.organisation_id, 'two') AND NOT EXISTS (
      SELECT 1 FROM organisations_approval a WHERE a.id = NEW.approval_id AND a.organisation_id = NEW.organisation_id
        AND a.act = 'rule_off' AND a.by = NEW."by" AND a.asked_by NOT IN ('', a.by)) THEN
    RAISE EXCEPTION 'this organisation changes its rules by two people' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER organisations_check_rule BEFORE INSERT ON organisations_approvalrule
  FOR EACH ROW EXECUTE FUNCTION organisations_check_rule();

REVOKE ALL ON FUNCTION organisations_check_rule() FROM PUBLIC, tutela_app;
GRANT EXECUTE ON FUNCTION organisations_asks(uuid, text) TO PUBLIC;
