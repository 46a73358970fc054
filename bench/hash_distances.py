"""How far our hashes lie from those of Pillow and pdqhash at full resolution, and what ours refuses."""

from __future__ import annotations

import io
import statistics
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pdqhash
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent))

from figures import figure, note

from tutela.media.images import decode
from tutela.media.limits import Level, Limits
from tutela.media.results import Code, Refusal

# The whole picture alone, as the peer hashes it.
WHOLE = Limits(windows=Level.OFF)
# What Pillow says of a file that it cannot read.
NOT_DECODED = (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning)
# Refused for its size and not for what it is: a limit that an operator sets, and no fault of a decoder.
LIMITED = frozenset({Code.TOO_LARGE, Code.TOO_MANY_FRAMES})


def peer(data: bytes) -> tuple[bytes, int]:
    """The hash as Pillow and pdqhash give it at full resolution."""
    with Image.open(io.BytesIO(data)) as read:
        image: Image.Image = read
        if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
            seen = image.convert("RGBA")
            image = Image.new("RGBA", seen.size, "white")
            image.alpha_composite(seen)
        bits, quality = pdqhash.compute(np.asarray(image.convert("RGB")))
    return np.packbits(bits).tobytes(), int(quality)


def ours(data: bytes, limits: Limits = WHOLE) -> bytes:
    """Our hash, decoded in this process."""
    return decode.describe(data, limits).frames[0].pdq


@dataclass
class Compared:
    """Pictures that both read, or the peer alone: bits apart at quality 80 and above, and why ours refused."""

    jpeg: list[int] = field(default_factory=list)
    others: list[int] = field(default_factory=list)
    refused: Counter[Code] = field(default_factory=Counter)
    unread: int = 0


def compared(paths: Iterable[Path]) -> Compared:
    """Ours beside the full-resolution reference, picture by picture."""
    found = Compared()
    for path in paths:
        data = path.read_bytes()
        try:
            full, quality = peer(data)
        except NOT_DECODED:
            found.unread += 1
            continue
        try:
            mine = ours(data)
        except Refusal as refusal:
            found.refused[refusal.code] += 1
            continue
        if quality >= 80:
            kind = found.jpeg if data.startswith(b"\xff\xd8") else found.others
            kind.append((int.from_bytes(full) ^ int.from_bytes(mine)).bit_count())
    return found


def shares(bits: list[int]) -> str:
    """How the distances are spread, in steps of two bits."""
    steps = Counter(min(12, -(-one // 2) * 2) for one in bits)
    names = {step: f"{step} bits" for step in range(0, 12, 2)} | {12: "more"}
    return ", ".join(f"{name} {steps[step] / len(bits):.4f}" for step, name in names.items())


def distances(paths: Iterable[Path]) -> None:
    """Compare, and print the distribution, for JPEG and for the other formats apart, and what ours refused."""
    found = compared(paths)
    for name, bits in (("jpeg", found.jpeg), ("others", found.others)):
        note(f"{name}: {len(bits)} pictures of quality >= 80 compared with the full-resolution reference")
        note(f"{name}: shares of the pictures: {shares(bits)}")
        figure(f"hash_bits_median_{name}", statistics.median(bits), "bits", "<=4")
        figure(f"hash_bits_max_{name}", max(bits), "bits", "<=10")
    by_limit = {str(code): count for code, count in found.refused.items() if code in LIMITED}
    otherwise = {str(code): count for code, count in found.refused.items() if code not in LIMITED}
    note(f"read by the peer alone: {by_limit} by our limits, {otherwise} otherwise; read by neither: {found.unread}")
    figure("hash_refused", sum(otherwise.values()), "pictures", "=0")
