"""Which streams of a file move."""

from __future__ import annotations

from types import SimpleNamespace

import av.stream
import pytest

from tutela.media.video import packets

COVER, CHAPTERS = av.stream.Disposition.attached_pic, av.stream.Disposition.timed_thumbnails


@pytest.mark.parametrize(
    ("disposition", "frames", "moves"),
    [(0, 1, True), (COVER, 0, False), (COVER, 1, False), (COVER, 25, True), (COVER | CHAPTERS, 1, True)],
)
def test_a_track_that_is_called_a_cover_is_a_video_if_it_has_frames(disposition: int, frames: int, moves: bool) -> None:
    boxes = SimpleNamespace(metadata={"major_brand": "isom"})
    kind = av.stream.Disposition(disposition)
    stream = SimpleNamespace(disposition=kind, frames=frames, duration=1, type="video", container=boxes)
    container = SimpleNamespace(streams=SimpleNamespace(video=[stream]))
    assert packets.others_moving(container) == (0 if moves else -1)
