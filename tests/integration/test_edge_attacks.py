"""A running Edge, a real Centre with a real witness, and somebody in between who is also in league with the Centre.

Fork, rollback, freeze, a list for one recipient and a withheld revocation are each attempted; each is refused by name,
the good list stays in use, and the alert stands on the Centre's desk.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.drills import CLI, ROOT, Installation, free_port, until
from tests.support.edges import TOKEN, RealEdge
from tests.unit.exchange.register.test_policy import policy, signed
from tutela.app.demo import pictures
from tutela.app.runtime.witness_service import Store
from tutela.exchange.message.signed_envelope import Envelope, sign
from tutela.exchange.register.release import HEAD_CONTEXT, MANIFEST_CONTEXT, ReleaseHead, ReleaseManifest
from tutela.matching import snapshot_bytes
from tutela.media.pdq import HASHER_ID
from tutela.tlog.log_folder import Log
from tutela.tlog.policy import Policy
from tutela.tlog.signing import Signer
from tutela.tlog.verify import ED25519

pytestmark = pytest.mark.slow
LIST = "eu-register"
LISTED, OTHER, GONE, LATER = (pictures.encoded(pictures.landscape(seed)) for seed in (71, 72, 73, 74))
BASE = f"/api/v1/releases/{LIST}"

FOUND = """
from datetime import timedelta
from tutela import clock
from tutela.accountability.public_log import log
from tutela.app.config import load
from tutela.indicators.access import grants
from tutela.indicators.register.certify import certify
from tutela.indicators.register.propose import propose
from tutela.indicators.releases import history, publish
from tutela.indicators.releases import head as head_of
from tutela.indicators.release_files.version_files import LIST_ID
from tutela.indicators.hashes.validation import HashValue
from tutela.casework.mandates import records
from tutela.law import classification
from tutela.organisations.people import api_keys
from tutela.organisations.keys import signing
from tutela.organisations.people.bootstrap import found

url = load().public_url
centre = found("EU Centre", "centre", "NL", api_url=url)
records.seed_provisional(centre)
value = {{"value": "known-material", "label": "Material within Art. 2(c)"}}
scheme = {{"code": "eu-2011-93", "title": "T", "version": "2011", "source": "Directive", "values": [value]}}
classification.import_scheme(centre, scheme)
ireland, germany = found("Hotline Ireland", "hotline", "IE"), found("Hotline Deutschland", "hotline", "DE")
pixelpost = found("Pixelpost", "provider", "IE")
made = []
for digest in {digests!r}:
    one = propose(
        ireland, given=[HashValue("sha256", digest)], media_type="image", classification="eu-2011-93:known-material",
        reason="Assessed",
    )
    certify(germany, one)
    made.append(str(one))
grants.give(
    centre, pixelpost.organisation_id, list_id=LIST_ID, purpose="reporting", legal_basis="DSA",
    valid_to=clock.now() + timedelta(days=30),
)
_row, key = api_keys.create_key(pixelpost, name="Edge", scopes=["releases:read"])
print(json.dumps({{
    "indicators": made, "key": key, "log_keys": [str(one) for one in log.known_keys()],
    "release": signing.current_private(centre.organisation_id, "release").private_bytes_raw().hex(),
    "log": signing.current_private(centre.organisation_id, "log").private_bytes_raw().hex(),
}}))
"""
REVOKE = """
from uuid import UUID
from tutela.indicators.register.revoke import revoke
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
revoke(machine(directory.the_centre().id, "test"), UUID("{indicator}"), "Listed in error")
print("1")
"""
ADD = """
from tutela.indicators.register.certify import certify
from tutela.indicators.register.propose import propose
from tutela.indicators.releases import history, publish
from tutela.indicators.releases import head as head_of
from tutela.indicators.release_files.version_files import LIST_ID
from tutela.indicators.hashes.validation import HashValue
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
from tutela.events.transaction import acting
def listed():
    centre = machine(directory.the_centre().id, "test")
    with acting(centre):
        return history.history(1)
def member(name):
    return machine(directory.named(name).id, "test")
