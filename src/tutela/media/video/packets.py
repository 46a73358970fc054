"""An open video: its one moving stream, and that stream's packets. Nothing here decodes.

ffmpeg knows hundreds of formats. A video uses only the demuxer that its first bytes name and the decoders of `CODECS`,
and opens no other file. One thread each, because a worker has one core.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO

from tutela.media.limits import Limits
from tutela.media.results import Code, Refusal
from tutela.media.video.formats import MP4, PLAYED, VideoFormat
from tutela.media.video.timeline import TICK, spaced

try:
    import av
    import av.logging

    INSTALLED = True
    # Errors by which ffmpeg reports undecodable data.
    DAMAGED: tuple[type[Exception], ...] = (
        av.error.InvalidDataError,
        av.error.EOFError,
        av.error.PatchWelcomeError,
        ValueError,
    )
except ImportError:  # the extra `hash_video` is not there
    INSTALLED, DAMAGED = False, ()

CODECS = frozenset(
    b"h264 hevc vp8 vp9 libdav1d av1 mpeg4 mpeg1video mpeg2video msmpeg4v1 msmpeg4 msmpeg4v2 h263 flv wmv1 wmv2 wmv3 "
    b"vc1 theora mjpeg prores dnxhd cinepak rawvideo vvc".decode().split()
)
_BUFFER_BYTES = 1 << 18
_STILL_BRANDS = ("mif1", "mif2", "avif", "avis", "heic", "heix", "heim", "heis", "msf1")
_UNSEEKABLE: tuple[type[Exception], ...] = (*DAMAGED, OSError)
# Seconds by which no frame is shown later than it is decoded.
_FAR = 60


@contextmanager
def complaints() -> Iterator[Callable[[], int]]:
    """Count the errors that ffmpeg has passed over in the container or the decoded data. It reports them only in its
    log.
    """
    # PyAV counts the messages; their text is discarded.
    logger = logging.getLogger("libav")
    logger.propagate, logger.handlers = False, [logging.NullHandler()]
    before = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    begin = av.logging.get_last_error()[0]
    try:
        yield lambda: int(av.logging.get_last_error()[0]) - begin
    finally:
        av.logging.set_level(before)


def opened(source: BinaryIO, found: VideoFormat) -> Any:
    """The container at the start of `source`, to be closed by the caller. Raises what PyAV raises."""
    source.seek(0)
    options = {"codec_whitelist": ",".join(sorted(CODECS)), "max_streams": "64"}
    if found == MP4:
        # Players disagree about edit lists, so the frames that one hides are hashed too.
        options["ignore_editlist"] = "1"
    return av.open(
        source,
        mode="r",
        format=found.demuxer,
        buffer_size=_BUFFER_BYTES,
        container_options=options,
        io_open=_nothing_else,
    )


def is_movie(source: BinaryIO) -> bool:
    """Whether ffmpeg's MP4 demuxer finds a video in the file, whatever it begins with. False without ffmpeg.

    Browsers ask the same demuxer. It skips boxes of any name and size, also those that look like another container, a
    picture or an icon.
    """
    if not INSTALLED:
        return False
    try:
        with opened(source, MP4) as container:
            return bool(_moving(container))
    except _UNSEEKABLE:
        return False


def tracks_in(source: BinaryIO) -> int:
    """Number of tracks that ffmpeg's MP4 demuxer finds; pictures of a HEIF are none. 0 if it cannot be read."""
    if not INSTALLED:
        return 0
    try:
        with opened(source, MP4) as container:
            return sum(not _is_item(one) for one in container.streams)
    except _UNSEEKABLE:
        return 0


def moving(container: Any, found: VideoFormat, limits: Limits) -> Any:
    """Return the first moving stream (a cover picture is none); its decoder keeps within the limits.

    Raises `Refusal` if there is none, or none that may be decoded.
    """
    streams = _moving(container)
    if not streams and not container.streams.audio:
        raise Refusal(Code.CORRUPT, f"{found.format} without a readable stream; the file may be cut off")
    if not streams:
        code = Code.NOT_A_PICTURE if found in PLAYED else Code.UNSUPPORTED
        raise Refusal(code, f"{found.format} without a moving picture")
    stream = streams[0]
    context = stream.codec_context
    if context is None or context.codec.name not in CODECS:
        raise Refusal(Code.UNSUPPORTED, f"{found.format} with a codec that this hasher does not decode")
    require_pixels(context.width, context.height, limits)
    context.options = {"max_pixels": str(limits.frame_pixels)}
    context.thread_count = 1
    return stream


