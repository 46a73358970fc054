"""AVIFs and HEIFs with unusual boxes: boxes that no decoder needs are renamed to free space in place.

Nothing is moved, because an index names pixels by their places in the file. The size of the pixels is the one in the
file.
"""

from __future__ import annotations

from struct import error as struct_error
from struct import pack_into, unpack_from

from tutela.media.limits import Limits
from tutela.media.salvage.salvaged import Salvaged, nothing

_NEEDED = frozenset((b"ftyp", b"meta", b"mdat", b"idat", b"moov", b"mini"))
_AVIF, _HEIF = b"avif", b"heic"


def salvage(data: bytes, limits: Limits) -> Salvaged:
    """The file with its boxes in order. Raises `Refusal` where that changes nothing, or it is no such file."""
    out, at, seen, last, tracks = bytearray(data), 0, set[bytes](), (0, b""), list[int]()
    try:
        while at + 8 <= len(data):
            size, kind = unpack_from(">I4s", data, at)
            head = 16 if size == 1 else 8
            size = unpack_from(">Q", data, at + 8)[0] if size == 1 else size or len(data) - at
            if size < head:
                break
            if at + size > len(data):
                if kind != b"mdat" and {b"meta", b"mdat"} <= seen:
                    break
                pack_into(">I", out, at, 0)
                size = len(data) - at
            if kind not in _NEEDED or (kind in (b"ftyp", b"meta") and kind in seen):
                out[at + 4 : at + 8] = b"free"
            seen.add(kind)
            tracks += [at] if kind == b"moov" else []
            last, at = (at, kind), at + size
    except struct_error:
        pass
    if b"ftyp" not in seen or not seen & {b"meta", b"moov", b"mini"}:
        raise nothing(data)
    if last[1] == b"mdat" and at < len(data):
        # Perhaps its size is stated too small; a decoder takes of it what the index names.
        pack_into(">I", out, last[0], 0)
        at = len(data)
    for place in tracks if b"meta" in seen else ():
        # No picture decoder knows this kind of track; the picture is stored separately.
        out[place + 4 : place + 8] = b"free"
    _brand(out)
    changed = bytes(out[:at])
    if changed == data:
        raise nothing(data)
    return Salvaged(file=changed)


def _brand(out: bytearray) -> None:
    """Use a compatible brand if a decoder does not understand the file's own brand."""
    end = min(unpack_from(">I", out)[0], 512)
    like = {bytes(out[k : k + 4]) for k in range(8, end, 4) if k != 12}
    if like & {_AVIF, b"avis"} and out[8:12] not in (_AVIF, b"avis"):
        out[8:12] = _AVIF
