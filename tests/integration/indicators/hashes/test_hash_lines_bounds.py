"""Second hashes and windows in the register: they come with an indicator, are released with it, and go with it."""

from __future__ import annotations

import json
import secrets
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.support.cast import Cast
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.indicators.hashes import hash_lines, validation
from tutela.indicators.hashes.errors import LineNotRead, TooManyHashes
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.imports.lines import BadLine, Defaults, LineReader, Proposal
from tutela.indicators.imports.schema import ItemIn
from tutela.indicators.integrity import active_entries
from tutela.indicators.register import certify, revoke
from tutela.indicators.register import propose as register_propose
from tutela.law import classification
from tutela.matching.files.records import HashRecord, ListEntry

CLASS = "eu-2011-93:known-material"


@pytest.fixture(autouse=True)
def _scheme(cast: Cast) -> None:
    value = {"value": "known-material", "label": "Material within Art. 2(c)"}
    scheme = {"code": "eu-2011-93", "title": "T", "version": "2011", "source": "Directive", "values": [value]}
    classification.import_scheme(cast.centre, scheme)


def line(**changes: Any) -> str:
    window = {
        "kind": "crop",
        "covers": 0.81,
        "box": [0.05, 0.05, 0.95, 0.95],
        "pdq": secrets.token_hex(32),
        "structure": secrets.token_hex(32),
        "quality": 90,
    }
    frame = {"index": 0, "pdq": secrets.token_hex(32), "quality": 90, "structure": secrets.token_hex(32)}
    whole = {
        "name": "a.jpg",
        "size": 9,
        "digests": {"md5": secrets.token_hex(16), "sha1": secrets.token_hex(20), "sha256": secrets.token_hex(32)},
        "picture": {"format": "JPEG", "hasher": "tutela-pdq/2", "frames": [frame | {"windows": [window]}]},
    }
    return json.dumps(whole | changes)


def propose(cast: Cast, given_: list[HashValue]) -> UUID:
    made = register_propose.propose(
        cast.hotline_ie, given=given_, media_type="image", classification=CLASS, reason="Assessed"
    )
    assert certify.certify(cast.hotline_de, made)
    return made


def released(cast: Cast, indicator: UUID) -> list[ListEntry]:
    with acting(cast.centre):
        active = active_entries.active_of([indicator])
        return [entry for part in active_entries.parts(active, "") for entry in part.entries]


def test_a_pasted_line_becomes_an_entry_with_its_structure_and_windows(cast: Cast) -> None:
    text = line()
    made = propose(cast, hash_lines.read(text).given)
    (record,) = released(cast, made)
    frame = json.loads(text)["picture"]["frames"][0]
    window = frame["windows"][0]
    of, part = ((bytes.fromhex(one["pdq"]), 90, bytes.fromhex(one["structure"])) for one in (frame, window))
    assert sorted(record.pdq) == sorted([HashRecord(*of), HashRecord(*part, True)])


def test_a_revoked_indicator_takes_its_windows_along(cast: Cast) -> None:
    made = propose(cast, hash_lines.read(line()).given)
    revoke.revoke(cast.centre, made, "It shows something else")
    assert released(cast, made) == []


def test_two_pictures_may_share_a_window_and_are_both_proposed(cast: Cast) -> None:
    shared = HashValue("pdq", secrets.token_hex(32), 90, covers=0.7)
    for _ in range(2):
        propose(cast, [HashValue("sha256", secrets.token_hex(32)), shared])


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", line() + line(), line(digests=None), line(digests={"md5": 1}), "x" * 99]
)
def test_what_is_no_line_is_refused_whole(text: str) -> None:
    with pytest.raises(LineNotRead):
        hash_lines.read(text)


@given(at=st.integers(0, 800), put=st.sampled_from(["", "0", '"', "{", "]", "null", "1e999", "\0", "-1"]))
def test_a_damaged_line_is_refused_or_read_and_nothing_else(at: int, put: str) -> None:
    text = line()
    try:
        hash_lines.read(text[:at] + put + text[at + 1 :])
    except Invalid:
        return


def _frames(many: int) -> str:
    picture = json.loads(line())["picture"]
    frames = [{"index": n, "pdq": secrets.token_hex(32), "quality": 90, "windows": []} for n in range(many)]
    return line(picture=picture | {"frames": frames})


def test_an_animation_of_many_frames_is_an_entry_up_to_the_bound_of_all_entries(cast: Cast) -> None:
    text = _frames(validation.MOST_HASHES - 3)
    made = propose(cast, hash_lines.read(text).given)
    (record,) = released(cast, made)
    assert len(record.pdq) == validation.MOST_HASHES - 3
    with pytest.raises(TooManyHashes):
        propose(cast, hash_lines.read(_frames(validation.MOST_HASHES - 2)).given)


def test_every_way_in_has_the_same_bound() -> None:
    one = {"kind": "pdq", "value": secrets.token_hex(32), "quality": 90}
    assert len(ItemIn.model_validate({"hashes": [one] * validation.MOST_HASHES}).given()) == validation.MOST_HASHES
    with pytest.raises(ValidationError):
        ItemIn.model_validate({"hashes": [one] * (validation.MOST_HASHES + 1)})
    reader = LineReader(csv=False, defaults=Defaults("image", CLASS, "Assessed"), permits=lambda _code: "")
    assert isinstance(next(iter(reader.read([_frames(validation.MOST_HASHES - 3)]))), Proposal)
    bad = next(iter(reader.read([_frames(validation.MOST_HASHES - 2)])))
    assert isinstance(bad, BadLine)
    assert bad.field == "hashes"
