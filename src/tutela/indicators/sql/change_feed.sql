-- Changes since the last page of the feed, for clients of NCMEC's Hash Sharing API: a queue that triggers write and
-- functions empty. An indicator that was never active is in no feed; its certifications and votes are ignored. Test
-- entries are in no feed: only an Edge knows that they match nothing.

CREATE OR REPLACE FUNCTION indicators_feed_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- An indicator that was never active is in no feed; its certifications and votes are ignored.
  IF NOT indicators_is_test(NEW.indicator_id) AND (TG_TABLE_NAME = 'indicators_activation'
     OR EXISTS (SELECT 1 FROM indicators_activation a WHERE a.indicator_id = NEW.indicator_id)) THEN
    INSERT INTO indicators_feedwaiting (indicator_id) VALUES (NEW.indicator_id);
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER indicators_feed AFTER INSERT ON indicators_activation
  FOR EACH ROW EXECUTE FUNCTION indicators_feed_changed();
CREATE OR REPLACE TRIGGER indicators_feed AFTER INSERT ON indicators_suspension
  FOR EACH ROW EXECUTE FUNCTION indicators_feed_changed();
CREATE OR REPLACE TRIGGER indicators_feed AFTER INSERT ON indicators_revocation
  FOR EACH ROW EXECUTE FUNCTION indicators_feed_changed();
CREATE OR REPLACE TRIGGER indicators_feed AFTER INSERT ON indicators_vote
  FOR EACH ROW EXECUTE FUNCTION indicators_feed_changed();
CREATE OR REPLACE TRIGGER indicators_feed AFTER INSERT ON indicators_dispute
  FOR EACH ROW EXECUTE FUNCTION indicators_feed_changed();

CREATE OR REPLACE FUNCTION indicators_feed_certified() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO indicators_feedwaiting (indicator_id)
    SELECT f.indicator_id FROM fresh f
    WHERE NOT indicators_is_test(f.indicator_id)
      AND EXISTS (SELECT 1 FROM indicators_activation a WHERE a.indicator_id = f.indicator_id);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER indicators_feed AFTER INSERT ON indicators_certification
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION indicators_feed_certified();

CREATE OR REPLACE FUNCTION indicators_feed_decided() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO indicators_feedwaiting (indicator_id)
    SELECT d.indicator_id FROM indicators_dispute d WHERE d.id = NEW.dispute_id;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER indicators_feed AFTER INSERT ON indicators_disputedecision
  FOR EACH ROW EXECUTE FUNCTION indicators_feed_decided();

-- Anyone with the runtime role may call these functions, so `reconcile` compares the queue with the indicators.
CREATE OR REPLACE FUNCTION indicators_feed_wait(ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO indicators_feedwaiting (indicator_id) SELECT unnest(ids)
$$;

CREATE OR REPLACE FUNCTION indicators_feed_take() RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM indicators_feedwaiting RETURNING indicator_id
$$;

REVOKE ALL ON FUNCTION indicators_feed_changed(), indicators_feed_certified(), indicators_feed_decided(),
  indicators_feed_wait(uuid[]), indicators_feed_take() FROM PUBLIC, tutela_app;
GRANT EXECUTE ON FUNCTION indicators_feed_wait(uuid[]), indicators_feed_take() TO tutela_app;
