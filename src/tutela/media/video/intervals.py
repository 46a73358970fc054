"""What a video shows longest from one hashed frame to the next, by a small hash of every frame that is decoded.

A frame at an interval's mark may be shown for a moment, and what is around it for the rest. Of most videos not every
frame is decoded; one in each interval is, at a place that follows from the file (`timeline`), and stands for those that
are not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tutela.media.pdq import MATCH_DISTANCE, PdqHash
from tutela.media.video.planes import small_hash

# What is shown for fewer seconds until the next hashed frame is not looked up.
LEAST_SHOWN = 0.2


@dataclass(slots=True)
class _Content:
    like: PdqHash
    shown: float = 0.0


@dataclass(slots=True)
class Interval:
    """The frames since a hashed one: what they show, for how many seconds each, and a frame of what is shown longest.

    Two frames at most are kept in memory.
    """

    number: int
    contents: list[_Content] = field(default_factory=list)
    longest: tuple[_Content, Any] | None = None
    picked: tuple[_Content, Any] | None = None

    @classmethod
    def begin(cls, number: int, frame: Any, shown: float) -> Interval:
        """The interval of the hashed frame with this number."""
        begun = cls(number)
        begun.add(frame, shown)
        return begun

    def add(self, frame: Any, shown: float, *, picked: bool = False) -> None:
        """Count a decoded frame that is shown for so many seconds. A picked one stands for those not decoded too."""
        like = PdqHash(small_hash(frame))
        content = next((one for one in self.contents if one.like.distance(like) <= MATCH_DISTANCE), None)
        if content is None:
            content = _Content(like)
            self.contents.append(content)
        content.shown += shown
        if self.longest is None or content.shown > self.longest[0].shown:
            self.longest = content, frame
        if picked:
            self.picked = content, frame

    def others(self, seconds: float) -> list[Any]:
        """A frame of what was shown longest in an interval of so many seconds, and the picked one.

        Each is left out if it is what the hashed frame shows, or was shown for a moment.
        """
        undecoded = seconds - sum(one.shown for one in self.contents)
        found = dict[int, Any]()
        for known, more in ((self.longest, 0.0), (self.picked, undecoded)):
            if known is not None and known[0] is not self.contents[0] and known[0].shown + more >= LEAST_SHOWN:
                found.setdefault(id(known[0]), known[1])
        return list(found.values())
