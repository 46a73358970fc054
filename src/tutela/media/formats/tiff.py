"""Extent of a TIFF's pages in a file, and their number: directories are walked, pixels are not read."""

from __future__ import annotations

from struct import calcsize, unpack_from

from tutela.media.results import Code, Refusal

# A directory has a few dozen entries; more is an attack on the reader.
MAX_ENTRIES = 4096
# Counting stops here: more pages than any limit admits.
MAX_PAGES = 100_000
# Readers skip a private entry that points nowhere, so it must not make a picture "truncated"; baseline ones count.
_FIRST_EXTENSION = 400
_STRIPS = {273: 279, 324: 325}  # offsets -> byte counts, for strips and for tiles
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_TYPES = {3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}


def tiff_extent(data: bytes) -> tuple[int, int]:
    """Return the byte after the last one that any page needs, and the number of pages.

    Raises `struct.error` if a directory is outside the file, `Refusal` (`corrupt`) for directories in a circle.
    """
    order = "<" if data[:2] == b"II" else ">"
    big = unpack_from(order + "H", data, 2)[0] == 43
    at = unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)[0]
    end, seen = 0, set[int]()
    while at and len(seen) < MAX_PAGES:
        if at in seen:
            raise Refusal(Code.CORRUPT, f"the page directory at byte {at} points back to itself")
        seen.add(at)
        reach, at = _directory(data, at, order, big)
        end = max(end, reach)
    if not seen:
        raise Refusal(Code.CORRUPT, "a TIFF without a page")
    return end, len(seen)


def _directory(data: bytes, at: int, order: str, big: bool) -> tuple[int, int]:
    count_code, entry_size, offset_code = ("Q", 20, "Q") if big else ("H", 12, "I")
    count = unpack_from(order + count_code, data, at)[0]
    if count > MAX_ENTRIES:
        raise Refusal(Code.CORRUPT, f"a page directory of {count} entries at byte {at}")
    first = at + calcsize(order + count_code)
    after = first + count * entry_size
    end = after + calcsize(order + offset_code)
    values: dict[int, tuple[int, ...]] = {}
    for position in range(first, after, entry_size):
        tag, kind, amount = unpack_from(order + "HH" + offset_code, data, position)
        here = position + 4 + calcsize(order + offset_code)
        size = amount * _SIZES.get(kind, 1)
        if size > calcsize(order + offset_code):
            here = unpack_from(order + offset_code, data, here)[0]
            end = max(end, here + size) if tag < _FIRST_EXTENSION else end
        if (tag in _STRIPS or tag in _STRIPS.values()) and kind in _TYPES and amount <= len(data):
            values[tag] = unpack_from(f"{order}{amount}{_TYPES[kind]}", data, here)
    for offsets, counts in _STRIPS.items():
        pairs = zip(values.get(offsets, ()), values.get(counts, ()), strict=False)
        end = max([end, *(offset + size for offset, size in pairs)])
    return end, unpack_from(order + offset_code, data, after)[0]
