"""Format of a picture and where the picture ends: read from structure alone, without decoding.

The format follows from the first bytes, never from a file name. Bytes after the picture do not make it unknown: a known
picture followed by a ZIP or a page is hashed without them, and a note counts them. A file that ends before its picture
does is reported as cut; `salvage` determines the part that is there.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from struct import unpack_from

from tutela.media.formats import undecoded
from tutela.media.formats.tiff import tiff_extent
from tutela.media.kernels import pdq_kernel
from tutela.media.pixels.colour_profile import TRANSFERS
from tutela.media.results import Code, Refusal
from tutela.media.salvage.jpeg import FRAME_HEADERS
from tutela.media.video.formats import HEAD_BYTES, video_format_of

# Writers pad to even sizes and sectors; only this many bytes of zero or white space pass without a note.
PADDING_BYTES = 16

# So many parts and ways to store colours are tried of one file.
_MOST_CUTS, _MOST_TRANSFERS = 8, 4
_LONGEST_BITMAP_HEADER = 124

_JPEG_START = b"\xff\xd8"
# Pixels and the end come after a frame header.
_JPEG_NO_HEAD = frozenset((0xD9, 0xDA))
_MOST_SEGMENTS = 256

_BOX_TYPES = frozenset(b"ftyp meta mdat free skip moov uuid mini idat wide udta styp moof mfra sidx pdin meco".split())
_STILL_BRANDS = frozenset(b"heic heix heim heis hevc hevx mif1 msf1 avif avis mif2".split())
_MOVING_OR_STILL_AVIF = frozenset((b"avif", b"avis"))


class BrokenPicture(Exception):
    """The structure runs past the end of the file."""


@dataclass(frozen=True, slots=True)
class Container:
    """A picture's format as Pillow names it, the byte after its end, and its frames where counting is cheap.

    `delays`: how many milliseconds an animation states for each frame. `cut`: the file ends first.
    """

    format: str
    end: int
    frames: int | None = None
    delays: tuple[int, ...] = ()
    cut: bool = False


def inspect(data: bytes) -> Container:
    """Find the format and the end of the picture that starts at byte 0.

    Raises `Refusal`: `empty`, `not_a_picture`, `unsupported`, or `truncated` for the first bytes of a picture.
    """
    if not data:
        raise Refusal(Code.EMPTY, "the file is empty")
    name, walk = _walker(data)
    try:
        return walk(data)
    except (BrokenPicture, struct.error, IndexError):
        return Container(name, len(data), cut=True)


def trailing_note(data: bytes, end: int) -> str | None:
    """A note for reviewers about the bytes from `end` on, or None for padding."""
    rest = data[end:]
    if not rest or (len(rest) <= PADDING_BYTES and not rest.strip(b"\0 \t\r\n")):
        return None
    note = f"trailing data {len(rest)} bytes"
    if video := video_format_of(rest[:HEAD_BYTES]):
        return f"{note}, a video ({video.format}) at byte {end}"
    try:
        second = inspect(rest)
    except Refusal:
        return note
    return f"{note}, a second picture ({second.format}) at byte {end}"


def _walker(data: bytes) -> tuple[str, Callable[[bytes], Container]]:
    head = data[:16]
    for magic, name, walk in _WALKERS:
        if head.startswith(magic):
            return name, walk
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP", _webp
    if head[4:8] == b"ftyp":
        return "AVIF" if _brands(data) & _MOVING_OR_STILL_AVIF else "HEIF", _boxes
    if head.startswith(_JPEG_START) and _has_jpeg_frame(data):
        return "JPEG", _jpeg
    if name := undecoded.name_of(data):
        raise undecoded.undecoded(name)
    prefixes = [magic for magic, _, _ in _WALKERS if magic.startswith(data) and len(data) < len(magic)]
    if prefixes and len(data) > 1:
        raise Refusal(Code.TRUNCATED, f"truncated at byte {len(data)}")
    raise Refusal(Code.NOT_A_PICTURE, "not a picture")


def _has_jpeg_frame(data: bytes) -> bool:
    """Whether a frame header is found behind bytes that are none: a decoder looks for the next marker."""
    at = len(_JPEG_START)
    for _ in range(_MOST_SEGMENTS):
        code = pdq_kernel.next_marker(data, at)
        if code < 0 or code + 8 >= len(data) or data[code] in _JPEG_NO_HEAD:
            return False
        length = int.from_bytes(data[code + 1 : code + 3])
        if data[code] in FRAME_HEADERS:
            return length == 8 + 3 * data[code + 8]
        at = code + 1 + max(2, length)
    return False


def _need(data: bytes, end: int) -> int:
    if end > len(data):
        raise BrokenPicture
    return end


def _jpeg(data: bytes) -> Container:
    """Markers up to end-of-image; entropy-coded data is skipped to the next marker that is not a restart."""
    at = 2
    while (code := pdq_kernel.next_marker(data, at)) >= 0:
        at = code + 1
        if data[code] == 0xD9:
            return Container("JPEG", at, 1)
        at = _need(data, at + max(2, unpack_from(">H", data, at)[0]))
    raise BrokenPicture


def _png(data: bytes) -> Container:
    at, moves = 8, False
    delays: list[int] = []
    while True:
        length, kind = unpack_from(">I4s", data, at)
        if kind == b"acTL":
            moves = True
        if kind == b"fcTL" and length >= 24:
            part, whole = unpack_from(">HH", data, at + 28)
            delays.append(part * 1000 // (whole or 100))
        at = _need(data, at + 12 + length)
        if kind == b"IEND":
            # The stated number of frames may be wrong.
            return Container("PNG", at, max(1, len(delays)) if moves else 1, tuple(delays))


def _gif(data: bytes) -> Container:
    at, frames = 13 + _colour_table(data[10]), 0
    delay, delays = 0, list[int]()
    while True:
        kind = data[at]
        if kind == 0x3B:
            return Container("GIF", at + 1, max(1, frames), tuple(delays))
        if kind == 0x2C:
            frames += 1
            delays.append(delay)
            # It is stated for one frame.
            delay = 0
            at = _sub_blocks(data, at + 11 + _colour_table(data[at + 9]))
        elif kind == 0x21:
            if data[at + 1 : at + 3] == b"\xf9\x04":
                delay = unpack_from("<H", data, at + 4)[0] * 10
            at = _sub_blocks(data, at + 2)
        else:
            # Decoders stop here too and show what came before.
            if not frames:
                raise Refusal(Code.CORRUPT, f"no GIF block at byte {at}")
            return Container("GIF", at, frames, tuple(delays))


def _colour_table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _sub_blocks(data: bytes, at: int) -> int:
    while size := data[at]:
        at += size + 1
    return at + 1


def _webp(data: bytes) -> Container:
    end = _need(data, 8 + unpack_from("<I", data, 4)[0])
    at, frames = 12, 0
    delays: list[int] = []
    while at + 8 <= end:
        kind, length = unpack_from("<4sI", data, at)
        if kind == b"ANMF":
            frames += 1
            delays.append(int.from_bytes(data[at + 20 : at + 23], "little"))
        at += 8 + length + length % 2
        if at > end + 1:
            raise BrokenPicture
    return Container("WEBP", end, max(1, frames), tuple(delays))


def _bmp(data: bytes) -> Container:
    """The rows of an uncompressed bitmap give its end; the stated size does for the others."""
    stated, pixels, header = unpack_from("<I4xII", data, 2)
    end = stated
    if header >= 40:
        width, height, depth, compression = unpack_from("<ii2xHI", data, 18)
        if compression in (0, 3, 6):
            end = pixels + (abs(width) * depth + 31) // 32 * 4 * abs(height)
    elif header == 12:
        width, height, depth = unpack_from("<HH2xH", data, 18)
        end = pixels + (width * depth + 31) // 32 * 4 * height
    if header == _LONGEST_BITMAP_HEADER and len(data) >= 14 + header:
        # A colour profile may follow the pixels.
        at, length = unpack_from("<II", data, 14 + 112)
        end = max(end, 14 + at + length) if length and 14 + at + length <= len(data) else end
    return Container("BMP", _need(data, max(end, 26)), 1)


def _tiff(data: bytes) -> Container:
    end, pages = tiff_extent(data)
    _need(data, end)
    # Pages may lie anywhere, so bytes after the last one named are counted, but all are handed to the decoder.
    return Container("TIFF", len(data), pages)


def _boxes(data: bytes) -> Container:
    """ISO base media boxes as long as their types are known ones."""
    brands = _brands(data)
    if not brands & _STILL_BRANDS:
        raise Refusal(Code.UNSUPPORTED, "an ISO media file, not a still picture")
    at, content = 0, False
    while at < len(data):
        if at + 8 > len(data):
            if content:
                break
            raise BrokenPicture
        size, kind = unpack_from(">I4s", data, at)
        if kind not in _BOX_TYPES and content:
            break
        size = unpack_from(">Q", data, at + 8)[0] if size == 1 else size or len(data) - at
        if size < 8:
            break
        if at + size > len(data) and content:
            break
        at = _need(data, at + size)
        content = content or kind in (b"mdat", b"mini")
    return Container("AVIF" if brands & _MOVING_OR_STILL_AVIF else "HEIF", at)


def transfers_of(data: bytes, format_name: str) -> list[int]:
    """Numbers of the transfers by which colours may be stored: 0, which is none, and all that a PNG or an AVIF names.

    Which of them a browser takes depends on checksums and on the order of boxes, so each counts.
    """
    if format_name == "PNG":
        named = [data[at + 5] for at in _places(data, b"\0\0\0\x04cICP", 4) if at + 5 < len(data)]
    elif format_name in ("AVIF", "HEIF"):
        named = [int.from_bytes(data[at + 6 : at + 8]) for at in _places(data, b"nclx", 0)]
        if not named and format_name == "AVIF":
            # The pixels' own header may name any.
            return [0, *sorted(TRANSFERS)]
    else:
        named = []
    found = list(dict.fromkeys((0, *named)))
    if len(found) > _MOST_TRANSFERS + 1:
        raise Refusal(Code.UNSUPPORTED, f"more than {_MOST_TRANSFERS} ways to store colours")
    return found


def cuts_of(data: bytes, width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Visible parts of an AVIF's pixels, if stated: left, top, right and bottom of each. Raises `Refusal` for many."""
    found = dict[tuple[int, int, int, int], None]()
    # The size of a box stands before its name, or in eight bytes behind it.
    for at in (place + skipped for place in _places(data, b"clap", 4) for skipped in (0, 8)):
        wide, a, high, b, across, c, down, d = unpack_from(">IIIIiIiI", data.ljust(at + 32, b"\0"), at)
        if not a * b * c * d:
            continue
        # Its middle lies so far from the middle of the pixels.
        left, top = (width - wide / a) / 2 + across / c, (height - high / b) / 2 + down / d
        box = max(0, round(left)), max(0, round(top)), round(left + wide / a), round(top + high / b)
        if box[0] < min(box[2], width) and box[1] < min(box[3], height):
            found[box] = None
    if len(found) > _MOST_CUTS:
        raise Refusal(Code.UNSUPPORTED, f"more than {_MOST_CUTS} parts that may be shown")
    return list(found)


def _places(data: bytes, name: bytes, behind: int) -> Iterator[int]:
    """Every place of a name in the file, and so many bytes on."""
    at = -1
    while (at := data.find(name, at + 1)) >= 0:
        yield at + behind


def _brands(data: bytes) -> set[bytes]:
    """Brands that the file declares."""
    end = min(int.from_bytes(data[:4]), 512)
    return {data[8:12], *(data[i : i + 4] for i in range(16, end, 4))}


_WALKERS: tuple[tuple[bytes, str, Callable[[bytes], Container]], ...] = (
    (b"\xff\xd8\xff", "JPEG", _jpeg),
    (b"\x89PNG\r\n\x1a\n", "PNG", _png),
    (b"GIF87a", "GIF", _gif),
    (b"GIF89a", "GIF", _gif),
    (b"BM", "BMP", _bmp),
    (b"II*\0", "TIFF", _tiff),
    (b"MM\0*", "TIFF", _tiff),
    (b"II+\0", "TIFF", _tiff),
    (b"MM\0+", "TIFF", _tiff),
)
