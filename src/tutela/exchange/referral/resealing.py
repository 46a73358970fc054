"""Requests of a Centre that a file's first addressee reseals it: referral, start time, new addressee.

A file of the CyberTipline interface is sealed on arrival, to the addressee that the document points to. If the report
finally goes to another authority, the first addressee never had a referral, and no one else can open the file.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Line, Sha256
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.referral.referral import SealedFile, SealedFiles

MOST_FILES = 100


class Addressed(Wire):
    """Addressee that got the referral instead: its name, its age recipient, and that key's id."""

    authority: Line
    recipient: Line
    key: Sha256


class ToReseal(Wire):
    """A file of a referral that went back; without one, of a report that went to another from the first.

    Without `to` nobody who has a key is addressed yet.
    """

    referral_id: UUID | None = None
    number: Line | None = None
    since: Moment
    evidence: SealedFile
    to: Addressed | None = None


class Resealing(Wire):
    """Pending requests for one authority, oldest first; `more` means that further files follow."""

    files: Annotated[tuple[ToReseal, ...], Field(max_length=MOST_FILES)] = ()
    more: bool = False

    def named(self) -> SealedFiles:
        """The files as `tutela unseal --referral` reads them."""
        return SealedFiles(evidence=tuple(one.evidence for one in self.files))
