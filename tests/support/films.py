"""Frames of videos that were never filmed, and lines of `tutela hash` about them."""

from __future__ import annotations

import json
import secrets
from typing import Any

from tutela.exchange.register.video_frames import Film, FrameLook
from tutela.matching.index.structure_hash import NO_STRUCTURE


def frame(index: int, **changes: Any) -> dict[str, Any]:
    """A frame as `tutela hash` prints it."""
    found = {"index": index, "time_ms": index * 40, "pdq": secrets.token_hex(32), "quality": 90, "structure": None}
    return found | changes


def picture(*frames: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What such a line says of a video."""
    return {"video": {"seconds": 9.5, "codec": "h264"}, "hasher": "tutela-pdq/2", "frames": list(frames)} | changes


def film(count: int = 8, **changes: Any) -> Film:
    """Frames a second apart, no two alike."""
    looks = [FrameLook(25 * n, 1000 * n, False, secrets.token_bytes(32), 90, NO_STRUCTURE) for n in range(count)]
    return Film(tuple(looks), float(count), **changes)


def line(count: int = 8, **changes: Any) -> str:
    """A whole line about a file of its own."""
    digests = {"md5": secrets.token_hex(16), "sha1": secrets.token_hex(20), "sha256": secrets.token_hex(32)}
    told = picture(*(frame(25 * n, time_ms=1000 * n) for n in range(count)))
    return json.dumps({"name": "a.mp4", "size": 9, "digests": digests, "picture": told} | changes)
