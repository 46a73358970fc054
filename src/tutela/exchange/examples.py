"""A complete example of every message of the HTTP API, by the end of its path. All names and values are invented.

The API reference and the documentation show them; a test posts each of them.
"""

from __future__ import annotations

from typing import Any

type Json = dict[str, Any]

AT = "2026-11-01T09:30:00+01:00"
LATER = "2026-11-01T10:05:00+01:00"
END = "2099-01-01T00:00:00+01:00"
REPORT = "5f0c2f6e-8a1b-4c3d-9e7f-0123456789ab"
REFERRAL = "7d1e3a52-6b4c-4d8e-8f90-123456789abc"
INDICATOR = "9c2f4b63-7c5d-4e9f-a0b1-23456789abcd"
OTHER = "b13a5c74-8d6e-4fa0-b1c2-3456789abcde"
THIRD = "c24b6d85-9e7f-40b1-82d3-456789abcdef"
MD5, SHA1, SHA256 = "0c" * 16, "1d" * 20, "2e" * 32
PDQ = {"hash": "a5" * 32, "quality": 97, "hasher": "tutela-1"}

ITEM: Json = {
    "item_id": OTHER,
    "kind": "image",
    "md5": MD5,
    "sha1": SHA1,
    "sha256": SHA256,
    "pdq": [PDQ],
    "size": 184_233,
    "media_type": "image/jpeg",
    "original_name": "IMG_0042.jpg",
    "sightings": [
        {
            "at": AT,
            "url": "https://pixelpost.example/p/42",
            "account": "user-4711",
            "action": "upload",
            "network": {"ip": "192.0.2.7", "port": 40123, "at": AT, "time_zone": "Europe/Rome"},
        }
    ],
}
REPORT_MESSAGE: Json = {
    "schema_version": "1",
    "report_id": REPORT,
    "legal_basis": {"regime": "dsa_article_18", "act": "Regulation (EU) 2022/2065", "article": "18"},
    "language": "en",
    "provider": {
        "name": "Pixelpost",
        "contact_point": "Trust and safety desk",
        "contact": "desk@pixelpost.example",
        "legal_representative": {"name": "Pixelpost Legal", "contact": "legal@pixelpost.example"},
    },
    "urgency": {"urgent": True, "reason": "The account announced a meeting.", "dangers": ["travel"]},
    "kinds": ["known"],
    "items": [ITEM],
    "other_data": {"text": "The account was opened on the same day."},
    "locations": [{"ip": "192.0.2.7", "port": 40123, "at": AT, "time_zone": "Europe/Rome"}],
    "geography": [{"country": "IT", "place": "Rome", "derived_from": "address of the network"}],
    "users": [
        {
            "usernames": ["user-4711"],
            "emails": ["user-4711@mail.example"],
            "phones": ["+390600000000"],
            "residence": "IT",
            "language": "it",
            "last_login": AT,
        }
    ],
    "service": {"kinds": ["hosting"], "name": "Pixelpost Albums", "urls": ["https://pixelpost.example"]},
    "awareness": {"manners": ["own_motion"], "details": "An upload matched a list."},
    "third_country": {"reported": False},
    "removal": {"removed_or_disabled": True, "at": AT},
    "user_decision": {"decided": True, "measures": ["account suspended"]},
    "victims": [{"usernames": ["friend-1"], "age_group": "child"}],
    "other": {"text": "No further information."},
    "confirmation": {"confirmed_by": "reviewer 7", "at": AT, "how": "viewed"},
    "preservation": {"until": "2027-11-01T09:30:00+01:00", "reference": "case 42"},
    "steps": [{"kind": "list_matched", "at": AT, "by": "Edge"}],
    "issuance": {"issued_at": LATER, "time_zone": "Europe/Rome", "signatory": "Trust and safety desk"},
}
MATCH: Json = {
    "list_id": "register",
    "list_version": 12,
    "entry_id": INDICATOR,
    "source_kind": "register",
    "rule": "exact-sha256",
    "corroborated": True,
    "in_public_register": True,
    "families": ["sha256"],
    "weak": False,
}
CANDIDATE: Json = {
    "schema_version": "1",
    "item": "album/42.jpg",
    "account": "user-4711",
    "service": "Pixelpost Albums",
    "at": AT,
    "shadow": False,
    "md5": MD5,
    "sha1": SHA1,
    "sha256": SHA256,
    "size": 184_233,
    "media_type": "image/jpeg",
    "pdq": [PDQ],
    "matches": [MATCH],
}
REFERRAL_MESSAGE: Json = {
    "schema_version": "1",
    "referral_id": REFERRAL,
    "case_number": "R-FFKQ-MMRA-Y",
    "centre": "European Centre",
    "authority": "Police of Italy",
    "created_at": LATER,
    "reports": [REPORT_MESSAGE],
    "assessment": {
        "relevant": True,
        "relevance_reason": "The item is certified by two organisations.",
        "urgent": True,
        "urgency_reason": "A meeting was announced.",
        "completeness": 92,
        "assessed_by": "Centre, analyst 3",
        "assessed_at": LATER,
    },
    "jurisdiction": {
        "country": "IT",
        "ground": "suspect_resides",
        "facts": ["The account's last address is in Italy."],
    },
}
WITHDRAWAL: Json = {
    "schema_version": "1",
    "indicator": INDICATOR,
    "report_ids": [REPORT],
    "reason": "The certification was an error.",
    "at": LATER,
    "centre": "European Centre",
}
QUESTION: Json = {"question_id": OTHER, "points": ["4f" * 32]}
CONTACT: Json = {
    "request_id": OTHER,
    "relay_id": THIRD,
    "tag": "5a" * 16,
    "proof": "6b" * 32,
    "authority": "Police of Italy",
    "message": "We work on the same identifier.",
}
CONTACT_REPLY: Json = {
    "request_id": OTHER,
    "accepted": True,
    "authority": "Police of France",
    "contact": "liaison@police-fr.example",
}
FEEDBACK: Json = {
    "schema_version": "1",
    "feedback_id": OTHER,
    "report_id": REPORT,
    "kind": "relevant",
    "at": LATER,
    "centre": "European Centre",
}
VERDICT: Json = {"verdict": "false", "note": "The picture shows a statue."}
HOTLINE_CASE: Json = {
    "schema_version": "1",
    "message_id": OTHER,
    "case_reference": "T-7K3M-Q9TD-X",
    "sender": "Example Hotline",
    "recipient": "Other Hotline",
    "received_at": AT,
    "sent_at": LATER,
    "locations": [
        {
            "reference": "T-7K3M-Q9TD-X",
            "url": "https://host.example/x/1",
            "kind": "website",
            "is_source": True,
            "assessments": [
                {"classification": "interpol:baseline", "assessed_at": AT, "assessed_by": "Example Hotline"}
            ],
            "hosting": {
                "country": "NL",
                "ip_addresses": ["192.0.2.44"],
                "provider": "Example Hosting",
                "asn": 64500,
                "traced_at": AT,
            },
        }
    ],
}
NOTICE: Json = {
    "schema_version": "1",
    "reference": "N-7K3M-Q9TD-X",
    "submitted_at": AT,
    "subject": "child_sexual_abuse",
    "notifier": {"kind": "hotline", "name": "Example Hotline", "email": "notices@hotline.example"},
    "explanation": "Assessed by a trained analyst as illegal in our country.",
    "legal_grounds": ["Directive 2011/93/EU Art. 5"],
    "locations": [{"url": "https://host.example/x/1"}],
    "good_faith": True,
    "requested_action": "remove",
    "language": "en",
    "previous_references": [],
}

