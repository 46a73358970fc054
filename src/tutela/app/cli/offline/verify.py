"""Verify a log, a proof, an absence, a release or an action's signatures.

These checks work offline with local files. On a node, the command checks the node's chain.

Exit codes: 0 if the check succeeds, 4 if it fails, 5 if the log does not answer.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tutela.app.cli import extras
from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.offline.verify_approval import approval, certification
from tutela.app.cli.offline.verify_figures import figures
from tutela.app.cli.output import echo
from tutela.exchange.register import release_check
from tutela.matching.files.snapshot_writer import write_atomically
from tutela.tlog.absence_proof import Absence
from tutela.tlog.policy import Policy, PolicyError
from tutela.tlog.policy_check import RulesRefused, Watch
from tutela.tlog.policy_check import check as check_rules
from tutela.tlog.proof import Proof
from tutela.tlog.tile_proofs import Tree
from tutela.tlog.tiles import Tiles
from tutela.tlog.verify import Checkpoint, Refused, audit, check_consistency

app = typer.Typer(invoke_without_command=True, help=__doc__)
TIMEOUT_SECONDS = 30.0
MOST_ANSWER = 20_000_000
PINNED, FIRST_SEEN = "pinned", "seen"

PolicyFile = Annotated[Path, typer.Option("--policy", help="Required signers: a tlog-policy file.", exists=True)]


@app.callback()
def verify(
    context: typer.Context,
    checkpoints: Annotated[Path | None, typer.Option(help="Checkpoint file of a node, kept elsewhere.")] = None,
) -> None:
    """Without a subcommand: verify the chain of all events of this node and name every edit. Exits with 1 if any."""
    if context.invoked_subcommand:
        return
    if not extras.has_node():
        raise fail(
            "give a subcommand: log, proof, absence, release, certification, approval or figures. "
            "Verify a chain on its node",
            Exit.USAGE,
        )
    importlib.import_module("tutela.app.cli.node.verify_chain").chain(checkpoints)


@app.command()
def log(
    source: Annotated[str, typer.Argument(help="Address of the log, or a folder with its files.")],
    policy: PolicyFile,
    keep: Annotated[
        Path | None, typer.Option(help="Checkpoint of the last run: must be continued, and is replaced.")
    ] = None,
    heads_only: Annotated[
        bool, typer.Option("--heads-only", help="Verify signatures and growth, not every entry.")
    ] = False,
    policy_pin: Annotated[
        str, typer.Option(help="Digest of the register's first policy, received through a separate channel.")
    ] = "",
    save: Annotated[
        Path | None,
        typer.Option(help="Folder for a copy of the log, to verify it offline.", file_okay=False),
    ] = None,
) -> None:
    """Verify a log: signatures, quorum, continuity since the last run, every entry, and the register's policies."""
    if heads_only and (policy_pin or save):
        raise fail("--policy-pin and --save need every entry: remove --heads-only", Exit.USAGE)
    fetch = _saving(fetcher(source), save) if save else fetcher(source)
    with _told():
        data = fetch("checkpoint")
        chosen = Policy.parse(policy.read_text())
        checkpoint, note = chosen.open(data)
        echo(f"{checkpoint.origin}: {checkpoint.size} entries, signed by {_names(note.signers)}")
        if chosen.quorum != "none" and not chosen.shared():
            echo("warning: two quorums of this policy can have no witness in common: compare checkpoints", err=True)
        if keep and keep.exists():
            _continues(chosen, keep, data, checkpoint, fetch)
        if not heads_only:
            _rules(_audit(fetch, checkpoint), fetch, policy_pin.strip().lower(), keep)
        if keep:
            write_atomically(keep, data)
        echo("holds")


@app.command()
def proof(
    entry: Annotated[Path, typer.Argument(help="Bytes of the entry.", exists=True)],
    proof: Annotated[Path, typer.Argument(help="Its .tlog-proof.", exists=True)],
    policy: PolicyFile,
) -> None:
    """Verify that an entry is in the log. Works offline."""
    with _told():
        read = Proof.parse(proof.read_bytes())
        checkpoint = read.check(entry.read_bytes(), Policy.parse(policy.read_text()))
        echo(f"entry {read.index} of {checkpoint.size} in {checkpoint.origin}")
        echo("holds")


