"""Pictures made to collide in PDQ: the reference is deceived, the second hash is not."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import numpy as np
import pdqhash
import pytest
from PIL import Image

from tutela.matching import CORROBORATING_DISTANCE, MatchList, Record, Snapshot, snapshot_bytes
from tutela.matching.index.structure_hash import MATCH_SHARE, similarity
from tutela.media import FrameHash, Limits
from tutela.media.images import decode

COLLISIONS = Path(__file__).parent.parent / "fixtures" / "collisions"
PAIRS = sorted(path.name.split("-")[0] for path in COLLISIONS.glob("*-listed.png"))


def reference(name: str) -> np.ndarray:
    with Image.open(COLLISIONS / name) as image:
        bits, quality = pdqhash.compute(np.asarray(image.convert("RGB")))
    assert quality >= 80
    return bits


def frame(name: str, *, listed: bool = False) -> FrameHash:
    return decode.describe((COLLISIONS / name).read_bytes(), Limits(), listed=listed).frames[0]


@pytest.mark.parametrize("pair", PAIRS)
def test_a_forced_collision_is_a_candidate_and_not_corroborated(pair: str) -> None:
    assert (reference(f"{pair}-listed.png") != reference(f"{pair}-made.png")).sum() <= CORROBORATING_DISTANCE
    known, made = frame(f"{pair}-listed.png", listed=True), frame(f"{pair}-made.png")
    looks = [(known.pdq.hex(), known.quality, known.structures[0].hex(), False)]
    looks += [(w.variants[0].hex(), w.quality, w.structures[0].hex(), w.part) for w in known.windows]
    data, _ = snapshot_bytes([Record(UUID(int=1), pdq=looks)])
    (match,) = MatchList.load(Snapshot(data), list_id="list-a", version=1).match(None, [made])
    assert (match.rule, match.corroborated) == ("near-pdq", False)
    assert similarity(known.structures[0], made.structures[0]) < MATCH_SHARE / 1.5


@pytest.mark.parametrize("pair", PAIRS)
def test_the_listed_picture_itself_is_corroborated(pair: str) -> None:
    known = frame(f"{pair}-listed.png")
    data, _ = snapshot_bytes([Record(UUID(int=1), pdq=[(known.pdq.hex(), known.quality, known.structures[0].hex())])])
    (match,) = MatchList.load(Snapshot(data), list_id="list-a", version=1).match(None, [known])
    assert (match.distance, match.corroborated) == (0, True)
