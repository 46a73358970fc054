"""Results of the hasher: `Hashed`, or `Refused` with a reason from a closed list; both as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from tutela.media.digests import Digests
from tutela.media.limits import Sampling
from tutela.media.pdq import HASHER_ID, MINIMUM_QUALITY

# Start of the note for a file of which some pictures were not hashed.
INCOMPLETE = "incomplete"


class Code(StrEnum):
    """Reasons why a file was not hashed. The order is part of the frame format between worker and parent."""

    EMPTY = "empty"
    NOT_A_PICTURE = "not_a_picture"
    UNSUPPORTED = "unsupported"
    TRUNCATED = "truncated"
    CORRUPT = "corrupt"
    TOO_LARGE = "too_large"
    TOO_MANY_FRAMES = "too_many_frames"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    CRASHED = "crashed"
    UNREADABLE = "unreadable"
    UNAVAILABLE = "unavailable"


class WindowKind(StrEnum):
    """Assumptions by which windows are cut. The order is part of the frame format between worker and parent.

    `OPAQUE` is the whole picture without its transparency, as the reference hashes it: no part is left out.
    `LAST` is the last frame of a video, at the last hashed one, and `LONGEST` what a video shows longest until the next
    hashed frame, if it looks otherwise: only uploads are looked up by them.
    `STRAIGHTENED`, `UNCOVERED` and `PANE` are guesses of the second pass (`pixels.restored`).
    `GROUND` is the whole picture as its transparency shows it on another ground (`pixels.grounds`).
    `STRETCHED` is a picture with too little contrast, or what is between its bars, once the contrast is stretched.
    """

    WHOLE = "whole"
    CONTENT = "content"
    BAND = "band"
    BORDER = "border"
    CROP = "crop"
    CELL = "cell"
    OPAQUE = "opaque"
    LAST = "last"
    STRAIGHTENED = "straightened"
    UNCOVERED = "uncovered"
    PANE = "pane"
    GROUND = "ground"
    STRETCHED = "stretched"
    LONGEST = "longest"


# Windows that leave out no part of the picture.
WHOLES = frozenset({WindowKind.WHOLE, WindowKind.OPAQUE, WindowKind.LAST, WindowKind.GROUND, WindowKind.LONGEST})
# Other frames of a video than the hashed one: vPDQ has none of them, and so has no list.
OTHER_FRAMES = frozenset({WindowKind.LAST, WindowKind.LONGEST})
# A frame has no more: the frame format counts them in a byte.
MOST_WINDOWS = 255

# Left, top, right and bottom, in shares of the picture from 0 to 1.
type Box = tuple[float, float, float, float]
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a picture that is hashed like a picture: upright, or in all eight positions (`pdq.VARIANTS`)."""

    kind: WindowKind
    box: Box
    quality: int
    variants: tuple[bytes, ...]
    structures: tuple[bytes, ...]

    @property
    def part(self) -> bool:
        """Whether the window leaves out a part of the picture, or stretches it: a match is for a person to judge."""
        return self.kind not in WHOLES

    @property
    def restored(self) -> bool:
        """Whether it is of the picture as it may have been: it counts only where all hashes of an entry agree."""
        return self.kind in (WindowKind.STRAIGHTENED, WindowKind.UNCOVERED, WindowKind.PANE)

    @property
    def stretched(self) -> bool:
        """Whether the window is of a picture with too little contrast, stretched."""
        return self.kind is WindowKind.STRETCHED

    @property
    def as_displayed(self) -> bool:
        """Whether the window is of the whole picture as it is displayed somewhere, stretched or not."""
        whole = self.kind in WHOLES or (self.stretched and self.box == WHOLE)
        return whole and self.kind is not WindowKind.OPAQUE

    def as_json(self) -> dict[str, Any]:
        """A dictionary that `json` can write, of the upright hashes."""
        left, top, right, bottom = self.box
        return {
            "kind": str(self.kind),
            "covers": round((right - left) * (bottom - top), 4),
            "box": [round(side, 4) for side in self.box],
            "pdq": self.variants[0].hex(),
            "structure": self.structures[0].hex(),
            "quality": self.quality,
        }


