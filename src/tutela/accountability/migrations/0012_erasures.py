"""That an indicator was erased becomes a public entry too."""

from importlib import import_module

from django.db import migrations

SEQUENCE = import_module("tutela.accountability.migrations.0007_sequencing_at_once").SEQUENCE


class Migration(migrations.Migration):
    dependencies = [("accountability", "0011_unbacked")]
    operations = [migrations.RunSQL(SEQUENCE, migrations.RunSQL.noop)]
