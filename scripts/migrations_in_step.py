"""Fails when a model has changed without its migration. Needs no database."""

import sys

import django
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

django.setup()
loader = MigrationLoader(None)
detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
changes = {
    label for label in detector.changes(graph=loader.graph) if apps.get_app_config(label).name.startswith("tutela")
}
if changes:
    sys.exit(f"Run makemigrations: {', '.join(sorted(changes))}")
