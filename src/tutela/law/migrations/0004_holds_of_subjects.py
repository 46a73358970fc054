"""Holds are found by what they are about."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("law", "0003_hold_of_content"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(fields=["organisation_id", "subject_kind", "subject_id"], name="hold_of_subject"),
        ),
    ]
