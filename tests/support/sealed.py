"""Sealed evidence in tests: a basis, an authority's key, and what a provider or an addressee does with files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.integration.reports.intake.test_cybertip_submission import Esp, tip
from tests.support.cast import Cast
from tests.support.cybertips import report, user
from tests.support.reports_world import Authority, Centre, stands
from tutela.events.actor import Actor
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.exchange.referral import age_encryption
from tutela.organisations.keys import sealed_files
from tutela.organisations.people import encryption_recipients
from tutela.reports.evidence import legal_basis
from tutela.reports.models import Evidence


def basis(cast: Cast) -> None:
    """The Centre has recorded on which basis it carries sealed files."""
    legal_basis.note(cast.actor(cast.centre, "lead"), act="Act, Art. 1", reason="Test")


def key(organisation: Actor) -> str:
    """A new current key of an authority; returns the identity that opens."""
    identity, recipient = age_encryption.new_identity()
    encryption_recipients.enter(organisation, recipient)
    return identity


def opened(sealed: bytes, identity: str) -> bytes:
    out = io.BytesIO()
    age_encryption.unseal(io.BytesIO(sealed), out, [identity])
    return out.getvalue()


def sealed(clear: bytes, recipient: str) -> bytes:
    out = io.BytesIO()
    sealer = age_encryption.Sealer(recipient, out)
    sealer.write(clear)
    sealer.close()
    return out.getvalue()


def there(name: str) -> Path | None:
    """A kept file on the disk."""
    path = sealed_files.folder() / name[:2] / name
    return path if path.exists() else None


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


COUNTRY = "HR"


def pointing_to(country: str) -> bytes:
    """A document whose provider estimates one country."""
    return report(after=user(f"<estimatedLocation><countryCode>{country}</countryCode></estimatedLocation>"))


class Addressed:
    """A Centre with a basis, an authority with a key, a provider that files by the interface."""

    def __init__(self, cast: Cast, country: str) -> None:
        basis(cast)
        self.cast, self.centre, self.country = cast, Centre(cast), country
        self.authority = Authority(self.centre, country)
        self.identity = key(self.authority.machine)
        self.esp = Esp(cast)

    def submit(self) -> int:
        return self.esp.submit(pointing_to(self.country))

    def kept(self, number: int) -> list[Evidence]:
        with acting(self.cast.centre):
            return list(Evidence.objects.filter(report_id=tip(self.cast, number).report_id))

    def events(self, number: int) -> list[str]:
        with acting(self.cast.centre):
            return [e.kind for e in timeline("report", tip(self.cast, number).report_id)]

    def referred(self, number: int) -> UUID:
        """Finish, forward, refer; returns the referral's id."""
        assert self.esp.finish(number).findtext("responseCode") == "0"
        return self.authority.referred(tip(self.cast, number).report_id)


_addressed: list[Addressed] = []


def addressed() -> Addressed:
    """The same for all tests, as long as its authority is that of its country: another test may have made another."""
    if not _addressed or not stands(_addressed[-1].authority.machine, COUNTRY):
        _addressed.append(Addressed(Cast(), COUNTRY))
    return _addressed[-1]
