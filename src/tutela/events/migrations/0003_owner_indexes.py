"""What every report writes has no index of its owner alone: other indexes begin with it, or rows are found by others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0002_searching"),
    ]

    operations = [
        migrations.AlterField(
            model_name="eventfacts",
            name="organisation_id",
            field=models.UUIDField(),
        ),
    ]
