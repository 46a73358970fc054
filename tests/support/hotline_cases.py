"""A case between two invented hotlines."""

from __future__ import annotations

from typing import Any

AT = "2026-02-10T14:05:00Z"
ID = "0190f5fe-0000-7000-8000-000000000001"
CASE: dict[str, Any] = {
    "message_id": ID,
    "case_reference": "EX-2026-000123",
    "sender": "Example Hotline",
    "recipient": "Other Hotline",
    "sent_at": "2026-02-10T15:00:00Z",
    "received_at": AT,
    "locations": [
        {
            "reference": "EX-2026-000123-1",
            "url": "https://host.example/x/1",
            "kind": "website",
            "is_source": True,
            "assessments": [
                {
                    "classification": "interpol:baseline",
                    "assessed_at": AT,
                    "assessed_by": "analyst-1",
                    "user_generated": True,
                    "child_modelling": False,
                    "virtual": False,
                }
            ],
            "hosting": {
                "country": "NL",
                "ip_addresses": ["192.0.2.44"],
                "provider": "Example Hosting",
                "asn": 64500,
                "content_delivery_network": False,
                "traced_at": AT,
            },
            "actions": [],
        }
    ],
}
