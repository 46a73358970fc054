-- Events get their place in the chain after the fact, so that intake is never queued behind it:
--
-- 1. A trigger puts every new event into a queue, with the number of its transaction.
-- 2. The sequencer takes events out of the queue in the order of their transactions, and none as long as an earlier
--    transaction may still write.
-- 3. It hashes each into the chain, and writes an entry of the public log for each of a public kind.
--
-- A verifier computes the same bytes of a leaf and the same entry (`accountability/chain/leaves.py`).

CREATE OR REPLACE FUNCTION accountability_queue() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO accountability_waiting_event VALUES (NEW.id, NEW.xact);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER accountability_queue AFTER INSERT ON events_event
  FOR EACH ROW EXECUTE FUNCTION accountability_queue();

CREATE OR REPLACE FUNCTION accountability_waiting() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*) FROM accountability_waiting_event
$$;

-- Facts as an object. Facts that are not an object, are unreadable or are longer than an entry are omitted: an error
-- here would stop every event.
CREATE OR REPLACE FUNCTION accountability_facts(facts text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
DECLARE
  found jsonb;
BEGIN
  IF octet_length(facts) > 60000 THEN RETURN '{}'; END IF;
  found := facts::jsonb;
  RETURN CASE WHEN jsonb_typeof(found) = 'object' THEN found ELSE '{}' END;
EXCEPTION WHEN OTHERS THEN RETURN '{}';
END $$;

-- Public part of an event: its kind, its hour, and a commitment to its record. For some kinds all facts are public, for
-- others none; a fact never replaces a field of the entry. Every change of an indicator is public; opening an indicator
-- is only in the chain.
--
-- Sequence many events in a few statements; return how many. Transaction numbers above the current one date from before
-- a restore into a new cluster: they are final.
CREATE OR REPLACE FUNCTION accountability_sequence(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  place bigint;
  last bytea;
  leaf bytea;
  ids uuid[];
  leaves bytea[];
  heads bytea[] := '{}';
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('tutela.sequencer')) THEN RETURN 0; END IF;
  SELECT position, head INTO place, last FROM accountability_entry ORDER BY position DESC LIMIT 1;
  IF place IS NULL THEN place := 0; last := decode(repeat('00', 32), 'hex'); END IF;
  SELECT array_agg(one.id ORDER BY one.xact, one.id), array_agg(one.leaf ORDER BY one.xact, one.id) INTO ids, leaves
  FROM (
    SELECT w.xact, e.id, sha256(convert_to(concat_ws(E'\x1f', e.id::text,
        (extract(epoch FROM e.at) * 1000000)::bigint::text, e.kind, e.actor, e.actor_name, e.organisation_id::text,
        e.purpose, e.subject_kind, e.subject_id, e.legal_basis, encode(e.commitment, 'hex')), 'UTF8')) AS leaf
    FROM (
      SELECT xact, event_id FROM accountability_waiting_event
      WHERE xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        OR xact >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
      ORDER BY xact, event_id LIMIT most
    ) w JOIN events_event e ON e.id = w.event_id
  ) one;
  IF ids IS NULL THEN RETURN 0; END IF;
  FOREACH leaf IN ARRAY leaves LOOP
    last := sha256(last || leaf);
    heads := heads || last;
  END LOOP;
  INSERT INTO accountability_entry (position, event_id, leaf, head)
  SELECT place + one.n, one.id, one.leaf, one.head
  FROM unnest(ids, leaves, heads) WITH ORDINALITY AS one (id, leaf, head, n);
  INSERT INTO accountability_publicleaf (position, event_id, entry, at)
  SELECT coalesce((SELECT max(position) + 1 FROM accountability_publicleaf), 0)
    + row_number() OVER (ORDER BY one.n) - 1,
    e.id, convert_to((CASE WHEN e.kind IN (
        'release.published', 'release.head', 'policy.announced', 'reference.loaded', 'reference.ended',
        'figures.published')
      THEN accountability_facts(f.facts) ELSE '{}'::jsonb END
    || jsonb_build_object('event', e.kind, 'commitment', encode(sha256(convert_to(concat_ws(E'\x1f', e.id::text,
        (extract(epoch FROM e.at) * 1000000)::bigint::text, e.kind, e.actor, e.actor_name, e.organisation_id::text,
        e.purpose, e.subject_kind, e.subject_id, e.legal_basis, encode(e.commitment, 'hex')), 'UTF8')), 'hex'),
      'hour', to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24"Z"')))::text, 'UTF8'), now()
  FROM unnest(ids) WITH ORDINALITY AS one (id, n) JOIN events_event e ON e.id = one.id
  LEFT JOIN events_eventfacts f ON f.event_id = e.id
  WHERE e.kind IN (
    'indicator.proposed', 'indicator.certified', 'indicator.activated', 'indicator.disputed', 'indicator.voted',
    'indicator.feedback', 'indicator.suspended', 'dispute.decided', 'indicator.revoked', 'indicator.cleared',
    'indicator.erased', 'indicator.hold_placed', 'indicator.hold_ended', 'register.held', 'register.released',
    'register.rounds_begun', 'import.allowed', 'policy.announced',
    'release.published', 'release.head', 'grant.given', 'grant.ended', 'partner_list.granted',
    'partner_list.grant_ended', 'reference.loaded', 'reference.ended', 'figures.published');
  DELETE FROM accountability_waiting_event WHERE event_id = ANY (ids);
  RETURN cardinality(ids);
END $$;

REVOKE ALL ON FUNCTION accountability_queue(), accountability_waiting(), accountability_facts(text),
  accountability_sequence(integer) FROM PUBLIC, tutela_app;
GRANT EXECUTE ON FUNCTION accountability_waiting(), accountability_sequence(integer) TO tutela_app;
