"""Classes of files by the end of their names: what an authorisation allows is decided before a file is opened."""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePosixPath

_PICTURES = "jpg jpeg jpe jfif png gif webp heic heif hif avif bmp dib ico tif tiff dng jp2 jxl dds svg psd thm mpo"
_RAW = "cr2 cr3 nef arw orf rw2 raf"
_VIDEOS = "mp4 m4v mov qt 3gp 3g2 mkv webm ogv ogg avi wmv asf flv mpg mpeg mpe ts mts m2ts vob rm rmvb"
_ARCHIVES = "zip 7z rar tar gz tgz bz2 tbz xz txz zst docx xlsx pptx odt ods odp epub jar apk cbz cab cpio pdf mbox eml"


class FileClass(StrEnum):
    """Class of a file, as an authorisation names it."""

    PICTURE = "picture"
    VIDEO = "video"
    ARCHIVE = "archive"
    OTHER = "other"


_BY_ENDING = {
    ending: each
    for each, endings in (
        (FileClass.PICTURE, f"{_PICTURES} {_RAW}"),
        (FileClass.VIDEO, _VIDEOS),
        (FileClass.ARCHIVE, _ARCHIVES),
    )
    for ending in endings.split()
}


def class_of_name(path: str) -> FileClass:
    """Class of a file by the end of its name; `other` for an unknown end."""
    name = path.replace("\\", "/").rpartition("!")[2]
    return _BY_ENDING.get(PurePosixPath(name).suffix[1:].lower(), FileClass.OTHER)
