"""What a Centre says of files that their first addressee is to seal anew: of which referral, since when, for whom.

A file of the CyberTipline interface is sealed while it comes, to whom the document points; where the report goes to
another authority in the end, the first addressee never had a referral, and nobody else can open it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import UUID7, Field

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Line, Sha256
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.referral.referral import SealedFile, SealedFiles

MOST = 100


class Addressed(Wire):
    """Who got the referral instead: its name, its age recipient, and that key's id."""

    authority: Line
    recipient: Line
    key: Sha256


class ToReseal(Wire):
    """A file of a referral that went back; without one, of a report that went to another from the first.

    Without `to` nobody who has a key is addressed yet.
    """

    referral_id: UUID7 | None = None
    number: Line | None = None
    since: Moment
    evidence: SealedFile
    to: Addressed | None = None


class Resealing(Wire):
    """What waits for one authority, the oldest first; `more` says that further files wait behind these."""

    files: Annotated[tuple[ToReseal, ...], Field(max_length=MOST)] = ()
    more: bool = False

    def named(self) -> SealedFiles:
        """The files as `tutela unseal --referral` reads them."""
        return SealedFiles(evidence=tuple(one.evidence for one in self.files))
