"""Read access to this node's public log: its location, keys, entries and proofs.

Only a node with a Centre has a log. Its name is `LOG_ORIGIN`, and its witnesses are in the file `LOG_POLICY`. Without
that file the policy is `quorum none`: a declared state, shown to everybody who checks the log. With fewer than two
witnesses nothing is added to lists (`witnessed`), while the log and removals continue. `publish` writes the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.conf import settings

from tutela.accountability.models import PublicLeaf
from tutela.accountability.public_log import entry_numbers, signed_evidence
from tutela.organisations.errors import NoSigningKey
from tutela.organisations.keys import signing
from tutela.organisations.people import directory
from tutela.tlog import policy_check
from tutela.tlog.log_folder import Log
from tutela.tlog.policy import Policy
from tutela.tlog.proof import Proof
from tutela.tlog.signing import Signer
from tutela.tlog.verify import ED25519, Key

# A register's log needs this many independent witnesses; with fewer, nothing is added to lists that others use.
WITNESSES = 2
# Files that belong below the log's address and say what its entries name: paths and bytes.
type ExtraFiles = Callable[[], list[tuple[str, bytes]]]
# The newest releases of the register by their events, so many of them; the newest first.
type Released = Callable[[int], list[UUID]]
_extra_files: list[ExtraFiles] = []
_released: list[Released] = []


def on_released(newest: Released) -> None:
    """Subscribe the newest releases, which the log's page shows. For `app/wiring.py`."""
    _released.append(newest)


def released(count: int) -> list[tuple[int, bytes]]:
    """The entries of the newest releases that are published, with their numbers, newest first."""
    written = read_log()
    if written is None:
        return []
    size, numbers = written.published().size, numbers_of(event for newest in _released for event in newest(count))
    entries = ((index, written.entry(index, size)) for index in sorted(numbers.values(), reverse=True))
    # An entry reduced to a bare commitment contains no information about a release.
    return list(islice(((index, data) for index, data in entries if not signed_evidence.is_bare(data)), count))


def on_extra_files(files: ExtraFiles) -> None:
    """Subscribe files that go with the log. For `app/wiring.py`."""
    _extra_files.append(files)


def extra_files() -> list[tuple[str, bytes]]:
    """All of them."""
    return [one for files in _extra_files for one in files()]


def first_policy() -> str:
    """The digest of the first of the policies among them, which others pin; empty without one."""
    found = next((data for path, data in extra_files() if path == "register-policy/1"), None)
    return policy_check.digest_of(policy_check.read(found)[0]) if found else ""


def folder() -> Path:
    """Folder of checkpoint and tiles, as files that any web server can serve."""
    return Path(settings.DATA_DIR) / "log"


def origin() -> str:
    """The log's name."""
    return str(settings.LOG_ORIGIN)


def policy() -> Policy | None:
    """The witnesses and quorum of this log; None if no policy is set. Raises `PolicyError`, `OSError`."""
    return Policy.parse(Path(settings.LOG_POLICY).read_text()) if settings.LOG_POLICY else None


def witnessed() -> bool:
    """Return true if additions may be published: a quorum has at least two witness keys.

    Also true in a declared trial. Never raises: removals must continue whatever the operator's file contains.
    """
    if settings.LOG_TRIAL:
        return True
    try:
        chosen = policy()
    except (ValueError, OSError):
        return False
    return chosen is not None and chosen.fewest() >= WITNESSES


def known_keys() -> list[Key]:
    """Every key that signed the log and is not revoked; others are told to trust these."""
    return _keys(signing.own_keys)


def ever_keys() -> list[Key]:
    """Every key of the log, including revoked ones.

    The log reads its own files with them, or a revoked key would end the log.
    """
    return _keys(signing.ever_own_keys)


