"""Mutants of MP4s: every box left out, doubled, renamed and moved, sizes, brands, clocks, fragments, cuts."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from struct import pack, pack_into, unpack_from

import av

from tests.support.mutations import appearances
from tests.support.mutations.pieces import Format, Kinds, cuts, flipped, followed, image
from tests.support.videos import usual_priority

SIZE, RATE, FRAMES = (224, 160), 5, 5
_HOLDERS = frozenset(
    (b"moov", b"trak", b"edts", b"mdia", b"minf", b"dinf", b"stbl", b"udta", b"mvex", b"moof", b"traf")
)

type Path = tuple[int, ...]


def encoded(number: int, container: str, codec: str, options: dict[str, str], flags: str = "") -> bytes:
    """A video that shows one picture for a second."""
    out = io.BytesIO()
    with usual_priority(), av.open(out, "w", format=container, options={"movflags": flags} if flags else {}) as opened:
        stream = opened.add_stream(codec, rate=RATE)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.options = options
        stream.codec_context.thread_count = 1
        shown = image(number).resize(SIZE)
        for at in range(FRAMES):
            frame = av.VideoFrame.from_image(shown)
            frame.pts = at
            opened.mux(stream.encode(frame))
        opened.mux(stream.encode())
    return out.getvalue()


@cache
def write(number: int) -> bytes:
    """The pixels before the index, so that a change of the index moves nothing that it names."""
    return encoded(number, "mp4", "libx264", {"crf": "18"})


def box(kind: bytes, body: bytes = b"") -> bytes:
    return pack(">I", 8 + len(body)) + kind + body


def boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    """Name and body of each."""
    found, at = [], 0
    while at + 8 <= len(data):
        size, kind = unpack_from(">I4s", data, at)
        found.append((kind, data[at + 8 : at + (size or len(data) - at)]))
        at += size or len(data)
    return found


def joined(each: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(box(kind, body) for kind, body in each)


def paths(data: bytes, above: Path = ()) -> Iterator[tuple[Path, bytes]]:
    """Every box of the file, by the numbers of the boxes that it lies in."""
    for number, (kind, body) in enumerate(boxes(data)):
        yield (*above, number), kind
        if kind in _HOLDERS:
            yield from paths(body, (*above, number))


def changed(data: bytes, path: Path, change: Callable[[bytes, bytes], bytes]) -> bytes:
    """The file with one box replaced; those around it keep their sizes right."""
    each = [(kind, body, box(kind, body)) for kind, body in boxes(data)]
    number, *rest = path
    kind, body, _ = each[number]
    new = box(kind, changed(body, tuple(rest), change)) if rest else change(kind, body)
    return b"".join(new if at == number else whole for at, (_, _, whole) in enumerate(each))


def _each_box(data: bytes) -> Kinds:
    found: Kinds = {}
    for path, kind in paths(data):
        name = kind.decode("latin-1") + "".join(f".{number}" for number in path)
        ways: dict[str, Callable[[bytes, bytes], bytes]] = {
            "left out": lambda _kind, body: box(b"free", body),
            "twice": lambda kind, body: box(kind, body) * 2,
            "behind free space": lambda kind, body: box(b"free", bytes(40)) + box(kind, body),
            "with more behind": lambda kind, body: box(kind, body + bytes(8)),
        }
        # What would move the pixels.
        if kind in (b"ftyp", b"free", b"mdat"):
            del ways["twice"], ways["behind free space"], ways["with more behind"]
        for way, change in ways.items():
            found[f"{name} {way}"] = lambda _, path=path, change=change: changed(data, path, change)
    return found


def _at(data: bytes, name: bytes, place: int, form: str, *values: int) -> bytes:
    out = bytearray(data)
    pack_into(form, out, data.index(name) + 4 + place, *values)
    return bytes(out)


def _shifted(data: bytes, by: int) -> bytes:
    at = data.index(b"stco") + 4
    (count,) = unpack_from(">I", data, at + 4)
    for k in range(count):
        place = at + 8 + 4 * k
        data = data[:place] + pack(">I", unpack_from(">I", data, place)[0] + by) + data[place + 4 :]
    return data


def _whole(data: bytes) -> Kinds:
    each = boxes(data)
    head, index = dict(each)[b"ftyp"], dict(each)[b"moov"]
    rest = [(kind, body) for kind, body in each if kind not in (b"ftyp", b"moov")]
    pixels = dict(each)[b"mdat"]

    def ahead(kind: bytes, body: bytes) -> bytes:
        new = box(kind, body)
        return new + _shifted(data, len(new))

    def branded(major: bytes) -> Callable[[Random], bytes]:
        return lambda _: box(b"ftyp", major + head[4:]) + joined(each[1:])

    large = pack(">I4sQ", 1, b"mdat", 16 + len(pixels)) + pixels
    small = b"".join(box(kind, body) for kind, body in rest if kind != b"mdat")
    fast = box(b"ftyp", head) + box(b"moov", _shifted(index, 8 + len(index))) + joined(rest)
    found: Kinds = {
        "index first": lambda _: fast,
        "pixels of a large size": lambda _: box(b"ftyp", head) + small + large + box(b"moov", _shifted(index, 8)),
        "index of no size": lambda _: joined(each[:-1]) + pack(">I", 0) + b"moov" + index,
        "index beyond the end": lambda _: joined(each[:-1]) + pack(">I", len(index) + 900) + b"moov" + index,
        "clock of a million": lambda _: _at(data, b"mdhd", 12, ">I", 1_000_000),
        "clock of one": lambda _: _at(data, b"mdhd", 12, ">I", 1),
        "length of none": lambda _: _at(data, b"mdhd", 16, ">I", 0),
        "length of an age": lambda _: _at(data, b"mvhd", 16, ">I", 0xFFFFFFFF),
        "track off": lambda _: _at(data, b"tkhd", 0, ">I", 0),
        "track number of another": lambda _: _at(data, b"tkhd", 12, ">I", 77),
        "width of another": lambda _: _at(data, b"tkhd", 76, ">II", 64 << 16, 48 << 16),
        "coded width of another": lambda _: _at(data, b"avc1", 24, ">HH", 64, 48),
        "list of edits that begins late": lambda _: _at(data, b"elst", 12, ">I", 4096),
        "list of edits that ends early": lambda _: _at(data, b"elst", 8, ">I", 200),
        "empty edit": lambda _: _at(data, b"elst", 12, ">i", -1),
        "no key frames": lambda _: data.replace(b"stss", b"free"),
        "samples at once": lambda _: _at(data, b"stts", 12, ">I", 0),
        "samples an age apart": lambda _: _at(data, b"stts", 12, ">I", 0x7FFFFFFF),
        "of another handler": lambda _: data.replace(b"vide", b"abcd", 1),
        "of another name": lambda _: data.replace(b"VideoHandler", b"SoundHandler"),
        "parameters in the samples": lambda _: data.replace(b"avc1avc1", b"avc1avc3").replace(b"\0avc1", b"\0avc3"),
        "text before it": lambda _: b"\r\n" + data,
        "behind noise": lambda rng: ahead(b"uuid", rng.randbytes(200)),
        "behind a picture": lambda _: ahead(b"junk", b"\x89PNG\r\n\x1a\n" + bytes(60)),
    }
    found |= {
        f"behind {kind.decode()}": lambda _, kind=kind: ahead(kind, bytes(30)) for kind in (b"free", b"skip", b"abcd")
    }
    found |= {
        f"of brand {one.decode()}": branded(one) for one in (b"qt  ", b"M4V ", b"avif", b"heic", b"abcd", b"jp2 ")
    }
    return found


def _fragments(number: int) -> Kinds:
    flags = {
        "in fragments": "frag_keyframe+empty_moov+default_base_moof",
        "in fragments with an index": "frag_keyframe",
        "in fragments with numbers": "frag_keyframe+empty_moov+separate_moof",
        "with times that are negative": "negative_cts_offsets",
    }
    return {
        name: lambda _, flag=flag: encoded(number, "mp4", "libx264", {"crf": "18"}, flag)
        for name, flag in flags.items()
    }


def kinds(data: bytes) -> Kinds:
    """All ways to change the file."""
    number = next(k for k in range(8) if write(k) == data)
    end = len(data)
    return (
        _each_box(data)
        | _whole(data)
        | _fragments(number)
        | cuts(data)
        | followed(data)
        | appearances.films(number, "mp4", "libx264", {"crf": "18"})
        | flipped(data, data.index(b"moov"), end, "the index")
        | flipped(data, data.index(b"mdat") + 8, data.index(b"moov") - 4, "the pixels")
    )


FORMAT = Format("mp4", "video/mp4", write, kinds)
