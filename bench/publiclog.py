"""The public log: how fast it grows under witnesses, what a publication costs, and auditing all of it as anyone can.

The log is a real one in a folder, written as a node writes it (every file synced before the next step); its witnesses
are processes of their own that are asked over HTTP and keep what they sign before they answer. It is audited by the
command `tutela verify log` in a process of its own, whose time and memory include its start.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import batched
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import figures
import httpx
from tests.support.drills import CLI, ROOT
from tests.support.patience import PATIENCE
from witnesses import Witnesses

from tutela.tlog.log_folder import Log
from tutela.tlog.policy import Policy
from tutela.tlog.signing import Signer
from tutela.tlog.verify import ED25519
from tutela.tlog.witness import PATH, WitnessAnswer, cosign

LEAVES = 3_000 if figures.QUICK else 1_000_000
# As a node publishes what has piled up (`accountability.publishing`), and one act alone.
BATCH = 20_000
SINGLE = 5 if figures.QUICK else 200
AUDITS = 1 if figures.QUICK else 5
WITNESSES = 1 if figures.QUICK else 2
SIGNER = Signer.from_seed("bench.example/log", ED25519, bytes([7]) * 32)


class Growing:
    """A log, its witnesses, and a connection to each of them."""

    def __init__(self, folder: Path, witnesses: Witnesses) -> None:
        self.log = Log(folder / "log", SIGNER.name, [SIGNER])
        self.policy = folder / "policy"
        self.policy.write_text(f"log {SIGNER.key}\n{witnesses.policy.read_text()}")
        self._chosen = Policy.parse(self.policy.read_text())
        self._client = httpx.Client(timeout=30 * PATIENCE)

    def publish(self, entries: list[bytes]) -> None:
        """All steps of a publication."""
        known = self.log.published().size
        checkpoint = self.log.sign(entries, datetime.now(UTC))
        note, tree = self.log.fetch("pending"), self.log.tree(checkpoint.size)
        for key, url in self._chosen.witnesses.values():
            self.log.add_signatures([cosign(partial(self._post, str(url)), key, tree, note, known)])
        self._chosen.open(self.log.fetch("pending"))
        self.log.publish()

    def _post(self, url: str, body: bytes) -> WitnessAnswer:
        got = self._client.post(url + PATH, content=body)
        return WitnessAnswer(got.status_code, got.content, got.headers.get("content-type", ""))


def entries(count: int) -> Iterator[bytes]:
    """What the log of a register is made of."""
    for number in range(count):
        commitment = hashlib.sha256(number.to_bytes(8)).hexdigest()
        yield json.dumps({"event": "indicator.certified", "commitment": commitment, "hour": "2026-11-25T12Z"}).encode()


def appending(growing: Growing, folder: Path) -> None:
    """A million entries in batches; beside it the disk alone: the same bytes, in as many synced files."""

    def all_of_them() -> None:
        for some in batched(entries(LEAVES), BATCH):
            growing.publish(list(some))

    taken = figures.seconds(all_of_them)
    assert growing.log.published().size == LEAVES
    sizes = [one.stat().st_size for one in (growing.log.folder / "tile").rglob("*") if one.is_file()]

    def the_disk() -> None:
        for number, size in enumerate(sizes):
            with (folder / f"plain{number}").open("wb") as out:
                out.write(os.urandom(size))
                out.flush()
                os.fsync(out.fileno())

    disk = figures.seconds(the_disk)
    for number in range(len(sizes)):
        (folder / f"plain{number}").unlink()
    megabytes = sum(sizes) / 1e6
    figures.note(
        f"{LEAVES} entries in batches of {BATCH}, {WITNESSES} witnesses: {taken:.1f} s; {len(sizes)} files,"
        f" {megabytes:.0f} MB"
    )
    peer = ("disk-alone", LEAVES / disk, "entries/s")
    figures.figure("log_append", LEAVES / taken, "entries/s", ">=10000", peer)


def one_by_one(growing: Growing) -> None:
    """One entry a publication, at the log's full size: what a single decision waits for."""
    taken = []
    for entry in entries(SINGLE):
        start = time.perf_counter()
        growing.publish([entry])
        taken.append(1000 * (time.perf_counter() - start))
    p99 = statistics.quantiles(taken, n=100)[-1]
    figures.note(f"one entry under {WITNESSES} witnesses: median {statistics.median(taken):.1f} ms, p99 {p99:.1f} ms")
    figures.figure("log_publish_one_p99", p99, "ms", "<=500")


def auditing(growing: Growing) -> None:
    """The command, from its start to its last word; beside it nothing but the hashes that a tree of this size has."""
    size = growing.log.published().size
    command = [*CLI, "verify", "log", str(growing.log.folder), "--policy", str(growing.policy)]
    taken, resident, limits = list[float](), 0.0, list[float]()
    for _ in range(AUDITS):
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        _, status, usage = os.wait4(process.pid, 0)
        taken.append(time.perf_counter() - start)
        said = process.stdout.read() if process.stdout else ""
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, said
        assert said.endswith("holds\n"), said
        resident = max(resident, usage.ru_maxrss / 1024)
        limits.append(figures.seconds(lambda: _hashes_alone(size)))
    figures.note(f"{size} leaves audited by `tutela verify log` in {', '.join(f'{one:.2f}' for one in taken)} s")
    peer = ("hashes-alone", statistics.median(limits), "s")
    figures.figure("log_audit_1m", statistics.median(taken), "s", "<=8", peer)
    figures.figure("log_audit_resident", resident, "MiB", "<=256")


def finds_a_flipped_bit(growing: Growing) -> None:
    """An audit that finds nothing wrong would be as fast: one bit of one entry is turned, and it must say so."""
    bundle = growing.log.folder / "tile" / "entries" / "007"
    kept = bundle.read_bytes()
    bundle.write_bytes(kept[:40] + bytes([kept[40] ^ 1]) + kept[41:])
    command = [*CLI, "verify", "log", str(growing.log.folder), "--policy", str(growing.policy)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    bundle.write_bytes(kept)
    assert done.returncode == 4, (done.returncode, done.stdout, done.stderr)
    figures.note("a flipped bit in one entry was found")


def _hashes_alone(size: int) -> None:
    one = bytes(160)
    for _ in range(size):
        hashlib.sha256(one).digest()
    pair = bytes(65)
    for _ in range(size):
        hashlib.sha256(pair).digest()


if __name__ == "__main__":
    figures.machine()
    with tempfile.TemporaryDirectory(prefix="tutela-bench-log-", dir=os.environ.get("BENCH_DISK")) as name:
        where = Path(name)
        around = Witnesses(where, WITNESSES, where / "operators-policy")
        around.know(str(SIGNER.key))
        with around.serving():
            grown = Growing(where, around)
            appending(grown, where)
            one_by_one(grown)
        auditing(grown)
        finds_a_flipped_bit(grown)
    figures.report()
