"""Open a device of a case for reading."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tutela.forensics.sources.disk_image import DiskImage
from tutela.forensics.sources.folder import FolderSource
from tutela.forensics.sources.source_file import SourceDevice

# From the kind and the path of a device to its reader; a bench gives its own.
type DeviceOpener = Callable[[str, str], SourceDevice]


def open_device(kind: str, path: str) -> SourceDevice:
    """Open a folder or a disk image. Raises SourceUnreadableError."""
    return FolderSource(Path(path)) if kind == "folder" else DiskImage(Path(path))
