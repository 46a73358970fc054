"""Certifications are signatures; those from before this have none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0010_files_of_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="certification",
            name="envelope",
            field=models.BinaryField(max_length=60000, null=True),
        ),
    ]
