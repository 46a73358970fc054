from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.errors import NotJsonError
from tutela.exchange.report.batch import MOST_REPORTS, TooManyError, split

VALUES = st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(-9, 9), max_size=3)


@given(st.lists(VALUES, min_size=1, max_size=5))
def test_an_array_and_its_lines_are_the_same_reports(values: list[dict[str, object]]) -> None:
    as_lines = split("\n".join(json.dumps(v) for v in values).encode())
    as_array = split(json.dumps(values).encode())
    assert [json.loads(data) for _, data in as_lines] == [json.loads(data) for _, data in as_array] == values
    assert [number for number, _ in as_lines] == [number for number, _ in as_array] == [*range(1, len(values) + 1)]


@given(st.binary(max_size=300))
def test_whatever_comes_is_split_or_refused(body: bytes) -> None:
    try:
        found = split(body)
    except (NotJsonError, TooManyError):
        return
    assert 1 <= len(found) <= MOST_REPORTS
    assert all(data.strip() for _, data in found)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"\n" * 5, b"{}\n" * (MOST_REPORTS + 1), b"[" + b"{}," * MOST_REPORTS + b"{}]"]
)
def test_a_batch_has_a_size(body: bytes) -> None:
    with pytest.raises(TooManyError):
        split(body)


@pytest.mark.parametrize("body", [b"[", b"[0.5]", b'[{"a": 1, "a": 2}]', b"[\xff]", b"[" * 9000])
def test_an_array_that_cannot_be_read_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(NotJsonError):
        split(body)
