"""Mutants of PNGs: each chunk in each way, the zlib stream, order, checksums, cuts."""

from __future__ import annotations

import zlib
from functools import cache, partial
from random import Random
from struct import pack, unpack_from

import numpy as np
from PIL import Image

from tests.support.mutations import appearances, profiles
from tests.support.mutations.pieces import Format, Kinds, another, cuts, flipped, followed, image, paler, picture, put
from tests.support.pictures import encode

type Chunk = tuple[bytes, bytes]
SIGNATURE = b"\x89PNG\r\n\x1a\n"
IEND: Chunk = (b"IEND", b"")
# Chunks that change nothing about how these pictures look, with a body as it should be.
ANCILLARY: dict[str, bytes] = {
    "gAMA": pack(">I", 45455),
    "cHRM": pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
    "sRGB": b"\0",
    "iCCP": b"profile\0\0" + zlib.compress(b"no profile"),
    "tEXt": b"Comment\0a picture",
    "zTXt": b"Comment\0\0" + zlib.compress(b"a picture"),
    "iTXt": b"Comment\0\0\0\0\0a picture",
    "bKGD": pack(">3H", 9, 9, 9),
    "pHYs": pack(">IIB", 2835, 2835, 1),
    "sBIT": b"\x08\x08\x08",
    "hIST": pack(">H", 1),
    "tIME": pack(">H5B", 2020, 1, 2, 3, 4, 5),
    "sPLT": b"name\0\x08" + bytes(6),
    "eXIf": b"MM\0*\0\0\0\x08\0\0\0\0\0\0",
    "tRNS": pack(">3H", 1, 2, 3),
    "acTL": pack(">II", 1, 0),
    "fcTL": pack(">5I2H2B", 0, 16, 16, 0, 0, 1, 10, 0, 0),
    "fdAT": pack(">I", 1) + zlib.compress(bytes(16)),
    "cICP": bytes([1, 13, 0, 1]),
    "oFFs": pack(">iiB", 0, 0, 0),
    "vpAg": pack(">IIB", 1, 1, 0),
    "prVt": b"private",
}


