"""Compute the hashes of one picture from its bytes. Runs inside a worker's cage: input may be hostile.

The steps, once `picture_formats` has found format and end:
1. The one decoder of that format opens it; pixels and frames are checked against the limits before any is decoded.
2. A JPEG is decoded to luminance and reduced if it is large (`jpeg`); a usual PNG is decoded at once (`png`).
3. Each chosen frame becomes upright grey or RGB (`colour`) and is hashed in all eight positions, and so are its
   `windows`.
4. A picture that these steps refuse is read as far as a browser shows it (`salvage`), and a note states this.

Errors of a decoder become a refusal; memory errors pass through to the caller.
"""

from __future__ import annotations

import io
import warnings
from contextlib import suppress
from dataclasses import dataclass, replace

import pillow_heif
from PIL import AvifImagePlugin, Image, JpegImagePlugin, UnidentifiedImageError

from tutela.media.formats import jpeg, picture_formats, png
from tutela.media.images import animation
from tutela.media.images.animation import MOST_UNHASHED, Animation, chosen_frames
from tutela.media.images.display_variants import in_colours, shown_parts, unclear_notes
from tutela.media.limits import Limits
from tutela.media.pixels.colour import Pixels, orientation_of, seen_of, upright
from tutela.media.pixels.colour_profile import (
    as_shown,
    colours_in,
)
from tutela.media.pixels.windows import decoded_of, look_of, stretched_of, whole_window, windows_of
from tutela.media.results import INCOMPLETE, MOST_WINDOWS, Code, Described, FrameHash, Refusal, Window, flat_note
from tutela.media.salvage import WAYS, webp

pillow_heif.register_heif_opener()
pillow_heif.options.DECODE_THREADS = 1
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
# Our own limit is checked first; Pillow's warning becomes an error for what it finds inside.
warnings.simplefilter("error", Image.DecompressionBombWarning)

# How the note of a picture begins that is not whole.
DAMAGED = "damaged"
_FRAMES_LEFT = f"{INCOMPLETE}: frames of an animation could not be read"
_UNHASHED = f"{INCOMPLETE}: frames of which none was hashed are shown for more than {MOST_UNHASHED} ms"
# Formats of pages.
_PAGED = frozenset({"TIFF", "HEIF"})
# What is beyond a limit is not tried a second time.
_FINAL = frozenset({Code.TOO_LARGE, Code.TOO_MANY_FRAMES, Code.MEMORY_LIMIT})
# Pixels from which a WebP is read by rows: Pillow would have each of them in memory four times.
_LARGE_WEBP = 12_000_000


@dataclass(frozen=True, slots=True)
class Ask:
    """Within which limits, and whether with the windows of a picture for a list instead of those of an upload."""

    limits: Limits
    listed: bool = False


def describe_one(data: bytes, found: picture_formats.Container, ask: Ask) -> Described:
    """Hash the picture that `picture_formats` found in `data`. Raises `Refusal`, or `MemoryError`."""
    if found.frames and found.frames > ask.limits.max_frames and not found.cut:
        raise Refusal(Code.TOO_MANY_FRAMES, f"more than {ask.limits.max_frames} frames")
    if found.format == "WEBP" and not found.cut and (found.frames or 1) == 1 and _is_large(data):
        with suppress(Refusal):
            return _salvaged(data, found, ask, ())
    refusal = Refusal(Code.TRUNCATED, f"truncated at byte {len(data)}")
    if not found.cut:
        try:
            return _whole(data, found, ask)
        except Refusal as error:
            refusal = error
    if refusal.code in _FINAL or found.format not in WAYS:
        raise refusal
    try:
        return _salvaged(data, found, ask, (f"{DAMAGED}: {refusal.message}; hashed as far as it can be displayed",))
    except Refusal as error:
        raise error if error.code in _FINAL else refusal from None
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - decoders raise whatever they like; the first refusal says more
        raise refusal from None


def _is_large(data: bytes) -> bool:
    width, height = webp.size_of(data) or (0, 0)
    return width * height >= _LARGE_WEBP


