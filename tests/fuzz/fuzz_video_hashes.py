"""Fuzz what reads videos' hashes: `python -m tests.fuzz.fuzz_video_hashes [rounds] [seed]`, no extra package needed.

vPDQ as lines and as JSON, a video's frames as `tutela hash` prints them and as they are kept, TMK+PDQF, and the
container's first bytes. A text or file is read, or refused by the error of
its reader; what was read can be written and compared.
"""

from __future__ import annotations

import json
import random
import sys

from tests.fuzz.fuzz_decode import mutate
from tests.support.matching_lists import pdq
from tests.unit.matching.video.test_tmk import FILE
from tutela.exchange.register import video_frames
from tutela.matching import percentages
from tutela.matching.video import tmk
from tutela.media.video.formats import video_format_of
from tutela.media.video.vpdq import InvalidVpdq, read_json, read_lines, write_json, write_lines

LINES = "".join(f"{25 * at},{90 - at},{pdq(at).hex()},{at}.040\n" for at in range(6)).encode()
JSON = write_json(read_lines(LINES.decode())).encode()
FRAMES = [{"index": at, "time_ms": 40 * at, "quality": 90 - at, "pdq": pdq(at).hex()} for at in range(6)]
PICTURE = json.dumps({"video": {"seconds": 9.5}, "hasher": "x", "frames": FRAMES}).encode()
FILM = video_frames.packed(video_frames.of_picture(json.loads(PICTURE)).looks)
SEEDS = (LINES, JSON, FILE, PICTURE, FILM)


def target(data: bytes) -> bool:
    """Whether any reader took the bytes; raises what a reader lets through."""
    video_format_of(data)
    text, took = data.decode("utf-8", "replace"), False
    for read, write in ((read_lines, write_lines), (read_json, write_json)):
        try:
            found = read(text)
        except InvalidVpdq:
            continue
        took = took or bool(found)
        write(found)
        percentages([(one.pdq, one.quality) for one in found], [(one.pdq, one.quality) for one in found[:3]])
    took = _film(data, text) or took
    try:
        fingerprint = tmk.read(data)
    except tmk.TmkError:
        return took
    tmk.compare(fingerprint, fingerprint)
    return True


def _film(data: bytes, text: str) -> bool:
    took = False
    try:
        assert video_frames.packed(video_frames.unpacked(data)) == data
        took = True
    except video_frames.FilmUnreadableError:
        pass
    for read in (lambda: video_frames.of_picture(json.loads(text)), lambda: video_frames.of_vpdq(text)):
        try:
            found = read()
        except (video_frames.FilmUnreadableError, ValueError, RecursionError):
            continue
        assert video_frames.unpacked(video_frames.packed(found.looks)) == found.looks
        video_frames.of_vpdq(video_frames.as_vpdq(found))
        took = True
    return took


def one(seed: int) -> bool:
    """The target on the file that this seed makes."""
    rng = random.Random(seed)
    return target(mutate(rng, rng.choice(SEEDS), rng.choice(SEEDS)))


if __name__ == "__main__":
    rounds, seed = (int(text) for text in (*sys.argv[1:], "100000", "0")[:2])
    taken = sum(one(seed + number) for number in range(rounds))
    sys.stdout.write(f"{rounds} files, {taken} read, no finding\n")
