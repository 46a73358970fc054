"""Generated pictures for tests: landscapes and textures out of numbers, the same for the same seed; no figures.

`landscape` and `texture` make RGB arrays, `FORMS` writes one picture in every format and colour mode the hasher
reads, `EDITS` are what happens to pictures on their way through the net.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageEnhance, ImageOps

from tests.support.kept_media import kept

pillow_heif.register_heif_opener()

type Rgb = NDArray[np.uint8]

# Formats whose encoders take long enough to keep what they wrote.
SLOW = ("AVIF", "HEIF", "WEBP", "JPEG2000")
PHOTOS = Path(__file__).parents[1] / "fixtures" / "photos"


def photos() -> list[Path]:
    """The real photographs, in order of name."""
    return sorted(path for path in PHOTOS.iterdir() if path.suffix in (".jpg", ".png"))


def landscape(seed: int = 0, width: int = 640, height: int = 480) -> Rgb:
    """Sky, three ridges and a foreground: large shapes, as photographs have, with a little grain."""
    rng = np.random.default_rng(seed)
    x, y = np.linspace(0, 1, width), np.linspace(0, 1, height)[:, None]
    sky = np.array([90, 140, 220]) + (np.array([250, 200, 150]) - np.array([90, 140, 220])) * y[..., None]
    picture = np.broadcast_to(sky, (height, width, 3)).copy()
    sun = (x - rng.uniform(0.1, 0.9)) ** 2 + (y - rng.uniform(0.05, 0.3)) ** 2
    picture += 160 * np.exp(-sun * rng.uniform(60, 200))[..., None]
    for layer in range(1, 4):
        ridge = 0.25 + 0.18 * layer + _curve(rng, x, 0.12)
        colour = rng.uniform(20, 150, 3) * (1.2 - 0.2 * layer)
        picture = np.where((y > ridge)[..., None], colour + 60 * (y - ridge)[..., None], picture)
    grain = rng.normal(0, 6, (height, width, 1))
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def texture(seed: int = 0, width: int = 512, height: int = 512) -> Rgb:
    """A field of smooth waves in all directions, with strong structure in every part."""
    rng = np.random.default_rng(seed)
    x, y = np.linspace(0, 1, width), np.linspace(0, 1, height)[:, None]
    picture = np.zeros((height, width, 3))
    for _ in range(40):
        wave = np.sin(2 * np.pi * (rng.uniform(-9, 9) * x + rng.uniform(-9, 9) * y + rng.uniform()))
        picture += wave[..., None] * (rng.uniform(-1, 1) + rng.uniform(-0.3, 0.3, 3))
    return np.clip(127 + 24 * picture, 0, 255).astype(np.uint8)


def turned(rgb: Rgb, degrees: float) -> Rgb:
    """A picture turned by some degrees inside its frame, its corners black."""
    return np.asarray(Image.fromarray(rgb).rotate(degrees, Image.Resampling.BICUBIC))


def _curve(rng: np.random.Generator, x: NDArray[np.float64], size: float) -> NDArray[np.float64]:
    waves = [np.sin(2 * np.pi * (k * x + rng.uniform())) / k * rng.normal() for k in range(1, 8)]
    return size * np.asarray(sum(waves))


def encode(image: Image.Image, format_name: str, **options: Any) -> bytes:
    """The image as a file in memory."""
    if format_name not in SLOW or "append_images" in options:
        return _encoded(image, format_name, options)
    recipe = f"{format_name} {image.mode} {image.size} {image.info} {image.getpalette()} {sorted(options.items())}"
    return kept(lambda: _encoded(image, format_name, options), recipe, [image.tobytes()])


def _encoded(image: Image.Image, format_name: str, options: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    image.save(out, format_name, **options)
    return out.getvalue()


def jpeg(rgb: Rgb, quality: int = 92, **options: Any) -> bytes:
    """A JPEG of the array."""
    return encode(Image.fromarray(rgb), "JPEG", quality=quality, **options)


def png(rgb: Rgb) -> bytes:
    """A PNG of the array, quick to write."""
    return encode(Image.fromarray(rgb), "PNG", compress_level=1)


def animation(format_name: str, frames: int = 12, size: int = 96) -> bytes:
    """A moving picture of `frames` different textures."""
    pictures = [Image.fromarray(texture(seed, size, size)) for seed in range(frames)]
    return encode(pictures[0], format_name, save_all=True, append_images=pictures[1:], duration=40)


def _opaque(rgb: Rgb, mode: str) -> Image.Image:
    return Image.fromarray(rgb).convert(mode)


def _sixteen_bits(rgb: Rgb) -> Image.Image:
    return Image.fromarray(np.asarray(_opaque(rgb, "L")).astype(np.uint16) * 257)


def _float(rgb: Rgb) -> Image.Image:
    return Image.fromarray(np.asarray(_opaque(rgb, "L")).astype(np.float32) / 255)


def _wide(rgb: Rgb) -> Image.Image:
    return Image.fromarray(np.asarray(_opaque(rgb, "L")).astype(np.int32) * 257)


def _lab(rgb: Rgb) -> Image.Image:
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    converted = ImageCms.applyTransform(Image.fromarray(rgb), to_lab)
    assert converted is not None
    return converted


def _profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _dither(rgb: Rgb) -> Image.Image:
    return _opaque(rgb, "1")


# One picture in every format and colour mode: a name, and how to write it.
FORMS: dict[str, Callable[[Rgb], bytes]] = {
    "jpeg": jpeg,
    "jpeg progressive": lambda rgb: jpeg(rgb, progressive=True),
    "jpeg grey": lambda rgb: encode(_opaque(rgb, "L"), "JPEG", quality=92),
    "jpeg cmyk": lambda rgb: encode(_opaque(rgb, "CMYK"), "JPEG", quality=92),
    "jpeg icc": lambda rgb: jpeg(rgb, icc_profile=_profile()),
    "jpeg ycbcr": lambda rgb: encode(_opaque(rgb, "YCbCr"), "JPEG", quality=92),
    "png": png,
    "png palette": lambda rgb: encode(Image.fromarray(rgb).quantize(200), "PNG"),
    "png palette transparent": lambda rgb: encode(Image.fromarray(rgb).quantize(200), "PNG", transparency=255),
    "png one bit": lambda rgb: encode(_dither(rgb), "PNG"),
    "png grey": lambda rgb: encode(_opaque(rgb, "L"), "PNG"),
    "png grey alpha": lambda rgb: encode(_opaque(rgb, "LA"), "PNG"),
    "png 16 bits": lambda rgb: encode(_sixteen_bits(rgb), "PNG"),
    "png rgba": lambda rgb: encode(_opaque(rgb, "RGBA"), "PNG", compress_level=1),
    "gif": lambda rgb: encode(Image.fromarray(rgb), "GIF"),
    "gif transparent": lambda rgb: encode(Image.fromarray(rgb).quantize(200), "GIF", transparency=255),
    "webp": lambda rgb: encode(Image.fromarray(rgb), "WEBP", quality=90, method=0),
    "webp lossless alpha": lambda rgb: encode(_opaque(rgb, "RGBA"), "WEBP", lossless=True, quality=0, method=0),
    "bmp": lambda rgb: encode(Image.fromarray(rgb), "BMP"),
    "bmp palette": lambda rgb: encode(Image.fromarray(rgb).quantize(200), "BMP"),
    "tiff": lambda rgb: encode(Image.fromarray(rgb), "TIFF"),
    "tiff lzw": lambda rgb: encode(Image.fromarray(rgb), "TIFF", compression="tiff_lzw"),
    "tiff cmyk": lambda rgb: encode(_opaque(rgb, "CMYK"), "TIFF"),
    "tiff ycbcr": lambda rgb: encode(_opaque(rgb, "YCbCr"), "TIFF"),
    "tiff lab": lambda rgb: encode(_lab(rgb), "TIFF"),
    "tiff float": lambda rgb: encode(_float(rgb), "TIFF"),
    "tiff 32 bits": lambda rgb: encode(_wide(rgb), "TIFF"),
    "tiff 16 bits": lambda rgb: encode(_sixteen_bits(rgb), "TIFF"),
    "tiff rgbx": lambda rgb: encode(_opaque(rgb, "RGBX"), "TIFF"),
    "heif": lambda rgb: encode(Image.fromarray(rgb), "HEIF", quality=90),
    "avif": lambda rgb: encode(Image.fromarray(rgb), "AVIF", quality=90, speed=10),
}

# What a known picture goes through; a list should still recognise it afterwards.
EDITS: dict[str, Callable[[Rgb], Rgb]] = {
    "recompressed": lambda rgb: np.asarray(Image.open(io.BytesIO(jpeg(rgb, quality=60))).convert("RGB")),
    "resized": lambda rgb: np.asarray(Image.fromarray(rgb).resize((rgb.shape[1] // 2, rgb.shape[0] // 2))),
    "mirrored": lambda rgb: np.ascontiguousarray(rgb[:, ::-1]),
    "bordered": lambda rgb: np.asarray(ImageOps.expand(Image.fromarray(rgb), rgb.shape[1] // 20, "black")),
    "brightened": lambda rgb: np.asarray(ImageEnhance.Brightness(Image.fromarray(rgb)).enhance(1.1)),
}


def oversized_png(width: int, height: int) -> bytes:
    """A few bytes that claim a picture of `width` × `height`: the classic pixel bomb."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 4096))
        + chunk(b"IEND", b"")
    )
