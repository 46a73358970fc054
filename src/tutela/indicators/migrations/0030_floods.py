"""A flood of disputes is held as one of proposals is; a recipient's word that is said again is counted, not kept."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0029_reference"),
    ]

    operations = [
        migrations.AddField(
            model_name="floodhold",
            name="kind",
            field=models.CharField(
                choices=[("proposals", "proposals"), ("disputes", "disputes")], default="proposals", max_length=16
            ),
        ),
        migrations.CreateModel(
            name="FeedbackAgain",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("times", models.BigIntegerField(default=0)),
                ("last", models.DateTimeField(default=tutela.clock.now)),
                (
                    "feedback",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="again", to="indicators.feedback"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
