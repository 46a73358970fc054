"""HEIF or AVIF sequences, as phones write them: the pictures are in a track, like those of a video.

The primary picture is hashed like every picture. The track is read as a video, and its frames are added, also if the
decoder of pictures read one track of several. An icon that is also a video is read in the same way. A file that looks
like no picture may be a video behind other boxes.
"""

from __future__ import annotations

import io
from contextlib import suppress

from tutela.media.formats import icons
from tutela.media.images.decode import describe
from tutela.media.limits import Limits
from tutela.media.results import INCOMPLETE, Code, Described, Refusal
from tutela.media.video.formats import MP4, begins_with_box
from tutela.media.video.hash_video import describe_video
from tutela.media.video.packets import is_movie, tracks_in

# A file that is a video alone is refused as a picture with one of these.
_NO_PICTURE = frozenset({Code.NOT_A_PICTURE, Code.UNSUPPORTED, Code.EMPTY})
_UNREAD = f"{INCOMPLETE}: the picture next to a track could not be read"


def describe_picture(data: bytes, limits: Limits, *, listed: bool = False) -> Described:
    """Hash a picture as `decode.describe`, with the pictures of a track. Raises `Refusal`, or `MemoryError`."""
    named = data.count(b"trak") + data.count(b"cmov") if _may_have_tracks(data) else 0
    try:
        still = describe(data, limits, listed=listed)
    except Refusal as refusal:
        if named:
            with suppress(Refusal):
                moving = describe_video(io.BytesIO(data), limits, found=MP4)
                return moving if refusal.code in _NO_PICTURE else moving.with_notes((_UNREAD,))
        if refusal.code is Code.NOT_A_PICTURE and is_movie(io.BytesIO(data)):
            return describe_video(io.BytesIO(data), limits, found=MP4)
        raise
    if not named:
        return still
    try:
        moving = describe_video(io.BytesIO(data), limits, found=MP4)
    except Refusal as refusal:
        return still.with_notes((f"{INCOMPLETE}: pictures in a track could not be read: {refusal.message}",))
    room = max(0, limits.hashed_frames - len(still.frames)) if listed else len(moving.frames)
    more = room < len(moving.frames) or named > tracks_in(io.BytesIO(data))
    left = (f"{INCOMPLETE}: the file has more pictures than are hashed",) if more else ()
    return still.followed_by(moving.frames[:room]).with_notes((*moving.notes, *left))


def _may_have_tracks(data: bytes) -> bool:
    return begins_with_box(data) or (data.startswith(icons.MAGICS) and is_movie(io.BytesIO(data)))
