"""Figures of the invented month: published by three organisations, a filed return, an import, and tables of weeks."""

from __future__ import annotations

from datetime import date, timedelta

from tutela import clock
from tutela.app.demo.organisations import actor
from tutela.app.demo.world import World
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.figures import publish
from tutela.observatory.imports import imported
from tutela.observatory.returns import filed
from tutela.observatory.tables import store

HOTLINES = (
    b"hotline,country,year,reports,items_illegal\r\n"
    b"Hotline Ireland (invented),IE,2025,1200,640\r\n"
    b"Hotline Germany (invented),DE,2025,2100,900\r\n"
    b"Hotline Finland (invented),FI,2025,800,210\r\n"
)


def play(world: World) -> None:
    """Publish what the month has, once the daily volumes are counted."""
    people = world.people
    store.store_complete(actor("centre"))
    period = ReportingPeriod(world.start.date(), clock.now().date() - timedelta(days=1))
    for name in ("lena", "aoife", "priya"):
        publish.publish(people[name], period)
    form = filed.form_for(people["priya"], "dsa-2024-2835")
    filed.file(people["priya"], filed.draft(people["priya"], form, form.last_period(clock.now().date())))
    imported.import_files(people["lena"], "hotlines", {"hotlines-2025.csv": HOTLINES}, date(2026, 5, 4))