def _whole(data: bytes, found: picture_formats.Container, ask: Ask) -> Described:
    """Hash with the decoder of the format. Every error becomes a `Refusal`, except `MemoryError`."""
    try:
        with _open(data[: found.end], found.format) as image:
            plain = png.usual(data, image) if found.format == "PNG" else None
            return _describe(_Source(data[: found.end], image, found, plain), ask)
    except (Refusal, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refusal(Code.TOO_LARGE, f"more than {ask.limits.max_pixels} pixels") from None
    except UnidentifiedImageError:
        raise Refusal(Code.CORRUPT, f"begins like {found.format} but cannot be read as such") from None
    except Exception as error:  # noqa: BLE001 - decoders raise whatever they like; the file is refused
        raise _refusal(error, found) from None


def _salvaged(data: bytes, found: picture_formats.Container, ask: Ask, notes: tuple[str, ...]) -> Described:
    salvaged = WAYS[found.format](data, ask.limits)
    refusal = Refusal(Code.CORRUPT, f"{found.format} without a picture")
    for file, left_out in ((salvaged.file, ()), (salvaged.part, (_FRAMES_LEFT,))):
        try:
            if file:
                return _whole(file, picture_formats.inspect(file), ask).with_notes((*notes, *left_out))
        except Refusal as error:
            refusal = error
    if salvaged.seen is None or refusal.code in _FINAL:
        raise refusal
    notes = (*notes, _FRAMES_LEFT) if salvaged.moves else notes
    frame, (height, width) = frame_of(salvaged.seen, salvaged.orientation, ask)
    stored = salvaged.seen.pixels if salvaged.seen.opaque is None else salvaged.seen.opaque
    for colours in salvaged.colours.alternatives():
        shown = as_shown(stored, colours)
        if shown is not None:
            frame = replace(frame, windows=(*frame.windows, *whole_window(upright(shown, salvaged.orientation))))
    if salvaged.ended is not None:
        frame = replace(
            frame, windows=(*frame.windows, *whole_window(upright(salvaged.ended.pixels, salvaged.orientation)))
        )
    notes = (*notes, *unclear_notes(data, found.format, salvaged.colours.profile), *flat_note((frame,)))
    return Described(found.format, width, height, (frame,), notes)


def frame_of(seen: Pixels, orientation: int, ask: Ask) -> tuple[FrameHash, tuple[int, int]]:
    """The hashes of one picture by its pixels; its rows and columns as it is shown."""
    decoded = decoded_of(seen, orientation)
    look, wholes = look_of(decoded, listed=ask.listed)
    windows = (*stretched_of(look), *wholes, *windows_of(decoded, ask.limits.windows, listed=ask.listed))
    windows = windows[:MOST_WINDOWS]
    frame = FrameHash(0, look.variants[0], look.quality, look.variants, look.structures, windows)
    return frame, (decoded.rows, decoded.cols)


def _refusal(error: Exception, found: picture_formats.Container) -> Refusal:
    text = "".join(c if c.isprintable() else " " for c in str(error))[:200]
    if "truncated" in text.lower() or "not enough" in text.lower() or isinstance(error, EOFError):
        return Refusal(Code.TRUNCATED, f"truncated at byte {found.end}")
    if "memory" in text.lower():
        return Refusal(Code.MEMORY_LIMIT, "decoding needs more memory than is allowed for one picture")
    return Refusal(Code.CORRUPT, f"{found.format} cannot be decoded: {text or type(error).__name__}")


def _open(data: bytes, format_name: str) -> Image.Image:
    return jpeg.open_bytes(data) if format_name == "JPEG" else Image.open(io.BytesIO(data), formats=[format_name])


@dataclass(frozen=True, slots=True)
class _Source:
    data: bytes
    image: Image.Image
    inspected: picture_formats.Container
    plain: png.Usual | None


def _describe(source: _Source, ask: Ask) -> Described:
    image, limits = source.image, ask.limits
    _require_pixels(image, limits)
    if source.plain is None and source.inspected.format in ("PNG", "TIFF"):
        # Behind a PNG's pixels may stand how to turn it, and who asks for that first would not hear that they are
        # broken. A TIFF is turned as it is read: asked before, it would be turned twice.
        image.load()
    total = int(getattr(image, "n_frames", 1))
    if source.inspected.format == "PNG" and total > (source.inspected.frames or 1) + 1:
        raise Refusal(Code.CORRUPT, f"a PNG that declares {total} frames")
    if total > limits.max_frames:
        raise Refusal(Code.TOO_MANY_FRAMES, f"more than {limits.max_frames} frames")
    (width, height), orientation = image.size, orientation_of(image, known=source.plain is not None)
    moves = Animation.of(source.inspected.delays) if len(source.inspected.delays) == total > 1 else None
    chosen = moves.sampled(limits) if moves else chosen_frames(total, limits.hashed_frames)
    # Of a longer animation, as of a video, whole frames alone are looked up.
    few = len(chosen) <= limits.hashed_frames * (len(moves.lines) if moves else 1)
    reading = _Reading(source, orientation, ask, few, moves)
    found, kept = reading.frames(chosen, total)
    # Pages are pictures of their own, while the frames of an animation are much alike; of those that are shown for
    # unknown times none stands for the others.
    kind = "" if moves and source.inspected.format not in _PAGED else f"{INCOMPLETE}: "
    notes = (f"{kind}{len(found)} of {total} frames hashed",) if total > len(found) else ()
    notes = notes if kept else (*notes, _UNHASHED)
    width, height = (height, width) if orientation >= 5 else (width, height)
    inks = image if image.mode == "CMYK" else None
    # Lab was converted already: its profile says no more than that it is Lab.
    profile = b"" if image.mode == "LAB" else colours_in(image.info).profile
    unclear = unclear_notes(source.data, source.inspected.format, profile, inks)
    notes = (*notes, *unclear, *flat_note(found))
    return Described(source.inspected.format, width, height, found, notes)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the frames of one picture are read: turned so, with the windows of each or without, and at which times."""

    source: _Source
    orientation: int
    ask: Ask
    parts: bool
    moves: Animation | None

    def frames(self, chosen: list[int], total: int) -> tuple[tuple[FrameHash, ...], bool]:
        """The hashed frames, and whether they stand for all that an animation shows for long.

        Every frame of an animation is decoded, since most need those before them.
        """
        if self.moves is None or len(chosen) == total:
            return tuple(self._hashed(one) for one in chosen), True
        found, seen = dict[int, FrameHash](), list[bytes]()
        for index in range(total):
            self._go_to(index)
            seen.append(animation.fingerprint(self.source.image))
            if index in chosen:
                found[index] = self._hashed(index)
        more, left = animation.unhashed(seen, self.moves.shown(), chosen)
        found.update({one: self._hashed(one) for one in more})
        return tuple(found[one] for one in sorted(found)), not left

    def _go_to(self, index: int) -> None:
        if index != self.source.image.tell():
            self.source.image.seek(index)
            _require_pixels(self.source.image, self.ask.limits)

    def _hashed(self, index: int) -> FrameHash:
        self._go_to(index)
        time_ms = self.moves.begins(index) if self.moves else None
        return _frame(index, self.source, self.orientation, self.ask, self.parts, time_ms)


def _require_pixels(image: Image.Image, limits: Limits) -> None:
    width, height = image.size
    if width * height > limits.max_pixels:
        raise Refusal(Code.TOO_LARGE, f"{width} × {height} is more than {limits.max_pixels} pixels")


def _frame(index: int, source: _Source, orientation: int, ask: Ask, parts: bool, time_ms: int | None) -> FrameHash:
    image = source.image
    wholes: tuple[Window, ...] = ()
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        decoded, look = jpeg.decode_look(image, orientation)
    else:
        found = source.plain.seen() if source.plain is not None else None
        if found is None:
            image.load()
            found = seen_of(image)
        decoded = decoded_of(found, orientation)
        look, wholes = look_of(decoded, listed=ask.listed)
        wholes += tuple(shown_parts(found, source.data, source.inspected.format, listed=ask.listed))
    windows = (
        *stretched_of(look),
        *wholes,
        *in_colours(decoded, source.data, image, source.inspected.format, orientation, listed=ask.listed),
        *(windows_of(decoded, ask.limits.windows, listed=ask.listed) if parts else ()),
    )[:MOST_WINDOWS]
    return FrameHash(index, look.variants[0], look.quality, look.variants, look.structures, windows, time_ms)
