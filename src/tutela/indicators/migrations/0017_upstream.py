"""What goes back to the source of a list, and fingerprints behind an address."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0016_states_now"),
    ]

    operations = [
        migrations.AddField(
            model_name="foreignlist",
            name="reason_guid",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name="foreignlist",
            name="tells",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="ForeignPrint",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("kind", models.CharField(max_length=20)),
                ("path", models.CharField(max_length=320)),
                ("of", models.DateTimeField()),
                ("fetched_at", models.DateTimeField(null=True)),
                ("tries", models.SmallIntegerField(default=0)),
                ("sealed", models.BinaryField(max_length=1100000)),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="prints", to="indicators.foreignentry"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("fetched_at__isnull", True)), fields=["tries"], name="print_wanted"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("entry", "kind"), name="one_print_a_kind")],
            },
        ),
        migrations.CreateModel(
            name="ForeignWord",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("entry_id", models.UUIDField()),
                ("key", models.CharField(max_length=255)),
                ("right", models.BooleanField()),
                ("by", models.CharField(max_length=80)),
                ("sent_at", models.DateTimeField(null=True)),
                ("tries", models.SmallIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=300)),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="words", to="indicators.foreignlist"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("sent_at__isnull", True)),
                        fields=["list", "created_at"],
                        name="word_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("list", "entry_id", "right"), name="one_word_a_verdict")
                ],
            },
        ),
    ]
