"""XARF documents of invented hosts, valid in the standard mode."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

PARTY = {"org": "Example Hotline", "contact": "notices@hotline.example", "domain": "hotline.example"}
CSAM: dict[str, Any] = {
    "xarf_version": "4.2.0",
    "report_id": "7d0b2f5e-1a3c-4b6d-8e9f-0a1b2c3d4e5f",
    "timestamp": "2026-02-10T14:05:00Z",
    "reporter": PARTY,
    "sender": PARTY,
    "source_identifier": "192.0.2.44",
    "source_port": 443,
    "category": "content",
    "type": "csam",
    "url": "https://host.example/x/1",
    "domain": "host.example",
    "hosting_provider": "Example Hosting",
    "asn": 64500,
    "country_code": "NL",
    "verified_at": "2026-02-10T14:00:00Z",
    "verification_method": "manual",
    "classification": "baseline",
    "detection_method": "manual_review",
    "media_type": "image",
    "hash_values": {"sha256": "0a" * 32},
    "content_removed": False,
    "evidence_source": "analyst_assessment",
    "confidence": 1.0,
    "tags": ["custom:ex-2026-000123"],
    "description": "Please remove or disable access and confirm. Reference EX-2026-000123.",
}
CSEM: dict[str, Any] = {
    "xarf_version": "4.2.0",
    "report_id": "8e1c3a6f-2b4d-4c7e-9f0a-1b2c3d4e5f60",
    "timestamp": "2026-02-10T14:05:00Z",
    "reporter": PARTY,
    "sender": PARTY,
    "source_identifier": "chat.provider.example",
    "category": "content",
    "type": "csem",
    "url": "https://chat.provider.example/u/8812",
    "exploitation_type": "grooming",
    "detection_method": "user_report",
    "victim_age_range": "unknown",
    "platform": "messaging_app",
    "evidence_type": ["chat_logs"],
    "perpetrator_indicators": {"account_id": "u-8812", "ip_addresses": ["192.0.2.44"]},
    "reporting_obligations": ["local_law_enforcement", "europol"],
}


def piece(content: bytes) -> dict[str, Any]:
    """One piece of evidence."""
    return {
        "content_type": "text/plain",
        "description": "Log line",
        "payload": base64.b64encode(content).decode(),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "size": len(content),
    }