def has_alpha(stream: Any) -> bool:
    """Whether a WebM says that its frames are transparent: a browser blends them with the page, and decoders do not."""
    return str(stream.metadata.get("alpha_mode", "0")) != "0"


def others_moving(container: Any) -> int:
    """Number of moving streams except the hashed one; a player may show any of them."""
    return len(_moving(container)) - 1


def _moving(container: Any) -> list[Any]:
    return [one for one in container.streams.video if not _is_cover(one) and not _is_item(one)]


def _is_item(stream: Any) -> bool:
    """Whether a stream is a still picture of a HEIF or AVIF and no track."""
    # Only a file that calls itself a still picture has any; elsewhere a track would be taken for one.
    brands = {stream.container.metadata.get(one, "") for one in ("major_brand", "compatible_brands")}
    still = any(brand in stated for stated in brands for brand in _STILL_BRANDS)
    return still and stream.type == "video" and stream.duration is None and stream.frames == 1


def _is_cover(stream: Any) -> bool:
    """Whether a stream is one picture for a sound. A track that another names as its chapters is a video too."""
    kinds = av.stream.Disposition
    return bool(
        stream.disposition & kinds.attached_pic
        and not stream.disposition & kinds.timed_thumbnails
        and stream.frames <= 1
    )


def require_pixels(width: int, height: int, limits: Limits) -> None:
    """Raises `Refusal` for more pixels than a frame may have."""
    if width * height > limits.frame_pixels:
        raise Refusal(Code.TOO_LARGE, f"{width} × {height} is more than {limits.frame_pixels} pixels")


def packets_of(container: Any, stream: Any) -> Iterator[Any]:
    """The stream's packets up to the end, or to where the file breaks off."""
    try:
        for packet in container.demux(stream):
            if packet.size:
                yield packet
    except DAMAGED:
        return


def and_end(packets: Iterator[Any]) -> Iterator[Any]:
    """Yield the packets and then None, which flushes the decoder."""
    yield from packets
    yield None


def key_packets(
    container: Any, stream: Any, found: VideoFormat, least: float, watch: Callable[[Any], object] | None
) -> Iterator[Any]:
    """Packets of key frames, at least `least` seconds from one another.

    `watch` is called with every packet; without it, packets of other frames are not even taken apart.
    """
    by_index = _at_index(container, stream, least) if found is MP4 and watch is None else None
    return _passing(container, stream, least, watch) if by_index is None else by_index


def _passing(container: Any, stream: Any, least: float, watch: Callable[[Any], object] | None) -> Iterator[Any]:
    if watch is None:
        stream.discard = av.stream.Discard.nonkey
    last: float | None = None
    for packet in packets_of(container, stream):
        if watch is not None:
            watch(packet)
        shown = float((packet.pts if packet.pts is not None else packet.dts or 0) * stream.time_base)
        if packet.is_keyframe and (last is None or not last <= shown < last + least - TICK):
            last = shown
            yield packet


def _at_index(container: Any, stream: Any, least: float) -> Iterator[Any] | None:
    """Packets of key frames by the index at the start of a file; nothing else is read. None if there is no index."""
    keys = sorted({entry.timestamp for entry in stream.index_entries if entry.is_keyframe})
    if not keys:
        return None
    places = spaced([float(key * stream.time_base) for key in keys], least)
    return (packet for place in places for packet in _one_at(container, stream, keys, place))


def _one_at(container: Any, stream: Any, keys: list[int], place: int) -> Iterator[Any]:
    # The index tells when frames are decoded, and is searched by when they are shown, which is a little later, but
    # before the next one is decoded.
    before = keys[place + 1] - 1 if place + 1 < len(keys) else keys[place] + round(_FAR / stream.time_base)
    try:
        container.seek(before, stream=stream, backward=True)
    except _UNSEEKABLE:
        return
    yield from islice((packet for packet in packets_of(container, stream) if packet.is_keyframe), 1)


def _nothing_else(*_: object) -> Any:
    raise OSError("a video must be one file")
