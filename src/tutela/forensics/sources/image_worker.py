"""Reader of one disk image, a process of its own: `main` takes the limits and the image's descriptors.

Runs confined as the decoders do: every module is loaded, then the process enters the cage, and only then reads the
first byte of the image through the descriptors that its parent opened for reading. See `image_frames` for its messages.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import pytsk3

from tutela.forensics.sources.image_containers import SECTOR, ByteRange, ContainerRefused, TskImage, open_container
from tutela.forensics.sources.image_frames import (
    AREA,
    DATA,
    END,
    FAILED,
    FILE,
    LONGEST_PATH,
    MOST_FRAME,
    READY,
    send_frame,
)
from tutela.media.limits import Limits
from tutela.media.sandbox import cage

MOST_DEPTH = 200
_PIECE = MOST_FRAME
# A small file and its end are sent by one call.
_SENT_AT_ONCE = 1 << 17
_REGULAR = pytsk3.TSK_FS_META_TYPE_REG
_DIRECTORY = pytsk3.TSK_FS_META_TYPE_DIR
_DATA = frozenset(
    (pytsk3.TSK_FS_ATTR_TYPE_DEFAULT, pytsk3.TSK_FS_ATTR_TYPE_NTFS_DATA, pytsk3.TSK_FS_ATTR_TYPE_HFS_DATA)
)
# First bytes of volumes that are encrypted: LUKS and BitLocker.
_ENCRYPTED = ((0, b"LUKS\xba\xbe"), (3, b"-FVE-FS-"))


def main(arguments: list[str]) -> int:
    """Answer requests until stdin ends."""
    limits = Limits.from_text(arguments[1])
    descriptors = [int(one) for one in arguments[2].split(",")]
    out = os.fdopen(sys.stdout.fileno(), "wb", buffering=_SENT_AT_ONCE)
    cage.lock(limits)
    try:
        reader = ImageReader(open_container(descriptors))
    except ContainerRefused as error:
        send_frame(out, FAILED, str(error).encode())
        return 0
    except Exception as error:  # noqa: BLE001 - hostile bytes make a library raise anything
        send_frame(out, FAILED, type(error).__name__.encode())
        return 0
    send_frame(out, READY, b"")
    for line in sys.stdin.buffer:
        _answer(out, reader, json.loads(line))
    return 0


def _answer(out: BinaryIO, reader: ImageReader, asked: dict[str, Any]) -> None:
    if "list" in asked:
        _send(out, ((kind, json.dumps(entry).encode()) for kind, entry in reader.list_entries()))
        return
    for locator in asked["read"]:
        _send(out, ((DATA, piece) for piece in reader.read_pieces(locator, int(asked["most"]))))


def _send(out: BinaryIO, frames: Iterator[tuple[int, bytes]]) -> None:
    try:
        for kind, body in frames:
            send_frame(out, kind, body)
    except Exception as error:  # noqa: BLE001 - whatever a library raises of one file, the others are read
        send_frame(out, FAILED, type(error).__name__.encode())
    else:
        send_frame(out, END, b"")


class ImageReader:
    """File systems of one disk. Open ones are kept by the offset of their volume."""

    def __init__(self, source: ByteRange) -> None:
        self._source, self._image = source, TskImage(source)
        self._systems: dict[int, Any] = {}

    def list_entries(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every file of every volume, and every area without a readable file system or that is not there."""
        if self._source.fault:
            yield AREA, {"path": "", "code": self._source.fault}
        for number, (offset, size, allocated) in enumerate(self._volumes()):
            name = f"volume {number}"
            if not allocated:
                yield AREA, {"path": name, "code": "unallocated", "size": size}
                continue
            if code := self._closed(offset):
                yield AREA, {"path": name, "code": code, "size": size}
                continue
            if missing := self._missing(offset, size):
                yield AREA, {"path": name, "code": "truncated", "size": missing}
            yield from _Walk(self._systems[offset], name, offset).entries()

    def _volumes(self) -> list[tuple[int, int, bool]]:
        """(first byte, bytes, whether a file system may be there) of each volume; the disk itself without a table."""
        try:
            table = pytsk3.Volume_Info(self._image)
        except OSError:
            return [(0, self._source.size, True)]
        block = int(table.info.block_size)
        parts = [one for one in table if not int(one.flags) & int(pytsk3.TSK_VS_PART_FLAG_META)]
        return [
            (int(one.start) * block, int(one.len) * block, bool(int(one.flags) & int(pytsk3.TSK_VS_PART_FLAG_ALLOC)))
            for one in parts
        ]

    def _closed(self, offset: int) -> str:
        """Open the file system at a place; the code of a volume that cannot be opened."""
        start = self._source.read_at(offset, SECTOR)
        if any(start[at : at + len(magic)] == magic for at, magic in _ENCRYPTED):
            return "encrypted"
        try:
            self._system(offset)
        except OSError:
            return "unknown_volume"
        return ""

    def _missing(self, offset: int, size: int) -> int:
        """The number of bytes of a volume that lie behind the end of the image."""
        about = self._systems[offset].info
        blocks = (int(about.last_block) - int(about.last_block_act)) * int(about.block_size)
        return max(0, blocks, offset + size - self._source.size)

    def _system(self, offset: int) -> Any:
        if offset not in self._systems:
            self._systems[offset] = pytsk3.FS_Info(self._image, offset=offset)
        return self._systems[offset]

    def read_pieces(self, locator: list[int], most: int) -> Iterator[bytes]:
        """The bytes of a file, at most `most` + 1. Raises what the library raises."""
        offset, inode, kind, number, size = locator
        file = self._system(offset).open_meta(inode)
        at, end = 0, min(size, most + 1)
        while at < end:
            wanted = min(_PIECE, end - at)
            piece = file.read_random(at, wanted, kind, number)
            if not piece:
                raise OSError("the file is shorter than its entry")
            yield bytes(piece)
            at += len(piece)


