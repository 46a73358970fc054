"""Facts that a stream states about itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# These may put in packets of frames that are never shown, or not say when one is.
_UNORDERED = frozenset(
    (
        "vp8",
        "h263",
        "flv",
        "wmv1",
        "wmv2",
        "wmv3",
        "vc1",
        "theora",
        "cinepak",
        "rawvideo",
        "msmpeg4",
        "msmpeg4v1",
        "msmpeg4v2",
    )
)
# A rate beyond those of cameras is a lie or a clock, by which nearly all frames would be left out.
_RATES, _USUAL_RATE = (0.001, 480.0), 25.0
_LONGEST_SECONDS = 1e7


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """Facts stated by a video. `tick` is its stream's, in seconds; `ordered`: see `_UNORDERED`."""

    codec: str
    rate: float
    seconds: float
    frames: int
    tick: float
    ordered: bool

    @classmethod
    def of(cls, container: Any, stream: Any) -> StreamFacts:
        rate = float(stream.average_rate or stream.base_rate or stream.guessed_rate or 0)
        rate = rate if _RATES[0] <= rate <= _RATES[1] else _USUAL_RATE
        tick = float(stream.time_base)
        seconds = stream.duration * tick if stream.duration else (container.duration or 0) / 1e6
        seconds = seconds if 0 <= seconds < _LONGEST_SECONDS else 0.0
        codec = stream.codec_context.codec
        frames = max(0, stream.frames) or round(seconds * rate)
        return cls(codec.canonical_name, rate, seconds, frames, tick, codec.name not in _UNORDERED)
