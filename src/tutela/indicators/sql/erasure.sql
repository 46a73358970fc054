-- A revoked indicator is erased at the end of its retention period, unless a legal hold applies. `hashes.sql` then
-- permits the deletion of its hashes.

CREATE OR REPLACE FUNCTION indicators_check_erasable() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM indicators_revocation WHERE indicator_id = NEW.indicator_id) THEN
    RAISE EXCEPTION 'what is not revoked is not erased' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM indicators_legalhold h WHERE h.indicator_id = NEW.indicator_id AND h.until > now()
      AND NOT EXISTS (SELECT 1 FROM indicators_legalholdend e WHERE e.hold_id = h.id)) THEN
    RAISE EXCEPTION 'a legal hold stands' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER indicators_check_erasable BEFORE INSERT ON indicators_erasure
  FOR EACH ROW EXECUTE FUNCTION indicators_check_erasable();

-- The number of feed entries of an erased indicator, counted before its hashes are deleted: the erasure is written
-- first. `feed/hash_sharing_entries.py` defines what the feed serves of each type.
CREATE OR REPLACE FUNCTION indicators_keep_variants() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE indicators_feedentry e SET variants = said.many FROM (
    SELECT f.indicator_id, coalesce(max(k.many), 0) AS many FROM fresh f
      JOIN indicators_indicator i ON i.id = f.indicator_id
      LEFT JOIN LATERAL (
        SELECT count(*) AS many FROM indicators_indicatorhash h WHERE h.indicator_id = i.id
          AND (h.kind IN ('md5', 'sha1') OR (h.kind = 'pdq' AND i.media_type = 'image')) GROUP BY h.kind
      ) k ON true
    GROUP BY f.indicator_id
  ) said WHERE e.indicator_id = said.indicator_id;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER indicators_variants AFTER INSERT ON indicators_erasure
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION indicators_keep_variants();

-- Deletes the hashes of indicators that are erased, and notes whose events still have facts about them: rows of several
-- organisations, of the proposer and of the Centre.
CREATE OR REPLACE FUNCTION indicators_erase(ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  gone uuid[] := ARRAY(SELECT indicator_id FROM indicators_erasure WHERE indicator_id = ANY(ids));
BEGIN
  DELETE FROM indicators_hashvalue v USING indicators_indicatorhash h
    WHERE v.hash_id = h.id AND h.indicator_id = ANY(gone);
  DELETE FROM indicators_filmvalues v USING indicators_indicatorfilm f
    WHERE v.film_id = f.id AND f.indicator_id = ANY(gone);
  DELETE FROM indicators_filmsketch s USING indicators_indicatorfilm f
    WHERE s.film_id = f.id AND f.indicator_id = ANY(gone);
  DELETE FROM indicators_indicatorfilm WHERE indicator_id = ANY(gone);
  DELETE FROM indicators_indicatorhash WHERE indicator_id = ANY(gone);
  INSERT INTO indicators_factstoerase (id, organisation_id, created_at, indicator_id)
    SELECT gen_random_uuid(), e.organisation_id, now(), one FROM unnest(gone) one
      JOIN events_event e ON e.subject_kind = 'indicator' AND e.subject_id = one::text
      JOIN events_eventfacts f ON f.event_id = e.id
    GROUP BY e.organisation_id, one;
END $$;

REVOKE ALL ON FUNCTION indicators_check_erasable(), indicators_keep_variants(), indicators_erase(uuid[]) FROM PUBLIC,
  tutela_app;
GRANT EXECUTE ON FUNCTION indicators_erase(uuid[]) TO tutela_app;
