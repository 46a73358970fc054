"""A flood of disputes is held as one of proposals is."""

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
    ]
