"""What every report writes has no index of its owner alone: other indexes begin with it, or rows are found by others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("law", "0004_holds_of_subjects"),
    ]

    operations = [
        migrations.AlterField(
            model_name="clock",
            name="organisation_id",
            field=models.UUIDField(editable=False),
        ),
        migrations.AlterField(
            model_name="clockstep",
            name="organisation_id",
            field=models.UUIDField(editable=False),
        ),
    ]
