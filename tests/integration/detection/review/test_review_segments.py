"""A candidate out of a video: its page says how much agrees and which stretches, so that a person looks there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.detection_world import World, body, read
from tutela.exchange.errors import ExchangeError

FOOTAGE = {
    "frames": 14,
    "query_percent": 12,
    "compared_percent": 88,
    "from_ms": 65_000,
    "to_ms": 73_000,
    "run": 9,
    "times_ms": [5000, 65_000],
    "segments": [
        {"from_ms": 5000, "to_ms": 9000, "run": 5},
        {"from_ms": 65_000, "to_ms": 73_000, "run": 9},
        {"from_ms": 3_665_000, "to_ms": 3_670_000, "run": 5},
    ],
}


def film(**changes: Any) -> dict[str, Any]:
    made = body("near-video", media_type="MP4")
    made["matches"][0]["footage"] = FOOTAGE | changes
    return made


def test_the_desk_names_the_stretches_of_a_video(cast: Cast) -> None:
    world = World(cast)
    made = world.candidate(film())
    browser = cast.client(cast.pixelpost, "reviewer")
    page = browser.get(f"/desk/candidates/{made}/").content.decode()
    assert "14 different frames of this video match: 12 % of this video, and 88 % of the listed video." in page
    assert all(said in page for said in ("0:05–0:09", "1:05–1:13", "1:01:05–1:01:10"))


def test_an_older_edge_says_the_longest_alone(cast: Cast) -> None:
    world = World(cast)
    made = world.candidate(film(segments=[]))
    page = cast.client(cast.pixelpost, "reviewer").get(f"/desk/candidates/{made}/").content.decode()
    assert "seconds 65 to 73" in page


@pytest.mark.parametrize(
    "segments",
    [
        [{"from_ms": -1, "to_ms": 9, "run": 5}],
        [{"from_ms": 1, "to_ms": 9, "run": 0}],
        [{"from_ms": 1}],
        7,
        [{"from_ms": 1, "to_ms": 2, "run": 5}] * 21,
    ],
)
def test_stretches_that_are_none_are_refused(segments: Any) -> None:
    with pytest.raises((ExchangeError, ValueError)):
        read(film(segments=segments))
