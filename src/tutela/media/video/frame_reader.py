"""Read a video once, or twice: count its packets, choose frames, decode what they need, and hash them.

1. Packets are read without decoding: how many frames there are, and in which order they are shown (`timeline`).
2. The packets that the chosen frames need are decoded, and the chosen frames hashed by their luminance (`planes`). If
   the order cannot be known beforehand, fewer frames come than requested, or the decoder reports an error, everything
   is decoded: what was left out may be the reason, and only errors of the second reading are those of the file.
3. With key frames only, step 1 is skipped, and nothing else is decoded. Where packets may replace parameter sets, all
   are read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Any, BinaryIO

from tutela.media.limits import Level, Limits, Sampling
from tutela.media.pdq import SMALLEST_SIDE
from tutela.media.results import (
    INCOMPLETE,
    WHOLE,
    Code,
    Described,
    FrameHash,
    Refusal,
    Video,
    Window,
    WindowKind,
    flat_note,
)
from tutela.media.video.av1 import References
from tutela.media.video.formats import VideoFormat
from tutela.media.video.intervals import Interval
from tutela.media.video.packets import (
    DAMAGED,
    and_end,
    complaints,
    has_alpha,
    key_packets,
    moving,
    opened,
    others_moving,
    packets_of,
    require_pixels,
)
from tutela.media.video.parameter_sets import ParameterSets, has_sets
from tutela.media.video.planes import look_at_frame
from tutela.media.video.stream_facts import StreamFacts
from tutela.media.video.timeline import TICK, FramePlan, Mark, Need, every, plan, rate_of
from tutela.media.video.truncation import ends_early

# Shares of the time after which only key frames are decoded, and after which the answer is given.
_HURRY, _END = 0.75, 0.92
# Key frames stand for a video if no two lie further apart than so many intervals: at each interval the next is taken.
_FAR = 2


@dataclass(slots=True)
class FrameReader:
    """One video being read. `start` is when its first frame is shown, in ticks."""

    source: BinaryIO
    found: VideoFormat
    limits: Limits
    clock: Callable[[], float]
    began: float = 0.0
    start: int | None = None
    broken: int = 0
    corrupt: int = 0
    errors: int = 0
    complained: Callable[[], int] = lambda: 0
    rotation: int = 0
    size: tuple[int, int] = (0, 0)
    others: int = 0
    alpha: bool = False
    sets: ParameterSets | None = None
    changed: bool = False
    last: int | None = None
    at_last: tuple[Window, ...] = ()
    unread: int = 0
    shown: dict[int, float] = field(default_factory=dict)
    picked: frozenset[int] = frozenset()
    between: Interval | None = None
    sampling: Sampling = Sampling.RATE
    interval: float = 0.0
    frames: dict[int, FrameHash] = field(default_factory=dict)

    def run(self) -> Described:
        self.began, self.sampling, self.interval = self.clock(), self.limits.sampling, self.limits.interval
        with complaints() as self.complained:
            about = self._read()
            self.errors += self.complained()
        return self._described(about)

    def _read(self) -> StreamFacts:
        with opened(self.source, self.found) as container:
            stream = moving(container, self.found, self.limits)
            about = StreamFacts.of(container, stream)
            self.others = others_moving(container)
            self.alpha = has_alpha(stream)
            if self.limits.sampling is Sampling.KEYS:
                self._by_keys(container, stream, about)
                return about
            marks = self._marks(container, stream) if about.ordered else None
            if marks is not None:
                about = replace(about, rate=rate_of(marks, about.tick, about.rate))
        if self.sampling is Sampling.KEYS:
            with opened(self.source, self.found) as container:
                self._by_keys(container, moving(container, self.found, self.limits), about)
        else:
            self._by_rate(about, marks)
        return about

    def _spent(self) -> float:
        return (self.clock() - self.began) / self.limits.video_seconds

    def _marks(self, container: Any, stream: Any) -> list[Mark] | None:
        """Packets in the order of decoding; None if the display times of their frames are unknown, or if a packet
        changes how later ones are decoded.

        If reading them alone takes long, it continues with key frames.
        """
        marks: list[Mark] = []
        context = stream.codec_context
        references = References(context.extradata) if context.codec.canonical_name == "av1" else None
        for packet in packets_of(container, stream):
            self.corrupt += bool(packet.is_corrupt)
            if not self._keeps_sets(stream, packet) or packet.pts is None:
                return None
            refers = references(memoryview(packet)) if references is not None else None
            marks.append(Mark(packet.pts, packet.is_keyframe, refers, packet.size))
            if self._spent() > _HURRY / 2:
                self.sampling = Sampling.KEYS
                return None
        return marks if marks and len({mark.pts for mark in marks}) == len(marks) else None

    def _by_rate(self, about: StreamFacts, marks: list[Mark] | None) -> None:
        step = every(self.interval, about.rate, len(marks) if marks else about.frames, self.limits.video_frames)
        self.interval = step / about.rate
        if marks is None:
            self._all(about, step)
            return
        chosen = self._plan(marks, step, about)
        self.start, self.last, self.picked = min(chosen.numbers), chosen.last, chosen.picked
        times = sorted(mark.pts for mark in marks)
        self.shown = {now: (later - now) * about.tick for now, later in pairwise(times)}
        before = self._faults()
        self._chosen(about, chosen.numbers, chosen.needs)
        again = self._spent() < _HURRY / 2
        if again and (faults := self._faults()) != before:
            self.frames, self.at_last, self.broken, self.corrupt = {}, (), before[1], before[2]
            self.errors -= faults[0] - before[0]
            self._all(about, step)
        elif again and len(self.frames) < len(chosen.numbers):
            self._all(about, step)
        elif self.sampling is Sampling.RATE:
            self.unread = len(chosen.numbers) - len(self.frames)

    def _faults(self) -> tuple[int, int, int]:
        return self.complained(), self.broken, self.corrupt

    def _plan(self, marks: list[Mark], step: int, about: StreamFacts) -> FramePlan:
        window = max(1, round(self.interval / about.tick))
        between = self.limits.windows is not Level.OFF
        while len((chosen := plan(marks, step, window, between=between)).numbers) > self.limits.video_frames:
            step, window = 2 * step, 2 * window
        self.interval = max(self.interval, step / about.rate)
        return chosen

    def _chosen(self, about: StreamFacts, numbers: dict[int, int], needs: list[Need]) -> None:
        at, skipping, left_out = 0, "", False
        with opened(self.source, self.found) as container:
            stream = moving(container, self.found, self.limits)
            for packet in packets_of(container, stream):
                need = needs[at] if at < len(needs) else Need.AS_REFERENCE
                at += 1
                spent = self._spent()
                if spent > _END:
                    break
                if spent > _HURRY:
                    need = self._in_a_hurry(packet, at - 1, numbers)
                if need in (Need.NOT, Need.SPARED):
                    left_out = left_out or need is Need.NOT
                    continue
                if left_out:
                    # What it holds back must come out before it meets a gap, which it would take for a loss.
                    self._take(stream, None, about, numbers)
                    stream.codec_context.flush_buffers()
                    left_out = False
                wish = "DEFAULT" if need is Need.HASHED else "NONREF"
                if wish != skipping:
                    stream.codec_context.skip_frame = skipping = wish
                self._take(stream, packet, about, numbers)
            self._take(stream, None, about, numbers)
        self._end_interval(about, about.seconds)

    def _in_a_hurry(self, packet: Any, place: int, numbers: dict[int, int]) -> Need:
        self.sampling = Sampling.KEYS
        if packet.is_keyframe:
            numbers.setdefault(packet.pts, place)
            return Need.HASHED
        return Need.NOT

    def _take(self, stream: Any, packet: Any, about: StreamFacts, numbers: dict[int, int]) -> None:
        for frame in self._decoded(stream, packet):
            if frame.pts in numbers:
                self._begin_interval(frame, numbers[frame.pts], about)
                continue
            if self.between is not None:
                self.between.add(frame, self._length(frame, about), picked=frame.pts in self.picked)
            if frame.pts == self.last:
                self._look_at_last(frame)

    def _begin_interval(self, frame: Any, number: int, about: StreamFacts) -> None:
        """Hash a frame, and look at those that follow it until the next hashed one."""
        self._end_interval(about, self._shown(frame, about, number))
        self._hash(frame, number, about)
        if number in self.frames and self.limits.windows is not Level.OFF:
            self.between = Interval.begin(number, frame, self._length(frame, about))

    def _end_interval(self, about: StreamFacts, now: float) -> None:
        """Add what was shown longest until now to the hashed frame before, if that shows something else."""
        between, self.between = self.between, None
        begun = self.frames.get(between.number) if between is not None else None
        if between is None or begun is None:
            return
        others = between.others(now - (begun.time_ms or 0) / 1000)
        windows = (window for frame in others for window in self._window(WindowKind.LONGEST, frame))
        self.frames[between.number] = replace(begun, windows=(*begun.windows, *windows))

    def _length(self, frame: Any, about: StreamFacts) -> float:
        """For how many seconds a frame is shown; of the last one, and where that is unknown, as long as most."""
        return self.shown.get(frame.pts, 1 / about.rate)

    def _all(self, about: StreamFacts, step: int) -> None:
        """Decode everything, number the frames as they come out, and hash each `step`-th.

        A frame is hashed too if the last hashed one is an interval ago, or if it is itself shown for half of one.
        """
        number, before, hashed = 0, None, 0.0
        with opened(self.source, self.found) as container:
            stream = moving(container, self.found, self.limits)
            for packet in and_end(packets_of(container, stream)):
                for frame in self._decoded(stream, packet):
                    now = self._shown(frame, about, number)
                    if before is not None and now - before[2] >= self.interval / 2:
                        self._hash(before[0], before[1], about)
                    due = number % step == 0 or now - hashed >= self.interval - TICK
                    if due:
                        self._begin_interval(frame, number, about)
                        hashed = now
                    elif self.between is not None:
                        self.between.add(frame, self._length(frame, about))
                    before = None if due else (frame, number, now)
                    number += 1
                if len(self.frames) >= self.limits.video_frames:
                    # The video is longer than it states, so every second one of the frames hashed so far is kept.
                    step, self.interval = 2 * step, 2 * self.interval
                    self.frames = dict(sorted(self.frames.items())[::2])
                if self._spent() > _END:
                    break
        self._end_interval(about, about.seconds)
        if before is not None:
            self._look_at_last(before[0])

    def _look_at_last(self, frame: Any) -> None:
        """Look the last frame up with the last hashed one: a player stays on it, and vPDQ has other frames."""
        self.at_last = self._window(WindowKind.LAST, frame)

    def _window(self, kind: WindowKind, frame: Any) -> tuple[Window, ...]:
        if min(frame.width, frame.height) < SMALLEST_SIDE:
            return ()
        look, _ = look_at_frame(frame, self.rotation, Level.OFF)
        return (Window(kind, WHOLE, look.quality, look.variants, look.structures),)

    def _by_keys(self, container: Any, stream: Any, about: StreamFacts) -> None:
        least = max(self.interval, about.seconds / self.limits.video_frames)
        stream.codec_context.skip_frame = "NONKEY"
        watch = partial(self._keeps_sets, stream) if has_sets(stream.codec_context.codec.canonical_name) else None
        for packet in key_packets(container, stream, self.found, least, watch):
            # One at a time: between key frames a decoder has nothing to wait for.
            for frame in (*self._decoded(stream, packet), *self._decoded(stream, None)):
                self._hash(frame, round(self._shown(frame, about, 0) * about.rate), about)
            stream.codec_context.flush_buffers()
            if self._spent() > _END:
                break

    def _keeps_sets(self, stream: Any, packet: Any) -> bool:
        """Whether everything up to this packet is decoded by the first parameter sets."""
        if self.sets is None:
            context = stream.codec_context
            self.sets = ParameterSets(context.codec.canonical_name, context.extradata)
        same = self.sets(memoryview(packet)) and not packet.has_sidedata("new_extradata")
        self.changed = self.changed or not same
        return not self.changed

    def _decoded(self, stream: Any, packet: Any) -> list[Any]:
        if packet is not None:
            self.corrupt += bool(packet.is_corrupt)
            self._keeps_sets(stream, packet)
        try:
            frames = list(stream.codec_context.decode(packet))
            self.corrupt += sum(bool(frame.is_corrupt) for frame in frames)
            return frames
        except DAMAGED:
            self.broken += 1
            return []

    def _hash(self, frame: Any, number: int, about: StreamFacts) -> None:
        require_pixels(frame.width, frame.height, self.limits)
        if not self.frames:
            self.rotation = int(frame.rotation)
        full = len(self.frames) >= self.limits.video_frames
        if full or number in self.frames or min(frame.width, frame.height) < SMALLEST_SIDE:
            return
        look, found = look_at_frame(frame, self.rotation, self.limits.windows)
        time_ms = max(0, round(self._shown(frame, about, number) * 1000))
        self.frames[number] = FrameHash(
            number, look.variants[0], look.quality, look.variants, look.structures, found, time_ms
        )
        turned = round(self.rotation / 90) % 2
        self.size = (frame.height, frame.width) if turned else (frame.width, frame.height)

    def _shown(self, frame: Any, about: StreamFacts, number: int) -> float:
        """Seconds since the first frame shown; computed from the frame number if the frame has no time."""
        if frame.pts is None:
            return number / about.rate
        if self.start is None:
            self.start = int(frame.pts)
        return float((frame.pts - self.start) * about.tick)

    def _gap(self, frames: tuple[FrameHash, ...], about: StreamFacts) -> float:
        """The longest time in seconds without a hashed frame."""
        times = [0.0, *((one.time_ms or 0) / 1000 for one in frames), about.seconds]
        return max(later - earlier for earlier, later in pairwise(times))

    def _described(self, about: StreamFacts) -> Described:
        frames = tuple(self.frames[number] for number in sorted(self.frames))
        if frames and self.limits.windows is not Level.OFF:
            frames = (*frames[:-1], replace(frames[-1], windows=(*frames[-1].windows, *self.at_last)))
        if not frames:
            raise Refusal(Code.CORRUPT, f"{self.found.format}: no frame can be decoded")
        notes = []
        if self.errors or self.corrupt or self.broken or self.unread:
            # A decoder guesses what is missing, and the decoder of a browser may guess otherwise.
            faults = self.errors + self.corrupt + self.broken + self.unread
            notes.append(f"{INCOMPLETE}: damaged, errors that were skipped: {faults}")
        if self.alpha:
            notes.append(f"{INCOMPLETE}: the frames are transparent, and their transparency is not decoded")
        if self.changed:
            notes.append(f"{INCOMPLETE}: its parameter sets change, and players crop such a video in different ways")
        if ends_early(self.source, self.found):
            notes.append("damaged: the file ends before the video does")
        if self.others:
            notes.append(f"{INCOMPLETE}: only the first moving stream is hashed; other streams: {self.others}")
        if self._spent() > _END:
            seen = (frames[-1].time_ms or 0) / 1000
            notes.append(
                f"{INCOMPLETE}: hashed up to {seen:.0f} of {about.seconds:.0f} seconds, because the "
                "time limit was reached"
            )
        elif self.sampling is not self.limits.sampling:
            kind = f"{INCOMPLETE}: " if self._gap(frames, about) > _FAR * self.interval else ""
            notes.append(f"{kind}hashed by key frames, in whole or at the end, because the time limit was near")
        if any(frame.matchable for frame in frames):
            # Every film has dark frames. They are stretched where there are no others.
            frames = tuple(frame.unstretched() for frame in frames)
        notes += flat_note(frames)
        video = Video(about.codec, about.seconds, about.rate, self.rotation, self.sampling, self.interval)
        return Described(self.found.format, *self.size, frames, tuple(notes), video)
