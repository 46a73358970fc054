"""Reversals and their answers on the wire: closed, with codes alone."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tutela.exchange.errors import ExchangeError
from tutela.exchange.redress.reversal import Consequence, ErrorKind, KeptBecause, Reversal, ReversalAnswer

AT = "2026-11-29T12:00:00Z"


def reversal(**changed: Any) -> bytes:
    said = {"reversal": str(uuid4()), "reference": "E-1", "error": "chance", "notice": "N-1", "at": AT, **changed}
    return json.dumps({name: value for name, value in said.items() if value is not None}).encode()


def answer(**changed: Any) -> bytes:
    said = {"reversal": str(uuid4()), "outcome": "corrected", "at": AT, **changed}
    return json.dumps(said).encode()


@given(
    st.sampled_from(list(ErrorKind)),
    st.lists(st.uuids(), max_size=5),
    st.one_of(st.none(), st.uuids()),
    st.sampled_from(["N-1", None]),
)
def test_a_reversal_names_something_and_reads_back(
    error: ErrorKind, reports: list[Any], entry: Any, notice: str | None
) -> None:
    said = {"error": error.value, "report_ids": [str(one) for one in reports], "notice": notice}
    raw = reversal(**said, indicator=str(entry) if entry else None)
    if not reports and entry is None and notice is None:
        with pytest.raises(ValidationError, match="must name"):
            Reversal.from_bytes(raw)
        return
    made = Reversal.from_bytes(raw)
    assert Reversal.from_bytes(made.to_bytes()) == made


@given(st.sampled_from(["corrected", "erased", "kept"]), st.one_of(st.none(), st.sampled_from(list(KeptBecause))))
def test_what_is_kept_has_a_reason_and_nothing_else_has_one(outcome: str, because: KeptBecause | None) -> None:
    raw = answer(outcome=outcome, **({"because": because.value} if because else {}))
    if (outcome == "kept") == (because is not None):
        assert ReversalAnswer.from_bytes(raw).because == because
    else:
        with pytest.raises(ValidationError, match="because"):
            ReversalAnswer.from_bytes(raw)


@pytest.mark.parametrize(
    "raw",
    [
        reversal(error="unknown"),
        reversal(text="Words of a person"),
        reversal(at="yesterday"),
        reversal(reference=""),
        reversal(notice="a\x00b"),
        reversal(report_ids=["x"]),
        reversal(report_ids=[str(uuid4())] * 1001),
        answer(consequences=["arrest"]),
        answer(consequences=[Consequence.SEARCH.value] * 4),
        answer(outcome="waiting"),
        answer(name="A. Person"),
    ],
)
def test_bad_messages_are_refused(raw: bytes) -> None:
    kind = ReversalAnswer if b"outcome" in raw else Reversal
    with pytest.raises((ValidationError, ExchangeError)):
        kind.from_bytes(raw)
    for cut in (raw[:-1], raw[: len(raw) // 2], b""):
        with pytest.raises((ValidationError, ExchangeError)):
            kind.from_bytes(cut)
