"""Container format of a video, by its first bytes alone; never by its name. Nothing is decoded."""

from __future__ import annotations

from dataclasses import dataclass

from tutela.media.results import Code, Refusal

# So many bytes decide.
HEAD_BYTES = 4096
_TS_PACKET, _M2TS_PACKET, _SYNC = 188, 192, 0x47
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_STILL_BRANDS = frozenset(b"heic heix heim heis hevc hevx mif1 msf1 avif avis mif2".split())


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """A container: its name in answers, and the one demuxer of ffmpeg that is let near it."""

    format: str
    demuxer: str


MP4 = VideoFormat("MP4", "mov")
MATROSKA = VideoFormat("Matroska", "matroska")
AVI = VideoFormat("AVI", "avi")
TRANSPORT = VideoFormat("MPEG-TS", "mpegts")
PROGRAM = VideoFormat("MPEG-PS", "mpeg")
RAW_MPEG = VideoFormat("MPEG video", "mpegvideo")
FLASH = VideoFormat("Flash video", "flv")
WINDOWS = VideoFormat("Windows video", "asf")
OGG = VideoFormat("Ogg video", "ogg")
# What browsers play. A file that begins like another container may be an MP4 too (`packets.is_movie`).
PLAYED = frozenset((MP4, MATROSKA, OGG))
# The order is part of the frame format between worker and parent.
VIDEO_FORMATS = (MP4, MATROSKA, AVI, TRANSPORT, PROGRAM, RAW_MPEG, FLASH, WINDOWS, OGG)
_MAGIC: tuple[tuple[bytes, VideoFormat], ...] = (
    (b"\x1a\x45\xdf\xa3", MATROSKA),
    (b"\x00\x00\x01\xba", PROGRAM),
    (b"\x00\x00\x01\xb3", RAW_MPEG),
    (b"FLV\x01", FLASH),
    (_ASF, WINDOWS),
    (b"OggS", OGG),
)
# The first two are icons and cursors. The size of a video's first box may be the same: such a file is read as both.
_PICTURES = (
    b"\0\0\1\0",
    b"\0\0\2\0",
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"II*\0",
    b"MM\0*",
    b"<svg",
    b"<!--",
    b"<?xm",
    b"<!DO",
)
_BITMAP_HEADERS = frozenset((12, 16, 40, 52, 56, 64, 108, 124))
# Boxes with which videos begin that have no `ftyp`: those that ffmpeg knows. `packets.is_movie` finds others.
_FIRST_BOXES = frozenset(b"moov mdat moof wide skip free pnot junk uuid udta pict prfl styp sidx emsg".split())


def video_format_of(head: bytes) -> VideoFormat | None:
    """Return the container that begins with these bytes (the first `HEAD_BYTES` decide); None if it is no video.

    A file that is a picture and a video at once is a picture, because browsers show it as one.
    """
    if _picture(head):
        return None
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return AVI
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found
    if begins_with_box(head):
        return None if _still(head) else MP4
    return TRANSPORT if _synchronised(head) else None


def begins_with_box(head: bytes) -> bool:
    """Whether an ISO media file or a QuickTime file may begin here."""
    size = int.from_bytes(head[:4])
    return head[4:8] == b"ftyp" or (head[4:8] in _FIRST_BOXES and (size == 1 or size >= 8))


def _picture(head: bytes) -> bool:
    """Whether a picture begins here, by marks with which no video of these kinds begins."""
    bitmap = head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BITMAP_HEADERS
    return head.startswith(_PICTURES) or bitmap or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def _still(head: bytes) -> bool:
    """True for a picture's brand, or a compatible one if a picture's index follows at once."""
    if head[4:8] != b"ftyp":
        return False
    end = min(int.from_bytes(head[:4]), HEAD_BYTES - 8)
    like = any(head[at : at + 4] in _STILL_BRANDS for at in range(16, end, 4))
    return head[8:12] in _STILL_BRANDS or (like and head[end + 4 : end + 8] == b"meta")


def _synchronised(head: bytes) -> bool:
    """Whether packets of a transport stream follow one another; the other kind has a time of four bytes before each."""
    for first, packet in ((0, _TS_PACKET), (4, _M2TS_PACKET)):
        marks = head[first::packet]
        if len(marks) >= 5 and all(mark == _SYNC for mark in marks[:5]):
            return True
    return False


def not_installed(found: VideoFormat) -> Refusal:
    """Refusal of a video whose decoders are not installed."""
    return Refusal(Code.UNSUPPORTED, f"{found.format} is a video; to hash videos install the extra: tutela[video]")
