"""A Centre in memory: publishes signed releases, logs them under a witness, serves all of it without a network."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.matching_lists import entry_id, record
from tutela import clock
from tutela.edge.active_lists.lists_in_use import LiveLists
from tutela.edge.active_lists.log_files import log_files
from tutela.edge.active_lists.log_follower import LogBook
from tutela.edge.active_lists.policy_chain import Rules
from tutela.edge.active_lists.release_sync import ReleaseSync
from tutela.edge.active_lists.state_store import ListStore
from tutela.edge.errors import ReleaseError
from tutela.exchange.message.signed_envelope import sign, trusted_keys
from tutela.exchange.register.release import (
    GRANTED_UNTIL,
    HEAD_CONTEXT,
    IN_USE,
    MANIFEST_CONTEXT,
    NO_GRANT,
    ReleaseHead,
    ReleaseManifest,
)
from tutela.matching import REMOVED, Record, snapshot_bytes
from tutela.tlog.log_folder import Log
from tutela.tlog.policy import Policy
from tutela.tlog.proof import Proof
from tutela.tlog.signing import Signer
from tutela.tlog.verify import COSIGNATURE, ED25519

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ROGUE = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEYS = trusted_keys([KEY.public_key()])
LIST = "list-a"


def manifest(snapshot: bytes, entries: int, version: int, **change: Any) -> ReleaseManifest:
    values = {
        "list_id": LIST,
        "list_name": "List A",
        "source_kind": "register",
        "version": version,
        "created": NOW,
        "expires": NOW + timedelta(days=30),
        "entries": entries,
        "snapshot_sha256": hashlib.sha256(snapshot).hexdigest(),
        "snapshot_size": len(snapshot),
        "policy": "token",
    }
    return ReleaseManifest.model_validate(values | change)


def changes(added: Iterable[int] = (), gone: Iterable[int] = ()) -> bytes:
    """What a list gains and loses, by the numbers of its entries."""
    tombstones = [Record(entry_id(number), flags=REMOVED) for number in gone]
    return snapshot_bytes([*map(record, added), *tombstones])[0]


def _changes(base: int, data: bytes) -> dict[str, Any]:
    return {"base": base, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


ORIGIN = "centre.example/log"
LOG_KEY = Signer.from_seed(ORIGIN, ED25519, bytes([7]) * 32)
WITNESSES = [Signer.from_seed(f"w{n}.example", COSIGNATURE, bytes([n]) * 32) for n in (1, 2)]
_NAMES = " ".join(one.name for one in WITNESSES)
_LINES = "\n".join(f"witness {one.name} {one.key}" for one in WITNESSES)
POLICY_TEXT = f"log {LOG_KEY.key}\n{_LINES}\ngroup both all {_NAMES}\nquorum both\n"
POLICY = Policy.parse(POLICY_TEXT)
ALONE = Policy.parse(f"log {LOG_KEY.key}\nquorum none\n")


class PublicLog:
    """A log in a folder that goes when it is forgotten. `away` witnesses do not sign."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="tutela-log-")
        self.log = Log(Path(self._folder.name), ORIGIN, [LOG_KEY])
        self.waiting: list[bytes] = []
        self.away = False

    def enter(self, entry: dict[str, Any]) -> int:
        """Log an entry, and publish unless the witnesses are away; returns its number."""
        return self.raw(json.dumps(entry).encode())

    def raw(self, entry: bytes) -> int:
        """The same of its bytes."""
        self.waiting.append(entry)
        number = self.log.published().size + len(self.waiting) - 1
        self.publish()
        return number

    def publish(self) -> None:
        if self.away or not self.waiting:
            return
        checkpoint = self.log.sign(self.waiting, clock.now())
        self.log.add_signatures([one.line(str(checkpoint), clock.now()) for one in WITNESSES])
        self.log.publish()
        self.waiting = []

    def proof(self, number: int) -> bytes:
        size = self.log.published().size
        entry = self.log.entry(number, size)
        hashes = tuple(self.log.tree(size).inclusion(number))
        return bytes(Proof(number, hashes, self.log.fetch("checkpoint"), entry))


