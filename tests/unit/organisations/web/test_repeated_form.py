"""A form that a page repeats comes back as it was typed."""

from __future__ import annotations

import pytest
from django.core.exceptions import BadRequest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.message.translatable_text import visible_page
from tutela.organisations.web import repeated_form

FIELDS = st.lists(st.tuples(st.text(), st.text()), max_size=6)


@given(fields=FIELDS)
def test_every_field_comes_back_through_a_page(fields: list[tuple[str, str]]) -> None:
    value = repeated_form.as_field(fields)
    assert visible_page(value.encode()) == value.encode(), "nothing in it is rewritten for readers"
    assert repeated_form.read_fields(value) == fields


def test_own_fields_of_the_page_go_before_repeated_ones() -> None:
    form = repeated_form.as_field([("row", "1"), ("row", "2"), ("note", "A\r\nB\x0b\u202e"), ("confirmed", "old")])
    request = RequestFactory().post("/", {repeated_form.NAME: form, "confirmed": "new"})
    repeated_form.restore(request)
    assert request.POST.getlist("row") == ["1", "2"]
    assert request.POST["note"] == "A\r\nB\x0b\u202e"
    assert request.POST.getlist("confirmed") == ["new"]
    assert repeated_form.NAME not in request.POST
    with pytest.raises(AttributeError):
        request.POST["row"] = "3"  # type: ignore[index]


def test_a_form_that_no_page_repeats_stays() -> None:
    request = RequestFactory().post("/", {"row": "1"})
    repeated_form.restore(request)
    assert request.POST.dict() == {"row": "1"}


@pytest.mark.parametrize("value", ["", "{", "7", "[7]", '["ab","cd"', '[["a",1]]', '[["a","\\ud800"]]', "[" * 100_000])
def test_a_damaged_form_is_refused(value: str) -> None:
    with pytest.raises(BadRequest):
        repeated_form.read_fields(value)
