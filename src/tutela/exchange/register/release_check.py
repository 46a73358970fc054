"""Compare a release's manifest with its entry in the public log, so that Edges run the logged list.

The proof (`tlog/proof`) shows that the entry is in the log. The manifest names the snapshot, the changes and the number
of entries, by digests; an Edge compares those as it reads them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.signed_envelope import Envelope
from tutela.tlog.verify import Refused

EVENT = "release.published"


@dataclass(frozen=True, slots=True)
class Released:
    """Content of the log entry about the release."""

    list_id: str
    version: int
    entries: int


def check(manifest: bytes, entry: bytes) -> Released:
    """The entry publishes this manifest: an envelope as an Edge gets it. Raises `Refused` with the reason."""
    try:
        payload = Envelope.from_bytes(manifest).payload
        said = json.loads(entry)
        fits = said["event"] == EVENT and said["manifest"] == hashlib.sha256(payload).hexdigest()
        found = Released(str(said["list"]), int(said["version"]), int(said["entries"]))
    except (ExchangeError, ValueError, KeyError, TypeError, RecursionError):
        raise Refused("the manifest or the entry cannot be read") from None
    if not fits:
        raise Refused("the log's entry belongs to another manifest")
    return found
