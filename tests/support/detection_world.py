"""A provider with a service, candidates made of random digests, and a Centre that answers as a test wishes."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.support.cast import Cast
from tutela import clock
from tutela.detection.candidates import intake, viewing_budget
from tutela.detection.review import review
from tutela.detection.review.review import Opinion
from tutela.detection.settings import services
from tutela.detection.settings.services import ServiceInput
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.report.candidate import Candidate
from tutela.exchange.report.receipt import issue_receipt
from tutela.exchange.report.report import Report
from tutela.law import acts
from tutela.organisations.keys import signing
from tutela.organisations.messages import delivery, outbox
from tutela.organisations.models import Organisation, OutboxMessage

CONFIRM = Opinion("confirm", "known_item", "unopened")
CONFIRM_VIEWED = Opinion("confirm", "known_item", "viewed")
REJECT = Opinion("reject", "chance", "viewed")


class World:
    """One provider's desk. `reviewer`, `second` and `lead` are three people."""

    def __init__(self, cast: Cast, **terms: Any) -> None:
        acts.seed()
        self.cast, self.provider = cast, cast.pixelpost
        self.reviewer, self.second = (cast.actor(self.provider, "reviewer") for _ in range(2))
        self.lead = cast.actor(self.provider, "lead")
        Organisation.objects.filter(pk=self.provider.organisation_id).update(media_origin="https://media.example")
        wanted = ServiceInput(**{"kind": "hosting", "mode": "on", **terms})
        self.service = services.create(self.lead, "Pixelpost Albums", wanted)
        self.headers = cast.key(self.provider, "candidates:submit")

    @property
    def machine(self) -> Actor:
        """What the Edge's key is."""
        return replace(self.reviewer, reference=f"key:{uuid4()}", permissions=frozenset({"detection.submit"}))

    def candidate(self, message: dict[str, Any] | None = None) -> UUID:
        taken = intake.receive(self.machine, read(message or body()))
        assert taken.id
        return taken.id

    def opened(self, actor: Actor, candidate: UUID, opinion: Opinion = CONFIRM_VIEWED) -> review.ReviewOutcome:
        viewing_budget.open_item(actor, candidate)
        return review.decide(actor, candidate, opinion)

    def draft(self, message: dict[str, Any] | None = None) -> UUID:
        found = review.decide(self.reviewer, self.candidate(message), CONFIRM).report_id
        assert found
        return found

    def join(self) -> Actor:
        """A Centre, and the provider's key to it."""
        centre = self.cast.centre
        Organisation.objects.filter(pk=centre.organisation_id).update(api_url="http://centre.example")
        outbox.set_credential(self.lead, centre.organisation_id, "tut_x_y")
        return centre

    def deliver(self, report_id: UUID, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        """Deliver every message about a report that has no answer yet."""
        with acting(self.lead):
            waiting = list(OutboxMessage.objects.filter(subject_id=str(report_id), answered_at=None))
        for row in waiting:
            with httpx.Client(transport=httpx.MockTransport(answer)) as client:
                delivery.deliver_now(self.provider.organisation_id, row.id, client)


def body(
    rule: str = "exact-sha256", *, register: bool = True, entry: UUID | None = None, **fields: Any
) -> dict[str, Any]:
    """A candidate as an Edge sends it."""
    match = {
        "list_id": "eu-register" if register else "own-list",
        "list_version": 3,
        "entry_id": str(entry or uuid4()),
        "source_kind": "register" if register else "provider_source",
        "rule": rule,
        "corroborated": False,
        "in_public_register": register,
        "families": ["sha256" if rule == "exact-sha256" else "pdq"],
        "weak": False,
        **({} if rule == "exact-sha256" else {"distance": 12}),
    }
    return {
        "item": f"item-{secrets.token_hex(4)}",
        "account": "acc-1",
        "at": clock.now().isoformat(),
        "shadow": False,
        "md5": secrets.token_hex(16),
        "sha1": secrets.token_hex(20),
        "sha256": secrets.token_hex(32),
        "size": 12,
        "media_type": "image/png",
        "matches": [match],
        **fields,
    }


def read(message: dict[str, Any]) -> Candidate:
    return Candidate.from_bytes(json.dumps(message).encode())


def receipt(centre: Actor, *, key: Any = None) -> Callable[[httpx.Request], httpx.Response]:
    """A Centre that takes every report; with a key of its own it is a forger."""

    def answer(request: httpx.Request) -> httpx.Response:
        report = Report.from_bytes(request.content)
        private = key or signing.current_private(centre.organisation_id, "receipt")
        envelope = issue_receipt(report, received_at=clock.now(), centre="EU Centre", key=private)
        return httpx.Response(201, json={"receipt": json.loads(envelope.to_bytes())})

    return answer
