-- The hashes of an indicator are inserted with its proposal, by its proposer, before any certification. They are never
-- changed, and deleted only with the erasure of the indicator.

-- Checked per statement: an import writes thousands of rows.
CREATE OR REPLACE FUNCTION indicators_check_hashes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM fresh f LEFT JOIN indicators_indicator i
      ON i.id = f.indicator_id AND i.organisation_id = f.organisation_id
    WHERE i.id IS NULL OR EXISTS (SELECT 1 FROM indicators_certification c WHERE c.indicator_id = f.indicator_id))
  THEN
    RAISE EXCEPTION 'a hash comes from the proposer, before anybody certifies' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER indicators_check_hashes AFTER INSERT ON indicators_indicatorhash
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION indicators_check_hashes();

-- When a data key changes, the tables' owner reseals values with triggers disabled. A sketch is added once.
CREATE OR REPLACE FUNCTION indicators_keep_hash() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'the hash of an indicator stays as it was proposed' USING ERRCODE = 'check_violation';
END $$;
CREATE OR REPLACE TRIGGER indicators_keep_hash BEFORE UPDATE ON indicators_indicatorhash
  FOR EACH ROW WHEN (OLD.sketch IS NOT NULL OR NEW.sketch IS NULL
    OR (OLD.id, OLD.organisation_id, OLD.created_at, OLD.indicator_id, OLD.kind, OLD.wrapped, OLD.blind, OLD.quality,
      OLD.hasher, OLD.salt)
    IS DISTINCT FROM (NEW.id, NEW.organisation_id, NEW.created_at, NEW.indicator_id, NEW.kind, NEW.wrapped, NEW.blind,
      NEW.quality, NEW.hasher, NEW.salt))
  EXECUTE FUNCTION indicators_keep_hash();
CREATE OR REPLACE TRIGGER indicators_keep_all BEFORE TRUNCATE ON indicators_indicatorhash
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_keep_hash();
CREATE OR REPLACE TRIGGER indicators_keep_all BEFORE TRUNCATE ON indicators_hashvalue
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_keep_hash();
CREATE OR REPLACE TRIGGER indicators_keep_all BEFORE TRUNCATE ON indicators_indicatorfilm
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_keep_hash();
CREATE OR REPLACE TRIGGER indicators_keep_all BEFORE TRUNCATE ON indicators_filmvalues
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_keep_hash();
CREATE OR REPLACE TRIGGER indicators_keep_all BEFORE TRUNCATE ON indicators_filmsketch
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_keep_hash();

-- Refuse to delete a row unless its indicator is erased; also refuse a row without an indicator.
CREATE OR REPLACE FUNCTION indicators_go_with(one uuid) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF one IS NULL OR NOT EXISTS (SELECT 1 FROM indicators_erasure WHERE indicator_id = one) THEN
    RAISE EXCEPTION 'the hash of an indicator stays as it was proposed, until it is erased'
      USING ERRCODE = 'check_violation';
  END IF;
END $$;

CREATE OR REPLACE FUNCTION indicators_go_of_indicator() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM indicators_go_with(CASE WHEN TG_OP = 'DELETE' THEN OLD.indicator_id END);
  RETURN OLD;
END $$;
CREATE OR REPLACE TRIGGER indicators_keep_row BEFORE DELETE ON indicators_indicatorhash
  FOR EACH ROW EXECUTE FUNCTION indicators_go_of_indicator();
CREATE OR REPLACE TRIGGER indicators_keep_row BEFORE UPDATE OR DELETE ON indicators_indicatorfilm
  FOR EACH ROW EXECUTE FUNCTION indicators_go_of_indicator();

-- The hash and the key of a value never change; the seal protects the value itself.
CREATE OR REPLACE FUNCTION indicators_go_of_hash() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM indicators_go_with(CASE WHEN TG_OP = 'DELETE' THEN
    (SELECT h.indicator_id FROM indicators_indicatorhash h WHERE h.id = OLD.hash_id) END);
  RETURN OLD;
END $$;
CREATE OR REPLACE TRIGGER indicators_keep_row
  BEFORE DELETE OR UPDATE OF id, organisation_id, hash_id, key_id ON indicators_hashvalue
  FOR EACH ROW EXECUTE FUNCTION indicators_go_of_hash();

CREATE OR REPLACE FUNCTION indicators_go_of_film() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM indicators_go_with(CASE WHEN TG_OP = 'DELETE' THEN
    (SELECT f.indicator_id FROM indicators_indicatorfilm f WHERE f.id = OLD.film_id) END);
  RETURN OLD;
END $$;
CREATE OR REPLACE TRIGGER indicators_keep_row BEFORE UPDATE OR DELETE ON indicators_filmsketch
  FOR EACH ROW EXECUTE FUNCTION indicators_go_of_film();
CREATE OR REPLACE TRIGGER indicators_keep_row
  BEFORE DELETE OR UPDATE OF id, organisation_id, film_id, key_id ON indicators_filmvalues
  FOR EACH ROW EXECUTE FUNCTION indicators_go_of_film();

REVOKE ALL ON FUNCTION indicators_check_hashes(), indicators_keep_hash(), indicators_go_with(uuid),
  indicators_go_of_indicator(), indicators_go_of_hash(), indicators_go_of_film() FROM PUBLIC, tutela_app;