@app.command()
def absence(
    file: Annotated[Path, typer.Argument(help="Downloaded proof: one, or those of a release.", exists=True)],
    policy: PolicyFile,
    picture: Annotated[
        Path | None,
        typer.Option(help="File whose SHA-256, SHA-1 or MD5 is in the proof.", exists=True),
    ] = None,
) -> None:
    """Verify that a digest is not in a release of the register. Works offline."""
    with _told():
        proofs = list(_absences(file.read_bytes()))
        chosen = Policy.parse(policy.read_text())
        for one in proofs:
            checkpoint = one.check(chosen)
        if picture:
            _covers(proofs, picture)
        last = proofs[-1]
        about = f"{last.kind} {last.value}" if len(proofs) == 1 else f"{len(proofs)} digests"
        echo(f"{about}: not in {last.list_id} {last.version}, which is in {checkpoint.origin}")
        echo("holds")


@app.command()
def release(
    manifest: Annotated[Path, typer.Argument(help="Envelope of the manifest, as sent to an Edge.", exists=True)],
    entry: Annotated[Path, typer.Argument(help="Entry of this release in the log.", exists=True)],
    proof: Annotated[Path, typer.Argument(help="Its .tlog-proof.", exists=True)],
    policy: PolicyFile,
) -> None:
    """Verify that a release's manifest is the one in the log. Works offline."""
    with _told():
        Proof.parse(proof.read_bytes()).check(entry.read_bytes(), Policy.parse(policy.read_text()))
        said = release_check.check(manifest.read_bytes(), entry.read_bytes())
        echo(f"{said.list_id} {said.version}: {said.entries} entries")
        echo("holds")


app.command()(certification)
app.command()(approval)
app.command()(figures)


def _absences(data: bytes) -> Iterator[Absence]:
    import json

    try:
        read = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused("the file is not JSON") from None
    pictures = read.get("pictures") if isinstance(read, dict) else None
    found = [one for p in pictures for one in p["proofs"]] if isinstance(pictures, list) else [read]
    if not found:
        raise Refused("the file contains no proofs")
    yield from map(Absence.from_json, found)


def _covers(proofs: list[Absence], picture: Path) -> None:
    from tutela.media.digests import digest_bytes

    made = digest_bytes(picture.read_bytes())
    digests = {made.md5, made.sha1, made.sha256}
    if not any(one.value in digests for one in proofs):
        raise Refused(f"the file contains no proof for {picture.name}")


def _continues(policy: Policy, keep: Path, data: bytes, checkpoint: Checkpoint, fetch: Callable[[str], bytes]) -> None:
    before, _ = policy.open(keep.read_bytes(), quorum=False)
    if before.origin != checkpoint.origin:
        raise Refused(f"the kept checkpoint belongs to another log, {before.origin}")
    if before.size > checkpoint.size:
        raise Refused(f"the log had {before.size} entries and now has {checkpoint.size}: it was cut or replaced")
    if before.size == checkpoint.size and before.root != checkpoint.root:
        other = keep.with_name(f"{keep.name}.other")
        write_atomically(other, data)
        raise Refused(
            f"equivocation: the log signed two trees of {before.size} entries; {keep.name} and {other.name} prove it"
        )
    proof = Tree(fetch, checkpoint.size).consistency(before.size)
    check_consistency(before.size, before.root, checkpoint.size, checkpoint.root, proof)
    echo(f"continues the {before.size} entries of the last run")


