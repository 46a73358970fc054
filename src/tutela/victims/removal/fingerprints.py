"""Fingerprints of a request: stored sealed, opened, and found by keyed digests. Call inside `acting(actor)`."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tutela.casework.search import keys as search_keys
from tutela.casework.search.values import ValueKind, value
from tutela.events.actor import Actor
from tutela.events.identifiers import uuid7_of_hour
from tutela.victims.models import Fingerprint, RemovalRequest
from tutela.victims.removal import rows
from tutela.victims.removal.message_lines import FileHashes, Hash

MOST_FILES = 200
# Of one file: digests, and PDQ of windows or frames.
MOST_HASHES = 4000
# Keys by which a file is found again.
MOST_KEYS = 20


def add(actor: Actor, request: RemovalRequest, found: FileHashes) -> Fingerprint | None:
    """Store the hashes of a file, or add them to the ones that it has; None beyond the limits."""
    row = Fingerprint.objects.filter(request=request, file_id=found.file_id).first()
    if row is None:
        place = request.fingerprints.count() + 1
        if place > MOST_FILES:
            return None
        row = Fingerprint(
            id=uuid7_of_hour(),
            created_at=request.received_at,
            organisation_id=actor.organisation_id,
            request=request,
            place=place,
            file_id=found.file_id,
            video=found.video,
        )
    known = [] if row._state.adding else hashes_of(row, request)
    together = list(dict.fromkeys([*known, *found.hashes]))[:MOST_HASHES]
    row.sealed = rows.seal(actor, request, json.dumps(together).encode(), _what(row))
    row.found_by = keys_of(actor, together)
    row.save()
    return row


def hashes_of(row: Fingerprint, request: RemovalRequest) -> list[Hash]:
    """The hashes of a fingerprint; none once they are erased."""
    body = rows.unseal(request, row.sealed, _what(row))
    return [(kind, digits) for kind, digits in json.loads(body)] if body else []


def keys_of(actor: Actor, hashes: Iterable[Hash]) -> list[bytes]:
    """Keyed hashes of the digests, by which equal files are found. A perceptual hash counts only where it is equal."""
    # Digests of the file first: windows and frames before them would crowd them out.
    ordered = sorted(hashes, key=lambda one: one[0] == "pdq")
    digests = [value(ValueKind.DIGEST, digits) for _kind, digits in ordered]
    return search_keys.keys_of(actor.organisation_id, digests[:MOST_KEYS])


def _what(row: Fingerprint) -> str:
    return f"fingerprint:{row.pk}"
