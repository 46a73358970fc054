"""Tables are written once a week is complete, never change, and every dashboard shows them to everybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.support.cast import Cast
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.observatory.models import TableKind, WeeklyTable
from tutela.observatory.open_data import datasets, weekly_datasets
from tutela.observatory.open_data.growth import grown
from tutela.observatory.tables import store
from tutela.observatory.tables.flows import WITHHELD
from tutela.observatory.web import api
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


def test_a_table_of_an_older_rule_is_withheld_everywhere(weeks: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    store.store_complete(weeks)
    flows, quality = store.flows(), store.quality()
    row = flows[0]
    assert row.table.total
    monkeypatch.setattr(store, "RULE", store.RULE + 1)
    assert store.store_complete(weeks) == 0
    datasets._kept.cache_clear()
    for one in store.flows():
        assert (one.withheld, one.table, one.digest) == (True, WITHHELD, "")
    assert [one.table for one in store.quality()] == [[] for _ in quality]
    browser = Client()
    for name in ("map", "flows", "quality"):
        page = browser.get(f"/figures/dashboards/{name}/").text
        assert "Withheld: an older rule" in page, name
        assert flows[0].digest not in page
    assert '<td class="number">0</td>' not in browser.get("/figures/dashboards/map/").text
    assert "4.0 times the usual number" not in browser.get("/figures/dashboards/surges/").text
    rows = datasets.dataset("report-flows").rows
    assert {one[1:] for one in rows} == {("all", "all", None, "s")}
    assert datasets.dataset("report-quality").rows == ()
    key = weeks_api(weeks)
    assert all(one["flows"] == [{"origin": "all", "destination": "all"}] for one in key)


def weeks_api(centre: Actor) -> list[dict[str, Any]]:
    """Weeks as the API answers them."""
    found = [json.loads(api._week(one).to_bytes()) for one in store.flows()]
    assert all("digest" not in one for one in found)
    return found


def test_the_page_of_a_dataset_reads_the_tables_once(weeks: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    store.store_complete(weeks)
    browser, address = Client(), "/open-data/report-flows/"
    first = browser.get(address).text
    read = list[TableKind]()
    rows = store._rows
    monkeypatch.setattr(store, "_rows", lambda kind, most: read.append(kind) or rows(kind, most))
    assert browser.get(address).text == first
    assert browser.get(f"{address}{'0' * 16}/data.csv").status_code == 404
    assert read == []
    datasets._kept.cache_clear()
    assert browser.get(address).status_code == 200
    assert read == [TableKind.FLOWS]


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
