"""Pictures in a row, as telephones write them: a HEIF whose pictures lie in a track, as those of a video do.

The picture that it shows first is hashed as every picture is; what its track holds is read as a video, and joins it.
"""

from __future__ import annotations

import io
from contextlib import suppress

from tutela.media.formats.picture_formats import has_track
from tutela.media.images.decode import describe
from tutela.media.limits import Limits
from tutela.media.results import Described, Refusal
from tutela.media.video.formats import MP4
from tutela.media.video.hash_video import describe_video


def describe_picture(data: bytes, limits: Limits, *, listed: bool = False) -> Described:
    """As `decode.describe`, with the pictures of a track. Raises `Refusal`, or `MemoryError`."""
    tracked = has_track(data)
    try:
        still = describe(data, limits, listed=listed)
    except Refusal:
        if tracked:
            with suppress(Refusal):
                return describe_video(io.BytesIO(data), limits, found=MP4)
        raise
    # Those of an AVIF were read with the picture.
    if tracked and still.format == "HEIF":
        with suppress(Refusal):
            moving = describe_video(io.BytesIO(data), limits, found=MP4)
            return still.followed_by(moving.frames[: max(0, limits.hashed_frames - len(still.frames))])
    return still
