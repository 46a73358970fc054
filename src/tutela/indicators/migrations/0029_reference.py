"""Lawful pictures that an operator adds to the reference."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models

TABLES = ("referenceload", "referencehash", "referenceend")
# Whoever adds a hash keeps an item out of the register.
CHECKS = [
    f"CREATE TRIGGER indicators_check_{table} BEFORE INSERT ON indicators_{table} "
    "FOR EACH ROW EXECUTE FUNCTION indicators_check_end()"
    for table in TABLES
]
UNDO = [f"DROP TRIGGER indicators_check_{table} ON indicators_{table}" for table in TABLES]
BASE = (
    (
        "id",
        models.UUIDField(default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False),
    ),
    ("organisation_id", models.UUIDField(db_index=True, editable=False)),
    ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
)
PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0028_looks"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReferenceLoad",
            fields=[
                *BASE,
                ("source", models.CharField(max_length=120)),
                ("licence", models.CharField(max_length=120)),
                ("file_sha256", models.CharField(max_length=64)),
                ("added", models.IntegerField()),
                ("set_sha256", models.CharField(max_length=64)),
                ("by", models.CharField(max_length=80)),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="ReferenceHash",
            fields=[
                *BASE,
                ("kind", models.CharField(max_length=8)),
                ("value", models.BinaryField(max_length=32)),
                (
                    "load",
                    models.ForeignKey(on_delete=PROTECT, related_name="hashes", to="indicators.referenceload"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("load", "kind", "value"), name="one_reference_a_load")],
            },
        ),
        migrations.CreateModel(
            name="ReferenceEnd",
            fields=[
                *BASE,
                ("set_sha256", models.CharField(max_length=64)),
                ("reason", models.CharField(max_length=300)),
                ("by", models.CharField(max_length=80)),
                (
                    "load",
                    models.OneToOneField(on_delete=PROTECT, related_name="end", to="indicators.referenceload"),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.RunSQL(CHECKS, UNDO),
    ]
