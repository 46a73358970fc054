"""Steps and sizes of imports of files, and what lists and grants need besides."""

import django.contrib.postgres.fields
import tutela.clock
import tutela.events.ids
from django.db import migrations, models


# The Centre alone says how much may be imported.
CHECK = """
CREATE TRIGGER indicators_check_allowance BEFORE INSERT ON indicators_importallowance
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end()"""
UNDO = "DROP TRIGGER indicators_check_allowance ON indicators_importallowance"


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0023_media_now"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportAllowance",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.ids.uuid7, editable=False, primary_key=True, serialize=False
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
                        default=tutela.events.ids.uuid7, editable=False, primary_key=True, serialize=False
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
        migrations.RemoveConstraint(
            model_name="importbatch",
            name="one_batch_a_line",
        ),
        migrations.AddIndex(
            model_name="importstep",
            index=models.Index(fields=["organisation_id", "asked"], name="step_of_import"),
        ),
        migrations.AddConstraint(
            model_name="importstep",
            constraint=models.UniqueConstraint(fields=("run_id", "attempt", "lines"), name="one_step_a_line"),
        ),
        migrations.RunSQL(CHECK, UNDO),
    ]
