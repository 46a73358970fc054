"""A proof of absence as a file: what was written is read, in both forms, and it stays small in a log of any size."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.tlog.absence_proof import BEFORE, Absence
from tutela.tlog.certified_set import TreePlace
from tutela.tlog.proof import Proof
from tutela.tlog.verify import Refused

HASHES = st.binary(min_size=32, max_size=32)


@st.composite
def absences(draw: st.DrawFn) -> Absence:
    place = TreePlace(tuple(draw(st.lists(HASHES, max_size=4))), draw(st.none() | HASHES))
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).map(str.encode)
    return Absence(
        "sha256",
        "ab" * 32,
        draw(HASHES),
        draw(st.binary(max_size=80)),
        place,
        "eu-register",
        draw(st.integers(1, 2**40)),
        draw(text),
        draw(text),
    )


def as_before(one: Absence) -> dict[str, str | int]:
    told = one.to_json()
    told |= {"format": BEFORE, "value_proof": one.value_proof.hex(), "place": bytes(one.place).hex()}
    return told | {name: base64.b64encode(getattr(one, name)).decode() for name in ("entry", "log_proof")}


@given(absences())
def test_what_is_written_is_read_in_this_form_and_the_one_before(one: Absence) -> None:
    for told in (one.to_json(), as_before(one)):
        for ascii_alone in (True, False):
            assert Absence.parse(json.dumps(told, ensure_ascii=ascii_alone).encode()) == one


@pytest.mark.parametrize("form", ["now", "before"])
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("format", "tutela-absence/3"),
        ("format", None),
        ("values_key", "xy"),
        ("value_proof", "%"),
        ("place", "%"),
        ("entry", 7),
        ("log_proof", None),
        ("version", "1"),
        ("version", True),
        ("list", []),
    ],
)
def test_what_is_no_proof_is_refused(form: str, name: str, wrong: object) -> None:
    one = Absence("sha256", "ab" * 32, bytes(32), bytes(80), TreePlace((), None), "eu-register", 1, b"{}", b"x")
    told = one.to_json() if form == "now" else as_before(one)
    with pytest.raises(Refused):
        Absence.parse(json.dumps(told | {name: wrong}).encode())
    with pytest.raises(Refused):
        Absence.parse(json.dumps({key: value for key, value in told.items() if key != name}).encode())


def test_half_a_character_is_refused() -> None:
    one = Absence("sha256", "ab" * 32, bytes(32), bytes(80), TreePlace((), None), "eu-register", 1)
    with pytest.raises(Refused):
        Absence.parse(json.dumps(one.to_json() | {"entry": "\ud800"}).encode())


def test_it_takes_four_kilobytes_at_the_most_in_a_set_of_ten_million_and_a_log_of_thirty_million() -> None:
    signature = "— witness.example/some-longer-name " + "A" * 108 + "\n"
    checkpoint = ("centre.example/log\n1000000000\n" + "A" * 44 + "\n\n" + signature * 4).encode()
    entry = json.dumps(
        {
            "event": "release.published",
            "list": "eu-register",
            "version": 10**6,
            "entries": 10**8,
            "hashes": 10**8,
            "sha256": "ab" * 32,
            "changes": "ab" * 32,
            "manifest": "ab" * 32,
            "values": "ab" * 32,
            "values_key": "ab" * 32,
            "hour": "2026-11-28T05:00:00+00:00",
        }
    ).encode()
    one = Absence(
        "sha256",
        "ab" * 32,
        bytes(32),
        bytes(80),
        TreePlace((bytes(32),) * 27, bytes(32)),
        "eu-register",
        1,
        entry,
        bytes(Proof(1, (bytes(32),) * 25, checkpoint)),
    )
    assert len(json.dumps(one.to_json(), ensure_ascii=False).encode()) <= 4096