def chunks_of(data: bytes) -> list[Chunk]:
    """Kind and body of each chunk."""
    found, at = [], len(SIGNATURE)
    while at < len(data):
        length, kind = unpack_from(">I4s", data, at)
        found.append((kind, data[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def chunk(kind: bytes, body: bytes, wrong: int = 0) -> bytes:
    """One chunk; `wrong` changes its checksum."""
    return pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body) ^ wrong)


def joined(chunks: list[Chunk], wrong: bytes = b"") -> bytes:
    """A file of chunks; the checksums of kind `wrong` are wrong."""
    return SIGNATURE + b"".join(chunk(kind, body, 1 if kind == wrong else 0) for kind, body in chunks)


def _ancillary(kind: str, parts: list[Chunk]) -> Kinds:
    name, body = kind.encode(), ANCILLARY[kind]
    head, rest = parts[:1], parts[1:]

    def before(new: bytes, times: int = 1, wrong: bytes = b"") -> bytes:
        return joined([*head, *[(name, new)] * times, *rest], wrong)

    return {
        f"{kind}": lambda _: before(body),
        f"{kind} empty": lambda _: before(b""),
        f"{kind} short": lambda rng: before(body[: rng.randrange(len(body))]),
        f"{kind} long": lambda rng: before(body + rng.randbytes(rng.randint(1, 300))),
        f"{kind} of noise": lambda rng: before(rng.randbytes(len(body))),
        f"{kind} with a wrong checksum": lambda _: before(body, wrong=name),
        f"{kind} twice": lambda _: before(body, 2),
        f"{kind} behind the pixels": lambda _: joined([*parts[:-1], (name, body), IEND]),
        f"{kind} behind the pixels, of noise, checksum wrong": lambda rng: joined(
            [*parts[:-1], (name, rng.randbytes(9)), IEND], name
        ),
    }


def _stream(parts: list[Chunk]) -> Kinds:
    """What the pixels are packed in."""
    raw = zlib.decompress(b"".join(body for kind, body in parts if kind == b"IDAT"))
    body = zlib.compress(raw, 6)
    ahead = [one for one in parts if one[0] not in (b"IDAT", b"IEND")]

    def idat(*bodies: bytes) -> bytes:
        return joined([*ahead, *[(b"IDAT", one) for one in bodies], IEND])

    def split(rng: Random, between: list[Chunk]) -> bytes:
        at = rng.randrange(1, len(body))
        return joined([*ahead, (b"IDAT", body[:at]), *between, (b"IDAT", body[at:]), IEND])

    def packed(level: int, window: int = 15) -> bytes:
        way = zlib.compressobj(level, zlib.DEFLATED, window)
        return way.compress(raw) + way.flush()

    return {
        "checksum of the stream wrong": lambda rng: idat(body[:-4] + rng.randbytes(4)),
        "checksum of the stream missing": lambda _: idat(body[:-4]),
        "checksum of the stream cut": lambda rng: idat(body[: -rng.randint(1, 3)]),
        "stream without its end": lambda rng: idat(body[: -rng.randint(5, 40)]),
        "stream followed by bytes": lambda rng: idat(body + rng.randbytes(200)),
        "stream followed by another chunk": lambda _: idat(body, body),
        "rows more than there are": lambda rng: idat(zlib.compress(raw + rng.randbytes(len(raw) // 7))),
        "rows less than there are": lambda rng: idat(zlib.compress(raw[: len(raw) - len(raw) // rng.randint(20, 90)])),
        "a byte less than there are": lambda _: idat(zlib.compress(raw[:-1])),
        "small window": lambda _: idat(packed(6, 9)),
        "window stated too small": lambda _: idat(bytes([0x18, 0x19]) + body[2:]),
        "window stated too large": lambda _: idat(bytes([0x88, 0x1C]) + body[2:]),
        "header check wrong": lambda _: idat(bytes([body[0], body[1] ^ 1]) + body[2:]),
        "stored": lambda _: idat(packed(0)),
        "in many pieces": lambda rng: idat(*(body[at : at + 61] for at in range(0, len(body), 61))),
        "in pieces with empty ones": lambda _: idat(b"", body[:100], b"", body[100:], b""),
        "pieces apart, a text between": lambda rng: split(rng, [(b"tEXt", b"a\0b")]),
        "pieces apart, private between": lambda rng: split(rng, [(b"prVt", b"xy")]),
        "pieces apart, a palette between": lambda rng: split(rng, [(b"PLTE", bytes(9))]),
        "filters unknown": lambda rng: idat(zlib.compress(_other_filter(raw, rng, parts))),
        "dictionary asked for": lambda _: idat(bytes([0x78, 0xBB]) + body[2:]),
    }


def _other_filter(raw: bytes, rng: Random, parts: list[Chunk]) -> bytes:
    _width, height = unpack_from(">II", parts[0][1])
    row = len(raw) // height
    return put(raw, row * rng.randrange(height * 3 // 4, height), bytes([rng.choice((5, 9, 255))]))


def _frame(data: bytes, parts: list[Chunk]) -> Kinds:
    """What stands around the pixels: end, order, checksums, lengths."""
    head, body = parts[0], [one for one in parts if one[0] == b"IDAT"]
    text = b"Comment\0\0" + zlib.compress(bytes(2 << 20))
    return {
        "without an end": lambda _: joined(parts[:-1]),
        "end cut": lambda rng: data[: len(data) - rng.randint(1, 11)],
        "end with a wrong checksum": lambda _: joined(parts, b"IEND"),
        "end with a body": lambda _: joined([*parts[:-1], (b"IEND", b"more")]),
        "end twice": lambda _: joined([*parts, IEND]),
        "end with a length past the file": lambda _: data[:-12] + b"\xff\xff\xff\xff" + data[-8:],
        "pixels with a wrong checksum": lambda _: joined(parts, b"IDAT"),
        "head with a wrong checksum": lambda _: joined(parts, b"IHDR"),
        "head twice": lambda _: joined([head, *parts]),
        "head longer": lambda _: joined([(b"IHDR", head[1] + b"\0"), *parts[1:]]),
        "head second": lambda _: joined([(b"tEXt", b"a\0b"), *parts]),
        "a palette that is not asked for": lambda _: joined([head, (b"PLTE", bytes(range(48))), *parts[1:]]),
        "a palette behind the pixels": lambda _: joined([*parts[:-1], (b"PLTE", bytes(9)), IEND]),
        "a palette of a wrong length": lambda _: joined([head, (b"PLTE", bytes(10)), *parts[1:]]),
        "an unknown chunk that is critical": lambda _: joined([head, (b"ABCD", b"xy"), *parts[1:]]),
        "a chunk of a name that is none": lambda _: joined([head, (b"\0\1\2\3", b"xy"), *parts[1:]]),
        "a text of two megabytes": lambda _: joined([head, (b"zTXt", text), *parts[1:]]),
        "a text of two megabytes, behind": lambda _: joined([*parts[:-1], (b"zTXt", text), IEND]),
        "many texts": lambda _: joined([head, *[(b"tEXt", b"Comment\0" + bytes([65]) * 900)] * 1200, *parts[1:]]),
        "a long profile": lambda _: joined([head, (b"iCCP", b"p\0\0" + zlib.compress(bytes(9 << 20))), *parts[1:]]),
        "a picture in a chunk": lambda _: joined([head, (b"prVt", another()), *parts[1:]]),
        "length of the last pixels past the file": lambda _: (
            joined([head]) + pack(">I", len(body[0][1]) + 5000) + b"IDAT" + body[0][1]
        ),
        "length of the last pixels short": lambda rng: (
            joined([head]) + pack(">I", len(body[0][1]) - rng.randint(1, 30)) + b"IDAT" + body[0][1] + chunk(*IEND)
        ),
        "text with a length past the file": lambda _: joined(parts[:-1]) + b"\x7f\xff\xff\xfftEXtabc",
    }


def _forms(number: int) -> Kinds:
    """The same picture in other colours and depths, cut short at the end, and whole."""
    ways = {
        "palette": lambda: encode(image(number).quantize(220), "PNG"),
        "grey": lambda: encode(image(number, "L"), "PNG"),
        "with transparency": lambda: encode(image(number, "RGBA"), "PNG"),
        "interlaced": lambda: interlaced(number),
        "moving": lambda: encode(image(number), "PNG", save_all=True, append_images=[image(number)] * 2),
    }
    kinds: Kinds = {name: lambda _, make=make: make() for name, make in ways.items()}
    for name, make in ways.items():
        kinds[f"{name}, cut near its end"] = lambda rng, make=make: make()[: -rng.randint(13, 600)]
        kinds[f"{name}, without an end"] = lambda _, make=make: joined(chunks_of(make())[:-1])
        kinds[f"{name}, with a wrong checksum"] = lambda _, make=make: joined(chunks_of(make()), b"IDAT")
    for share in (0.5, 0.8, 0.95):
        kinds[f"palette of {share} of its colours"] = lambda _, share=share: _short_palette(number, share)
    for depth in (1, 2, 3, 200):
        kinds[f"palette, {depth} bytes of transparency"] = lambda _, many=depth: _seen_through(number, many)
    return kinds


def _short_palette(number: int, share: float) -> bytes:
    parts = chunks_of(encode(image(number).quantize(220), "PNG"))
    kept = int(220 * share) * 3
    return joined([(kind, body[:kept] if kind == b"PLTE" else body) for kind, body in parts])


def _seen_through(number: int, many: int) -> bytes:
    head, *rest = chunks_of(encode(image(number).quantize(220), "PNG"))
    at = next(k for k, one in enumerate(rest) if one[0] == b"IDAT")
    return joined([head, *rest[:at], (b"tRNS", b"\xff" * many + (b"\0" * 90 if many > 99 else b"")), *rest[at:]])


@cache
def interlaced(number: int) -> bytes:
    """The picture in seven passes."""
    rgb = picture(number)
    steps = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    raw = b""
    for left, top, right, down in steps:
        some = np.ascontiguousarray(rgb[top::down, left::right])
        raw += b"".join(b"\0" + row.tobytes() for row in some)
    head = pack(">IIBBBBB", rgb.shape[1], rgb.shape[0], 8, 2, 0, 0, 1)
    return joined([(b"IHDR", head), (b"IDAT", zlib.compress(raw)), IEND])


def _by_curve(number: int) -> Kinds:
    """Pixels that are stored by another curve or other colours, and what says so."""
    rgb = picture(number)

    def made(stored: np.ndarray, kind: bytes, body: bytes) -> bytes:
        head, *rest = chunks_of(encode(Image.fromarray(stored.astype(np.uint8)), "PNG"))
        return joined([head, (kind, body), *rest])

    found: Kinds = {}
    for value in (9000, 22000, 100000, 250000):
        stored, body = np.round(255 * (rgb / 255.0) ** (value / 45455)), pack(">I", value)
        found[f"gamma {value}, pixels so"] = lambda _, by=stored, body=body: made(by, b"gAMA", body)
    for transfer, power in ((8, 2.2), (5, 2.2 / 2.8), (4, 1.0)):
        stored, body = np.round(255 * (rgb / 255.0) ** power), bytes([1, transfer, 0, 1])
        found[f"transfer {transfer}, pixels so"] = lambda _, by=stored, body=body: made(by, b"cICP", body)
    turned, body = rgb[..., [1, 2, 0]], pack(">8I", 31270, 32900, 30000, 60000, 15000, 6000, 64000, 33000)
    found["primaries in another order, pixels so"] = lambda _: joined(
        [
            *chunks_of(made(turned, b"gAMA", pack(">I", 45455)))[:2],
            (b"cHRM", body),
            *chunks_of(made(turned, b"gAMA", b""))[2:],
        ]
    )
    return found


def write(number: int) -> bytes:
    return encode(Image.fromarray(picture(number)), "PNG")


def kinds(data: bytes) -> Kinds:
    parts = chunks_of(data)
    number = next(n for n in range(8) if picture(n).shape[1::-1] == unpack_from(">II", data, 16))
    found: Kinds = {}
    for kind in ANCILLARY:
        found |= _ancillary(kind, parts)
    found |= _stream(parts) | _frame(data, parts) | _forms(number) | cuts(data) | followed(data)
    found |= _by_curve(number) | profiles.kinds(number, "PNG") | paler(number, "PNG")
    found |= appearances.alpha(number, "PNG") | appearances.times(number, "PNG") | appearances.sizes(number, "PNG")
    found |= flipped(data, 33, len(data) - 12, "the pixels") | flipped(data, 8, 33, "the head", (1,))
    return found


FORMAT = Format("png", "image/png", cache(write), partial(kinds))
