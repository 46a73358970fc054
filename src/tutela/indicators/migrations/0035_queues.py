"""The queues of the lists are written by triggers and emptied by functions alone; what ended is found by its time."""

from django.db import migrations, models

# Whoever has the runtime role may call these: what a queue should have known is compared (`reconcile`). So each does no
# more than its list needs.
RELEASE = """
CREATE FUNCTION indicators_release_noted(ids bigint[], number bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  UPDATE indicators_releasewaiting w SET version = number
    WHERE w.id = ANY(ids) AND EXISTS (SELECT 1 FROM indicators_release r WHERE r.version = number)
$$;
CREATE FUNCTION indicators_release_forget(number bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  DELETE FROM indicators_releasewaiting WHERE version <= number
$$;
CREATE FUNCTION indicators_release_wait(ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  INSERT INTO indicators_releasewaiting (indicator_id) SELECT unnest(ids)
$$"""
LOOKUP = """
CREATE FUNCTION indicators_lookup_noted(ids bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  DELETE FROM indicators_lookupwaiting WHERE id = ANY(ids)
$$;
CREATE FUNCTION indicators_lookup_forget() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  DELETE FROM indicators_lookupwaiting WHERE NOT EXISTS (SELECT 1 FROM indicators_lookupset)
$$;
CREATE FUNCTION indicators_lookup_wait(ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  INSERT INTO indicators_lookupwaiting (indicator_id) SELECT unnest(ids)
$$"""
FEED = """
CREATE FUNCTION indicators_feed_take() RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  DELETE FROM indicators_feedwaiting RETURNING indicator_id
$$;
CREATE FUNCTION indicators_feed_wait(ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  INSERT INTO indicators_feedwaiting (indicator_id) SELECT unnest(ids)
$$;
ALTER FUNCTION indicators_feed_changed() SECURITY DEFINER;
ALTER FUNCTION indicators_feed_changed() SET search_path = public;
ALTER FUNCTION indicators_feed_decided() SECURITY DEFINER;
ALTER FUNCTION indicators_feed_decided() SET search_path = public"""
_NAMES = (
    "indicators_release_noted(bigint[], bigint)",
    "indicators_release_forget(bigint)",
    "indicators_release_wait(uuid[])",
    "indicators_lookup_noted(bigint[])",
    "indicators_lookup_forget()",
    "indicators_lookup_wait(uuid[])",
    "indicators_feed_take()",
    "indicators_feed_wait(uuid[])",
)
ALLOW = f"""
REVOKE ALL ON FUNCTION {", ".join(_NAMES)} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {", ".join(_NAMES)} TO tutela_app"""
UNDO = [
    "ALTER FUNCTION indicators_feed_decided() SECURITY INVOKER",
    "ALTER FUNCTION indicators_feed_decided() RESET search_path",
    "ALTER FUNCTION indicators_feed_changed() SECURITY INVOKER",
    "ALTER FUNCTION indicators_feed_changed() RESET search_path",
    *(f"DROP FUNCTION {name}" for name in _NAMES),
]

# A register may have millions of them; a statement of a node's work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("indicators", "0034_sealed_values")]

    operations = [
        PATIENT,
        migrations.AddIndex(model_name="suspension", index=models.Index(fields=["created_at"], name="suspended_since")),
        migrations.AddIndex(model_name="revocation", index=models.Index(fields=["created_at"], name="revoked_since")),
        migrations.RunSQL([RELEASE, LOOKUP, FEED, ALLOW], UNDO),
    ]
