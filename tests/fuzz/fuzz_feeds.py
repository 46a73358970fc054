"""Answers of others' lists. Run: `python -m tests.fuzz.fuzz_feeds [seconds]` from the root."""

from __future__ import annotations

import contextlib
import json
import random
from datetime import UTC, datetime

from tests.fuzz.running import run
from tests.support.fakes.hashsharing import entry
from tutela.exchange.feeds.feed import Client, Failed, Request
from tutela.exchange.feeds.stopncii import StopNcii
from tutela.exchange.hash_sharing import serializer
from tutela.exchange.hash_sharing.client import HashSharing
from tutela.exchange.hash_sharing.parser import Unreadable, read_feedback

NOW = datetime(2026, 2, 10, tzinfo=UTC)
_PAGE = serializer.entries([entry("a", 5, 1), entry("b", 6, deleted=True)], "/v2/entries?start=3&size=2&max=9")
_RECORD = {
    "lastModtimestamp": 1,
    "signalType": "ImagePDQ",
    "hashValue": "0" * 64,
    "hashStatus": "Active",
    "caseNumbers": {"c": "Active"},
    "CSPFeedbacks": [{"source": "s", "feedbackValue": "Blocked", "tags": []}],
}
_SET = json.dumps(
    {
        "count": 1,
        "nextPageToken": None,
        "nextSetTimestamp": 5,
        "hasMoreRecords": False,
        "hashRecords": [_RECORD, _RECORD],
    }
).encode()
_PIECES = [
    b"<",
    b">",
    b"/",
    b'"',
    b"{",
    b"[",
    b"&#0;",
    b"<!DOCTYPE x>",
    b"\xff",
    b"null",
    b"-1",
    b"9" * 30,
    b"\0",
    b"<image/>",
    b"true",
    b"&amp;",
]
_KINDS: tuple[tuple[Client, Request, bytes], ...] = (
    (HashSharing(), Request("/v2/entries?from=1970-01-01T00:00:00Z&to=2026-01-01T00:00:00Z"), _PAGE),
    (StopNcii(), Request("/FetchHashes?startTimestamp=10&pageSize=800", fresh=True), _SET),
)


def one(seed: int) -> bool:
    """One mutated answer; True if it was taken, and then the client knows how to go on."""
    rng = random.Random(seed)
    client, asked, sample = _KINDS[seed % 2]
    data = bytearray(sample)
    for _ in range(rng.randint(1, 4)):
        at, piece = rng.randrange(len(data)), rng.choice(_PIECES)
        data[at : at + rng.choice([0, 1, len(piece), 40])] = piece
    with contextlib.suppress(Unreadable):
        read_feedback(bytes(data))
    try:
        batch = client.read("", asked, 200, bytes(data), NOW)
    except Failed:
        return False
    assert all(item.key and len(item.key) < 256 and item.at.tzinfo for item in batch.items)
    client.ask(client.begin(batch.state), NOW)
    return True


if __name__ == "__main__":
    run(one)
