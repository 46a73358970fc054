"""A hotline with a case on its way: addresses, registries and hosts that tests answer for themselves."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from uuid import UUID

import httpx

from tests.support.cast import Cast
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.law import classification
from tutela.takedown.assessment import assess
from tutela.takedown.hosts import host_trace
from tutela.takedown.hosts.name_lookup import Answer
from tutela.takedown.hosts.registry_client import RegistryClient
from tutela.takedown.intake.open_case import Opened, Reported, open_case
from tutela.takedown.models import Source, TakedownCase
from tutela.takedown.notices import notify
from tutela.takedown.police import police_steps

PUBLIC = "193.0.6.139"
LABEL = "eu-2011-93:known-material"


_ABUSE = ["vcard", [["version", {}, "text", "4.0"], ["email", {}, "text", "abuse@registrar.example"]]]
_NAME = ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Example Registrar"]]]
REGISTRAR = json.dumps(
    {
        "objectClassName": "domain",
        "entities": [
            {"roles": ["registrar"], "vcardArray": _NAME, "entities": [{"roles": ["abuse"], "vcardArray": _ABUSE}]}
        ],
    }
).encode()


def network(contact: str = "abuse@host.example", organisation: str = "Example Hosting") -> bytes:
    """What a registry answers about a network."""
    card = ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", organisation]]]
    abuse = ["vcard", [["version", {}, "text", "4.0"], ["email", {}, "text", contact]]]
    entity = {"objectClassName": "entity", "roles": ["registrant"], "vcardArray": card}
    entity["entities"] = [{"objectClassName": "entity", "roles": ["abuse"], "vcardArray": abuse}]
    return json.dumps(
        {
            "objectClassName": "ip network",
            "startAddress": "193.0.0.0",
            "endAddress": "193.0.7.255",
            "country": "NL",
            "name": "EXAMPLE-NET",
            "entities": [entity],
        }
    ).encode()


def registry(body: bytes | None = None, status: int = 200) -> RegistryClient:
    """A registry that answers for every network alike, and for every domain with one registrar."""

    def answer(request: httpx.Request) -> httpx.Response:
        said = REGISTRAR if "/domain/" in request.url.path else body or network()
        return httpx.Response(status, stream=httpx.ByteStream(said))

    transport = httpx.MockTransport(answer)
    return RegistryClient(resolve=lambda _host, _port: [PUBLIC], transport=transport)


def looked_up(_host: str) -> Answer:
    """A name with one address."""
    return Answer("NOERROR", ((PUBLIC, 300),))


@dataclass
class Hotline:
    """A hotline with an analyst, a colleague, and the authority of its country."""

    cast: Cast
    of: Actor | None = None
    machine: Actor = field(init=False)
    analyst: Actor = field(init=False)
    colleague: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.machine = self.of or self.cast.hotline_ie
        self.analyst, self.colleague = (self.cast.actor(self.machine, "analyst") for _ in range(2))
        value = {"value": "known-material", "label": "Material within Art. 2(c)"}
        scheme = {"code": "eu-2011-93", "title": "T", "version": "2011", "source": "D", "values": [value]}
        classification.import_scheme(self.cast.centre, scheme)

    def reported(self, address: str = "", **said: object) -> Opened:
        """A case of an address that nobody has reported before."""
        text = address or f"https://host-{secrets.token_hex(6)}.example.org/page"
        return open_case(self.analyst, text, Reported(Source.ENTERED, **said))  # type: ignore[arg-type]

    def row(self, case: UUID) -> TakedownCase:
        """A case as it is now."""
        with acting(self.analyst):
            return TakedownCase.objects.get(pk=case)

    def assessed(self, verdict: str = "illegal", by: Actor | None = None, case: UUID | None = None) -> UUID:
        """A case with a verdict."""
        case = case or self.reported().id
        given = assess.Judgement(verdict, label=LABEL, reality="unclear", viewed_seconds=20)
        assess.assess(by or self.analyst, case, given)
        return case

    def traced(self, case: UUID, client: RegistryClient | None = None) -> host_trace.Trace:
        """A trace by registries that the test answers for."""
        return host_trace.trace(self.analyst, case, client=client or registry(), lookup=looked_up)

    def police_know(self, case: UUID) -> None:
        """Reported to the police, with a reason why no evidence is sealed."""
        authority = self.cast.authority
        police_steps.report(self.analyst, case, authority.organisation_id, "AZ 1")
        police_steps.without_evidence(self.analyst, case, "The address answers with an error.")

    def notified(self) -> tuple[UUID, UUID]:
        """A case, and its queued notice."""
        case = self.assessed()
        self.traced(case)
        self.police_know(case)
        return case, notify.queue(self.analyst, case, notify.Recipient())
