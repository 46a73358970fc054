"""What happens to a picture on its way through the net: edits, each from an RGB picture to the bytes of a file.

Sizes, places, shapes and colours vary from picture to picture, drawn by a generator that the caller seeds. What puts
pictures together is in `arrangements`.
"""

from __future__ import annotations

import io
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

sys.path.insert(0, str(Path(__file__).resolve().parent))

import arrangements
from arrangements import WORDS

pillow_heif.register_heif_opener()

type Picture = Image.Image
type Edit = Callable[[Picture, random.Random], bytes]


def encode(picture: Picture, format_name: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file; JPEG of quality 88 unless told otherwise."""
    out = io.BytesIO()
    picture.save(out, format_name, **({"quality": 88} | options))
    return out.getvalue()


def jpeg(quality: int) -> Edit:
    """Compressed anew."""
    return lambda picture, _: encode(picture, quality=quality)


def resized(share: float) -> Edit:
    """Made smaller."""
    return lambda p, _: encode(p.resize((max(8, round(p.width * share)), max(8, round(p.height * share)))))


def cropped(share: float) -> Edit:
    """As much cut off each side."""

    def run(p: Picture, _: random.Random) -> bytes:
        x, y = round(p.width * share), round(p.height * share)
        return encode(p.crop((x, y, p.width - x, p.height - y)))

    return run


def rotated(degrees: int) -> Edit:
    """Turned a little, corners black."""
    return lambda p, _: encode(p.rotate(degrees, Image.Resampling.BICUBIC))


def transposed(how: Image.Transpose) -> Edit:
    """Mirrored, or turned by a quarter."""
    return lambda p, _: encode(p.transpose(how))


def border(p: Picture, rng: random.Random) -> bytes:
    """A border of 2 to 9 hundredths of the width, of one colour."""
    return encode(
        ImageOps.expand(p, round(p.width * rng.uniform(0.02, 0.09)), rng.choice(("black", "white", "#bb3344")))
    )


def letterbox(p: Picture, rng: random.Random) -> bytes:
    """Bars above and below, or on both sides, to another shape."""
    bars = rng.uniform(0.06, 0.2)
    size = (p.width, round(p.height * (1 + 2 * bars)))
    if rng.random() < 0.5:
        size = (round(p.width * (1 + 2 * bars)), p.height)
    ground = Image.new("RGB", size, rng.choice(("black", "black", "white")))
    ground.paste(p, ((size[0] - p.width) // 2, (size[1] - p.height) // 2))
    return encode(ground)


def caption(low: float, high: float) -> Edit:
    """A band with a line of words, above or below, of this share of the height."""

    def run(p: Picture, rng: random.Random) -> bytes:
        height = round(p.height * rng.uniform(low, high))
        ground = Image.new("RGB", (p.width, p.height + height), rng.choice(("white", "white", "black")))
        above = rng.random() < 0.5
        ground.paste(p, (0, height if above else 0))
        ink = "black" if ground.getpixel((0, 0 if above else p.height + height - 1)) == (255, 255, 255) else "white"
        _write(ground, (0, 0 if above else p.height, p.width, height), ink, rng)
        return encode(ground)

    return run


def meme(p: Picture, rng: random.Random) -> bytes:
    """Words above and below, on black, and a thin frame."""
    inner, height = ImageOps.expand(p, max(2, p.width // 100), "white"), round(p.height * rng.uniform(0.1, 0.18))
    ground = Image.new("RGB", (inner.width, inner.height + 2 * height), "black")
    ground.paste(inner, (0, height))
    _write(ground, (0, 0, inner.width, height), "white", rng)
    _write(ground, (0, inner.height + height, inner.width, height), "white", rng)
    return encode(ground)


def screenshot(p: Picture, rng: random.Random) -> bytes:
    """Shown in an application: a title bar above with words, a bar below, grey margins."""
    bar, margin = round(p.height * rng.uniform(0.06, 0.1)), round(p.width * rng.uniform(0.0, 0.06))
    ground = Image.new("RGB", (p.width + 2 * margin, p.height + 2 * bar), "#f0f0f2")
    ground.paste(p, (margin, bar))
    draw = ImageDraw.Draw(ground)
    draw.rectangle((0, 0, ground.width, bar - 1), fill="#30343c")
    draw.rectangle((0, ground.height - bar, ground.width, ground.height), fill="#30343c")
    _write(ground, (0, 0, ground.width // 2, bar), "white", rng)
    return encode(ground, "PNG", compress_level=1)


def arranged(how: Callable[[Picture, random.Random], Picture], format_name: str = "JPEG") -> Edit:
    """Put together with others, as `arrangements` says."""
    options = {"compress_level": 1} if format_name == "PNG" else {}
    return lambda p, rng: encode(how(p, rng), format_name, **options)


def covered(low: float, high: float) -> Edit:
    """Something laid over this share of the picture."""
    return lambda p, rng: encode(arrangements.laid_over(p, rng, low, high))


def noise(p: Picture, rng: random.Random) -> bytes:
    """Grain of eight levels."""
    grain = np.random.default_rng(rng.getrandbits(32)).normal(0, 8, (p.height, p.width, 1))
    return encode(Image.fromarray(np.clip(np.asarray(p) + grain, 0, 255).astype(np.uint8)))


def sepia(p: Picture, _: random.Random) -> bytes:
    """Browned."""
    return encode(ImageOps.colorize(p.convert("L"), "#201008", "#fff0d0"))


def gamma(p: Picture, rng: random.Random) -> bytes:
    """A gamma of 0.7 or 1.4."""
    power = rng.choice((0.7, 1.4))
    return encode(p.point([round(255 * (v / 255) ** power) for v in range(256)] * 3))


def enhanced(kind: Any, low: float, high: float) -> Edit:
    """Pillow's enhancement by one of two factors."""
    return lambda p, rng: encode(kind(p).enhance(rng.choice((low, high))))


EDITS: dict[str, Edit] = {
    **{f"jpeg {q}": jpeg(q) for q in (90, 70, 50, 30, 20)},
    "webp": lambda p, _: encode(p, "WEBP", quality=70, method=2),
    "heic": lambda p, _: encode(p, "HEIF", quality=60),
    "half size": resized(0.5),
    "quarter size": resized(0.25),
    **{f"crop {share:.0%}": cropped(share) for share in (0.02, 0.05, 0.08, 0.1, 0.2)},
    "rotate 1°": rotated(1),
    "rotate 5°": rotated(5),
    "rotate 90°": transposed(Image.Transpose.ROTATE_90),
    "mirror": transposed(Image.Transpose.FLIP_LEFT_RIGHT),
    "border": border,
    "letterbox": letterbox,
    "caption": caption(0.09, 0.22),
    "high caption": caption(0.12, 0.3),
    "meme frame": meme,
    "screenshot": screenshot,
    "chat": arranged(arrangements.chat, "PNG"),
    "chat, compressed": arranged(arrangements.chat),
    "sticker": covered(0.04, 0.09),
    "emoji": covered(0.01, 0.03),
    "cut": arranged(arrangements.cut),
    "grid": arranged(arrangements.grid),
    "canvas": arranged(arrangements.canvas),
    "blur": lambda p, _: encode(p.filter(ImageFilter.GaussianBlur(max(p.size) / 300))),
    "noise": noise,
    "brightness": enhanced(ImageEnhance.Brightness, 0.75, 1.3),
    "contrast": enhanced(ImageEnhance.Contrast, 0.7, 1.4),
    "grey": lambda p, _: encode(p.convert("L")),
    "sepia": sepia,
    "gamma": gamma,
}
# The figures' classes. Every edit is in one of them; crops of up to a tenth a side are in two.
CLASSES: dict[str, tuple[str, ...]] = {
    "recall_reencode": (
        "jpeg 90",
        "jpeg 70",
        "jpeg 50",
        "jpeg 30",
        "jpeg 20",
        "webp",
        "heic",
        "half size",
        "quarter size",
    ),
    "recall_mirror_rotate90": ("mirror", "rotate 90°"),
    "recall_border_caption": ("border", "letterbox", "caption"),
    "recall_letterbox": ("letterbox",),
    "recall_high_caption": ("high caption",),
    "recall_crop8": ("crop 8%",),
    "recall_crop10": ("crop 2%", "crop 5%", "crop 8%", "crop 10%"),
    "recall_crops": ("crop 2%", "crop 5%", "crop 8%", "crop 10%", "crop 20%"),
    "recall_small_turn": ("rotate 1°", "rotate 5°"),
    "recall_overlay": ("sticker", "emoji"),
    "recall_tone": ("brightness", "contrast", "grey", "sepia", "gamma"),
    "recall_blur_noise": ("blur", "noise"),
    "recall_screenshot_meme": ("screenshot", "meme frame"),
    "recall_screenshot": ("chat", "chat, compressed"),
    "recall_collage": ("cut", "grid", "canvas"),
}
# What is promised of a class, and of every edit in it.
TARGETS = {
    "recall_reencode": 0.98,
    "recall_mirror_rotate90": 0.98,
    "recall_border_caption": 0.98,
    "recall_crop10": 0.90,
}
# Wanted of a class as a whole; nothing is promised of its edits.
WANTED = {"recall_overlay": 0.70, "recall_small_turn": 0.70, "recall_collage": 0.70}
# Nothing is wanted of these, but everybody meets them: both passes and plain lists are told apart.
REPORTED = frozenset({"recall_screenshot", "recall_letterbox", "recall_high_caption", "recall_crop8"})


def _write(ground: Picture, box: tuple[int, int, int, int], colour: str, rng: random.Random) -> None:
    left, top, width, height = box
    text = " ".join(rng.sample(WORDS, 6))
    font = ImageFont.load_default(max(8.0, min(height * 0.5, width / 24)))
    ImageDraw.Draw(ground).text((left + width // 20, top + height // 4), text, fill=colour, font=font)
