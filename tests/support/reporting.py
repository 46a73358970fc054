"""Canonical reports for tests and benches: neutral tokens, no story."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tutela import clock
from tutela.events.identifiers import uuid7
from tutela.exchange.report.report import Report


def report(**changes: Any) -> Report:
    """A complete report about one item and one account; `changes` replace whole sections."""
    now = clock.now()
    base: dict[str, Any] = {
        "report_id": str(uuid7()),
        "legal_basis": {"regime": "dsa_article_18", "act": "Regulation (EU) 2022/2065", "article": "Art. 18"},
        "language": "en",
        "provider": {"name": "Pixelpost", "contact_point": "desk@pixelpost.example", "contact": "1 Quay, Dublin"},
        "urgency": {"urgent": False},
        "kinds": ["known"],
        "items": [item()],
        "locations": [{"ip": "192.0.2.7", "port": 4711, "at": now.isoformat(), "time_zone": "UTC"}],
        "geography": [{"country": "DE", "derived_from": "ip"}],
        "users": [account()],
        "service": {"kinds": ["hosting"], "name": "Albums", "details": "public albums"},
        "awareness": {"manners": ["own_motion"], "details": "hash list"},
        "third_country": {"reported": False},
        "removal": {"removed_or_disabled": True, "at": now.isoformat()},
        "user_decision": {"decided": False},
        "confirmation": {"confirmed_by": "reviewer 7", "at": now.isoformat(), "how": "viewed"},
        "issuance": {"issued_at": now.isoformat(), "time_zone": "UTC", "signatory": "Pixelpost desk"},
    }
    return Report.model_validate({**base, **changes})


def item(sha256: str | None = None, entry: UUID | None = None, at: datetime | None = None) -> dict[str, Any]:
    """An item by its digest, with a sighting, and a match with the register where an entry is named."""
    match = {
        "list_id": "eu-register",
        "list_version": 1,
        "entry_id": str(entry),
        "source_kind": "register",
        "rule": "exact-sha256",
        "corroborated": True,
    }
    seen = at or clock.now() - timedelta(hours=30)
    return {
        "item_id": str(uuid4()),
        "kind": "image",
        "sha256": sha256 or secrets.token_hex(32),
        "sightings": [{"at": seen.isoformat(), "channel": "public"}],
        "matches": [match] if entry else [],
    }


def account(name: str | None = None) -> dict[str, Any]:
    token = name or secrets.token_hex(4)
    return {"usernames": [f"account-{token}"], "emails": [f"{token}@mail.example"]}
