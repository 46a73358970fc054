import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


# What came before waits too: a report with a picture has a trait of that kind.
WAITING = """
DO $$ BEGIN
  UPDATE reports_report SET to_compare = created_at WHERE erased_at IS NULL
     AND EXISTS (SELECT FROM unnest(traits) AS one WHERE substring(one FROM 1 FOR 1) = 'p'::bytea);
END $$"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0018_sealed_basis"),
    ]

    operations = [
        migrations.CreateModel(
            name="Look",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("blind", models.BinaryField(max_length=32)),
                ("sealed", models.BinaryField()),
                ("number", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Near",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("distance", models.SmallIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="bundlemove",
            name="distance",
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="report",
            name="to_compare",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="bundlemove",
            name="kind",
            field=models.CharField(
                choices=[
                    ("joined", "joined: a report carries items of both"),
                    ("near", "joined: pictures of both look alike"),
                    ("merged", "merged"),
                    ("split", "split"),
                    ("undone", "undone"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("to_compare__isnull", False)),
                fields=["organisation_id", "to_compare"],
                name="report_to_compare",
            ),
        ),
        migrations.AddField(
            model_name="look",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="looks", to="reports.item"
            ),
        ),
        migrations.AddField(
            model_name="look",
            name="report",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="looks", to="reports.report"
            ),
        ),
        migrations.AddField(
            model_name="near",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="near", to="reports.item"
            ),
        ),
        migrations.AddField(
            model_name="near",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="near_of", to="reports.report"
            ),
        ),
        migrations.AddField(
            model_name="near",
            name="other_item",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reports.item"),
        ),
        migrations.AddField(
            model_name="near",
            name="report",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="near", to="reports.report"
            ),
        ),
        migrations.AddConstraint(
            model_name="look",
            constraint=models.UniqueConstraint(fields=("item", "blind"), name="one_look_an_item"),
        ),
        migrations.AddConstraint(
            model_name="look",
            constraint=models.UniqueConstraint(fields=("organisation_id", "number"), name="one_look_a_number"),
        ),
        migrations.AddConstraint(
            model_name="near",
            constraint=models.UniqueConstraint(fields=("item", "other_item"), name="one_near_a_pair"),
        ),
        migrations.RunSQL(WAITING, migrations.RunSQL.noop),
    ]