@dataclass(frozen=True, slots=True)
class FrameHash:
    """One frame: its place, its PDQ hash, the hash's quality (0-100) and all eight turned and mirrored hashes.

    `structures` are the second hashes of the same eight positions (decision 0010). `time_ms`: when it is shown, in
    thousandths of a second from the start, where the picture moves.
    """

    index: int
    pdq: bytes
    quality: int
    variants: tuple[bytes, ...]
    structures: tuple[bytes, ...] = ()
    windows: tuple[Window, ...] = ()
    time_ms: int | None = None

    @property
    def matchable(self) -> bool:
        """Whether the frame has enough structure for its hash to be compared."""
        return self.quality >= MINIMUM_QUALITY

    @property
    def compared(self) -> bool:
        """Whether the frame can be looked up by a hash of its whole, stretched or not.

        Parts do not count: of a picture with little contrast, what looks like a margin may be most of it.
        """
        instead = (one.quality for one in self.windows if one.as_displayed)
        return max((self.quality, *instead)) >= MINIMUM_QUALITY

    def unstretched(self) -> FrameHash:
        """Return the frame without its stretched windows."""
        return replace(self, windows=tuple(one for one in self.windows if not one.stretched))

    def restored_alone(self) -> FrameHash:
        """Return the frame with its restored windows alone: by all else the first pass has looked it up."""
        return replace(self, quality=0, windows=tuple(one for one in self.windows if one.restored))

    def numbered(self, index: int) -> FrameHash:
        """Return the frame with another index."""
        return replace(self, index=index)

    def as_json(self) -> dict[str, Any]:
        """A dictionary that `json` can write; hashes are hexadecimal."""
        return {
            "index": self.index,
            "time_ms": self.time_ms,
            "pdq": self.pdq.hex(),
            "quality": self.quality,
            "variants": [variant.hex() for variant in self.variants],
            "structure": self.structures[0].hex() if self.structures else None,
            "windows": [window.as_json() for window in self.windows],
        }


def flat_note(frames: tuple[FrameHash, ...]) -> tuple[str, ...]:
    """A note if none of the frames can be compared as it is: some once stretched, or none at all."""
    if any(frame.matchable for frame in frames):
        return ()
    kind = "little contrast, compared once stretched" if any(frame.compared for frame in frames) else "too flat"
    return (f"{kind}: quality {max(frame.quality for frame in frames)}",)


@dataclass(frozen=True, slots=True)
class Video:
    """Facts about a video in addition to its frames.

    `seconds` is its duration, `rate` its average number of frames a second; `rotation` is the rotation that its
    metadata request from a player, in degrees counter-clockwise. Frames were taken by `sampling`, `interval` seconds
    apart.
    """

    codec: str
    seconds: float
    rate: float
    rotation: int
    sampling: Sampling
    interval: float

    def as_json(self) -> dict[str, Any]:
        """A dictionary that `json` can write."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Described:
    """A worker's description of a picture or video. Width and height are displayed pixels.

    They are measured after orientation.
    """

    format: str
    width: int
    height: int
    frames: tuple[FrameHash, ...]
    notes: tuple[str, ...]
    video: Video | None = None

    def with_notes(self, notes: tuple[str, ...]) -> Described:
        """Return the result with notes before its own."""
        return replace(self, notes=(*notes, *self.notes))

    def followed_by(self, frames: tuple[FrameHash, ...]) -> Described:
        """Return the result with more frames after its own, numbered onwards."""
        begin = self.frames[-1].index + 1
        return replace(self, frames=(*self.frames, *(one.numbered(begin + k) for k, one in enumerate(frames))))


@dataclass(frozen=True, slots=True)
class Hashed:
    """Digests and perceptual hashes of a picture or video. `notes` are remarks for a reviewer."""

    digests: Digests
    format: str
    width: int
    height: int
    frames: tuple[FrameHash, ...]
    notes: tuple[str, ...]
    video: Video | None = None

    @property
    def matchable(self) -> bool:
        """Whether any frame can be compared perceptually. The digests can be compared either way."""
        return any(frame.matchable for frame in self.frames)

    @property
    def compared(self) -> bool:
        """Whether any frame can be looked up, also stretched. Else digests alone are compared."""
        return any(frame.compared for frame in self.frames)

    @property
    def complete(self) -> bool:
        """Whether no picture of the file was left out."""
        return not any(note.startswith(INCOMPLETE) for note in self.notes)

    def as_json(self) -> dict[str, Any]:
        """A dictionary that `json` can write."""
        return {
            "hasher": HASHER_ID,
            "digests": self.digests.as_json(),
            "format": self.format,
            "width": self.width,
            "height": self.height,
            "matchable": self.matchable,
            "video": self.video.as_json() if self.video else None,
            "frames": [frame.as_json() for frame in self.frames],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that has no perceptual hash, and why. Its digests are there whenever its bytes could be read."""

    digests: Digests | None
    code: Code
    message: str

    def as_json(self) -> dict[str, Any]:
        """A dictionary that `json` can write."""
        return {
            "refused": self.code.value,
            "message": self.message,
            "digests": self.digests.as_json() if self.digests else None,
        }


class Refusal(Exception):
    """Inside the decoder: this file is refused. Never leaves the package."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type[Refusal], tuple[Code, str]]:
        return Refusal, (self.code, self.message)
