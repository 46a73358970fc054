"""A file with a line of `tutela hash`, as editors and shells of every system write it."""

from __future__ import annotations

import codecs
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.indicators.hashes.errors import NotText
from tutela.indicators.hashes.hash_lines import text_of

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"))


@given(TEXT)
def test_the_text_of_a_file_is_the_same_in_every_encoding_that_is_read(text: str) -> None:
    marked = codecs.BOM_UTF16_LE + text.encode("utf-16-le"), codecs.BOM_UTF16_BE + text.encode("utf-16-be")
    for data in (text.encode(), text.encode("utf-8-sig"), *marked):
        assert text_of(data) == text


@given(TEXT.filter(len), st.sampled_from(["utf-32", "utf-32-le", "utf-16-le"]))
def test_another_encoding_is_named_or_at_least_not_read_as_something_else(text: str, encoding: str) -> None:
    plain = "{" + text
    with pytest.raises(NotText, match="UTF-8"):
        text_of(plain.encode(encoding))


@given(st.binary() | st.binary().map(lambda data: codecs.BOM_UTF16_LE + data))
def test_any_bytes_are_a_text_or_refused(data: bytes) -> None:
    with suppress(NotText):
        assert "\0" not in text_of(data)


@pytest.mark.parametrize("data", [b"\xff\xfe{", b"\xfe\xff\xd8\x00", b"\xef\xbb", b"\xff", b"{\x00"])
def test_what_is_cut_short_is_refused(data: bytes) -> None:
    with pytest.raises(NotText):
        text_of(data)