class Centre:
    """`publish` makes a release; tests then tamper with `answers`, and name paths that are `broken`."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.public = PublicLog()
        self.logged: dict[int, int] = {}
        self.sequence = 0
        self.down = False
        self.broken: set[str] = set()
        # Until when the Edge's grant lasts, None where it has none and empty where this Centre does not say; and which
        # versions it said to use.
        self.granted: str | None = ""
        self.told: list[str] = []
        self.manifest: ReleaseManifest | None = None

    def publish(self, count: int, version: int, *, source: str = "register", folding: bytes = b"") -> None:
        """A version with a snapshot; `folding` are changes that made it of the one before."""
        data, report = snapshot_bytes(record(i) for i in range(count))
        said = _changes(self.manifest.base, folding) if folding and self.manifest else None
        self._serve(version, manifest(data, report.entries, version, source_kind=source, folded=said), folding)
        self.answers[f"/api/v1/releases/{LIST}/{version}/snapshot"] = data

    def change(self, version: int, changes: bytes, entries: int) -> None:
        """A version that changes the snapshot of the one before."""
        assert self.manifest is not None
        before, said = self.manifest, _changes(self.manifest.base, changes)
        kept = {"snapshot_sha256": before.snapshot_sha256, "snapshot_size": before.snapshot_size}
        self._serve(version, manifest(b"", entries, version, changes=said, **kept), changes)

    def _serve(self, version: int, made: ReleaseManifest, changes: bytes) -> None:
        self.manifest = made
        base = f"/api/v1/releases/{LIST}/{version}"
        self.answers[f"{base}/manifest"] = sign(made.to_bytes(), MANIFEST_CONTEXT, KEY).to_bytes()
        if changes:
            self.answers[f"{base}/changes"] = changes
        self.log_release(version, made.fingerprint())
        self.head()

    def log_release(self, version: int, manifest_sha256: str) -> None:
        entry = {"event": "release.published", "list": LIST, "version": version, "manifest": manifest_sha256}
        self.logged[version] = self.public.enter(entry)

    def head(
        self, *, key: Ed25519PrivateKey = KEY, context: str = HEAD_CONTEXT, log: bool = True, **change: Any
    ) -> bytes:
        """Sign a head and serve it; it is logged unless told otherwise, or unless it is a forgery."""
        assert self.manifest is not None
        self.sequence += 1
        values = {
            "list_id": LIST,
            "version": self.manifest.version,
            "manifest_sha256": self.manifest.fingerprint(),
            "sequence": self.sequence,
            "at": NOW,
            "expires": NOW + timedelta(hours=24),
        }
        head = ReleaseHead.model_validate(values | change)
        data = sign(head.to_bytes(), context, key).to_bytes()
        if log and key is KEY and context == HEAD_CONTEXT and not change.keys() - {"removed", "at", "expires"}:
            number = {"event": "release.head", "list": LIST, "sequence": head.sequence, "head": head.fingerprint()}
            self.public.enter(number)
        self.answers[f"/api/v1/releases/{LIST}/head"] = data
        return data

    def remove(self, *entries: UUID) -> bytes:
        return self.head(removed=entries)

    def get(self, path: str) -> bytes | None:
        """What is served under a path; what a test put into `answers` comes before the log's own files."""
        if path in self.answers:
            return self.answers[path]
        version = path.removeprefix(f"/api/v1/releases/{LIST}/").removesuffix("/proof")
        if path.endswith("/proof") and version.isdecimal() and int(version) in self.logged:
            number = self.logged[int(version)]
            return self.public.proof(number) if number < self.public.log.published().size else None
        try:
            return self.public.log.fetch(path.removeprefix("/log/")) if path.startswith("/log/") else None
        except FileNotFoundError:
            return None

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("down")
        path = request.url.path
        if not path.startswith("/log/") and request.headers.get("authorization") != "Bearer edge-key":
            return httpx.Response(401)
        if path in self.broken:
            return httpx.Response(500)
        if path.endswith("/head"):
            self.told.append(request.headers[IN_USE])
        if not path.startswith("/log/") and self.granted is None:
            return httpx.Response(403, stream=httpx.ByteStream(json.dumps({"type": NO_GRANT}).encode()))
        body, headers = self.get(path), {GRANTED_UNTIL: self.granted} if self.granted else {}
        return (
            httpx.Response(404) if body is None else httpx.Response(200, stream=httpx.ByteStream(body), headers=headers)
        )


class Edge:
    """One list kept current from a `Centre`."""

    def __init__(self, centre: Centre, folder: Path, policy: Policy = POLICY, pin: str | None = None) -> None:
        """With a `pin`, though it be empty, it follows the register's policies too."""
        self.lists = LiveLists([LIST])
        self.alerts: list[str] = []
        self.evidence: tuple[str, ...] = ()
        headers, transport = {"Authorization": "Bearer edge-key"}, httpx.MockTransport(centre.answer)
        client = httpx.Client(base_url="http://centre", transport=transport, headers=headers)
        files = httpx.Client(base_url="http://centre/log/", transport=transport)
        fetch = log_files(files)
        rules = Rules(pin, fetch, folder / "log") if pin is not None else None
        book = LogBook(policy, fetch, folder / "log", rules)
        self.sync = ReleaseSync(LIST, client, KEYS, book, ListStore(folder, bytes(32)), self.lists, self._alert)

    def _alert(self, _: str, error: ReleaseError) -> None:
        self.alerts.append(error.code)
        self.evidence = error.evidence or self.evidence

    @property
    def version(self) -> int:
        live = self.lists.get(LIST)
        return live.matches.version if live else 0
