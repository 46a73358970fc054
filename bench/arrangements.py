"""Pictures put together with others: cuts, gutters, grids, canvases, screenshots of a chat, and things laid over.

Every place, size, colour and shape is drawn by the caller's generator, so that no method can be built for one of them.
The other pictures are photographs of the tests, or made of noise where they are missing.
"""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

type Picture = Image.Image
type Rectangle = tuple[int, int, int, int]

PHOTOGRAPHS = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "photos"
WORDS = ("rain", "hill", "looks", "nobody", "knows", "what", "when", "winter", "say", "about", "any", "more")
GROUNDS = ("black", "white", "white", "#f0f0f2", "#202024", "#bb3344", "#2b5f8a")
STICKERS = ("#e8d020", "#ffd93b", "#111111", "#ffffff", "#d03050", "#40b060")
# Columns and rows.
GRIDS = ((2, 2), (3, 1), (1, 3), (3, 2), (2, 3), (3, 3))
# Shares of the width of a telephone's screen: its height, the bars above and below, a picture in a chat.
SCREEN_HEIGHTS, BARS, CHAT_WIDTHS = (1.7, 2.2), (0.12, 0.2), (0.5, 0.82)


@cache
def _photograph(path: Path) -> Picture:
    with Image.open(path) as read:
        image = read.convert("RGB")
    image.thumbnail((480, 480), Image.Resampling.LANCZOS)
    return image


def other(rng: random.Random, width: int, height: int) -> Picture:
    """Another picture of this size: a part of a photograph, or noise."""
    paths = sorted(PHOTOGRAPHS.glob("*.jpg"))
    if not paths:
        grain = np.random.default_rng(rng.getrandbits(32)).integers(0, 256, (12, 12, 3), np.uint8)
        return Image.fromarray(grain).resize((width, height), Image.Resampling.BICUBIC)
    image = _photograph(rng.choice(paths))
    scale = max(width / image.width, height / image.height)
    larger = image.resize((max(width, round(image.width * scale)), max(height, round(image.height * scale))))
    left, top = rng.randint(0, larger.width - width), rng.randint(0, larger.height - height)
    return larger.crop((left, top, left + width, top + height))


def cut(p: Picture, rng: random.Random) -> Picture:
    """Beside, or above, one other picture: the cut anywhere between 0.3 and 0.7, with a gutter or without."""
    gutter, share = _gutter(p, rng), rng.uniform(0.3, 0.7)
    across = rng.random() < 0.6
    length = max(16, round((p.width if across else p.height) * (1 - share) / share))
    first = rng.random() < 0.5
    if across:
        ground = Image.new("RGB", (p.width + gutter + length, p.height), rng.choice(GROUNDS))
        ground.paste(p, (0 if first else length + gutter, 0))
        ground.paste(other(rng, length, p.height), (p.width + gutter if first else 0, 0))
    else:
        ground = Image.new("RGB", (p.width, p.height + gutter + length), rng.choice(GROUNDS))
        ground.paste(p, (0, 0 if first else length + gutter))
        ground.paste(other(rng, p.width, length), (0, p.height + gutter if first else 0))
    return ground


def grid(p: Picture, rng: random.Random) -> Picture:
    """One of up to nine in a grid with a gutter and a margin, or none."""
    (across, down), gutter = rng.choice(GRIDS), _gutter(p, rng)
    margin = rng.choice((0, gutter))
    size = (across * (p.width + gutter) - gutter + 2 * margin, down * (p.height + gutter) - gutter + 2 * margin)
    ground = Image.new("RGB", size, rng.choice(GROUNDS))
    ours = rng.randrange(across * down)
    for cell in range(across * down):
        x, y = margin + cell % across * (p.width + gutter), margin + cell // across * (p.height + gutter)
        ground.paste(p if cell == ours else other(rng, p.width, p.height), (x, y))
    return ground


