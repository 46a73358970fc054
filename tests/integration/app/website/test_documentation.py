"""The node shows its documents: every link in them leads somewhere, and every guide that a page names exists."""

from __future__ import annotations

import re

import pytest

from tutela.app.website import documentation, navigation


def test_every_guide_is_shown_and_its_links_lead_to_guides() -> None:
    for name in documentation.guides():
        html = documentation.page(name)
        assert "<h1>" in html
        for target in re.findall(r'href="(/docs/[^"#]*)', html):
            assert target == "/docs/" or target.split("/")[2] in documentation.guides()


def test_html_in_a_document_is_escaped() -> None:
    assert not any("<script" in documentation.page(name) for name in documentation.guides())


@pytest.mark.parametrize("path", sorted({entry[1] for entry in navigation.ENTRIES} | {"/", "/law/", "/nowhere/"}))
def test_every_page_has_a_guide(path: str) -> None:
    address = documentation.address_for(path)
    assert address == "/docs/" or address.split("/")[2] in documentation.guides()


@pytest.mark.parametrize("term", ["indicator", "CSAM", "PDQ hash", "bundle"])
def test_a_term_has_its_meaning_and_its_place(term: str) -> None:
    assert documentation.terms()[term.lower()]
    assert f'id="{documentation.row_of(term)}"' in documentation.page("glossary")


def test_what_is_no_term_has_no_place() -> None:
    assert documentation.row_of("no such word") == ""