EXAMPLES: dict[str, Any] = {
    "reports": REPORT_MESSAGE,
    "reports/check": REPORT_MESSAGE,
    "reports/batch": [REPORT_MESSAGE],
    "retractions": {"schema_version": "1", "report_id": REPORT, "reason": "Another picture was meant."},
    "candidates": CANDIDATE,
    "acknowledgements": {
        "schema_version": "1",
        "referral_id": REFERRAL,
        "received_at": LATER,
        "referral_sha256": SHA256,
        "acknowledged_at": LATER,
        "authority": "Police of Italy",
        "file_reference": "IT-2026-117",
    },
    "outcomes": {
        "schema_version": "1",
        "outcome_id": OTHER,
        "referral_id": REFERRAL,
        "kind": "taken_up",
        "reason": "An investigation was opened.",
        "at": LATER,
        "authority": "Police of Italy",
        "release": "provider",
    },
    "holds": {"referral_id": REFERRAL, "reason": "An arrest is planned.", "until": END, "keep_content": True},
    "hold-ends": {"referral_id": REFERRAL},
    "referral-returns": {
        "schema_version": "1",
        "referral_id": REFERRAL,
        "reason": "The suspect lives in France.",
        "country": "FR",
        "at": LATER,
        "authority": "Police of Italy",
    },
    "referral-withdrawals/taken": {"schema_version": "1", "authority": "Police of Italy", "keys": ["withdrawal-1"]},
    "deconfliction/sets": {"set_id": OTHER, "public": "3f" * 32, "values": [], "at": AT},
    "deconfliction/questions": QUESTION,
    "deconfliction/contacts": CONTACT,
    "deconfliction/replies": CONTACT_REPLY,
    "organisations/{organisation}/deconfliction-questions": QUESTION,
    "organisations/{organisation}/deconfliction-answers": {
        "question_id": OTHER,
        "relay_id": THIRD,
        "evaluation": {"public": "3f" * 32, "evaluated": ["4f" * 32], "proof": "7c" * 64},
        "values": [],
    },
    "organisations/{organisation}/deconfliction-contacts": CONTACT,
    "organisations/{organisation}/deconfliction-replies": CONTACT_REPLY,
    "organisations/{organisation}/feedback": FEEDBACK,
    "organisations/{organisation}/withdrawals": WITHDRAWAL,
    "organisations/{organisation}/referrals": REFERRAL_MESSAGE,
    "organisations/{organisation}/redress/reversals": {
        "schema_version": "1",
        "reversal": THIRD,
        "reference": "V-7K3M-Q9TD-X",
        "error": "listed_in_error",
        "report_ids": [REPORT],
        "at": LATER,
    },
    "organisations/{organisation}/redress/reversal-answers": {
        "schema_version": "1",
        "reversal": THIRD,
        "outcome": "kept",
        "because": "evidence",
        "at": LATER,
    },
    "organisations/{organisation}/hand-overs": {
        "schema_version": "1",
        "message_id": THIRD,
        "reference": "X-7K3M-Q9TD-X",
        "sender": "Victim support",
        "recipient": "Coordinating Authority",
        "need": "protective_action",
        "actions": ["collection"],
        "ground": "child_protection_law",
        "due_on": "2026-12-01",
        "urgent": True,
        "sent_at": LATER,
    },
    "organisations/{organisation}/hand-overs/statuses": {
        "schema_version": "1",
        "message_id": OTHER,
        "reference": "X-7K3M-Q9TD-X",
        "sequence": 2,
        "step": "refused",
        "refused_because": "no_capacity",
        "at": LATER,
    },
    "organisations/{organisation}/removal/scheme": {
        "schema_version": "1",
        "sequence": 1,
        "accepts": True,
        "shape": "take_it_down",
        "types": ["pdq"],
        "recipient": "age1" + "q" * 58,
        "most_days": 365,
        "at": LATER,
    },
    "organisations/{organisation}/removal/hashes": {
        "schema_version": "1",
        "message_id": THIRD,
        "sequence": 1,
        "sealed": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
    },
    "organisations/{organisation}/removal/answers": {
        "schema_version": "1",
        "answer_id": OTHER,
        "message_id": THIRD,
        "sequence": 1,
        "outcome": "removed",
        "at": LATER,
    },
    "organisations/{organisation}/removal/statuses": {
        "schema_version": "1",
        "message_id": THIRD,
        "case_reference": "W-7K3M-Q9TD-X/1",
        "own_reference": "T-2B8W-H4NC-5",
        "location": "W-7K3M-Q9TD-X/1/1",
        "sequence": 1,
        "action": {"kind": "reported_to_host", "at": LATER},
    },
    "organisations/{organisation}/removal/search-statuses": {
        "schema_version": "1",
        "message_id": THIRD,
        "request": "W-7K3M-Q9TD-X/2",
        "state": "confirmed",
        "own_reference": "M-2B8W-H4NC-5",
        "at": LATER,
    },
    "organisations/{organisation}/takedown/hotline-cases/withdrawals": {
        "schema_version": "1",
        "message_id": THIRD,
        "case_reference": "W-7K3M-Q9TD-X/1",
        "at": LATER,
    },
    "organisations/{organisation}/takedown/searches": {
        "schema_version": "1",
        "message_id": THIRD,
        "request": "W-7K3M-Q9TD-X/2",
        "first_day": "2026-12-01",
        "last_day": "2027-01-31",
    },
    "organisations/{organisation}/takedown/hotline-cases": HOTLINE_CASE,
    "organisations/{organisation}/takedown/hotline-cases/batch": [HOTLINE_CASE],
    "organisations/{organisation}/takedown/hotline-statuses": {
        "schema_version": "1",
        "message_id": THIRD,
        "case_reference": "T-7K3M-Q9TD-X",
        "own_reference": "T-2B8W-H4NC-5",
        "location": "T-7K3M-Q9TD-X",
        "sequence": 1,
        "action": {"kind": "reported_to_host", "at": LATER},
    },
    "organisations/{organisation}/takedown/notices": NOTICE,
    "organisations/{organisation}/takedown/notice-answers": {
        "schema_version": "1",
        "receipt": {"schema_version": "1", "reference": "N-7K3M-Q9TD-X", "received_at": LATER},
    },
    "organisations/{organisation}/referral-withdrawals": WITHDRAWAL,
    "releases/{list_id}/alerts": {
        "schema_version": "1",
        "alert_id": OTHER,
        "list_id": "register",
        "code": "bad_signature",
        "detail": "The head of version 13 has no valid signature.",
        "version": 12,
        "sequence": 40,
        "log_size": 213,
        "at": AT,
    },
    "releases/{list_id}/entries/{indicator}/feedback": VERDICT,
    "matches/{list_id}/{indicator}": VERDICT,
    "match": {"digests": [{"kind": "sha256", "value": SHA256}]},
    "lookup/values": {"points": ["4f" * 32]},
    "indicators": {
        "media_type": "image",
        "classification": "eu-2011-93:known-material",
        "reason": "Assessed by two analysts.",
        "hashes": [{"kind": "sha256", "value": SHA256}, {"kind": "pdq", "value": PDQ["hash"], "quality": 97}],
    },
    "indicators/{indicator}/certifications": {"digests": [{"kind": "sha256", "value": SHA256}]},
    "inbox/{referral_id}/acknowledgement": {"file_reference": "IT-2026-117", "has_files": True},
    "inbox/{referral_id}/outcomes": {
        "kind": "taken_up",
        "reason": "An investigation was opened.",
        "release": "provider",
    },
    "inbox/{referral_id}/team": {"team": None},
}
