"""What is added to the reference of lawful pictures becomes a public entry too."""

from importlib import import_module

from django.db import migrations

SEQUENCE = import_module("tutela.accountability.migrations.0007_sequencing_at_once").SEQUENCE


class Migration(migrations.Migration):
    dependencies = [("accountability", "0009_whole_life")]
    operations = [migrations.RunSQL(SEQUENCE, migrations.RunSQL.noop)]
