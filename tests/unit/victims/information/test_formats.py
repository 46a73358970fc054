"""Accessible formats of an answer."""

from __future__ import annotations

import io
from typing import Any

from pypdf import PdfReader

from tutela.victims.information import formats

TEXT = "This is the answer to your request.\nPicture 1: Pixelpost reported it on 2026-11-02.\nRemoval: removed."


def test_the_pdf_is_tagged_and_says_its_language() -> None:
    read = PdfReader(io.BytesIO(formats.tagged_pdf("Answer", TEXT, "en")))
    root = read.trailer["/Root"].get_object()
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"].get_object()["/Marked"]
    kinds = [one for one in _kinds(root["/StructTreeRoot"].get_object()) if one != "/Document"]
    assert kinds == ["/H1", "/P", "/P", "/P"]
    assert "Pixelpost" in read.pages[0].extract_text()


def test_a_long_answer_goes_on_on_the_next_page() -> None:
    read = PdfReader(io.BytesIO(formats.tagged_pdf("Answer", "\n".join([TEXT] * 30), "en")))
    assert len(read.pages) > 1


def test_easy_lines_have_one_idea_each() -> None:
    lines = formats.easy_lines("You can complain, and you can go to a court.\nIt was forwarded to: Garda.")
    assert lines == ["You can complain.", "you can go to a court.", "It was forwarded to:", "Garda."]


def _kinds(element: Any) -> list[str]:
    """The kinds of all elements of the structure, in their order."""
    below = element.get("/K", [])
    found = [str(element["/S"])] if "/S" in element else []
    for one in below if isinstance(below, list) else [below]:
        inner = one.get_object() if hasattr(one, "get_object") else one
        if isinstance(inner, dict) and "/S" in inner:
            found += _kinds(inner)
    return found
