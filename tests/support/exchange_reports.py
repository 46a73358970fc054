"""A complete report made of neutral tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

AT = "2026-03-01T10:00:00+01:00"
MOMENT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def report_id(number: int = 1) -> str:
    return str(UUID(int=number | 0x7 << 76 | 0x2 << 62))


def attachment(token: str) -> dict[str, Any]:
    return {
        "reference": f"ref-{token}",
        "sha256": "ab" * 32,
        "size": 10,
        "media_type": "image/png",
        "held_by": "Pixelpost",
        "description": f"token {token}",
    }


def person(token: str) -> dict[str, Any]:
    return {
        "usernames": [f"user-{token}"],
        "emails": [f"{token}@example.org"],
        "phones": ["+0"],
        "mailing_address": "token",
        "postal_countries": ["IT"],
        "profile": "token",
        "profile_urls": ["https://example.org/p"],
        "other_emails": ["b@example.org"],
        "other_phones": ["+1"],
        "billing": "token",
        "last_login": AT,
        "identifiers": ["id-1"],
        "residence": "IT",
        "account_country": "IT",
        "language": "it",
        "age_group": "adult",
        "gender": "female",
        "other": "token",
    }


def network() -> dict[str, Any]:
    return {"ip": "192.0.2.7", "port": 40123, "at": AT, "time_zone": "Europe/Rome"}


def item() -> dict[str, Any]:
    return {
        "item_id": str(UUID(int=5)),
        "kind": "image",
        "md5": "0" * 32,
        "sha1": "1" * 40,
        "sha256": "2" * 64,
        "pdq": [{"hash": "3" * 64, "quality": 90, "hasher": "fake-1", "frame": 0}],
        "size": 12,
        "media_type": "image/png",
        "original_name": "token.png",
        "created": AT,
        "metadata": "token",
        "series": "token",
        "sightings": [
            {
                "at": AT,
                "url": "https://example.org/i",
                "channel": "c-1",
                "account": "a-1",
                "action": "upload",
                "network": network(),
            }
        ],
        "matches": [
            {
                "list_id": "list-a",
                "list_version": 1,
                "entry_id": str(UUID(int=6)),
                "source_kind": "register",
                "rule": "exact-sha256",
                "corroborated": True,
                "by_window": True,
            }
        ],
        "attachments": [attachment("i")],
        "spread": ["circulates", "meme"],
    }


def report() -> dict[str, Any]:
    return {
        "schema_version": "1",
        "report_id": report_id(),
        "language": "en",
        "legal_basis": {"regime": "interim_regulation", "act": "Regulation (EU) 2021/1232", "article": "3"},
        "provider": {
            "name": "Pixelpost",
            "contact_point": "desk",
            "contact": "desk@example.org",
            "legal_representative": {"name": "Rep", "contact": "rep@example.org"},
        },
        "urgency": {"urgent": True, "reason": "token", "dangers": ["extortion"]},
        "kinds": ["known"],
        "items": [item()],
        "other_data": {"text": "token", "attachments": [attachment("o")]},
        "preservation": {"until": AT, "reference": "token"},
        "locations": [network(), {"ip": "2001:db8::1", "at": AT}],
        "geography": [
            {
                "country": "IT",
                "postal_code": "00100",
                "place": "token",
                "latitude": "41.9",
                "longitude": "-12.5",
                "derived_from": "token",
            }
        ],
        "users": [person("u")],
        "victims": [person("v")],
        "service": {"kinds": ["hosting"], "name": "Pixelpost", "urls": ["https://example.org"], "details": "token"},
        "awareness": {"manners": ["own_motion"], "details": "token"},
        "third_country": {"reported": True, "authority": "Entity", "reference": "R-1"},
        "removal": {"removed_or_disabled": True, "at": AT, "details": "token"},
        "user_decision": {"decided": True, "measures": ["suspended"], "details": "token"},
        "other": {"text": "token", "attachments": []},
        "confirmation": {"confirmed_by": "reviewer-7", "at": AT, "how": "unopened"},
        "issuance": {"issued_at": AT, "time_zone": "Europe/Rome", "signatory": "desk", "time_stamp": "ts-1"},
    }
