"""Hash every picture in a file: an icon, an SVG, a data URI, a picture followed by others.

Runs inside a worker's cage: all input may be hostile.

A browser shows one of them, or all; no common rule says which. So each is hashed, as frames of one answer.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from struct import error as struct_error

from tutela.media.formats import icons, picture_formats
from tutela.media.formats.undecoded import has_targa_head
from tutela.media.images import embedded
from tutela.media.images.hash_picture import Ask, describe_one, frame_of
from tutela.media.limits import Limits
from tutela.media.results import INCOMPLETE, WHOLE, Code, Described, FrameHash, Refusal, Window, WindowKind, flat_note
from tutela.media.video.formats import HEAD_BYTES, video_format_of
from tutela.media.video.packets import is_movie

# An SVG that may look otherwise than its pictures.
_DRAWN = f"{INCOMPLETE}: the SVG may show more than its pictures, or change them"
# Of an upload that holds several pictures so many times as many are hashed as of one that has pages: which of them is
# shown is for the browser to say. An entry of a list has as many as a picture with pages.
_TIMES = 4
# Of pictures behind a picture so many are looked for; each is walked to its end.
_BEHIND = 64
_PADDING = b"\0 \t\r\n"
# What is no picture needs no hash; whatever else is refused was not looked at.
_NOTHING = frozenset({Code.NOT_A_PICTURE, Code.EMPTY})
_MORE = f"{INCOMPLETE}: the file has more pictures than are hashed"
_UNREAD = f"{INCOMPLETE}: a picture in the file could not be read"

# A picture that was hashed, or the note of one that was not.
type _One = Described | str


def describe(data: bytes, limits: Limits, *, listed: bool = False) -> Described:
    """Hash the picture in `data`, with the windows of an upload or, if `listed`, of a picture for a list.

    Raises `Refusal`, or `MemoryError`.
    """
    try:
        return _described(data, Ask(limits, listed))
    except (Refusal, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - what a parser raises is no reason to end; the file is refused
        raise Refusal(Code.CORRUPT, f"cannot be read: {type(error).__name__}") from None


def _described(data: bytes, ask: Ask) -> Described:
    # A TGA may begin like a cursor; it then has no pictures to count.
    if data.startswith(icons.MAGICS) and not has_targa_head(data):
        return _icon(data, ask)
    if embedded.is_svg(data):
        return _texts("SVG", embedded.pictures(data, ask.limits), ask)
    if embedded.is_data_uri(data):
        return _texts("data URI", embedded.of_uri(data, ask.limits), ask)
    return _with_others(data, ask)


def _texts(format_name: str, held: embedded.EmbeddedPictures, ask: Ask) -> Described:
    found = _together(format_name, _in_texts(held, ask), ask)
    return found if held.plain else _changed(found, ask)


def _changed(described: Described, ask: Ask) -> Described:
    """Add a note and, for an upload, the negative of each frame, since a filter may invert it."""
    if ask.listed:
        return described.with_notes((_DRAWN,))
    frames = tuple(replace(one, windows=(*one.windows, _negative(one))) for one in described.frames)
    return replace(described, frames=frames, notes=(_DRAWN, *described.notes))


def _negative(frame: FrameHash) -> Window:
    """Every bit is the other."""
    variants, structures = (
        tuple(bytes(255 - byte for byte in one) for one in each) for each in (frame.variants, frame.structures)
    )
    return Window(WindowKind.WHOLE, WHOLE, frame.quality, variants, structures)


def _with_others(data: bytes, ask: Ask) -> Described:
    """Hash a picture, and pictures that follow it in the file."""
    found = picture_formats.inspect(data)
    first = describe_one(data, found, ask)
    note = picture_formats.trailing_note(data, found.end)
    if note is None:
        return first
    described = Described(first.format, first.width, first.height, first.frames, (note, *first.notes))
    others = list(_behind(data[found.end :], ask, looked_for=len(first.frames) < _TIMES * ask.limits.hashed_frames))
    if not others:
        return described
    together = _together(first.format, [described, *others], ask)
    return Described(first.format, first.width, first.height, together.frames, together.notes)


def _behind(rest: bytes, ask: Ask, *, looked_for: bool) -> Iterator[_One]:
    """Pictures that follow one another; unless they are `looked_for`, only that there are some."""
    for _ in range(_BEHIND if looked_for else 0):
        rest = rest.lstrip(_PADDING)
        try:
            found = picture_formats.inspect(rest)
        except Refusal:
            return
        try:
            yield describe_one(rest, found, ask)
        except Refusal:
            yield _UNREAD
        rest = rest[found.end :]
    with suppress(Refusal):
        picture_formats.inspect(rest.lstrip(_PADDING))
        yield _MORE


def _icon(data: bytes, ask: Ask) -> Described:
    return _together("ICO", _in_icon(data, ask), ask)


def _in_icon(data: bytes, ask: Ask) -> Iterator[_One]:
    if icons.holds_more(data):
        yield _MORE
    for one in icons.pictures(data):
        try:
            if not icons.is_bitmap(one):
                yield describe_one(one, picture_formats.inspect(one), ask)
                continue
            for seen in icons.bitmaps(one, ask.limits):
                frame, (rows, cols) = frame_of(seen, 1, ask)
                yield Described("ICO", cols, rows, (frame,), flat_note((frame,)))
        except Refusal as refusal:
            if refusal.code is Code.TOO_LARGE:
                raise
            yield _UNREAD
        except (ValueError, IndexError, struct_error):
            yield _UNREAD  # the next one may be whole


def _in_texts(held: embedded.EmbeddedPictures, ask: Ask) -> Iterator[_One]:
    if not held.whole:
        yield _MORE
    for one in held.pictures:
        try:
            yield _icon(one, ask) if one.startswith(icons.MAGICS) else _with_others(one, ask)
        except Refusal as refusal:
            if refusal.code in (Code.TOO_LARGE, Code.TOO_MANY_FRAMES):
                raise
            if refusal.code not in _NOTHING or _is_video(one):
                yield _UNREAD


def _is_video(data: bytes) -> bool:
    return video_format_of(data[:HEAD_BYTES]) is not None or is_movie(io.BytesIO(data))


def _together(format_name: str, each: Iterable[_One], ask: Ask) -> Described:
    """Combine several results into one. Raises `Refusal` if there is none."""
    most = ask.limits.hashed_frames * (1 if ask.listed else _TIMES)
    found, left = list[Described](), list[str]()
    for one in each:
        if isinstance(one, str):
            left.append(one)
        elif len(found) < most:
            found.append(one)
        else:
            left.append(_MORE)
            break
    if not found:
        raise Refusal(Code.UNSUPPORTED, f"{format_name} without a readable picture")
    frames: list[FrameHash] = []
    for one in found:
        frames += [frame.numbered(len(frames) + k) for k, frame in enumerate(one.frames)]
    notes = dict.fromkeys([note for one in found for note in one.notes] + left)
    if len(found) > 1:
        notes[f"{len(found)} pictures in one file" + (", more are not hashed" if _MORE in left else "")] = None
    # An entry of a list has no more frames than a picture with pages.
    kept = tuple(frames[:most] if ask.listed else frames)
    return Described(format_name, found[0].width, found[0].height, kept, tuple(notes))
