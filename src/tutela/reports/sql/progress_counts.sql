-- The number of reports at each step, by month and week, sender, country and first kind, as rows to add up. For a
-- million reports a figure reads a few thousand rows. Duplicates are not counted.

CREATE OR REPLACE FUNCTION reports_tally_came() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO reports_tally (
    id, created_at, organisation_id, span, begin, provider_id, country, kind, reached, released, reports)
  SELECT gen_random_uuid(), max(created_at), organisation_id, span, begin, provider_id, country, kind, reached,
    released, count(*)
  FROM came CROSS JOIN LATERAL (VALUES
    ('month', date_trunc('month', created_at AT TIME ZONE 'UTC')::date),
    ('week', date_trunc('week', created_at AT TIME ZONE 'UTC')::date)) spans (span, begin)
  CROSS JOIN LATERAL (VALUES (coalesce(kinds[1], ''))) first (kind) WHERE duplicate_of_id IS NULL
  GROUP BY organisation_id, span, begin, provider_id, country, kind, reached, released;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER reports_tally_came AFTER INSERT ON reports_report
  REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION reports_tally_came();

-- When a report moves, subtract it from its previous step and add it to the new one.
CREATE OR REPLACE FUNCTION reports_tally_moved() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO reports_tally (
    id, created_at, organisation_id, span, begin, provider_id, country, kind, reached, released, reports)
  SELECT gen_random_uuid(), created_at, organisation_id, span, begin, provider_id, country, kind, reached, released,
    more
  FROM (SELECT OLD.*, -1 AS more UNION ALL SELECT NEW.*, 1 WHERE TG_OP = 'UPDATE') moved CROSS JOIN LATERAL (VALUES
    ('month', date_trunc('month', created_at AT TIME ZONE 'UTC')::date),
    ('week', date_trunc('week', created_at AT TIME ZONE 'UTC')::date)) spans (span, begin)
  CROSS JOIN LATERAL (VALUES (coalesce(kinds[1], ''))) first (kind)
  WHERE duplicate_of_id IS NULL;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER reports_tally_moved AFTER UPDATE ON reports_report
  FOR EACH ROW WHEN (
    (OLD.organisation_id, OLD.created_at, OLD.provider_id, OLD.country, OLD.kinds, OLD.reached, OLD.released,
      OLD.duplicate_of_id IS NULL)
    IS DISTINCT FROM (NEW.organisation_id, NEW.created_at, NEW.provider_id, NEW.country, NEW.kinds, NEW.reached,
      NEW.released, NEW.duplicate_of_id IS NULL))
  EXECUTE FUNCTION reports_tally_moved();
CREATE OR REPLACE TRIGGER reports_tally_gone AFTER DELETE ON reports_report
  FOR EACH ROW EXECUTE FUNCTION reports_tally_moved();

REVOKE ALL ON FUNCTION reports_tally_came(), reports_tally_moved() FROM PUBLIC, tutela_app;
