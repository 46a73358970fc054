"""Typed text becomes text that every message accepts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tutela.exchange.message.field_types import Text
from tutela.exchange.message.text_cleanup import typed, typed_all
from tutela.exchange.report.sections import Urgency


@given(st.text(max_size=200))
def test_what_is_left_of_any_text_fits_a_message(text: str) -> None:
    clean = typed(text)
    assert typed(clean) == clean
    if clean:
        TypeAdapter(Text).validate_python(clean)


def test_every_text_inside_is_reached() -> None:
    assert typed_all({"a": ["x\r\ny", {"b": "\x0bz "}], "n": 1}) == {"a": ["x\ny", {"b": "z"}], "n": 1}


def test_an_error_does_not_repeat_what_was_sent() -> None:
    with pytest.raises(ValidationError) as caught:
        Urgency(urgent=True, reason="secret\r")
    assert "secret" not in str(caught.value)
