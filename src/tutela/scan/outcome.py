"""How far an item was scanned: the one place that defines which files count as scanned."""

from __future__ import annotations

from enum import StrEnum

from tutela.media import Code, Hashed, Refused
from tutela.media.results import INCOMPLETE

# Not a picture and not a video: digests are all that there is to look up.
_NOTHING_TO_HASH = frozenset({Code.NOT_A_PICTURE, Code.EMPTY})


class Status(StrEnum):
    """Status of an item. Only `SCANNED` means: its digests and its content were looked up.

    - `NOT_COMPARED`: a picture or video that is too flat to be compared, also once its contrast is stretched; its
      digests were looked up.
    - `NOT_DECODED`: a picture or video that was not hashed, or only partly; its digests and hashes were looked up.
    - `NOT_A_PICTURE`: neither a picture nor a video; its digests were looked up.
    - `NO_LIST`: no list could be asked; nothing was looked up.
    """

    SCANNED = "scanned"
    NOT_COMPARED = "not_compared"
    NOT_DECODED = "not_decoded"
    NOT_A_PICTURE = "not_a_picture"
    NO_LIST = "no_list"


def status_of(result: Hashed | Refused) -> Status:
    """Status for the hasher's result once its digests and hashes were looked up."""
    if isinstance(result, Hashed):
        if not (result.frames and result.complete):
            return Status.NOT_DECODED
        return Status.SCANNED if result.compared else Status.NOT_COMPARED
    return Status.NOT_A_PICTURE if result.code in _NOTHING_TO_HASH else Status.NOT_DECODED


def code_of(result: Hashed | Refused) -> str:
    """The reason in one word, for figures: a refusal's code, `no_frames`, `incomplete`, or `not_compared`."""
    if isinstance(result, Refused):
        return str(result.code)
    if status_of(result) is Status.NOT_COMPARED:
        return Status.NOT_COMPARED.value
    return "no_frames" if result.complete or not result.frames else INCOMPLETE
