"""The node shows its documents: every link in them leads somewhere, and every guide that a page names exists."""

from __future__ import annotations

import re

import pytest

from tutela.app.website import documentation, navigation

# Pages that need no guide of their own.
WITHOUT_GUIDE = {"/desk/", "/desk/events/", "/desk/directory/", "/desk/organisation/"}


def test_every_guide_is_shown_and_its_links_lead_to_guides() -> None:
    for name in documentation.guides():
        html = documentation.page(name)
        assert "<h1>" in html
        for target in re.findall(r'href="(/docs/[^"#]*)', html):
            assert target == "/docs/" or target.split("/")[2] in documentation.guides()


def test_html_in_a_document_is_escaped() -> None:
    assert "<script" not in documentation.rendered("A word <script>alert(1)</script>")
    assert "&lt;script&gt;" in documentation.rendered("A word <script>alert(1)</script>")


@pytest.mark.parametrize("path", sorted({entry[1] for entry in navigation.ENTRIES} - WITHOUT_GUIDE))
def test_every_page_has_a_guide(path: str) -> None:
    assert documentation.address_for(path).split("/")[2] in documentation.guides()


@pytest.mark.parametrize("path", ["/", "/nowhere/", *sorted(WITHOUT_GUIDE)])
def test_a_page_without_a_guide_leads_to_all_of_them(path: str) -> None:
    assert documentation.address_for(path) == "/docs/"


@pytest.mark.parametrize("term", ["indicator", "CSAM", "PDQ hash", "bundle"])
def test_a_term_has_its_meaning_and_its_place(term: str) -> None:
    place, meaning = documentation.explained(term)
    assert meaning
    assert f'id="{place}"' in documentation.page("glossary")


def test_what_is_no_term_has_no_place() -> None:
    assert documentation.explained("no such word") == ("", "")
