"""A hotline and a provider of one node that send each other notices and answers over the real API."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from tests.support.cast import Cast
from tests.support.post import deliver, introduce
from tests.support.takedown_world import Hotline
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.identifiers import case_number
from tutela.events.transaction import acting
from tutela.exchange.takedown.notice import Notice as Wire
from tutela.exchange.takedown.transparency_schema import TERRITORY
from tutela.organisations.people import directory
from tutela.takedown.host_desk import decide, statements
from tutela.takedown.host_desk import receive as intake
from tutela.takedown.models import Channel, IncomingNotice
from tutela.takedown.notices import notify, send

REDRESS = "Write to the complaints desk within six months."
GIVEN = statements.StatementInput(
    facts="A hotline sent a notice. A person looked at the content.",
    provision="Directive 2011/93/EU Art. 5",
    explanation="The content was assessed as illegal.",
    content_types=("CONTENT_TYPE_IMAGE",),
    content_date=date(2026, 2, 9),
    territory=TERRITORY,
    redress=(REDRESS, "Ask a certified body.", "Ask the court of your country."),
)


def wire(reference: str = "", **changed: Any) -> Wire:
    """A notice about two addresses, as another system sends it."""
    said: dict[str, Any] = {
        "reference": reference or case_number("N"),
        "submitted_at": clock.now().isoformat(),
        "explanation": "Assessed by a trained analyst as illegal.",
        "locations": [{"url": "https://host.example.org/x/1"}, {"url": "https://host.example.org/x/2"}],
        "good_faith": True,
        "language": "en",
        **changed,
    }
    return Wire.from_bytes(json.dumps(said).encode())


@dataclass
class HostDesk:
    """A provider with a lead and a reviewer, and the hotline that knows it."""

    cast: Cast
    hotline: Hotline = field(init=False)
    provider: Actor = field(init=False)
    lead: Actor = field(init=False)
    reviewer: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.hotline, self.provider = Hotline(self.cast), self.cast.pixelpost
        self.lead, self.reviewer = (self.cast.actor(self.provider, role) for role in ("lead", "reviewer"))
        introduce(self.cast, self.hotline.machine, self.provider, "notices:submit")
        introduce(self.cast, self.provider, self.hotline.machine, "notice-answers:submit")

    def sent(self) -> tuple[UUID, UUID]:
        """A case, and its notice that left as a message and is not delivered yet."""
        case = self.hotline.assessed()
        self.hotline.traced(case)
        self.hotline.police_know(case)
        to = notify.Recipient(channel=Channel.API, provider=self.provider.organisation_id)
        notice = notify.queue(self.hotline.analyst, case, to)
        send.send(self.hotline.analyst, notice, lambda _a, c: self.hotline.traced(c))
        return case, notice

    def post(self) -> int:
        """Deliver the outboxes of both."""
        return deliver(self.hotline.machine, self.provider)

    def incoming(self, reference: str) -> IncomingNotice:
        """The provider's row of a notice."""
        with acting(self.lead):
            return IncomingNotice.objects.get(reference=reference)

    def taken_in(self, notice: Wire | None = None, sender: Actor | None = None) -> UUID:
        """A notice that the provider received, without a message on the way."""
        made, whom = notice or wire(), sender or self.hotline.machine
        entry = directory.entry(self.provider.organisation_id)
        intake.receive(whom, entry, f"notice:{made.reference}", made.to_bytes())
        return self.incoming(made.reference).pk

    def decided(self, *actions: str, notice: Wire | None = None, reason: str = "") -> UUID:
        """A received notice with a decision."""
        found = self.taken_in(notice)
        given = decide.HostJudgement(actions or ("removed", "removed"), REDRESS, reason=reason)
        decide.decide(self.lead, found, given)
        return found
