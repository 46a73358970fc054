"""Mutants of WebMs: every element left out, doubled, moved and voided, sizes, clusters, clocks, cuts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from random import Random

from tests.support.mutations import appearances
from tests.support.mutations.mp4 import encoded
from tests.support.mutations.pieces import Format, Kinds, cuts, flipped, followed

_HEAD, _SEGMENT, _CLUSTER, _TRACKS, _VOID = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0x1654AE6B, 0xEC
_HOLDERS = frozenset(
    (_HEAD, _SEGMENT, _CLUSTER, _TRACKS, 0x1549A966, 0xAE, 0xE0, 0xA0, 0x114D9B74, 0x4DBB, 0x1C53BB6B, 0xBB)
)

type Element = tuple[int, bytes]
type Path = tuple[int, ...]


@cache
def write(number: int) -> bytes:
    """One picture for a second, as VP8."""
    return encoded(number, "webm", "libvpx", {"b": "2M", "deadline": "realtime"})


def _number(data: bytes, at: int, *, marked: bool) -> tuple[int, int]:
    length = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + length])
    return (value if marked else value & (1 << 7 * length) - 1), at + length


def elements(data: bytes) -> list[Element]:
    """Name and body of each; one of unknown size reaches to the end."""
    found, at = list[Element](), 0
    while at < len(data):
        name, at = _number(data, at, marked=True)
        begin = at
        size, at = _number(data, at, marked=False)
        unknown = size == (1 << 7 * (at - begin)) - 1
        end = len(data) if unknown else at + size
        found.append((name, data[at:end]))
        at = end
    return found


def element(name: int, body: bytes, *, width: int = 8) -> bytes:
    size = (len(body) | 1 << 7 * width).to_bytes(width)
    return name.to_bytes((name.bit_length() + 7) // 8) + size + body


def unsized(name: int, body: bytes) -> bytes:
    return name.to_bytes((name.bit_length() + 7) // 8) + b"\x01" + b"\xff" * 7 + body


def paths(data: bytes, above: Path = ()) -> Iterator[tuple[Path, int]]:
    """Every element of the file, by the numbers of those that it lies in."""
    for number, (name, body) in enumerate(elements(data)):
        yield (*above, number), name
        if name in _HOLDERS:
            yield from paths(body, (*above, number))


def changed(data: bytes, path: Path, change: Callable[[int, bytes], bytes]) -> bytes:
    """The file with one element replaced; those around it keep their sizes right."""
    each = elements(data)
    number, *rest = path
    name, body = each[number]
    new = element(name, changed(body, tuple(rest), change)) if rest else change(name, body)
    return b"".join(new if at == number else element(*one) for at, one in enumerate(each))


def _each_element(data: bytes) -> Kinds:
    ways: dict[str, Callable[[int, bytes], bytes]] = {
        "left out": lambda _name, body: element(_VOID, body),
        "twice": lambda name, body: element(name, body) * 2,
        "behind a void": lambda name, body: element(_VOID, bytes(30)) + element(name, body),
        "of a short size": lambda name, body: element(name, body, width=4),
        "empty": lambda name, _body: element(name, b""),
    }
    found: Kinds = {}
    for path, name in paths(data):
        for way, change in ways.items():
            found[f"{name:X}{''.join(f'.{one}' for one in path)} {way}"] = lambda _, path=path, change=change: changed(
                data, path, change
            )
    return found


def _whole(data: bytes) -> Kinds:
    head, segment = (body for _name, body in elements(data)[:2])
    inside = elements(segment)

    def within(change: Callable[[list[Element]], list[bytes]]) -> Callable[[Random], bytes]:
        return lambda _: element(_HEAD, head) + element(_SEGMENT, b"".join(change(inside)))

    def rest(each: list[Element]) -> list[bytes]:
        return [element(*one) for one in each]

    return {
        "segment of unknown size": lambda _: element(_HEAD, head) + unsized(_SEGMENT, segment),
        "clusters of unknown size": within(
            lambda each: [
                unsized(*one) if one[0] == _CLUSTER else element(*one) for one in each if one[0] != 0x1C53BB6B
            ]
        ),
        "clusters alone": within(lambda each: rest([one for one in each if one[0] in (_CLUSTER, _TRACKS, 0x1549A966)])),
        "called matroska": lambda _: data.replace(b"webm", b"matroska"[:4], 1),
        "of another version": lambda _: data.replace(b"\x42\x87\x81\x02", b"\x42\x87\x81\x09"),
        "of an unknown element": within(lambda each: [element(0x4FFF, bytes(50)), *rest(each)]),
        "behind a void": lambda _: element(_VOID, bytes(20)) + data,
        "behind a line": lambda _: b"\r\n" + data,
        "two segments": lambda _: data + element(_SEGMENT, segment),
        "size past the end": lambda _: element(_HEAD, head) + element(_SEGMENT, segment + bytes(900))[:-900],
    }


def kinds(data: bytes) -> Kinds:
    """All ways to change the file."""
    number, end = next(k for k in range(8) if write(k) == data), len(data)
    return (
        _each_element(data)
        | _whole(data)
        | cuts(data)
        | followed(data)
        | appearances.films(number, "webm", "libvpx", {"b": "2M", "deadline": "realtime"})
        | flipped(data, 4, 400, "the head")
        | flipped(data, end // 3, end, "the pixels")
    )


FORMAT = Format("webm", "video/webm", write, kinds)
