"""The navigation: what a person may open, the current page, inner entries, and tasks with the numbers of Today."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import resolve

from tests.support.access import may, parts
from tests.support.cast import Cast
from tutela.app.website import navigation


def _urls(groups: list[navigation.NavigationGroup]) -> list[str]:
    return [item.url for group in groups for item in group.items]


def test_inner_entries_show_while_their_section_is_open(cast: Cast) -> None:
    actor = cast.actor(cast.centre, "analyst")
    elsewhere, inside = (_urls(navigation.groups(actor, path)) for path in ("/desk/", "/desk/reports/x/"))
    assert "/desk/reports/bundles/" not in elsewhere
    assert "/desk/reports/bundles/" in inside
    items = [item for group in navigation.groups(actor, "/desk/reports/x/") for item in group.items]
    assert [item.url for item in items if item.current] == ["/desk/reports/"]


def test_only_what_a_person_may_open_is_shown(cast: Cast) -> None:
    auditor = cast.client(cast.centre, "auditor")
    urls = _urls(navigation.groups(cast.actor(cast.centre, "auditor"), "/desk/"))
    assert urls
    assert all(auditor.get(url).status_code == 200 for url in urls)


def test_whoever_sees_an_entry_may_open_its_page() -> None:
    refused = [
        (url, part)
        for _group, url, _label, permission, _desk, _inner in navigation.ENTRIES
        for part in parts()
        if may(part, permission) and not may(part, resolve(url).func.read_permission)  # type: ignore[attr-defined]
    ]
    assert not refused


@pytest.mark.parametrize("role", ["analyst", "administrator"])
def test_tasks_are_those_of_the_start_page(cast: Cast, role: str) -> None:
    client = cast.client(cast.centre, role)
    tasks, today = (client.get(url).content.decode() for url in ("/desk/tasks/", "/desk/"))
    for number in re.findall(r'class="badge[^"]*">(\d+)<', tasks):
        assert f'<span class="figure">{number}</span>' in today
    assert "<html" not in tasks


def test_documents_are_public_and_unknown_ones_are_not_found(cast: Cast) -> None:
    visitor = Client()
    assert visitor.get("/docs/").status_code == 200
    assert b"indicator" in visitor.get("/docs/glossary/").content
    assert visitor.get("/docs/no-such/").status_code == 404
    assert cast.client(cast.centre, "analyst").get("/docs/alerts/").status_code == 200


def test_the_first_page_leads_the_public_to_everything_that_it_can_do_here(cast: Cast) -> None:
    assert cast.centre
    assert cast.hotline_ie
    assert cast.pixelpost
    cast.organisation("Harbour", "victim_support", "IE")
    visitor = Client(headers={"Accept-Language": "de"})
    page = visitor.get("/").content.decode()
    doors = re.findall(r'<li><a href="([^"]+)">', page.partition('id="doors"')[2].partition("</ul>")[0])
    assert doors == ["/removal/", "/report/", "/complaint/", "/de/worried/", "/figures/"]
    for address in doors:
        assert visitor.get(address, follow=True).status_code == 200, address