def canvas(p: Picture, rng: random.Random) -> Picture:
    """Laid over a larger picture or a plain ground, anywhere, sometimes in a thin frame."""
    share = rng.uniform(0.4, 0.8)
    shape = rng.uniform(0.75, 1.35)
    width, height = round(p.width / share * max(1.0, shape)), round(p.height / share * max(1.0, 1 / shape))
    plain = rng.random() < 0.4
    ground = Image.new("RGB", (width, height), rng.choice(GROUNDS)) if plain else other(rng, width, height)
    left, top = rng.randint(0, width - p.width), rng.randint(0, height - p.height)
    frame = rng.choice((0, 0, max(2, p.width // 80)))
    if frame:
        box = (left - frame, top - frame, left + p.width + frame - 1, top + p.height + frame - 1)
        ImageDraw.Draw(ground).rectangle(box, fill=rng.choice(("white", "black")))
    ground.paste(p, (left, top))
    return ground


def chat(p: Picture, rng: random.Random) -> Picture:
    """The screen of a telephone that shows the picture in a chat, between messages, in a light or a dark theme."""
    width = 540
    height = round(width * rng.uniform(*SCREEN_HEIGHTS))
    dark = rng.random() < 0.5
    ground, bar, bubbles, ink = (
        ("#101418", "#1f262d", ("#22303a", "#075e54"), "#e8e8e8")
        if dark
        else (rng.choice(("#ffffff", "#efe7de", "#e5ebf1")), "#f6f6f6", ("#ffffff", "#d9fdd3"), "#202020")
    )
    screen = Image.new("RGB", (width, height), ground)
    top, bottom = (round(width * rng.uniform(*BARS)) for _ in range(2))
    across = width * rng.uniform(*CHAT_WIDTHS)
    scale = min(across / p.width, (height - top - bottom) * 0.8 / p.height)
    shown = p.resize((max(48, round(p.width * scale)), max(48, round(p.height * scale))), Image.Resampling.LANCZOS)
    at = rng.randint(top + 12, max(top + 12, height - bottom - shown.height - 12))
    draw = ImageDraw.Draw(screen)
    y = top + 12 - rng.randint(0, 60)
    while y < height:
        if y < at + shown.height and y + 60 > at:
            y = at + shown.height + 14
            continue
        mine, many = rng.random() < 0.5, rng.randint(1, 3)
        text = "\n".join(" ".join(rng.choices(WORDS, k=rng.randint(2, 6))) for _ in range(many))
        box = draw.multiline_textbbox((0, 0), text, font=ImageFont.load_default(18))
        wide, high = round(box[2]) + 28, round(box[3]) + 20
        if y < at < y + high + 6:
            y = at + shown.height + 14
            continue
        left = width - wide - 14 if mine else 14
        draw.rounded_rectangle((left, y, left + wide, y + high), 12, fill=bubbles[mine])
        draw.multiline_text((left + 14, y + 8), text, fill=ink, font=ImageFont.load_default(18))
        y += high + rng.randint(8, 26)
    left = width - shown.width - 14 if rng.random() < 0.5 else 14
    if rng.random() < 0.5:
        box_of = (left - 5, at - 5, left + shown.width + 4, at + shown.height + 4)
        draw.rounded_rectangle(box_of, 12, fill=bubbles[left > 14])
    mask = Image.new("L", shown.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *(side - 1 for side in shown.size)), rng.choice((0, 6, 14)), fill=255)
    screen.paste(shown, (left, at), mask)
    draw.rectangle((0, 0, width, top), fill=bar)
    draw.rectangle((0, height - bottom, width, height), fill=bar)
    draw.ellipse((16, top // 2 - 18, 52, top // 2 + 18), fill="#8090a0")
    draw.text((66, top // 2 - 10), " ".join(rng.sample(WORDS, 2)), fill=ink, font=ImageFont.load_default(20))
    return screen


def laid_over(p: Picture, rng: random.Random, low: float, high: float) -> Picture:
    """Something over this share of the picture: a disc, a bar, a shape, a face, a label with words, a small picture."""
    size = rng.uniform(low, high) * p.width * p.height
    shape = rng.uniform(0.5, 2.0)
    width = min(p.width - 2, max(8, round((size * shape) ** 0.5)))
    height = min(p.height - 2, max(8, round(size / width)))
    left, top = rng.randint(0, p.width - width), rng.randint(0, p.height - height)
    box = (left, top, left + width, top + height)
    copy, kind = p.copy(), rng.choice(("disc", "bar", "shape", "face", "label", "picture", "blur"))
    draw, colour = ImageDraw.Draw(copy), rng.choice(STICKERS)
    if kind in ("disc", "face"):
        draw.ellipse(box, fill=colour)
        if kind == "face":
            _face(draw, box)
    elif kind == "shape":
        corners = rng.randint(3, 6)
        angles = sorted(rng.uniform(0, 2 * np.pi) for _ in range(corners))
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        points = [
            (middle[0] + np.cos(one) * width / 2, middle[1] + np.sin(one) * height / 2)
            for one in (*angles, angles[0] + np.pi)
        ]
        draw.polygon(points, fill=colour)
    elif kind == "picture":
        copy.paste(other(rng, width, height), box[:2])
    elif kind == "blur":
        copy.paste(copy.crop(box).filter(ImageFilter.GaussianBlur(max(width, height) / 6)), box[:2])
    else:
        draw.rectangle(box, fill=colour)
        if kind == "label":
            ink = "black" if sum(Image.new("RGB", (1, 1), colour).tobytes()) > 380 else "white"
            font = ImageFont.load_default(max(9.0, height / 3))
            draw.text((left + 4, top + height // 4), " ".join(rng.sample(WORDS, 3)), fill=ink, font=font)
    return copy


def _face(draw: ImageDraw.ImageDraw, box: Rectangle) -> None:
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    for eye in (0.32, 0.68):
        x, y, half = left + eye * width, top + 0.38 * height, 0.07 * min(width, height)
        draw.ellipse((x - half, y - half, x + half, y + half), fill="black")
    draw.arc((left + 0.25 * width, top + 0.35 * height, left + 0.75 * width, top + 0.78 * height), 20, 160, "black", 2)


def _gutter(p: Picture, rng: random.Random) -> int:
    return rng.choice((0, round(min(p.size) * rng.uniform(0.008, 0.05))))
