"""Suspensions and policies become public entries."""

from importlib import import_module

from django.db import migrations

SEQUENCE = import_module("tutela.accountability.migrations.0003_public_log").SEQUENCE


class Migration(migrations.Migration):
    dependencies = [("accountability", "0005_heads_and_gaps")]
    operations = [migrations.RunSQL(SEQUENCE, migrations.RunSQL.noop)]
