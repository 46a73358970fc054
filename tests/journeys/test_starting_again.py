"""A demonstration is stopped by Ctrl-C, leaves nothing running, and starts again with the world it had."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser

from tests.support.browser import Demo, signed_in
from tests.support.drills import LONG
from tutela.app.runtime.embedded_postgres import Cluster


def _counted(demo: Demo) -> dict[str, int]:
    tables = ("reports_report", "detection_candidate", "indicators_indicator", "organisations_person")
    with psycopg.connect(Cluster(Path(demo.env["TUTELA_DATA"])).url("tutela_owner")) as owner:
        rows = {table: owner.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables}
    return {table: row[0] for table, row in rows.items() if row}


@pytest.mark.slow
def test_a_stopped_demonstration_starts_again_without_harm(demo: Demo, chromium: Browser) -> None:
    before = _counted(demo)
    assert demo.stop() == 0
    assert not Cluster(Path(demo.env["TUTELA_DATA"])).running()
    demo.start()
    after = _counted(demo)
    # What the worker does by itself may add a line; nothing is gone, and the month is not played twice.
    assert all(before[table] <= after[table] <= before[table] + 5 for table in before), (before, after)
    page = signed_in(chromium, demo, "marek@centre.example").new_page()
    page.goto("/desk/reports/?state=all")
    assert page.locator("tbody[data-queue] tr").count() > 10
    if not LONG:  # test_tutorial.py walks through it once
        return
    walk = demo.command("demo", "walk")
    assert walk.returncode == 0, walk.stdout + walk.stderr
