"""The public log: publishes what the sequencer has put in order, once enough witnesses have seen it.

1. New entries, and the chain's newest checkpoint, are read in their order.
2. Tiles are written and the new size is signed (`tlog.folder`): from then on there is one tree of that size.
3. Every witness of the policy is asked to cosign, however the others answer.
4. With the quorum the checkpoint is published; without it nothing new is, the desk says so, and the next run goes on.

Only a node with a Centre has a log; its name is `LOG_ORIGIN`, its witnesses stand in the file `LOG_POLICY`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import UUID

import httpx
import structlog
from django.conf import settings
from django.db import connection, transaction

from tutela import clock
from tutela.accountability.models import PublicLeaf, WitnessState
from tutela.organisations import directory, signing
from tutela.organisations.errors import NoSigningKey
from tutela.tlog.folder import Log, LogError
from tutela.tlog.policy import Policy
from tutela.tlog.proof import Proof
from tutela.tlog.signing import Signer
from tutela.tlog.verify import ED25519, Checkpoint, Key, open_note
from tutela.tlog.witness import PATH, Answer, WitnessError, cosign

BATCH = 20_000
WITNESS_SECONDS = 10.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Published:
    """What a run came to. `waiting` is what is signed and lacks witnesses; `lacking` says which quorum."""

    size: int
    waiting: int = 0
    lacking: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def folder() -> Path:
    """Where checkpoint and tiles lie, as files that any web server can serve."""
    return Path(settings.DATA_DIR) / "log"


def origin() -> str:
    """The log's name."""
    return str(settings.LOG_ORIGIN)


def policy() -> Policy | None:
    """The witnesses and the quorum of this log; None where nobody was asked for. Raises `PolicyError`, `OSError`."""
    return Policy.parse(Path(settings.LOG_POLICY).read_text()) if settings.LOG_POLICY else None


def known_keys() -> list[Key]:
    """Every key under which the log has signed and that is not revoked."""
    return [Key(origin(), ED25519, public) for public in signing.known_public_keys("log").values()]


def policy_text() -> str:
    """The policy for those who check: with our keys, and the witnesses of the operator's file."""
    own = [f"log {key} {settings.PUBLIC_URL}/log" for key in known_keys()]
    file = Path(settings.LOG_POLICY).read_text() if settings.LOG_POLICY else "quorum none\n"
    rest = [line for line in file.splitlines() if not line.startswith("log ")]
    return "\n".join([*own, *rest, ""])


def open_log() -> Log | None:
    """The log of this node, to read or to write; None where there is no Centre or no key."""
    centre = directory.the_centre()
    try:
        private = signing.current_private(centre.id, "log") if centre else None
    except NoSigningKey:
        private = None
    return Log(folder(), origin(), [Signer(origin(), ED25519, private)], tuple(known_keys())) if private else None


def publish() -> Published | None:
    """One run. None where there is no log, or another run is under way."""
    written = open_log()
    if written is None:
        return None
    _log_checkpoint()
    try:
        with written.held():
            return _run(written)
    except LogError as error:
        log.warning("public log", reason=str(error))
        return None


def proof(index: int) -> bytes:
    """The `.tlog-proof` of an entry that is published. Raises `LookupError` where it is not."""
    written = open_log()
    size = written.published().size if written else 0
    if written is None or not 0 <= index < size:
        raise LookupError(index)
    hashes = written.tree(size).inclusion(index)
    return bytes(Proof(index, tuple(hashes), written.fetch("checkpoint")))


def entry(index: int) -> bytes | None:
    """The bytes of a published entry."""
    written = open_log()
    size = written.published().size if written else 0
    return written.entry(index, size) if written and 0 <= index < size else None


@dataclass(frozen=True)
class Entry:
    """A published entry: its number, its bytes, and a `.tlog-proof` for it."""

    index: int
    data: bytes
    proof: bytes


def entry_of(event_id: UUID) -> Entry | None:
    """The entry of an event; None while it is not published, or where the event has none."""
    row = PublicLeaf.objects.filter(event_id=event_id).first()
    try:
        return Entry(row.position, bytes(row.entry), proof(row.position)) if row else None
    except LookupError:
        return None


def _run(written: Log) -> Published:
    before = written.published()
    if written.pending() is None:
        entries = [bytes(row.entry) for row in _from(before.size)]
        if not entries:
            return Published(before.size)
        written.sign(entries, clock.now())
    waiting = written.pending()
    assert waiting is not None
    chosen = policy()
    errors = _ask_all(written, chosen, waiting) if chosen else {}
    if chosen and not chosen.satisfied(open_note(written.fetch("pending"), all_keys(written, chosen))):
        return Published(before.size, waiting.size - before.size, chosen.quorum, errors)
    return Published(written.publish().size, errors=errors)


def _from(size: int) -> list[PublicLeaf]:
    rows = list(PublicLeaf.objects.filter(position__gte=size).order_by("position")[:BATCH])
    if [row.position for row in rows] != list(range(size, size + len(rows))):
        raise LogError(f"the entries from {size} on have a gap")
    return rows


def all_keys(written: Log, chosen: Policy) -> list[Key]:
    """Ours and the witnesses'."""
    return [*written.keys, *(key for key, _ in chosen.witnesses.values())]


def _ask_all(written: Log, chosen: Policy, waiting: Checkpoint) -> dict[str, str]:
    errors = dict[str, str]()
    note = written.fetch("pending")
    signed = open_note(note, all_keys(written, chosen)).signers
    for name, (key, url) in chosen.witnesses.items():
        if key in signed or not url:
            continue
        state = WitnessState.objects.filter(pk=name).first()
        try:
            tree = written.tree(waiting.size)
            line = cosign(partial(_post, url), key, tree, note, state.size if state else 0)
        except (WitnessError, httpx.HTTPError) as error:
            errors[name] = str(error) or type(error).__name__
            WitnessState.objects.update_or_create(
                name=name, defaults={"error": errors[name][:300], "asked_at": clock.now()}
            )
            continue
        written.add_signatures([line])
        now = clock.now()
        WitnessState.objects.update_or_create(
            name=name, defaults={"size": waiting.size, "cosigned_at": now, "asked_at": now, "error": ""}
        )
    return errors


def _post(url: str, body: bytes) -> Answer:
    got = httpx.post(f"{url.rstrip('/')}{PATH}", content=body, timeout=WITNESS_SECONDS, follow_redirects=False)
    return Answer(got.status_code, got.content[:10_000], got.headers.get("content-type", ""))


def _log_checkpoint() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT accountability_log_checkpoint()")
