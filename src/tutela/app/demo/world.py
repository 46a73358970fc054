"""State of the demonstration while it is created, with the functions that every story needs."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import md5, sha1, sha256
from typing import Any
from uuid import UUID

import httpx
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from tutela import clock
from tutela.app.demo.organisations import SERVICE, actor, person
from tutela.detection.candidates import intake
from tutela.events.actor import Actor
from tutela.exchange.message.canonical_json import canonical
from tutela.exchange.report.candidate import Candidate
from tutela.indicators.release_files import version_files
from tutela.organisations.messages import delivery, outbox_status

DAYS_OF_HISTORY = 30
Tell = Callable[[str], None]


class World:
    """People, entries of the register, and a client for messages between the organisations."""

    def __init__(self, tell: Tell, days: int = DAYS_OF_HISTORY) -> None:
        self.random, self.tell = random.Random(20261125), tell  # noqa: S311 - a story, not a secret
        self.start = clock.now() - timedelta(days=days)
        self.entries: list[tuple[UUID, str]] = []
        self.people = {
            name: person(f"{name}@{domain}.example")
            for name, domain in (
                ("tom", "pixelpost"),
                ("sofia", "pixelpost"),
                ("priya", "pixelpost"),
                ("aoife", "hotline-ie"),
                ("jan", "hotline-de"),
                ("maya", "hotline-de"),
                ("marek", "centre"),
                ("lena", "centre"),
                ("katrin", "police-de"),
                ("luc", "police-fr"),
                ("eva", "europol"),
                ("hugo", "chatterbox"),
                ("ines", "support"),
            )
        }
        address = settings.PUBLIC_URL
        transport = httpx.WSGITransport(app=get_wsgi_application(), raise_app_exceptions=False)
        self.client = httpx.Client(transport=transport, base_url=address)

    def deliver(self, *organisations: Actor) -> None:
        """Everything that waits to be sent, until nothing does."""
        for _ in range(4):
            waiting = [(o, m) for o in organisations for m in outbox_status.undelivered_ids(o)]
            if not waiting:
                return
            for organisation, message in waiting:
                delivery.deliver_now(organisation.organisation_id, message, self.client)

    def candidate(
        self,
        token: str,
        *,
        near: bool = False,
        entry: tuple[UUID, str] | None = None,
        at: datetime | None = None,
        file: bytes = b"",
    ) -> UUID | None:
        """Submit a candidate as an Edge does.

        By default the indicator is random, the moment is now and no file is attached.
        """
        chosen, digest = entry or self.random.choice(self.entries)
        own = sha256(token.encode()).hexdigest()
        message: dict[str, Any] = {
            "item": f"album/{token}",
            "account": f"account-{self.random.randrange(4000):04d}",
            "service": SERVICE,
            "channel": "public",
            "at": (at or clock.now()).isoformat(),
            "shadow": False,
            "md5": md5(file or token.encode(), usedforsecurity=False).hexdigest(),
            "sha1": sha1(file or token.encode(), usedforsecurity=False).hexdigest(),
            "sha256": own if near else digest,
            "size": len(file) or 240_000,
            "media_type": "PNG" if file else "JPEG",
            "matches": [self._match(chosen, near=near)],
        }
        edge = replace(actor("pixelpost"), permissions=frozenset({"detection.submit"}))
        return intake.receive(edge, Candidate.from_bytes(canonical(message))).id

    def _match(self, entry: UUID, *, near: bool) -> dict[str, Any]:
        return {
            "list_id": version_files.LIST_ID,
            "list_version": 1,
            "entry_id": str(entry),
            "source_kind": "register",
            "rule": "near-pdq" if near else "exact-sha256",
            "corroborated": False,
            "in_public_register": True,
            "families": ["pdq" if near else "sha256"],
            "weak": False,
            **({"distance": self.random.randrange(2, 31), "variant": 0, "frame": 0} if near else {}),
        }
