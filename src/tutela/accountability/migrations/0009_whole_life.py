"""Votes, feedback, holds, quarantines and what is passed on become public entries too."""

from importlib import import_module

from django.db import migrations

SEQUENCE = import_module("tutela.accountability.migrations.0007_sequencing_at_once").SEQUENCE


class Migration(migrations.Migration):
    dependencies = [("accountability", "0008_leaf_of_a_day")]
    operations = [migrations.RunSQL(SEQUENCE, migrations.RunSQL.noop)]
