"""A Centre in memory: publishes signed releases and serves them over a transport without a network."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.unit.matching.lists import record

from tutela.edge.errors import ReleaseError
from tutela.edge.live import LiveLists
from tutela.edge.store import ListStore
from tutela.edge.sync import ReleaseSync
from tutela.exchange.release import HEAD_CONTEXT, MANIFEST_CONTEXT, ReleaseHead, ReleaseManifest
from tutela.exchange.signed import sign, trusted_keys
from tutela.matching import snapshot_bytes

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ROGUE = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEYS = trusted_keys([KEY.public_key()])
LIST = "list-a"


def manifest(snapshot: bytes, entries: int, version: int, **change: Any) -> ReleaseManifest:
    values = {
        "list_id": LIST, "list_name": "List A", "source_kind": "register", "version": version, "created": NOW,
        "expires": NOW + timedelta(days=30), "entries": entries,
        "snapshot_sha256": hashlib.sha256(snapshot).hexdigest(), "snapshot_size": len(snapshot), "policy": "token",
    }  # fmt: skip
    return ReleaseManifest.model_validate(values | change)


class Centre:
    """`publish` makes a release; tests then tamper with `answers`."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.sequence = 0
        self.down = False
        self.manifest: ReleaseManifest | None = None

    def publish(self, count: int, version: int, *, source: str = "register") -> None:
        data, report = snapshot_bytes(record(i) for i in range(count))
        self.manifest = manifest(data, report.entries, version, source_kind=source)
        base = f"/api/v1/releases/{LIST}/{version}"
        self.answers[f"{base}/snapshot"] = data
        self.answers[f"{base}/manifest"] = sign(self.manifest.to_bytes(), MANIFEST_CONTEXT, KEY).to_bytes()
        self.head()

    def head(self, *, key: Ed25519PrivateKey = KEY, context: str = HEAD_CONTEXT, **change: Any) -> bytes:
        assert self.manifest is not None
        self.sequence += 1
        values = {
            "list_id": LIST, "version": self.manifest.version, "manifest_sha256": self.manifest.fingerprint(),
            "sequence": self.sequence, "at": NOW, "expires": NOW + timedelta(hours=24),
        }  # fmt: skip
        head = ReleaseHead.model_validate(values | change)
        data = sign(head.to_bytes(), context, key).to_bytes()
        self.answers[f"/api/v1/releases/{LIST}/head"] = data
        return data

    def remove(self, *entries: UUID) -> bytes:
        return self.head(removed=entries)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("down")
        if request.headers.get("authorization") != "Bearer edge-key":
            return httpx.Response(401)
        body = self.answers.get(request.url.path)
        return httpx.Response(404) if body is None else httpx.Response(200, stream=httpx.ByteStream(body))


class Edge:
    """One list kept current from a `Centre`."""

    def __init__(self, centre: Centre, folder: Path) -> None:
        self.lists = LiveLists([LIST])
        self.alarms: list[str] = []
        headers, transport = {"Authorization": "Bearer edge-key"}, httpx.MockTransport(centre.answer)
        client = httpx.Client(base_url="http://centre", transport=transport, headers=headers)
        self.sync = ReleaseSync(LIST, client, KEYS, ListStore(folder, bytes(32)), self.lists, self._alarm)

    def _alarm(self, _: str, error: ReleaseError) -> None:
        self.alarms.append(error.code)

    @property
    def version(self) -> int:
        live = self.lists.get(LIST)
        return live.matches.version if live else 0
