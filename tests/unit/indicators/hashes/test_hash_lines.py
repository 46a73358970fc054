"""A line of `tutela hash` gives the hashes of a proposal, and none that is a guess."""

from __future__ import annotations

import json

import numpy as np

from tests.support.pictures import landscape, png
from tutela.indicators.hashes import hash_lines
from tutela.media import Digests, Hashed, Limits
from tutela.media.images.decode import describe
from tutela.scan.item_json import described


def test_a_picture_with_little_contrast_is_proposed_by_its_digests_alone() -> None:
    rgb = np.rint(landscape(3) * 0.2 + 100).astype(np.uint8)
    found = describe(png(rgb), Limits(), listed=True)
    assert any(one.stretched for one in found.frames[0].windows)
    digests = Digests("0" * 32, "1" * 40, "2" * 64, 9)
    hashed = Hashed(digests, found.format, found.width, found.height, found.frames, found.notes)
    given = hash_lines.read(json.dumps(described(hashed, listed=True)))
    assert [one.kind for one in given.given] == ["sha256", "md5", "sha1"]
