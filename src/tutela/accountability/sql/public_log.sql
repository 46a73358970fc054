-- Entries of the public log other than events: checkpoints of the chain, and entries that a restored database lost.

-- The newest checkpoint becomes an entry; returns whether there was one to write. A checkpoint that is not the chain's
-- is none of the log's, and does not keep the next one out.
CREATE OR REPLACE FUNCTION accountability_log_checkpoint() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  found record;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('tutela.sequencer')) THEN RETURN false; END IF;
  SELECT c.position, c.head INTO found FROM accountability_checkpoint c
  JOIN accountability_entry e ON e.position = c.position AND e.head = c.head ORDER BY c.position DESC LIMIT 1;
  IF found IS NULL OR EXISTS (SELECT 1 FROM accountability_publicleaf WHERE checkpoint >= found.position) THEN
    RETURN false;
  END IF;
  INSERT INTO accountability_publicleaf (position, checkpoint, entry, at)
  SELECT coalesce((SELECT max(position) + 1 FROM accountability_publicleaf), 0), found.position,
    convert_to(jsonb_build_object('event', 'audit.checkpoint', 'position', found.position,
      'head', encode(found.head, 'hex'))::text, 'UTF8'), now();
  RETURN true;
END $$;

-- A database that was restored counts on behind the entries that it lost: once for each gap, and only behind every gap
-- before it.
CREATE OR REPLACE FUNCTION accountability_adopt(first bigint, many bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF first < 0 OR many <= 0 OR EXISTS (SELECT 1 FROM accountability_adoptedentries a WHERE a.at + a.count > first) THEN
    RAISE EXCEPTION 'a gap in the public log lies behind every earlier one' USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO accountability_adoptedentries (at, count, made_at) VALUES (first, many, now());
END $$;

REVOKE ALL ON FUNCTION accountability_log_checkpoint(), accountability_adopt(bigint, bigint) FROM PUBLIC, tutela_app;
GRANT EXECUTE ON FUNCTION accountability_log_checkpoint(), accountability_adopt(bigint, bigint) TO tutela_app;