one = propose(
    member("Hotline Ireland"), given=[HashValue("sha256", "{digest}")], media_type="image",
    classification="eu-2011-93:known-material", reason="Assessed",
)
certify(member("Hotline Deutschland"), one)
print(json.dumps((lambda rows: rows[0].version if rows else 0)(listed())))
"""
WAITING = """
from tutela.indicators.releases import history, publish
from tutela.indicators.releases import head as head_of
from tutela.indicators.release_files.version_files import LIST_ID
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
from tutela.events.transaction import acting
def listed():
    centre = machine(directory.the_centre().id, "test")
    with acting(centre):
        return history.history(1)
print(json.dumps((lambda rows: rows[0].version if rows else 0)(listed())))
"""
GO_ON = """
from tutela.indicators.releases import history, publish
from tutela.indicators.releases import head as head_of
from tutela.indicators.release_files.version_files import LIST_ID
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
centre = machine(directory.the_centre().id, "test")
for _ in range(2):
    publish.republish(centre)
print("1")
"""
DESK = """
from django.conf import settings
settings.ALLOWED_HOSTS.append("testserver")
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import enrol
from tutela.organisations.people.bootstrap import machine
from tutela.events.identifiers import uuid7
from tutela.indicators.integrity import edge_alerts
centre = machine(directory.the_centre().id, "test")
email = f"lead-{uuid7()}@example.org"
lead = enrol(centre, email=email, name="Lead", password="x" * 20, roles=["lead"])
TOTP.activate(lead, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
client = Client()
client.force_login(lead)
client.post("/desk/purpose/", {"purpose": "assess_reports"})
page = client.get("/desk/indicators/alerts/").content.decode()
today = client.get("/desk/").content.decode()
rows, _more = edge_alerts.list_edge_alerts(centre)
print(json.dumps({"codes": [r.alert.code for r in rows], "page": page, "today": today}))
"""


class Between:
    """Passes everything on, but for what `answers` holds, by path; `tree` takes the place of the public log."""

    def __init__(self, upstream: str) -> None:
        self.upstream, self.answers = upstream, dict[str, bytes]()
        self.tree: Log | None = None

    def get(self, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
        if path in self.answers:
            return 200, self.answers[path]
        if self.tree is not None and path.startswith("/log/"):
            try:
                return 200, self.tree.fetch(path.removeprefix("/log/"))
            except FileNotFoundError:
                return 404, b""
        got = httpx.get(f"{self.upstream}{path}", headers=headers, timeout=20)
        return got.status_code, got.content

    @contextmanager
    def serving(self) -> Iterator[str]:
        between = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(*between.get(self.path, self._kept()))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got = httpx.post(f"{between.upstream}{self.path}", content=body, headers=self._kept(), timeout=20)
                self._answer(got.status_code, got.content)

            def _kept(self) -> dict[str, str]:
                wanted = ("Authorization", "Content-Type", "Idempotency-Key")
                return {name: self.headers[name] for name in wanted if name in self.headers}

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class World:
    """All of them, running."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, port = folder, free_port()
        self.witness = folder / "witness"
        made = subprocess.run(
            [*CLI, "witness", "init", str(self.witness), "--name", "ngo.example/w"],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        policy = folder / "operators-policy"
        policy.write_text(f"witness ngo {made.stdout.strip()} http://127.0.0.1:{port}\nquorum ngo\n")
        self.centre = Installation(TUTELA_LOG_POLICY=str(policy))
        stack.callback(self.centre.stop)
        self.centre.migrate()
        digests = [hashlib.sha256(picture).hexdigest() for picture in (LISTED, OTHER, GONE)]
        self.told = self.centre.run(FOUND.format(digests=digests))
        for key in self.told["log_keys"]:
            subprocess.run([*CLI, "witness", "add-log", str(self.witness), key], check=True, cwd=ROOT)
        self._serve = [*CLI, "witness", "serve", str(self.witness), "--port", str(port)]
        self.witness_comes()
        stack.callback(self.witness_leaves)
        self.centre.serve()
        until("the Centre answers", lambda: self._answers("/log/policy"), 90)
        self.between = Between(self.centre.url)
        self.url = stack.enter_context(self.between.serving())
        pinned = folder / "pinned-policy"
        text = httpx.get(f"{self.centre.url}/log/policy").text
        pinned.write_text(text.replace(f"{self.centre.url}/log", f"{self.url}/log"))
        self.policy = Policy.parse(pinned.read_text())
        self.origin = next(iter(self.policy.logs)).name
        (folder / "edge").mkdir()
        release_key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self.told["release"]))
        self.release_key = release_key
        self.joining = {
            "PROVIDER_LISTS": "",
            "LIST_IDS": LIST,
            "CENTRE_URL": self.url,
            "API_KEY": self.told["key"],
            "RELEASE_KEYS": release_key.public_key().public_bytes_raw().hex(),
            "LOG_POLICY": str(pinned),
            "POLL_SECONDS": "0.2",
        }
        self.edge = RealEdge(folder / "edge", Path(), **self.joining)
        self.edge.start()
        stack.callback(self.edge.stop)

    def witness_comes(self) -> None:
        self._process = subprocess.Popen(self._serve, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def witness_leaves(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def _answers(self, path: str) -> bool:
        try:
            return httpx.get(f"{self.centre.url}{path}", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def get(self, path: str) -> bytes:
        """What the Centre itself says now."""
        got = httpx.get(f"{self.centre.url}{path}", headers={"Authorization": f"Bearer {self.told['key']}"}, timeout=20)
        assert got.status_code == 200, (path, got.status_code, got.text)
        return got.content

    def head(self) -> ReleaseHead:
        return ReleaseHead.from_bytes(Envelope.from_bytes(self.get(f"{BASE}/head")).payload)

    def matches(self, picture: bytes) -> bool:
        answer = self.edge.ask("POST", "/v1/scan", content=picture)
        return answer.status_code == 200 and bool(answer.json()["matches"])

    def refusals(self, code: str, edge: RealEdge | None = None) -> float:
        """How often the Edge, or another one, has refused for this reason."""
        name = f'tutela_edge_release_refusals_total{{list="{LIST}",reason="{code}"}} '
        lines = httpx.get(f"{(edge or self.edge).url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
        return sum(float(line.removeprefix(name)) for line in lines.splitlines() if line.startswith(name))

    def refused(self, code: str) -> None:
        """Wait for a refusal for this reason; the list in use stays."""
        before = self.refusals(code)
        until(f"the Edge refuses: {code}", lambda: self.refusals(code) > before, 30)
        assert self.matches(LISTED), "the good list stays in use"

    def honest(self) -> None:
        """Nothing is tampered with any more."""
        self.between.answers.clear()
        self.between.tree = None


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tutela-attacks-")))
        yield World(folder, stack)


def test_without_its_witness_additions_wait_and_removals_do_not(world: World) -> None:
    until("all are found", lambda: all(map(world.matches, (LISTED, OTHER, GONE))), 30)
    world.witness_leaves()
    digest = hashlib.sha256(LATER).hexdigest()
    waits = world.centre.run(ADD.format(digest=digest))
    until("the addition is released, and waits for the log", lambda: world.centre.run(WAITING) > waits, 60, pause=3)
    world.centre.run(REVOKE.format(indicator=world.told["indicators"][2]))
    until("the removal is live", lambda: not world.matches(GONE), 10)
    assert not world.matches(LATER), "no witness, no addition"
    assert world.matches(LISTED)
    world.witness_comes()
    until("the addition is live", lambda: world.matches(LATER), 60)
    assert not world.matches(GONE)


def _rollback(world: World) -> None:
    old = world.get(f"{BASE}/head")
    sequence = world.head().sequence
    world.centre.run(REVOKE.format(indicator=world.told["indicators"][1]))
    until("the revocation is live", lambda: not world.matches(OTHER), 30)
    assert world.head().sequence > sequence
    world.between.answers[f"{BASE}/head"] = old
    world.refused("rolled_back")


def _forged(world: World) -> None:
    """A list of nothing, signed by the Centre's own release key, for this recipient alone."""
    data, report = snapshot_bytes([], hasher=HASHER_ID)
    now, head = datetime.now(UTC), world.head()
    version = head.version + 1
    manifest = ReleaseManifest(
        list_id=LIST,
        list_name="Register",
        source_kind="register",
        version=version,
        created=now,
        expires=now + timedelta(days=1),
        entries=report.entries,
        snapshot_sha256=report.sha256,
        snapshot_size=report.size,
        policy="none",
    )
    changed = {"version": version, "manifest_sha256": manifest.fingerprint(), "sequence": head.sequence + 1, "at": now}
    forged, proof = head.model_copy(update=changed), world.get(f"{BASE}/{head.version}/proof")
    world.between.answers |= {
        f"{BASE}/head": sign(forged.to_bytes(), HEAD_CONTEXT, world.release_key).to_bytes(),
        f"{BASE}/{version}/manifest": sign(manifest.to_bytes(), MANIFEST_CONTEXT, world.release_key).to_bytes(),
        f"{BASE}/{version}/snapshot": data,
        f"{BASE}/{version}/proof": proof,
    }
    world.refused("not_logged")


def _withheld(world: World) -> None:
    """The revocation of what is listed is logged for everybody, and this Edge is served the head before it."""
    world.between.answers[f"{BASE}/head"] = world.get(f"{BASE}/head")
    world.centre.run(REVOKE.format(indicator=world.told["indicators"][0]))
    world.refused("withheld")


def _fork(world: World) -> None:
    """Log and witness in league: another tree, longer than the one that was seen, signed by both."""
    size = Policy.open(world.policy, world.get("/log/checkpoint"))[0].size
    key = Signer(world.origin, ED25519, Ed25519PrivateKey.from_private_bytes(bytes.fromhex(world.told["log"])))
    forked = Log(world.folder / "forked", world.origin, [key])
    entries = [json.dumps({"event": "forked", "number": number}).encode() for number in range(size + 5)]
    checkpoint = forked.sign(entries, datetime.now(UTC))
    forked.add_signatures([Store(world.witness).signer.line(str(checkpoint), datetime.now(UTC))])
    forked.publish()
    world.between.tree = forked
    world.refused("forked_log")


def _freeze(world: World) -> None:
    """A head that ends in seconds, served for ever."""
    now, head = datetime.now(UTC), world.head()
    short = head.model_copy(update={"sequence": head.sequence + 20, "at": now, "expires": now + timedelta(seconds=4)})
    world.between.answers[f"{BASE}/head"] = sign(short.to_bytes(), HEAD_CONTEXT, world.release_key).to_bytes()
    until("the frozen list is not trusted", lambda: not world.edge.ready(), 30)
    until("the Edge refuses what has expired", lambda: world.refusals("expired") > 0, 30)
    assert not world.matches(LISTED)


def test_every_attack_is_refused_and_stands_on_the_centres_desk(world: World) -> None:
    until("both are found", lambda: world.matches(LISTED) and world.matches(OTHER), 30)
    _rollback(world)
    world.honest()
    _forged(world)
    world.honest()
    world.centre.run(GO_ON)
    _fork(world)
    world.honest()
    _withheld(world)
    world.honest()
    until("the withheld revocation is live", lambda: not world.matches(LISTED), 30)
    _freeze(world)
    world.honest()
    wanted = {"rolled_back", "not_logged", "forked_log", "withheld", "expired"}

    def arrived() -> dict[str, str] | None:
        desk: dict[str, str] = world.centre.run(DESK)
        return desk if wanted <= set(desk["codes"]) else None

    desk = until("the alerts on the Centre's desk", arrived, 60, pause=3)
    assert "A newer head is withheld from the recipient" in desk["page"]
    assert world.origin in desk["page"], "the contradicting checkpoints are shown"
    assert "/desk/indicators/alerts/" in desk["today"]


def test_an_edge_that_pins_another_first_policy_uses_no_list(world: World) -> None:
    first = policy(binds_from=datetime.now(UTC))
    file = world.folder / "register-policy.json"
    file.write_bytes(signed(first, 0, 1, 2, 3).to_bytes())
    assert world.centre.cli("policy", "announce", str(file)).returncode == 0
    until("its entry is in the log", lambda: world._answers("/log/register-policy/1/proof"), 60)
    edges = dict[str, RealEdge]()
    for name, pin in (("pinned", first.fingerprint()), ("other", "ab" * 32)):
        (world.folder / name).mkdir()
        edges[name] = RealEdge(world.folder / name, Path(), **world.joining, POLICY_PIN=pin)
        edges[name].start(wait=False)

    def refused() -> bool:
        try:
            return world.refusals("policy_refused", edges["other"]) > 0
        except httpx.HTTPError:
            return False

    try:
        until("the one that pins it is ready", edges["pinned"].ready, 60)
        until("the other refuses", refused, 60)
        assert not edges["other"].ready()
        until("its alert", lambda: "policy_refused" in world.centre.run(DESK)["codes"], 60, pause=3)
    finally:
        for edge in edges.values():
            edge.stop()
