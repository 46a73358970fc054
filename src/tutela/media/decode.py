"""From the bytes of a picture to its hashes. Runs inside a worker's cage: everything here meets hostile bytes.

The numbered way of one file:
1. `container` finds format and end, or refuses; only the picture's own bytes go on.
2. The one decoder of that format opens it; pixels and frames are checked against the limits before any is decoded.
3. A JPEG is decoded straight to grey, at a fraction of its size if it is large (`jpeg`); a usual PNG at once (`png`).
4. Each chosen frame becomes upright grey or RGB (`colour`) and is hashed in all eight positions, and so are its
   `windows`.
What a decoder raises becomes a refusal; memory errors pass through to the caller.
"""

from __future__ import annotations

import io
import warnings
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate

import pillow_heif
from PIL import AvifImagePlugin, Image, JpegImagePlugin, UnidentifiedImageError

from tutela.media import container, jpeg, pdq, png
from tutela.media.colour import orientation_of, pixels_of, upright
from tutela.media.limits import Level, Limits
from tutela.media.results import Code, Described, FrameHash, Refusal, Window
from tutela.media.windows import Decoded, asked_windows, listed_windows

pillow_heif.register_heif_opener()
pillow_heif.options.DECODE_THREADS = 1
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
# Our own limit is checked first; Pillow's warning becomes an error for what it finds inside.
warnings.simplefilter("error", Image.DecompressionBombWarning)


def describe(data: bytes, limits: Limits, *, listed: bool = False) -> Described:
    """Hash the picture in `data`, with the windows of an upload or, if `listed`, of a picture for a list.

    Raises `Refusal`, or `MemoryError`.
    """
    found = container.inspect(data)
    if (found.frames or 1) > limits.max_frames:
        raise Refusal(Code.TOO_MANY_FRAMES, f"more than {limits.max_frames} frames")
    note = container.trailing_note(data, found.end)
    try:
        with _open(data[: found.end], found.format) as image:
            plain = png.usual(data, image) if found.format == "PNG" else None
            source = _Source(data[: found.end], image, found, listed, plain)
            return _describe(source, (note,) if note else (), limits)
    except (Refusal, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refusal(Code.TOO_LARGE, f"more than {limits.max_pixels} pixels") from None
    except UnidentifiedImageError:
        raise Refusal(Code.CORRUPT, f"begins like {found.format} but cannot be read as such") from None
    except Exception as error:  # noqa: BLE001 - decoders raise whatever they like; the file is refused
        raise _refusal(error, found) from None


def _refusal(error: Exception, found: container.Container) -> Refusal:
    text = "".join(c if c.isprintable() else " " for c in str(error))[:200]
    if "truncated" in text.lower() or "not enough" in text.lower() or isinstance(error, EOFError):
        return Refusal(Code.TRUNCATED, f"truncated at byte {found.end}")
    if "memory" in text.lower():
        return Refusal(Code.MEMORY_LIMIT, "decoding needs more memory than one picture may use")
    return Refusal(Code.CORRUPT, f"{found.format} cannot be decoded: {text or type(error).__name__}")


def _open(data: bytes, format_name: str) -> Image.Image:
    return jpeg.open_bytes(data) if format_name == "JPEG" else Image.open(io.BytesIO(data), formats=[format_name])


@dataclass(frozen=True, slots=True)
class _Source:
    data: bytes
    image: Image.Image
    inspected: container.Container
    listed: bool
    plain: png.Usual | None


def _describe(source: _Source, notes: tuple[str, ...], limits: Limits) -> Described:
    image = source.image
    _require_pixels(image, limits)
    if source.plain is None and source.inspected.format in ("PNG", "TIFF"):
        # Behind a PNG's pixels may stand how to turn it, and who asks for that first would not hear that they are
        # broken. A TIFF is turned as it is read: asked before, it would be turned twice.
        image.load()
    total = int(getattr(image, "n_frames", 1))
    if total > limits.max_frames:
        raise Refusal(Code.TOO_MANY_FRAMES, f"more than {limits.max_frames} frames")
    (width, height), orientation = image.size, orientation_of(image, known=source.plain is not None)
    frames: list[FrameHash] = []
    times = list(accumulate(source.inspected.delays, initial=0))
    moves = len(times) == total + 1 and total > 1
    chosen = sampled_frames(times, limits) if moves else chosen_frames(total, limits.hashed_frames)
    for index in chosen:
        if index:
            image.seek(index)
            _require_pixels(image, limits)
        # Of a longer animation, as of a video, whole frames alone are looked up.
        level = limits.windows if len(chosen) <= limits.hashed_frames else None
        frames.append(_frame(index, source, orientation, level, times[index] if moves else None))
    if total > len(frames):
        notes += (f"{len(frames)} of {total} frames hashed",)
    if not any(frame.matchable for frame in frames):
        notes += (f"too flat: quality {max(frame.quality for frame in frames)}",)
    width, height = (height, width) if orientation >= 5 else (width, height)
    return Described(source.inspected.format, width, height, tuple(frames), notes)


def chosen_frames(total: int, wanted: int) -> list[int]:
    """At most `wanted` indices, the first one included and the rest evenly spaced."""
    return sorted({index * total // wanted for index in range(wanted)}) if total > wanted else list(range(total))


def sampled_frames(times: list[int], limits: Limits) -> list[int]:
    """Of an animation whose frames begin at these milliseconds (and whose last ends at the last): a frame for each
    interval, as of a video; of a shorter one as many as of pages (`chosen_frames`).
    """
    total, step = len(times) - 1, max(limits.interval * 1000, times[-1] / limits.video_frames, 1)
    count = int(times[-1] // step)
    if count <= limits.hashed_frames:
        return chosen_frames(total, limits.hashed_frames)
    return sorted({min(bisect_left(times, number * step), total - 1) for number in range(count + 1)})


def _require_pixels(image: Image.Image, limits: Limits) -> None:
    width, height = image.size
    if width * height > limits.max_pixels:
        raise Refusal(Code.TOO_LARGE, f"{width} × {height} is more than {limits.max_pixels} pixels")


def _frame(index: int, source: _Source, orientation: int, level: Level | None, time_ms: int | None) -> FrameHash:
    image = source.image
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        decoded, look = jpeg.look(source.data, image, orientation)
    else:
        found = source.plain.pixels() if source.plain is not None else None
        if found is None:
            image.load()
            found = pixels_of(image)
        pixels = upright(found, orientation)
        look = pdq.look_at(pixels)
        decoded = Decoded(pixels, *pixels.shape[:2])
    windows: tuple[Window, ...] = ()
    if level is not None:
        windows = listed_windows(decoded) if source.listed else asked_windows(decoded, level)
    return FrameHash(index, look.variants[0], look.quality, look.variants, look.structures, windows, time_ms)
