"""Bytes that claim to be a form, a notification, a look-up or a file of hashes.

Run: `python -m tests.fuzz.fuzz_edge_bodies [seconds]` from the root.
"""

from __future__ import annotations

import contextlib
import json
import random
import tempfile
from pathlib import Path

from pydantic import ValidationError

from tests.fuzz.running import run
from tutela.edge.active_lists.hash_files import records
from tutela.edge.errors import FetchRefusedError, SourceError
from tutela.edge.fetch.http_client import Fetcher
from tutela.edge.http_api.bucket_events import Notification, announced
from tutela.edge.http_api.multipart import FormError, parts
from tutela.edge.runtime.lookup_query import Lookup
from tutela.exchange.errors import NotJsonError
from tutela.matching import snapshot_bytes

_FETCHER = Fetcher(["s3://media"], [], 1000)
_FORM = (
    b'--b0\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\nContent-Type: image/jpeg\r\n\r\nbytes\r\n'
    b"--b0--\r\n"
)
_EVENT = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "media"}, "object": {"key": "a%20b.jpg"}}}
_SEEDS = (
    _FORM,
    json.dumps({"Records": [_EVENT]}).encode(),
    json.dumps({"items": [{"pdq": [{"hash": "ab" * 32, "quality": 90}], "md5": "cd" * 16}]}).encode(),
    ("pdq,quality\n" + "ab" * 32 + ",90\n").encode(),
)
_PIECES = [
    b'"',
    b"{",
    b"}",
    b"[",
    b",",
    b"\r\n",
    b"--b0",
    b"\0",
    b"\xff",
    b"\\ud800",
    b"%",
    b"#",
    b"-1",
    b"; name=",
    b"9" * 30,
]


def one(seed: int, folder: Path) -> int:
    """One mutated body for every reader; answers how many accepted it. None raises anything but its own errors."""
    rng = random.Random(seed)
    data = bytearray(_SEEDS[seed % len(_SEEDS)])
    for _ in range(rng.randint(0, 4)):
        at, piece = rng.randrange(len(data)), rng.choice(_PIECES)
        data[at : at + rng.choice([0, 1, len(piece)])] = piece
    body, accepted = bytes(data), 0
    with contextlib.suppress(FormError):
        accepted += bool(parts(body, "multipart/form-data; boundary=b0"))
    with contextlib.suppress(ValidationError, FetchRefusedError):
        accepted += bool(announced(Notification.model_validate_json(body), _FETCHER, "token-0"))
    with contextlib.suppress(ValidationError, NotJsonError):
        accepted += bool(Lookup.from_bytes(body).items)
    path = folder / rng.choice(["a.txt", "a.csv", "a.jsonl", "a.sha256"])
    path.write_bytes(body)
    with contextlib.suppress(SourceError):
        accepted += bool(snapshot_bytes(records(path))[1].entries)
    return accepted


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        run(lambda seed: one(seed, Path(folder)))
