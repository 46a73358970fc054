"""Two hotlines of one node that are partners, and exchange cases over the real API."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from tests.support.cast import Cast
from tests.support.post import SigningClient, deliver
from tests.support.takedown_world import LABEL, Hotline, network, registry
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.messages.http_post import token_of
from tutela.organisations.models import PeerCredential
from tutela.takedown.assessment import assess
from tutela.takedown.models import IncomingCase, TakedownCase, Transfer, TransferStep
from tutela.takedown.partners import partner_list, send_case


@dataclass
class Partners:
    """The hotline in Ireland sends; the one in Germany is in the hosting country."""

    cast: Cast
    sender: Hotline = field(init=False)
    host: Hotline = field(init=False)
    # Each one's row of the other.
    there: UUID = field(init=False)
    back: UUID = field(init=False)

    def __post_init__(self) -> None:
        assert self.cast.centre
        self.sender, self.host = Hotline(self.cast), Hotline(self.cast, self.cast.hotline_de)
        ours, theirs = self.administrators()
        self.there = partner_list.add(ours, partner_list.Entered(theirs.organisation_id))
        self.back = partner_list.add(theirs, partner_list.Entered(ours.organisation_id))
        partner_list.set_key(ours, self.there, partner_list.issue_key(theirs, self.back))
        partner_list.set_key(theirs, self.back, partner_list.issue_key(ours, self.there))

    def administrators(self) -> tuple[Actor, Actor]:
        """Administrators of both."""
        return tuple(  # type: ignore[return-value]
            self.cast.actor(one.machine, "administrator") for one in (self.sender, self.host)
        )

    def assessed(self, verdict: str = "illegal", country: str = "DE") -> UUID:
        """A case of the sender whose network is registered in a country."""
        case = self.sender.assessed(verdict)
        self.traced(case, country)
        return case

    def traced(self, case: UUID, country: str = "DE", by: Hotline | None = None) -> None:
        """A trace by a registry that names a country."""
        said = json.loads(network())
        said["country"] = country
        (by or self.sender).traced(case, registry(json.dumps(said).encode()))

    def sent(self) -> tuple[UUID, UUID]:
        """A case of the sender, and its transfer that is not delivered yet."""
        case = self.assessed()
        return case, send_case.send(self.sender.analyst, case, self.there)

    def arrived(self) -> tuple[UUID, UUID, UUID]:
        """The sender's case, its transfer, and the case at the partner."""
        case, transfer = self.sent()
        self.post()
        return case, transfer, self.case_there(transfer)

    def post(self) -> int:
        """Deliver the outboxes of both."""
        return deliver(self.sender.machine, self.host.machine)

    def transfer(self, transfer: UUID) -> Transfer:
        """A transfer as it is now."""
        with acting(self.sender.analyst):
            return Transfer.objects.get(pk=transfer)

    def steps(self, transfer: UUID) -> list[str]:
        """Kinds of its steps, the oldest first."""
        with acting(self.sender.analyst):
            rows = TransferStep.objects.filter(transfer=transfer).order_by("created_at", "pk")
            return list(rows.values_list("kind", flat=True))

    def case_there(self, transfer: UUID) -> UUID:
        """The partner's case of a transfer."""
        number = self.transfer(transfer).partner_reference
        with acting(self.host.analyst):
            return TakedownCase.objects.get(number=number).pk

    def counted(self) -> tuple[int, int]:
        """Incoming cases and cases of the partner."""
        with acting(self.host.analyst):
            return IncomingCase.objects.count(), TakedownCase.objects.count()

    def removed_there(self, case: UUID) -> None:
        """What the partner does until the absence is verified."""
        given = assess.Judgement("illegal", label=LABEL, reality="unclear")
        assess.assess(self.host.analyst, case, given)
        self.host.police_know(case)


def message(reference: str = "", **changed: Any) -> dict[str, Any]:
    """A case as another system sends it, about an address that nobody has reported before."""
    number = reference or f"EX-{secrets.token_hex(4)}"
    at = "2026-02-10T14:05:00Z"
    place = {
        "reference": f"{number}-1",
        "url": f"https://h{secrets.token_hex(6)}.example.org/x",
        "kind": "website",
        "assessments": [{"classification": "interpol:baseline", "assessed_at": at, "assessed_by": "Hotline"}],
        "hosting": {"country": "DE", "ip_addresses": ["193.0.6.139"], "traced_at": at},
    }
    said: dict[str, Any] = {
        "message_id": str(uuid4()),
        "case_reference": number,
        "sender": "Hotline Ireland",
        "recipient": "Hotline Deutschland",
        "received_at": at,
        "sent_at": "2026-02-10T15:00:00Z",
        "locations": [place],
    }
    return said | changed


def post(world: Partners, end: str, body: bytes, key: str = "k", **headers: str) -> Any:
    """Post to the partner's API as the sender's outbox would; `headers` may replace its API key."""
    with acting(world.sender.machine):
        found = send_headers(world)
    client = SigningClient(raise_request_exception=False)
    path = f"/api/v1/organisations/{world.host.machine.organisation_id}/takedown/{end}"
    told = {**found, "Idempotency-Key": key, **headers}
    return client.post(path, body, content_type="application/json", headers=told)


def send_headers(world: Partners) -> dict[str, str]:
    """The key that the sender holds for the partner."""
    row = PeerCredential.objects.get(
        organisation_id=world.sender.machine.organisation_id, peer_id=world.host.machine.organisation_id
    )
    return {"Authorization": f"Bearer {token_of(row)}"}
