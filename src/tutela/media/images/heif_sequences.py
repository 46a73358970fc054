"""HEIF or AVIF sequences, as phones write them: the pictures are in a track, like those of a video.

The primary picture is hashed like every picture. The track is read as a video, and its frames are added. An icon that
is also a video is read in the same way. A file that looks like no picture may be a video behind other boxes.
"""

from __future__ import annotations

import io
from contextlib import suppress

from tutela.media.formats import icons
from tutela.media.formats.picture_formats import has_track
from tutela.media.images.decode import describe
from tutela.media.images.hash_picture import DAMAGED
from tutela.media.limits import Limits
from tutela.media.results import INCOMPLETE, Code, Described, Refusal
from tutela.media.video.formats import MP4
from tutela.media.video.hash_video import describe_video
from tutela.media.video.packets import is_movie


def describe_picture(data: bytes, limits: Limits, *, listed: bool = False) -> Described:
    """Hash a picture as `decode.describe`, with the pictures of a track. Raises `Refusal`, or `MemoryError`."""
    tracked = has_track(data) or (data.startswith(icons.MAGICS) and is_movie(io.BytesIO(data)))
    try:
        still = describe(data, limits, listed=listed)
    except Refusal as refusal:
        if tracked:
            with suppress(Refusal):
                return describe_video(io.BytesIO(data), limits, found=MP4)
        if refusal.code is Code.NOT_A_PICTURE and is_movie(io.BytesIO(data)):
            return describe_video(io.BytesIO(data), limits, found=MP4)
        raise
    if not tracked or _read_with_picture(data, still):
        return still
    try:
        moving = describe_video(io.BytesIO(data), limits, found=MP4)
    except Refusal as refusal:
        return still.with_notes((f"{INCOMPLETE}: pictures in a track could not be read: {refusal.message}",))
    room = max(0, limits.hashed_frames - len(still.frames)) if listed else len(moving.frames)
    left = (f"{INCOMPLETE}: the file has more pictures than are hashed",) if room < len(moving.frames) else ()
    return still.followed_by(moving.frames[:room]).with_notes((*moving.notes, *left))


def _read_with_picture(data: bytes, still: Described) -> bool:
    """Whether the decoder of pictures read the track: of an AVIF that is by its own brand one of several pictures."""
    return still.format == "AVIF" and data[8:12] == b"avis" and not any(one.startswith(DAMAGED) for one in still.notes)
