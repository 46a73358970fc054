"""A policy that was announced late binds no earlier at the node than its entry in the public log says."""

from django.db import migrations

GRANT = """
REVOKE ALL ON FUNCTION indicators_note_notice({taken}) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION indicators_note_notice({taken}) TO tutela_app"""
NOTE = """
DROP FUNCTION indicators_note_notice({before});
CREATE FUNCTION indicators_note_notice({named}) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  WITH noted AS (
    INSERT INTO indicators_policynotice (version, since)
    SELECT p.version, {since} FROM indicators_policyversion p WHERE p.version = given
    ON CONFLICT DO NOTHING RETURNING 1
  ) SELECT count(*) > 0 FROM noted
$$;"""
# Who reads the log goes by the entry; where it names no moment, thirty days from now are nobody's surprise. An entry
# names the hours of its publication and the next two: whoever calls this puts no notice off for longer.
SINCE = "greatest(now(), least(coalesce(told - interval '30 days', now()), now() + interval '4 hours'))"
FORWARDS = NOTE.format(before="bigint", named="given bigint, told timestamptz", since=SINCE) + GRANT.format(
    taken="bigint, timestamptz"
)
BACKWARDS = NOTE.format(before="bigint, timestamptz", named="given bigint", since="now()") + GRANT.format(
    taken="bigint"
)


class Migration(migrations.Migration):
    dependencies = [("indicators", "0040_notice_in_public")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
