"""By what films that look alike are found."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0020_films"),
    ]

    operations = [
        migrations.CreateModel(
            name="FilmSketch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("sketch", models.BigIntegerField()),
                (
                    "film",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sketches",
                        to="indicators.indicatorfilm",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["sketch"], name="film_sketch")],
            },
        ),
    ]
