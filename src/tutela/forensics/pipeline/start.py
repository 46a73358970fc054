"""Start a case: check the authorisation and the devices, and make the case folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from tutela.forensics.authorisation import Authorisation, Device
from tutela.forensics.case_folder.case import Case
from tutela.forensics.errors import CaseChangedError, CaseExistsError, SourceUnreadableError, WritableSourceError
from tutela.forensics.lists.reference_list import file_sha256
from tutela.forensics.sources.disk_image import looks_like_image, require_image_reader
from tutela.forensics.sources.folder import FolderSource


@contextmanager
def starting_case(
    folder: Path, authorisation: Authorisation, *, now: datetime, support: str = "", writable_source: bool = False
) -> Iterator[Case]:
    """A case for the block to add its lists to. It stands in `folder` once the block has ended, and not before.

    A case without one of its lists would find nothing known and not say why. Raises what `start_case` raises.
    """
    if folder.exists() and any(folder.iterdir()):
        raise CaseExistsError(f"{folder}.")
    unfinished = folder.parent / f".{folder.name}.{uuid4().hex}"
    try:
        with start_case(unfinished, authorisation, now=now, support=support, writable_source=writable_source) as case:
            yield case
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def start_case(
    folder: Path, authorisation: Authorisation, *, now: datetime, support: str = "", writable_source: bool = False
) -> Case:
    """Make a case for the devices of an authorisation. The caller adds its lists, and closes it.

    Raises CaseExistsError, SourceUnreadableError, WritableSourceError, or CaseChangedError for an image that is not
    the one that was seized. `writable_source` is recorded.
    """
    kinds = [_kind(device, folder, writable_source=writable_source) for device in authorisation.devices]
    case = Case.create(folder, authorisation, now=now, support=support)
    case.set_fact("writable_source", "acknowledged" if writable_source else "")
    with case.transaction():
        case.connection.executemany(
            "INSERT INTO device (label, path, kind) VALUES (?, ?, ?)",
            [(one.label, str(one.path), kind) for one, kind in zip(authorisation.devices, kinds, strict=True)],
        )
    return case


def _kind(device: Device, case_folder: Path, *, writable_source: bool) -> str:
    path = device.path
    if not path.exists():
        raise SourceUnreadableError(f"{device.label}: {path} does not exist.")
    if path.is_dir():
        if case_folder.absolute().is_relative_to(path.absolute()):
            raise SourceUnreadableError(f"{device.label}: the case folder must not lie in the source.")
        if not writable_source and not FolderSource(path).read_only:
            raise WritableSourceError(f"{device.label}: {path}.")
        return "folder"
    if not looks_like_image(path):
        raise SourceUnreadableError(f"{device.label}: {path} is neither a folder nor named like a disk image.")
    require_image_reader()
    if device.sha256 and file_sha256(path) != device.sha256:
        raise CaseChangedError(f"{device.label}: the SHA-256 of {path} is not the one of the authorisation.")
    return "image"