def _keys(of_use: Callable[[str], list[signing.PublicKey]]) -> list[Key]:
    """The Centre's keys only, sealed by this node: a row written by somebody else enters no policy."""
    centre = directory.the_centre()
    if centre is None:
        return []
    return [Key(origin(), ED25519, one.public) for one in of_use("log") if one.organisation_id == centre.id]


def policy_text(operators: str | None = None) -> str:
    """The policy for those who check: with our keys, and the witnesses of the operator's file."""
    own = [f"log {key} {settings.PUBLIC_URL}/log" for key in known_keys()]
    path = operators or settings.LOG_POLICY
    file = Path(path).read_text() if path else "quorum none\n"
    rest = [line for line in file.splitlines() if not line.startswith("log ")]
    return "\n".join([*own, *rest, ""])


def open_log() -> Log | None:
    """The log of this node, to read or write; None without a Centre or a key."""
    centre = directory.the_centre()
    try:
        private = signing.current_private(centre.id, "log") if centre else None
    except NoSigningKey:
        private = None
    return Log(folder(), origin(), [Signer(origin(), ED25519, private)], tuple(ever_keys())) if private else None


def read_log() -> Log | None:
    """The log of this node for reading, without its signing key; None if there is none."""
    keys = ever_keys()
    return Log(folder(), origin(), [], tuple(keys)) if keys else None


def proof(index: int) -> bytes:
    """The `.tlog-proof` of a published entry. Raises `LookupError` if the entry is not published."""
    written = read_log()
    size = written.published().size if written else 0
    if written is None or not 0 <= index < size:
        raise LookupError(index)
    hashes = written.tree(size).inclusion(index)
    return bytes(Proof(index, tuple(hashes), written.fetch("checkpoint")))


def entry(index: int) -> bytes | None:
    """The bytes of a published entry."""
    written = read_log()
    size = written.published().size if written else 0
    return written.entry(index, size) if written and 0 <= index < size else None


@dataclass(frozen=True)
class LogEntry:
    """A published entry: its number, its bytes, and a `.tlog-proof` for it."""

    index: int
    data: bytes
    proof: bytes


def entry_of(event_id: UUID) -> LogEntry | None:
    """The entry of an event; None while it is not published, or where the event has none."""
    index, written = _index(event_id), read_log()
    size = written.published().size if written else 0
    if written is None or index is None or index >= size:
        return None
    hashes = tuple(written.tree(size).inclusion(index))
    return LogEntry(index, written.entry(index, size), bytes(Proof(index, hashes, written.fetch("checkpoint"))))


def holds(event_id: UUID) -> bool:
    """Return true if the content of an event is published; a bare commitment does not count."""
    written, index = read_log(), _index(event_id)
    size = written.published().size if written else 0
    if written is None or index is None or index >= size:
        return False
    return not signed_evidence.is_bare(written.entry(index, size))


def numbers_of(event_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The numbers of those events' entries that are published; the log is looked at once."""
    written, gaps = read_log(), entry_numbers.gaps()
    size = written.published().size if written else 0
    rows = PublicLeaf.objects.filter(event_id__in=list(event_ids)).values_list("event_id", "position")
    found = {event_id: entry_numbers.index_of(position, gaps) for event_id, position in rows if event_id}
    return {event_id: index for event_id, index in found.items() if index < size}


def lost() -> list[bytes]:
    """The entries that the database lost in a restore and the log has kept."""
    numbers = [number for at, count in entry_numbers.gaps() for number in range(at, at + count)]
    written = read_log() if numbers else None
    size = written.published().size if written else 0
    return [written.entry(number, size) for number in numbers] if written else []


def _index(event_id: UUID) -> int | None:
    row = PublicLeaf.objects.filter(event_id=event_id).first()
    return entry_numbers.index_of(row.position) if row else None


def all_keys(written: Log, chosen: Policy) -> list[Key]:
    """Our keys, including revoked ones, and the witnesses' keys, to read what this node has written."""
    return [*written.keys, *(key for key, _ in chosen.witnesses.values())]
