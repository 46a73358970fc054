"""Hash the frames of a video. Runs inside a worker's cage: all input may be hostile.

Its first bytes name the one demuxer that opens it (`packets`). `frame_reader` chooses, decodes and hashes the frames.

Undecodable data is skipped, as players do. A note counts it and other data that ffmpeg skips; another note states that
the file ends before the video (`truncation`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import BinaryIO

from tutela.media.limits import Limits
from tutela.media.results import INCOMPLETE, Code, Described, Refusal
from tutela.media.video.formats import HEAD_BYTES, MP4, PLAYED, VideoFormat, not_installed, video_format_of
from tutela.media.video.frame_reader import FrameReader
from tutela.media.video.packets import (
    INSTALLED,
    is_movie,
)


def describe_video(
    source: BinaryIO, limits: Limits, clock: Callable[[], float] = time.monotonic, found: VideoFormat | None = None
) -> Described:
    """Hash the frames of the video in `source` from its start.

    `found` names the container; without it, the head does. Raises `Refusal`, or `MemoryError`.
    """
    source.seek(0)
    found = found or video_format_of(source.read(HEAD_BYTES))
    if found is None:
        raise Refusal(Code.NOT_A_PICTURE, "neither a picture nor a video")
    if not INSTALLED:
        raise not_installed(found)
    if found not in PLAYED and is_movie(source):
        both = (f"{INCOMPLETE}: it begins like {found.format} and is an MP4 too, which is hashed",)
        return describe_video(source, limits, found=MP4, clock=clock).with_notes(both)
    try:
        return FrameReader(source, found, limits, clock).run()
    except (Refusal, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - decoders raise whatever they like; the file is refused
        raise _refusal(error, found) from None


def _refusal(error: Exception, found: VideoFormat) -> Refusal:
    text = "".join(c if c.isprintable() else " " for c in str(getattr(error, "strerror", None) or error))[:200]
    if "memory" in text.lower():
        return Refusal(Code.MEMORY_LIMIT, "decoding needs more memory than is allowed for one video")
    return Refusal(Code.CORRUPT, f"{found.format} cannot be decoded: {text or type(error).__name__}")
