"""Openings of candidates stand in `casework`, with their subject by kind and id."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("detection", "0014_retractions"),
    ]

    operations = [
        migrations.DeleteModel("Exposure"),
    ]
