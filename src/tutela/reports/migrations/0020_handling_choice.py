import django.contrib.postgres.fields
import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0019_near"),
    ]

    operations = [
        migrations.AddField(
            model_name="referral",
            name="codes",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), null=True),
        ),
        migrations.CreateModel(
            name="HandlingChoice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("codes", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2))),
                ("text", models.TextField(blank=True)),
                ("reason", models.TextField(blank=True)),
                ("looser", models.BooleanField()),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reports.report",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
