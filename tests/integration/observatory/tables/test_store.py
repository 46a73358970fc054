"""Tables are written once a week is complete, never change, and every dashboard shows them to everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from tests.support.cast import Cast
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.observatory.models import WeeklyTable
from tutela.observatory.open_data import datasets, weekly_datasets
from tutela.observatory.open_data.growth import grown
from tutela.observatory.tables import store
from tutela.observatory.web.dashboard_pages import DASHBOARDS
from tutela.reports.figures.progress_counts import monday
from tutela.reports.models import Volume


@pytest.fixture
def weeks(cast: Cast) -> Iterator[Actor]:
    """A Centre with six weeks of volumes from two providers; the last week but one has a surge."""
    albums, chat = (cast.organisation(f"Provider {name}", "provider", name) for name in ("IE", "NL"))
    begin = monday(clock.now().date()) - timedelta(weeks=7)
    rows = [(albums, "DE", 60), (albums, "FR", 30), (chat, "DE", 40), (chat, "", 2)]
    with acting(cast.centre):
        for week in range(6):
            times = 4 if week == 4 else 1
            for provider, country, reports in rows:
                Volume.objects.create(
                    organisation_id=cast.centre.organisation_id,
                    day=begin + timedelta(weeks=week, days=2),
                    provider_id=provider.organisation_id,
                    country=country,
                    kind="known",
                    reports=reports * times,
                    duplicates=reports // 10,
                    urgent=0,
                    complete=80 * reports * times,
                )
    yield cast.centre
    with acting(cast.centre):
        Volume.objects.filter(provider_id__in=[albums.organisation_id, chat.organisation_id]).delete()


def test_a_complete_week_is_stored_once_and_never_changes(weeks: Actor) -> None:
    with acting(weeks):
        before = WeeklyTable.objects.count()
    stored = store.store_complete(weeks)
    assert stored >= 12
    assert store.store_complete(weeks) == 0
    newest = store.flows(1)[0]
    assert newest.monday + timedelta(days=14) <= clock.now().date()
    with acting(weeks):
        assert WeeklyTable.objects.count() == before + stored
        Volume.objects.filter(country="DE").update(reports=1)
    assert store.flows(1)[0] == newest


def test_every_dashboard_is_shown_to_everybody(weeks: Actor) -> None:
    store.store_complete(weeks)
    browser = Client()
    for one in DASHBOARDS.values():
        page = browser.get(f"/figures/dashboards/{one.slug}/").text
        for part in ("Not known", "Definition and method", "How computed", f"/open-data/{one.dataset}/"):
            assert part in page or (one.slug == "funnel" and part == "How computed"), (one.slug, part)
    assert browser.get("/figures/dashboards/nothing/").status_code == 404
    assert browser.get("/figures/dashboards/flows/", {"week": "soon"}).status_code == 404
    chosen = store.flows()[1]
    assert chosen.digest in browser.get("/figures/dashboards/flows/", {"week": chosen.name}).text
    assert "4.0 times the usual number" in browser.get("/figures/dashboards/surges/").text
    assert "Provider IE" in browser.get("/figures/dashboards/quality/").text


def test_datasets_of_dashboards_keep_every_version(weeks: Actor) -> None:
    store.store_complete(weeks)
    growing = {"report-flows": weekly_datasets.flow_parts, "report-quality": weekly_datasets.quality_parts}
    before = {name: grown(datasets.GROWING[name][0](), parts()[:-1]) for name, parts in growing.items()}
    for name, old in before.items():
        new = datasets.dataset(name)
        assert new.version != old.version
        assert new.rows[: len(old.rows)] == old.rows
        assert Client().get(f"/open-data/{name}/{old.version}/data.csv").content == old.as_csv()
        assert Client().get(f"/open-data/{name}/{new.version}/data.parquet").content[:4] == b"PAR1"
    assert any(row[4] == "s" and row[3] is None for row in datasets.dataset("report-flows").rows)