def _is_deleted(entry: Any) -> bool:
    return bool(int(entry.info.name.flags) & int(pytsk3.TSK_FS_NAME_FLAG_UNALLOC))


def _code(deleted: bool) -> str:
    """The code of an entry that cannot be read: remains of a deleted one are no loss."""
    return "overwritten" if deleted else "unreadable"


class _Walk:
    """Walk of one file system."""

    def __init__(self, system: Any, name: str, offset: int) -> None:
        self._system, self._name, self._offset = system, name, offset
        self._seen = set[int]()

    def entries(self) -> Iterator[tuple[int, dict[str, Any]]]:
        yield from self._folder(int(self._system.info.root_inum), self._name, 0)

    def _folder(self, inode: int, path: str, depth: int, deleted: bool = False) -> Iterator[tuple[int, dict[str, Any]]]:
        if inode in self._seen:
            return
        self._seen.add(inode)
        if depth > MOST_DEPTH or len(path) > LONGEST_PATH // 2:
            yield AREA, {"path": path[: LONGEST_PATH // 2], "code": "unreadable"}
            return
        try:
            found = list(self._system.open_dir(inode=inode))
        except OSError:
            yield AREA, {"path": path, "code": _code(deleted)}
            return
        folders = []
        for one in found:
            name = bytes(one.info.name.name or b"").decode("utf-8", "backslashreplace") if one.info.name else ""
            if name in ("", ".", ".."):
                continue
            meta, inside, gone = one.info.meta, f"{path}/{name}", deleted or _is_deleted(one)
            if meta is None:
                yield AREA, {"path": inside, "code": _code(gone)}
            elif meta.type == _DIRECTORY:
                folders.append((int(meta.addr), inside, gone))
            elif meta.type == _REGULAR:
                yield from self._streams(one, inside)
        for number, inside, gone in folders:
            yield from self._folder(number, inside, depth + 1, gone)

    def _streams(self, one: Any, path: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The file of an entry; an area where its entry cannot be read."""
        try:
            yield from list(self._file(one, path))
        except OSError:
            yield AREA, {"path": path, "code": "unreadable"}

    def _file(self, one: Any, path: str) -> Iterator[tuple[int, dict[str, Any]]]:
        meta, deleted = one.info.meta, _is_deleted(one)
        # The remains of a deleted name may point at what now belongs to another file, which is listed by itself.
        if deleted and int(meta.flags) & int(pytsk3.TSK_FS_META_FLAG_ALLOC):
            yield AREA, {"path": path, "code": "overwritten"}
            return
        for attribute in one:
            if attribute.info.type not in _DATA:
                continue
            stream = bytes(attribute.info.name or b"").decode("utf-8", "backslashreplace")
            if path.endswith("/$BadClus"):
                # As long as the volume, and of no content: NTFS marks bad clusters in it.
                continue
            inside = f"{path}:{stream}" if stream and stream not in ("N/A", "$Data") else path
            at = [self._offset, int(meta.addr), int(attribute.info.type), int(attribute.info.id)]
            yield (
                FILE,
                {
                    "path": inside[:LONGEST_PATH],
                    "at": [*at, int(attribute.info.size)],
                    "size": int(attribute.info.size),
                    "modified": int(meta.mtime) or None,
                    "created": int(meta.crtime) or None,
                    "deleted": deleted,
                },
            )
