"""Proposals that are held as outliers; the sketches by which crowds are seen; triggers that keep both honest."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


# Whether nobody has released what holds an indicator, or an import: the one place that says so. Each of the two is asked
# by an index of its own: an OR over both reads every row where no bitmap may be made.
HELD = """
CREATE FUNCTION indicators_is_held(one uuid, run uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM indicators_quarantine q WHERE q.indicator_id = one AND NOT EXISTS
      (SELECT 1 FROM indicators_quarantinedecision d WHERE d.quarantine_id = q.id AND d.released))
    OR EXISTS (SELECT 1 FROM indicators_quarantine q WHERE q.run_id = run AND NOT EXISTS
      (SELECT 1 FROM indicators_quarantinedecision d WHERE d.quarantine_id = q.id AND d.released))
$$"""
CHECK = """
CREATE FUNCTION indicators_check_quarantine() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF (SELECT indicators_is_held(i.id, i.run_id) FROM indicators_indicator i WHERE i.id = NEW.indicator_id) THEN
    RAISE EXCEPTION 'what is held as an outlier is not activated' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER indicators_check_quarantine BEFORE INSERT ON indicators_activation
  FOR EACH ROW EXECUTE FUNCTION indicators_check_quarantine();
CREATE TRIGGER indicators_check_quarantine_end BEFORE INSERT ON indicators_quarantinedecision
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end()"""

UNDO = """
DROP TRIGGER indicators_check_quarantine_end ON indicators_quarantinedecision;
DROP TRIGGER indicators_check_quarantine ON indicators_activation;
DROP FUNCTION indicators_check_quarantine(), indicators_is_held(uuid, uuid)"""


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0014_samples"),
    ]

    operations = [
        migrations.CreateModel(
            name="Quarantine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("run_id", models.UUIDField(db_index=True, null=True)),
                ("codes", models.CharField(max_length=120)),
                ("detail", models.CharField(max_length=600)),
            ],
        ),
        migrations.CreateModel(
            name="QuarantineDecision",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("released", models.BooleanField()),
                ("reason", models.CharField(max_length=300)),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="importbatch",
            name="bare",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="looks",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="quality",
            field=models.SmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="indicatorhash",
            name="sketch",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="indicatorhash",
            index=models.Index(
                condition=models.Q(("sketch__isnull", False)), fields=["sketch"], name="indicator_sketch"
            ),
        ),
        migrations.AddIndex(
            model_name="indicatorhash",
            index=models.Index(
                condition=models.Q(("kind", "pdq"), ("sketch__isnull", True)), fields=["id"], name="unsketched"
            ),
        ),
        migrations.AddField(
            model_name="quarantine",
            name="indicator",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="quarantine",
                to="indicators.indicator",
            ),
        ),
        migrations.AddField(
            model_name="quarantinedecision",
            name="quarantine",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="decision", to="indicators.quarantine"
            ),
        ),
        migrations.AlterField(
            model_name="suspension",
            name="cause",
            field=models.CharField(
                choices=[
                    ("certifier", "a certifier doubts it"),
                    ("doubts", "two organisations doubt it"),
                    ("feedback", "providers report false positives"),
                    ("centre", "stopped by the Centre"),
                    ("flood", "part of a flood of proposals"),
                    ("quarantine", "held as unusual"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="quarantine",
            constraint=models.CheckConstraint(
                condition=models.Q(("indicator__isnull", True), ("run_id__isnull", True), _connector="XOR"),
                name="one_or_an_import",
            ),
        ),
        migrations.RunSQL([HELD, CHECK], UNDO),
    ]