def _audit(fetch: Callable[[str], bytes], checkpoint: Checkpoint) -> Watch:
    """Verify every entry of the log; return what the entries state about policies."""
    files = Watch(Tiles(fetch))
    console = Console(stderr=True)
    columns = (TextColumn("auditing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("audit", total=checkpoint.size)
        audit(files, checkpoint, lambda done: bar.update(task, completed=done))
    echo(f"all {checkpoint.size} entries are in the tree")
    return files


def _rules(files: Watch, fetch: Callable[[str], bytes], pin: str, keep: Path | None) -> None:
    """The policies that the log names, from the pinned first one; or from that of the first use, which `keep` holds."""
    kept = _Kept(keep)
    try:
        held = check_rules(files.found, lambda number: fetch(f"register-policy/{number}"), pin or kept.digest)
    except FileNotFoundError as error:
        if pin or kept.digest:
            raise RulesRefused(f"the log names policies, but does not serve {error.filename}") from None
        echo("the log names policies whose files are missing: the policies were not verified", err=True)
        return
    for remark in held.remarks:
        echo(f"warning: {remark}", err=True)
    if not held.pin:
        echo("the log names no policy of the register: the rules of the register are not signed")
        return
    how = "as pinned" if pin else f"as {kept.how} before" if kept.digest else "as in the log"
    echo(f"the register's policies are valid: {len(held.digests)}, from the first one, {held.pin}, {how}")
    if kept.how == FIRST_SEEN and not pin:
        echo(
            "warning: the first policy was taken from the log and not compared; give its digest with --policy-pin",
            err=True,
        )
    kept.keep(held.pin, pinned=bool(pin))


class _Kept:
    """The first policy of the last run, stored next to the kept checkpoint.

    The file holds the policy's digest and whether somebody had pinned it.
    """

    def __init__(self, keep: Path | None) -> None:
        self._file = keep.with_name(f"{keep.name}.policy") if keep else None
        text = self._file.read_text() if self._file and self._file.exists() else ""
        self.digest, _, how = text.strip().partition(" ")
        self.how = how or FIRST_SEEN

    def keep(self, digest: str, *, pinned: bool) -> None:
        """Keep it for the next time; what was pinned once stays so."""
        if self._file and (pinned or not self.digest):
            write_atomically(self._file, f"{digest} {PINNED if pinned else FIRST_SEEN}\n".encode())


def _saving(fetch: Callable[[str], bytes], folder: Path) -> Callable[[str], bytes]:
    """Wrap a fetch function: every file it reads is also saved in a folder, as in the log."""

    def fetched(path: str) -> bytes:
        data = fetch(path)
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(place, data, mode=0o644)
        return data

    return fetched


def _names(keys: object) -> str:
    return ", ".join(sorted({key.name for key in keys}))  # type: ignore[attr-defined]


def fetcher(source: str) -> Callable[[str], bytes]:
    """Fetch function for a log's files by path, from an address or a folder. Ends the command if it is neither."""
    if urlsplit(source).scheme not in ("http", "https"):
        folder = Path(source)
        if not folder.is_dir():
            raise fail(f"{source} is neither an address nor a folder", Exit.USAGE)
        return lambda path: (folder / path).read_bytes()
    client = httpx.Client(base_url=source.rstrip("/") + "/", timeout=TIMEOUT_SECONDS, follow_redirects=False)

    def fetch(path: str) -> bytes:
        answer = client.get(path)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise FileNotFoundError(2, "the log does not have this file", path)
        answer.raise_for_status()
        if len(answer.content) > MOST_ANSWER:
            raise Refused(f"{path} is too long")
        return answer.content

    return fetch


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except RulesRefused as error:
        raise fail(f"not valid: the register's policy: {error}", Exit.UNTRUSTED) from None
    except Refused as error:
        raise fail(f"not valid: {error}", Exit.UNTRUSTED) from None
    except PolicyError as error:
        raise fail(f"the policy file: {error}", Exit.USAGE) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise fail(f"the log does not answer: {error}", Exit.UNREACHABLE) from None
    except FileNotFoundError as error:
        raise fail(f"not valid: {error.filename} is missing", Exit.UNTRUSTED) from None
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"a file cannot be read: {error}", Exit.USAGE) from None
