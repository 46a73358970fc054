"""Alerts and openings of reports stand in `casework`, with their subject by kind and id."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0043_sealed_references"),
    ]

    operations = [
        migrations.DeleteModel("AlarmTold"),
        migrations.DeleteModel("AlarmTaken"),
        migrations.DeleteModel("Alarm"),
        migrations.DeleteModel("Opening"),
        migrations.DeleteModel("ExposureTerms"),
    ]
