"""Ledger pages and public figures: filters, files, who may see them, and what leaves no trace."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from django.test import Client, override_settings

from tests.support.cast import Cast
from tests.support.takedown_lived import Lived
from tests.support.takedown_world import Hotline
from tutela import clock
from tutela.events.actor import Actor
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown.intake import public_report
from tutela.takedown.ledger import histories, publication
from tutela.takedown.ledger.figures import line
from tutela.takedown.ledger.histories import LedgerPeriod

LEDGER = "/desk/takedown/ledger/"
CONTACT = re.compile(r"@|://|www\.|example\.org|[0-9a-f]{8}-[0-9a-f]{4}", re.IGNORECASE)


def _table(client: Client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(address).content.decode())))


@pytest.fixture
def hotline(cast: Cast) -> Hotline:
    made = Hotline(cast)
    for seed in range(8):
        Lived(made, seed)
    return made


def test_the_ledger_as_page_and_as_file(hotline: Hotline, cast: Cast) -> None:
    client = cast.client(hotline.machine, "analyst")
    page = client.get(LEDGER).content.decode()
    assert "Alpha Hosting" in page
    assert "chart-figure" in page
    assert "The time of police holds is subtracted" in page
    every = line("", histories.load_entries(hotline.analyst, LedgerPeriod(), clock.now()))
    for by in ("provider", "country", "week", "nonsense"):
        rows = _table(client, f"{LEDGER}?by={by}&format=csv")
        assert sum(int(one["entries"]) for one in rows) == every.count
        assert sum(int(one["removed"]) for one in rows) == every.removed
    assert "No notice was sent in this period" in client.get(f"{LEDGER}?since=2031-01-01").content.decode()
    assert client.get(f"{LEDGER}?since=x&until=0001-01-01&sort=-p90_hours").status_code == 200


def test_the_yearly_report_equals_the_ledger_and_names_nobody(hotline: Hotline, cast: Cast) -> None:
    client = cast.client(hotline.machine, "analyst")
    address = f"{LEDGER}yearly-report/?year=2026"
    with clock.simulate(datetime(2027, 2, 1, tzinfo=UTC)):
        every = line("", histories.load_entries(hotline.analyst, LedgerPeriod.of_year(2026), clock.now()))
        rows = _table(client, f"{address}&format=csv")
        page = client.get(address).content.decode()
    assert every.count == sum(int(one["entries"]) for one in rows)
    assert every.notices == sum(int(one["notices"]) for one in rows)
    assert rows[0].keys() == {"provider", "type", "action", "entries", "notices"}
    assert not CONTACT.search(str(rows))
    assert "Material within Art. 2(c)" in page
    assert f'<td class="number">{every.count}</td>' in page
    for year in ("99999999", "-1", "²", "x"):
        assert client.get(f"{LEDGER}yearly-report/?year={year}").status_code == 200


def test_only_the_hotlines_desk_sees_the_ledger(hotline: Hotline, cast: Cast) -> None:
    for stranger, role in ((cast.pixelpost, "lead"), (cast.centre, "analyst"), (hotline.machine, "administrator")):
        assert cast.client(stranger, role).get(LEDGER).status_code == 404
    assert Client().get(LEDGER).status_code == 302
    other = cast.client(cast.hotline_de, "analyst").get(LEDGER).content.decode()
    assert "No notice was sent in this period" in other


def test_public_figures_leave_no_trace_and_tell_no_small_count(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def own() -> DirectoryEntry:
        return directory.entry(hotline.machine.organisation_id)

    monkeypatch.setattr(public_report, "hotline", own)
    with clock.simulate(datetime(2026, 6, 1, tzinfo=UTC)):
        publication.store_complete(hotline.analyst)
        assert "No quarter is complete yet" in Client().get("/takedown-figures/").content.decode()
    with clock.simulate(datetime(2027, 1, 1, tzinfo=UTC)):
        assert publication.store_complete(hotline.analyst)
        assert publication.store_complete(hotline.analyst) == 0, "a quarter is stored once"
        assert "No quarter is complete yet" in Client().get("/takedown-figures/").content.decode(), "replies first"
    with clock.simulate(datetime(2027, 2, 1, tzinfo=UTC)):
        answer = Client().get("/en/takedown-figures/")
        page = answer.content.decode()
    assert not answer.cookies
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert "2026-W13" in page
    assert "not published" in page
    assert not re.search(r"<td[^>]*>\s*[1-9]\s*</td>", page), "no count below ten stands in a cell"
    assert "Alpha" not in page
    assert not re.search(r"host-[0-9a-f]{12}", page)
    assert Client().get("/xx/takedown-figures/").status_code == 404
    with override_settings(DESKS=["hotline"]):
        assert Client().get("/takedown-figures/").status_code == 404


def test_without_a_hotline_there_are_no_public_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody: Actor | None = None
    monkeypatch.setattr(public_report, "hotline", lambda: nobody)
    assert Client().get("/takedown-figures/").status_code == 404
