"""A change of the policy binds after thirty days in the public log, whatever day its signers wrote down."""

from django.db import migrations, models

NOTE = """
CREATE FUNCTION indicators_note_notice(given bigint) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  WITH noted AS (
    INSERT INTO indicators_policynotice (version, since)
    SELECT p.version, now() FROM indicators_policyversion p WHERE p.version = given
    ON CONFLICT DO NOTHING RETURNING 1
  ) SELECT count(*) > 0 FROM noted
$$"""
# The one place that says so in SQL. Whether the log holds it no function of the database can know: `policy` notes it.
IN_FORCE = """
CREATE FUNCTION indicators_policy_in_force() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT p.version FROM indicators_policyversion p LEFT JOIN indicators_policynotice n USING (version)
  WHERE p.binds_from <= now() AND (n.since <= now() - interval '30 days'
    OR NOT EXISTS (SELECT 1 FROM indicators_policyversion f WHERE f.version < p.version))
  ORDER BY p.version DESC LIMIT 1
$$;
REVOKE ALL ON FUNCTION indicators_note_notice(bigint), indicators_policy_in_force() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION indicators_note_notice(bigint), indicators_policy_in_force() TO tutela_app"""
# What binds already goes on; what was announced and does not yet is counted from when the log is seen to hold it.
BEFORE = """
INSERT INTO indicators_policynotice (version, since)
SELECT version, made_at FROM indicators_policyversion WHERE binds_from <= now()"""
BY_DAY, BY_NOTICE = "p.binds_from <= now() ORDER BY p.version DESC LIMIT 1", "p.version = indicators_policy_in_force()"
FUNCTIONS = ("indicators_permitted(text)", "indicators_may_certify(text)", "indicators_two_jurisdictions()")
# The rest of each function stays as the last migration that made it left it.
ASKS = """
DO $do$
DECLARE
  body text := pg_get_functiondef('{function}'::regprocedure);
BEGIN
  IF strpos(body, '{before}') = 0 THEN
    RAISE EXCEPTION '{function} asks for the policy otherwise';
  END IF;
  EXECUTE replace(body, '{before}', '{after}');
END $do$"""
UNDO = "DROP FUNCTION indicators_policy_in_force(), indicators_note_notice(bigint)"


class Migration(migrations.Migration):
    dependencies = [("indicators", "0039_whole_life")]

    operations = [
        migrations.CreateModel(
            name="PolicyNotice",
            fields=[
                ("version", models.BigIntegerField(primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL([NOTE, IN_FORCE, BEFORE], UNDO),
        *(
            migrations.RunSQL(
                ASKS.format(function=one, before=BY_DAY, after=BY_NOTICE),
                ASKS.format(function=one, before=BY_NOTICE, after=BY_DAY),
            )
            for one in FUNCTIONS
        ),
    ]
