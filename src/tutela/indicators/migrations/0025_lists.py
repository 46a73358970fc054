"""Steps and sizes of imports of files, and what lists and grants need besides."""

import django.contrib.postgres.fields
import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


# The Centre alone says how much may be imported.
CHECK = """
CREATE TRIGGER indicators_check_allowance BEFORE INSERT ON indicators_importallowance
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end()"""
UNDO = "DROP TRIGGER indicators_check_allowance ON indicators_importallowance"
# What began or ceased to count, for the set of the private look-up.
QUEUE = """
CREATE FUNCTION indicators_lookup_waits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO indicators_lookupwaiting (indicator_id)
    SELECT fresh.indicator_id FROM fresh JOIN before ON before.id = fresh.id
    WHERE (fresh.state = 'active') <> (before.state = 'active');
  RETURN NULL;
END $$;
CREATE TRIGGER indicators_lookup AFTER UPDATE ON indicators_indicatornow
  REFERENCING OLD TABLE AS before NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_lookup_waits()"""
NO_QUEUE = [
    "DROP TRIGGER indicators_lookup ON indicators_indicatornow",
    "DROP FUNCTION indicators_lookup_waits()",
]


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0024_who_counts"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditDraw",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("again", models.BooleanField(default=False)),
                ("seed", models.CharField(max_length=64)),
                ("moment", models.DateTimeField()),
                ("size", models.IntegerField()),
                ("reason", models.CharField(max_length=300)),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
                ("looked", models.BigIntegerField(default=0)),
                ("ended_at", models.DateTimeField(null=True)),
                ("same", models.BooleanField(null=True)),
                ("error", models.CharField(blank=True, default="", max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="ImportAllowance",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("allowed_id", models.UUIDField(db_index=True)),
                ("entries", models.BigIntegerField()),
                ("valid_to", models.DateTimeField()),
                ("reason", models.CharField(max_length=300)),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ImportStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("run_id", models.UUIDField()),
                ("asked", models.CharField(max_length=64)),
                ("attempt", models.IntegerField()),
                ("lines", models.BigIntegerField()),
                ("again", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list)),
            ],
        ),
        migrations.CreateModel(
            name="LookupSet",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("tag", models.CharField(max_length=40)),
                ("key_id", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="LookupWaiting",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("indicator_id", models.UUIDField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="importbatch",
            name="one_batch_a_line",
        ),
        migrations.AddField(
            model_name="grant",
            name="degree",
            field=models.CharField(
                choices=[
                    ("shadow", "count matches alone, in shadow"),
                    ("review", "act on a match once a person has looked"),
                    ("act", "act on a match at once"),
                ],
                default="review",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="auditdraw",
            name="sample",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="draws",
                to="indicators.auditsample",
            ),
        ),
        migrations.AddIndex(
            model_name="importstep",
            index=models.Index(fields=["organisation_id", "asked"], name="step_of_import"),
        ),
        migrations.AddConstraint(
            model_name="importstep",
            constraint=models.UniqueConstraint(fields=("run_id", "attempt", "lines"), name="one_step_a_line"),
        ),
        migrations.AddConstraint(
            model_name="lookupset",
            constraint=models.UniqueConstraint(fields=("organisation_id",), name="one_lookup_set"),
        ),
        migrations.AddIndex(
            model_name="auditdraw",
            index=models.Index(fields=["-created_at"], name="draw_recent"),
        ),
        migrations.RunSQL(CHECK, UNDO),
        migrations.RunSQL(QUEUE, NO_QUEUE),
    ]
