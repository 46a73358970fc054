"""Where each indicator stands now, kept by triggers, and the counts of it; indexes for lists of millions."""

import django.db.models.deletion
import django.db.models.functions.text
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


# The same as `queries.with_state`: revoked before suspended before active before proposed.
STATE = """
CASE
  WHEN EXISTS (SELECT 1 FROM indicators_revocation r WHERE r.indicator_id = i.id) THEN 'revoked'
  WHEN EXISTS (SELECT 1 FROM indicators_suspension s WHERE s.indicator_id = i.id
    AND NOT EXISTS (SELECT 1 FROM indicators_suspensionend e WHERE e.suspension_id = s.id)) THEN 'suspended'
  WHEN EXISTS (SELECT 1 FROM indicators_activation a WHERE a.indicator_id = i.id
    AND NOT EXISTS (SELECT 1 FROM indicators_suspension s
      WHERE s.indicator_id = a.indicator_id AND s.round >= a.round)) THEN 'active'
  ELSE 'proposed'
END"""
# The rows are locked first, by a statement of its own: what is computed after the wait sees what the other one wrote.
MOVE = """
CREATE FUNCTION indicators_move(ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  PERFORM 1 FROM indicators_indicatornow n WHERE n.indicator_id = ANY(ids) ORDER BY n.indicator_id FOR UPDATE;
  WITH moved AS (
    SELECT f.id, f.organisation_id, f.state AS now, n.state AS was
    FROM (SELECT i.id, i.organisation_id, {STATE} AS state FROM indicators_indicator i WHERE i.id = ANY(ids)) f
    JOIN indicators_indicatornow n ON n.indicator_id = f.id WHERE n.state <> f.state
  ), put AS (
    UPDATE indicators_indicatornow n SET state = moved.now FROM moved WHERE n.indicator_id = moved.id
  )
  INSERT INTO indicators_statetally (id, organisation_id, created_at, state, n)
    SELECT gen_random_uuid(), organisation_id, now(), state, sum(n) FROM (
      SELECT organisation_id, now AS state, 1 AS n FROM moved
      UNION ALL SELECT organisation_id, was, -1 FROM moved
    ) said GROUP BY organisation_id, state;
END $$;
CREATE FUNCTION indicators_mark_held(ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  UPDATE indicators_indicatornow n SET held = NOT n.held FROM indicators_indicator i
    WHERE n.indicator_id = ANY(ids) AND i.id = n.indicator_id AND n.held <> indicators_is_held(i.id, i.run_id)
$$""".replace("{STATE}", STATE)
TRIGGERS = """
CREATE FUNCTION indicators_now_begun() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO indicators_indicatornow (id, organisation_id, created_at, indicator_id, state, proposed_at, held)
    SELECT f.id, f.organisation_id, f.created_at, f.id, 'proposed', f.created_at, coalesce(r.held, false)
    FROM fresh f LEFT JOIN (
      SELECT run_id, indicators_is_held(NULL, run_id) AS held
      FROM (SELECT DISTINCT run_id FROM fresh WHERE run_id IS NOT NULL) runs
    ) r ON r.run_id = f.run_id;
  INSERT INTO indicators_statetally (id, organisation_id, created_at, state, n)
    SELECT gen_random_uuid(), organisation_id, now(), 'proposed', count(*) FROM fresh GROUP BY organisation_id;
  RETURN NULL;
END $$;
CREATE FUNCTION indicators_now_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  PERFORM indicators_move(ARRAY(SELECT DISTINCT indicator_id FROM fresh));
  RETURN NULL;
END $$;
CREATE FUNCTION indicators_now_decided() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  PERFORM indicators_move(ARRAY(
    SELECT DISTINCT s.indicator_id FROM fresh JOIN indicators_suspension s ON s.id = fresh.suspension_id));
  RETURN NULL;
END $$;
CREATE TRIGGER indicators_now AFTER INSERT ON indicators_indicator REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_now_begun();
CREATE TRIGGER indicators_now AFTER INSERT ON indicators_activation REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_now_moved();
CREATE TRIGGER indicators_now AFTER INSERT ON indicators_suspension REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_now_moved();
CREATE TRIGGER indicators_now AFTER INSERT ON indicators_revocation REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_now_moved();
CREATE TRIGGER indicators_now AFTER INSERT ON indicators_suspensionend REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_now_decided()"""
SUM = """
CREATE FUNCTION indicators_sum_tally() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  WITH gone AS (DELETE FROM indicators_statetally RETURNING organisation_id, state, n)
  INSERT INTO indicators_statetally (id, organisation_id, created_at, state, n)
    SELECT gen_random_uuid(), organisation_id, now(), state, sum(n) FROM gone
    GROUP BY organisation_id, state HAVING sum(n) <> 0
$$;
REVOKE ALL ON FUNCTION indicators_move(uuid[]), indicators_mark_held(uuid[]), indicators_sum_tally() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION indicators_mark_held(uuid[]), indicators_sum_tally() TO tutela_app"""
# What stands there already.
FILL = """
DO $$ BEGIN
INSERT INTO indicators_indicatornow (id, organisation_id, created_at, indicator_id, state, proposed_at, held)
  SELECT i.id, i.organisation_id, i.created_at, i.id, {STATE}, i.created_at, indicators_is_held(i.id, i.run_id) FROM indicators_indicator i;
INSERT INTO indicators_statetally (id, organisation_id, created_at, state, n)
  SELECT gen_random_uuid(), organisation_id, now(), state, count(*) FROM indicators_indicatornow
  GROUP BY organisation_id, state;
END $$""".replace("{STATE}", STATE)
UNDO = [
    *(
        f"DROP TRIGGER indicators_now ON indicators_{table}"
        for table in ("indicator", "activation", "suspension", "revocation", "suspensionend")
    ),
    "DROP FUNCTION indicators_now_begun(), indicators_now_moved(), indicators_now_decided()",
    "DROP FUNCTION indicators_move(uuid[]), indicators_mark_held(uuid[]), indicators_sum_tally()",
]


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0015_quarantine"),
    ]

    operations = [
        migrations.CreateModel(
            name="IndicatorNow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("state", models.CharField(max_length=16)),
                ("proposed_at", models.DateTimeField()),
                ("held", models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name="StateTally",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("state", models.CharField(max_length=16)),
                ("n", models.BigIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="indicator",
            index=models.Index(fields=["organisation_id", "-created_at"], name="indicator_of_recent"),
        ),
        migrations.AddIndex(
            model_name="indicator",
            index=models.Index(
                condition=models.Q(("run_id__isnull", False)), fields=["run_id", "id"], name="indicator_of_run"
            ),
        ),
        migrations.AddIndex(
            model_name="indicator",
            index=models.Index(
                condition=models.Q(("series", ""), _negated=True),
                fields=["series", "-created_at"],
                name="indicator_series",
            ),
        ),
        migrations.AddIndex(
            model_name="indicator",
            index=models.Index(
                condition=models.Q(("run_id__isnull", True)),
                fields=["organisation_id", "-created_at"],
                name="indicator_by_hand",
            ),
        ),
        migrations.AddField(
            model_name="indicatornow",
            name="indicator",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="now", to="indicators.indicator"
            ),
        ),
        migrations.AddIndex(
            model_name="indicatornow",
            index=models.Index(fields=["state", "-proposed_at"], name="now_by_state"),
        ),
        migrations.AddIndex(
            model_name="indicatornow",
            index=models.Index(
                condition=models.Q(("held", False), ("state", "proposed")),
                fields=["organisation_id", "-proposed_at"],
                name="now_to_certify",
            ),
        ),
        migrations.RunSQL([MOVE, TRIGGERS, SUM, FILL], UNDO),
    ]
