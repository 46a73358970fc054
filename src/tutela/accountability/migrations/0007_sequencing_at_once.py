"""Many events get their places in a few statements: a million of an import took a sort of all that wait for each batch."""

from importlib import import_module

from django.db import migrations

from tutela.accountability.chain.leaves import PUBLIC_ENTRY, PUBLIC_KINDS, SQL

BEFORE = import_module("tutela.accountability.migrations.0003_public_log").SEQUENCE
_KINDS = ", ".join(f"'{kind}'" for kind in PUBLIC_KINDS)

# The order in which events get their places; what waits is read from its beginning.
ORDER = "CREATE INDEX accountability_waiting_order ON accountability_waiting_event (xact, event_id)"

# Transaction numbers beyond the present one come from before a restore into a new cluster: they are final.
SEQUENCE = f"""
CREATE OR REPLACE FUNCTION accountability_sequence(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  place bigint;
  last bytea;
  leaf bytea;
  ids uuid[];
  leaves bytea[];
  heads bytea[] := '{{}}';
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('tutela.sequencer')) THEN RETURN 0; END IF;
  SELECT position, head INTO place, last FROM accountability_entry ORDER BY position DESC LIMIT 1;
  IF place IS NULL THEN place := 0; last := decode(repeat('00', 32), 'hex'); END IF;
  SELECT array_agg(one.id ORDER BY one.xact, one.id), array_agg(one.leaf ORDER BY one.xact, one.id) INTO ids, leaves
  FROM (
    SELECT w.xact, e.id, {SQL} AS leaf
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
  SELECT coalesce((SELECT max(position) + 1 FROM accountability_publicleaf), 0) + row_number() OVER (ORDER BY one.n) - 1,
    e.id, convert_to({PUBLIC_ENTRY}::text, 'UTF8'), now()
  FROM unnest(ids) WITH ORDINALITY AS one (id, n) JOIN events_event e ON e.id = one.id
  LEFT JOIN events_eventfacts f ON f.event_id = e.id
  WHERE e.kind IN ({_KINDS});
  DELETE FROM accountability_waiting_event WHERE event_id = ANY (ids);
  RETURN cardinality(ids);
END $$"""  # noqa: S608 - constants of ours


class Migration(migrations.Migration):
    dependencies = [("accountability", "0006_policies_and_suspensions")]
    operations = [migrations.RunSQL([ORDER, SEQUENCE], [BEFORE, "DROP INDEX accountability_waiting_order"])]
