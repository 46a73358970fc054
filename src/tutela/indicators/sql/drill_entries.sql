-- Test entries of drills: an indicator of a permanent namespace of IDs and of its own category
-- (`matching/files/drill_entries.py`). Both belong together, and the policy in force must name the category. Only an
-- organisation that takes part in drills proposes and certifies one, and machines of a drill certify nothing else. No
-- opinion, no feedback and no sample is about one.

CREATE OR REPLACE FUNCTION indicators_is_test(one uuid) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT one BETWEEN '7e57da7a-7e57-8e57-0000-000000000000' AND '7e57da7a-7e57-8e57-ffff-ffffffffffff'
$$;

CREATE OR REPLACE FUNCTION indicators_takes_part(who uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM indicators_drillmember m WHERE m.organisation_id = who
    AND NOT EXISTS (SELECT 1 FROM indicators_drillmemberend e WHERE e.member_id = m.id))
$$;

CREATE OR REPLACE FUNCTION indicators_check_test_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM fresh f
      WHERE indicators_is_test(f.id) <> (f.classification = 'tutela-test:7e57da7a-7e57-8e57')) THEN
    RAISE EXCEPTION 'a test entry has an ID of its namespace, and no other entry has' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM fresh f WHERE indicators_is_test(f.id) AND NOT (indicators_takes_part(f.organisation_id)
      AND coalesce((SELECT 'tutela-test:7e57da7a-7e57-8e57' = ANY (p.categories) FROM indicators_policyversion p
        WHERE p.version = indicators_policy_in_force()), false))) THEN
    RAISE EXCEPTION 'a test entry needs a policy that names it, and a proposer that takes part in drills'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER indicators_check_test_entry AFTER INSERT ON indicators_indicator
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION indicators_check_test_entry();

CREATE OR REPLACE FUNCTION indicators_check_test_certification() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM made m WHERE m.by = 'system:drill' AND NOT indicators_is_test(m.indicator_id)) THEN
    RAISE EXCEPTION 'a drill certifies test entries alone' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM made m WHERE indicators_is_test(m.indicator_id)
      AND NOT indicators_takes_part(m.organisation_id)) THEN
    RAISE EXCEPTION 'a test entry is certified by organisations that take part in drills'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER indicators_check_test_certification AFTER INSERT ON indicators_certification
  REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION indicators_check_test_certification();

CREATE OR REPLACE FUNCTION indicators_refuse_test_entry() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'nothing is said or counted of a test entry' USING ERRCODE = 'check_violation';
END $$;
CREATE OR REPLACE TRIGGER indicators_refuse_test_entry BEFORE INSERT ON indicators_vote
  FOR EACH ROW WHEN (indicators_is_test(NEW.indicator_id) OR NEW.classification LIKE 'tutela-test:%')
  EXECUTE FUNCTION indicators_refuse_test_entry();
CREATE OR REPLACE TRIGGER indicators_refuse_test_entry BEFORE INSERT ON indicators_feedback
  FOR EACH ROW WHEN (indicators_is_test(NEW.indicator_id)) EXECUTE FUNCTION indicators_refuse_test_entry();
CREATE OR REPLACE TRIGGER indicators_refuse_test_entry BEFORE INSERT ON indicators_audititem
  FOR EACH ROW WHEN (indicators_is_test(NEW.indicator_id)) EXECUTE FUNCTION indicators_refuse_test_entry();

REVOKE ALL ON FUNCTION indicators_takes_part(uuid), indicators_check_test_entry(),
  indicators_check_test_certification(), indicators_refuse_test_entry() FROM PUBLIC, tutela_app;
GRANT EXECUTE ON FUNCTION indicators_is_test(uuid) TO PUBLIC;
GRANT EXECUTE ON FUNCTION indicators_takes_part(uuid) TO tutela_app;
