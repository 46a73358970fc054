"""Containers of disk images: raw, E01, VHD and VMDK, as one readable range of bytes. Runs inside the cage.

Nothing is opened by name: the parent opened every segment, and differential images, whose parents are other files, are
refused.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Protocol

import pyewf
import pytsk3
import pyvhdi
import pyvmdk

from tutela.forensics.sources.ewf_segments import SIGNATURE, segment_fault

SECTOR = 512


class ContainerRefused(Exception):
    """The container cannot be read on."""


class ByteRange(Protocol):
    """Bytes that can be read at any place."""

    size: int
    # A part of the source that is missing, by its code; empty if it is whole.
    fault: str

    def read_at(self, offset: int, size: int) -> bytes:
        """So many bytes from a place on; fewer at the end."""
        ...


class SegmentFile:
    """An open descriptor as the file object that the container libraries ask for."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._size = os.fstat(descriptor).st_size or os.lseek(descriptor, 0, os.SEEK_END)
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        """Read from the current place on."""
        wanted = self._size - self._at if size < 0 else min(size, self._size - self._at)
        data = self.read_at(self._at, max(0, wanted))
        self._at += len(data)
        return data

    def read_at(self, offset: int, size: int) -> bytes:
        """Read at a place; fewer bytes at the end."""
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        parts, left = [], size
        while left > 0 and (part := os.read(self._descriptor, min(left, 1 << 24))):
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> None:
        """Move the current place."""
        self._at = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence] + offset

    def tell(self) -> int:
        """The current place."""
        return self._at

    def get_offset(self) -> int:
        """The current place, as the libraries call it."""
        return self._at

    def get_size(self) -> int:
        """Number of bytes."""
        return self._size

    @property
    def size(self) -> int:
        """Number of bytes."""
        return self._size


class _Opened:
    """A library's handle as one range of bytes. Its segments stay referenced while it is open."""

    def __init__(self, handle: Any, segments: Sequence[SegmentFile], fault: str = "") -> None:
        self._handle, self._segments, self.fault = handle, segments, fault
        self.size = int(handle.get_media_size())

    def read_at(self, offset: int, size: int) -> bytes:
        """Read at a place; fewer bytes at the end."""
        self._handle.seek(offset)
        return bytes(self._handle.read(max(0, min(size, self.size - offset))))


class _Joined:
    """Segments of a raw image, one after the other."""

    def __init__(self, segments: Sequence[SegmentFile]) -> None:
        self._segments, self.fault = segments, ""
        self.size = sum(one.size for one in segments)

    def read_at(self, offset: int, size: int) -> bytes:
        """Read at a place, over the borders of segments."""
        parts, start = [], 0
        for one in self._segments:
            inside = offset - start
            if size > 0 and 0 <= inside < one.size:
                part = one.read_at(inside, min(size, one.size - inside))
                parts.append(part)
                offset, size = offset + len(part), size - len(part)
            start += one.size
        return b"".join(parts)


def open_container(descriptors: Sequence[int]) -> ByteRange:
    """Open the container by its content. Raises ContainerRefused, or `OSError` where a library does."""
    segments = [SegmentFile(one) for one in descriptors]
    start, tail = segments[0].read_at(0, SECTOR), segments[0].read_at(max(0, segments[0].size - SECTOR), SECTOR)
    if start.startswith((b"EVF\x09", b"EVF2")):
        handle = pyewf.handle()
        fault = segment_fault(segments) if start.startswith(SIGNATURE) else ""
        try:
            handle.open_file_objects(segments)
        except OSError:
            raise ContainerRefused(fault.replace("_", " ") or "the image is damaged") from None
        return _Opened(handle, segments, fault)
    if start.startswith(b"vhdxfile") or b"conectix" in (start[:8], tail[:8]):
        return _Opened(_vhd(segments[0]), segments)
    if start.startswith((b"KDMV", b"COWD", b"# Disk DescriptorFile")):
        return _Opened(_vmdk(segments), segments)
    return _Joined(segments)


def _vhd(segment: SegmentFile) -> Any:
    file = pyvhdi.file()
    file.open_file_object(segment)
    if file.get_parent_identifier() or file.get_parent_filename():
        raise ContainerRefused("a differential image; give the merged image")
    return file


def _vmdk(segments: Sequence[SegmentFile]) -> Any:
    handle = pyvmdk.handle()
    handle.open_file_object(segments[0])
    if handle.get_parent_filename():
        raise ContainerRefused("a differential image; give the merged image")
    # A descriptor names its extents, which the parent opened in this order; a sparse extent holds its own descriptor.
    handle.open_extent_data_files_as_file_objects(list(segments[1:]) or [segments[0]])
    return handle


class TskImage(pytsk3.Img_Info):  # type: ignore[misc]
    """The range of bytes as The Sleuth Kit asks for it."""

    def __init__(self, source: ByteRange) -> None:
        self._source = source
        super().__init__(url="", type=pytsk3.TSK_IMG_TYPE_EXTERNAL)

    def close(self) -> None:
        """Nothing to close: the descriptors end with the process."""

    def read(self, offset: int, size: int) -> bytes:
        """Bytes at a place."""
        return self._source.read_at(offset, size)

    def get_size(self) -> int:
        """Number of bytes of the disk."""
        return self._source.size
