-- Entries of the public log other than events: checkpoints of the chain, and entries that a restored database lost.

-- Write the newest checkpoint as an entry; return whether there was one. A checkpoint that does not match the chain is
-- skipped and does not block the next one.
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

-- A restored database continues numbering after the entries that it lost: once for each gap, in the order of the gaps.
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
