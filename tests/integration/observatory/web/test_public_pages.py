"""Public pages work without signing in; a journalist downloads a version and cites it, an auditor recomputes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.figures_world import FiguresWorld, own_log
from tutela.observatory.claims import recompute, register
from tutela.observatory.open_data import datasets
from tutela.observatory.web import public_pages

PAGES = ("/figures/", "/figures/definitions/", "/figures/claims/", "/figures/calculator/", "/open-data/")


@pytest.fixture
def world(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FiguresWorld:
    own_log(tmp_path, monkeypatch)
    return FiguresWorld(cast)


@pytest.mark.parametrize("address", PAGES)
def test_a_stranger_reads_every_public_page(address: str, cast: Cast) -> None:
    answer = Client().get(address)
    assert answer.status_code == 200
    assert "<h1" in answer.text


def test_each_claim_has_its_dates_and_what_a_table_says_of_it(cast: Cast) -> None:
    page = Client().get("/figures/claims/").text
    every = len(register.claims())
    assert page.count("<dt>Review again by</dt>") == page.count("<dt>Method</dt>") == every
    recomputed = [one for one in register.claims().values() if one.recomputed_by]
    assert page.count("The sentence agrees with the table.") == sum(
        recompute.recompute(one.recomputed_by).holds for one in recomputed
    )
    assert page.count("<dt>Figure of this node</dt>") == sum(
        bool(one.own_definition) for one in register.claims().values()
    )


def test_the_rule_of_withholding_is_on_the_pages_of_figures(world: FiguresWorld) -> None:
    for address in ("/figures/definitions/", f"/figures/releases/{world.published()}/"):
        page = Client().get(address).text
        assert "A count of 1 to 4 persons is withheld." in page, address
        assert "reports, referrals, decisions on matches, and complaints" in page, address


def test_states_stand_in_the_order_of_their_labels(cast: Cast) -> None:
    labels = public_pages._states().labels
    assert labels == sorted(labels)


def test_the_calculator_shows_what_a_rate_means() -> None:
    asked = {"one_in": 1_000_000, "sensitivity": 90, "false_positives": 0.1, "items": 1_000_000_000}
    assert "0.09%" in Client().get("/figures/calculator/", asked).text
    broken = Client().get("/figures/calculator/", {**asked, "sensitivity": 400})
    assert broken.status_code == 200
    assert "0.09%" not in broken.text


def test_a_journalist_downloads_a_version_that_never_changes(world: FiguresWorld) -> None:
    world.published()
    before = datasets.published_figures()
    page = Client().get("/open-data/published-figures/").text
    assert before.version in page
    assert f"Version {before.version}" in page
    world.published()
    assert datasets.published_figures().version != before.version
    answer = Client().get(f"/open-data/published-figures/{before.version}/data.csv")
    assert answer.content == before.as_csv()
    assert "immutable" in answer["Cache-Control"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["value"] for row in rows if row["organisation"] == world.hotline.organisation_name} == {
        "7",
        "5",
        "3",
        "0",
    }
    assert len(json.loads(Client().get(f"/open-data/published-figures/{before.version}/data.json").content)) == len(
        rows
    )
    assert Client().get("/open-data/published-figures/0000000000000000/data.csv").status_code == 404
    assert Client().get(f"/open-data/published-figures/{before.version}/data.exe").status_code == 404
    assert Client().get("/open-data/nothing/").status_code == 404


def test_a_release_has_a_page_and_a_file_and_an_auditor_recomputes_it(world: FiguresWorld) -> None:
    release = world.published()
    page = Client().get(f"/figures/releases/{release}/").text
    assert "events:takedown.opened" in page
    assert Client().get(f"/figures/releases/{release}/file/").json()["proof"]
    auditor = world.cast.organisation("Audit Office", "auditor", "BE")
    browser = world.cast.client(auditor, "auditor")
    assert "Every figure agrees" in browser.get(f"/desk/figures/{release}/recompute/").text
    assert world.cast.client(world.hotline, "analyst").get(f"/desk/figures/{release}/recompute/").status_code == 404


def test_an_analyst_publishes_on_the_page_and_a_reader_may_not(world: FiguresWorld) -> None:
    browser = world.cast.client(world.hotline, "analyst")
    assert "Addresses reported to the hotline" in browser.get("/desk/figures/", {"period": str(world.period)}).text
    answer = browser.post("/desk/figures/publish/", {"period": str(world.period)}, follow=True)
    assert "The figures are published." in answer.text
    assert "Enter a period" in browser.post("/desk/figures/publish/", {"period": "soon"}, follow=True).text
    assert world.cast.client(world.hotline, "administrator").get("/desk/figures/").status_code == 404


def test_a_return_is_filled_in_on_a_page(cast: Cast) -> None:
    authority = cast.organisation("Coordinating Authority", "coordinating_authority", "IE")
    browser = cast.client(authority, "analyst")
    assert "Regulation (EU) 2021/1232" in browser.get("/desk/returns/").text
    address = "/desk/returns/new/member-state-2021-1232/2025/"
    assert browser.get(address).status_code == 200
    assert (
        "add up to"
        in browser.post(
            address, {"children_girls|": "1", "children_boys|": "1", "children_unknown|": "1", "children_total|": "9"}
        ).text
    )
    answer = browser.post(address, {"suspects|": "12"}, follow=True)
    assert "The return is signed and filed." in answer.text
    shown = answer.redirect_chain[-1][0]
    for ending in ("csv", "xlsx", "pdf", "json"):
        assert browser.get(f"{shown}file.{ending}").status_code == 200
    assert browser.get(f"{shown}file.zip").status_code == 404
    assert browser.get("/desk/returns/new/member-state-2021-1232/soon/").status_code == 404
    assert Client().get(shown).status_code == 302
