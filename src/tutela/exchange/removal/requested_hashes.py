"""Hashes of pictures of under-18s whose removal is requested, for a host that accepted the scheme.

The shape is that of Take It Down and Report Remove: hash, type, expiry and withdrawal, and nothing else. No case, no
age, no name and no address is in it. It travels sealed to the host's age recipient, inside an envelope whose ID is
random: a host does not learn which hashes belong to one request.

StopNCII is for pictures of adults only. The code refuses its shape for these hashes (`require_under_18`).
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.base import Wire
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.referral.age_encryption import CannotOpenError, Sealer, unseal

# The list of a host's own Edge that has requested hashes. Its matches go to the host's reviewer and nowhere else.
LIST_ID = "requested-removal"
# Of one picture or video: its digests, and the PDQ of its windows or frames.
MOST_HASHES = 4000
# A sealed message with that many.
MOST_CHARACTERS = 1_000_000
_DIGITS = {"md5": 32, "sha256": 64, "pdq": 64}
_HEX = re.compile("[0-9a-f]+")


class AdultsOnlyShapeError(ExchangeError):
    """StopNCII is for pictures of adults only. Hashes of pictures of under-18s are never sent in its shape."""


class CannotReadHashesError(ExchangeError):
    """The hashes cannot be opened or read."""


class HashType(StrEnum):
    """Type of a hash. Several PDQ hashes are of the windows of one picture, or of the frames of one video."""

    MD5 = "md5"
    SHA256 = "sha256"
    PDQ = "pdq"


class Shape(StrEnum):
    """Shape in which a host takes hashes. The first two are for pictures of under-18s, and are the same here."""

    TAKE_IT_DOWN = "take_it_down"
    REPORT_REMOVE = "report_remove"
    STOPNCII = "stopncii"


UNDER_18 = frozenset({Shape.TAKE_IT_DOWN, Shape.REPORT_REMOVE})


class RequestedHash(Wire):
    """One hash. These four fields are all that a host learns."""

    type: HashType
    hash: str
    expires: Moment
    withdrawn: bool

    @model_validator(mode="after")
    def _fits_type(self) -> Self:
        if len(self.hash) != _DIGITS[self.type] or not _HEX.fullmatch(self.hash):
            raise ValueError(f"hash must be {_DIGITS[self.type]} lower-case hexadecimal digits")
        return self


class RequestedHashes(Wire):
    """The hashes of one picture or video."""

    hashes: Annotated[tuple[RequestedHash, ...], Field(min_length=1, max_length=MOST_HASHES)]


class HashMessage(Wire):
    """Envelope of the hashes of one picture or video. A higher sequence replaces what was sent before."""

    schema_version: Literal["1"] = "1"
    message_id: UUID
    sequence: Annotated[int, Field(ge=1, le=1_000_000)]
    # An age file with one recipient, in base64.
    sealed: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS, pattern=r"^[A-Za-z0-9+/]+={0,2}$")]


def require_under_18(shape: Shape) -> None:
    """Raise `AdultsOnlyShapeError` for a shape that is not for pictures of under-18s."""
    if shape not in UNDER_18:
        raise AdultsOnlyShapeError


def sealed_message(
    message_id: UUID, sequence: int, hashes: RequestedHashes, shape: Shape, recipient: str
) -> HashMessage:
    """The message with these hashes, sealed to a host's age recipient.

    Raises `AdultsOnlyShapeError`, `NotARecipientError`.
    """
    require_under_18(shape)
    out = io.BytesIO()
    sealer = Sealer(recipient, out)
    sealer.write(hashes.to_bytes())
    sealer.close()
    return HashMessage(message_id=message_id, sequence=sequence, sealed=base64.b64encode(out.getvalue()).decode())


def opened_hashes(message: HashMessage, identity: str) -> RequestedHashes:
    """The hashes of a message. Raises `CannotReadHashesError`; the reason names no hash."""
    out = io.BytesIO()
    try:
        unseal(io.BytesIO(base64.b64decode(message.sealed, validate=True)), out, [identity])
        return RequestedHashes.from_bytes(out.getvalue())
    except (binascii.Error, CannotOpenError, ExchangeError, ValueError):
        raise CannotReadHashesError from None
