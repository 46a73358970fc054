"""Write a referral as STIX 2.1: files, addresses and accounts in a grouping, each marked TLP:RED.

Observables have the ids that the standard derives from their content, so that equal ones match in any store. Identity
and grouping have ids derived from the organisation and the referral. Perceptual hashes are in `x_pdq`, which validators
accept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from tutela.exchange.message.canonical_json import canonical
from tutela.exchange.referral.referral import Referral
from tutela.exchange.report.fields import Item
from tutela.exchange.report.report import Report

# Of the standard, section 2.9: where ids of observables are made.
_OBSERVABLES = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
_OURS = uuid5(NAMESPACE_URL, "https://tutela.example/stix")
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
_MARKING = {
    "type": "marking-definition",
    "spec_version": "2.1",
    "id": RED,
    "created": "2022-10-01T00:00:00.000Z",
    "name": "TLP:RED",
    "extensions": {
        "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": {
            "extension_type": "property-extension",
            "tlp_2_0": "red",
        }
    },
}
# Of several digests exactly one counts for the id of a file, in this order.
_COUNTS = ("MD5", "SHA-1", "SHA-256", "SHA-512")


def observable_id(kind: str, counting: dict[str, Any]) -> str:
    """The id of an observable, of the properties that count."""
    return f"{kind}--{uuid5(_OBSERVABLES, canonical(counting).decode())}"


def _own_id(name: str) -> UUID:
    """Constant id for a name. The standard requires version 4 except for observables, so the id is marked as such."""
    return UUID(bytes=uuid5(_OURS, name).bytes, version=4)


def bundle(referral: Referral) -> bytes:
    """The bundle, the same bytes for the same referral."""
    at = _moment(referral.created_at)
    author = f"identity--{_own_id(referral.centre)}"
    found = {one["id"]: one for report in referral.reports for one in _observables(report)}
    objects: list[dict[str, Any]] = [
        {
            "type": "identity",
            "spec_version": "2.1",
            "id": author,
            "created": at,
            "modified": at,
            "name": referral.centre,
            "identity_class": "organization",
            "object_marking_refs": [RED],
        },
        *({**one, "spec_version": "2.1", "object_marking_refs": [RED]} for one in found.values()),
    ]
    if found:
        objects.append(
            {
                "type": "grouping",
                "spec_version": "2.1",
                "id": f"grouping--{_own_id(str(referral.referral_id))}",
                "created": at,
                "modified": at,
                "created_by_ref": author,
                "name": f"Referral {referral.case_number}",
                "description": f"Only for {referral.authority}.",
                "context": "unspecified",
                "object_refs": list(found),
                "object_marking_refs": [RED],
            }
        )
    whole = {
        "type": "bundle",
        "id": f"bundle--{_own_id(f'bundle {referral.referral_id}')}",
        "objects": [*objects, _MARKING],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False).encode() + b"\n"


def _observables(report: Report) -> Iterator[dict[str, Any]]:
    for item in report.items:
        if hashes := _hashes(item):
            yield _file(hashes, item)
        for seen in item.sightings:
            if seen.url:
                yield _simple("url", seen.url)
            if seen.network:
                yield _address(str(seen.network.ip))
    for place in report.locations:
        yield _address(str(place.ip))
    for person in report.users:
        for value in (*person.emails, *person.other_emails):
            yield _simple("email-addr", value)
        # What belongs to somebody may be an account of another service.
        for name in (*person.usernames, *person.identifiers) if person.relation is None else ():
            # The service is no type of the standard's vocabulary, and without it two accounts would have one id.
            counting = {"user_id": f"{report.service.name}:{name}"}
            yield {
                "type": "user-account",
                "id": observable_id("user-account", counting),
                **counting,
                "display_name": name,
            }


def _hashes(item: Item) -> dict[str, str]:
    named = {"MD5": item.md5, "SHA-1": item.sha1, "SHA-256": item.sha256}
    known = {name: value for name, value in named.items() if value}
    return {**known, "x_pdq": item.pdq[0].hash} if known and item.pdq else known


def _file(hashes: dict[str, str], item: Item) -> dict[str, Any]:
    counts = next(name for name in _COUNTS if name in hashes)
    row: dict[str, Any] = {"type": "file", "id": observable_id("file", {"hashes": {counts: hashes[counts]}})}
    return {**row, "hashes": hashes, **({"size": item.size} if item.size is not None else {})}


def _address(text: str) -> dict[str, Any]:
    return _simple("ipv6-addr" if ":" in text else "ipv4-addr", text)


def _simple(kind: str, value: str) -> dict[str, Any]:
    return {"type": kind, "id": observable_id(kind, {"value": value}), "value": value}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
