"""Releases of a list of a million entries: a snapshot of all, what changed since, absence, and how soon an Edge knows.

A real node with its own database, real witnesses that the quorum needs, and a real Edge with its usual settings.
The rows of the register are written in bulk with hashes that are sealed as proposed ones are; everything after that is
what a node does by itself: values, snapshot, manifest, log, head. A decision is an act of a member (`register`), and it
is live when the Edge's answer to a look-up over HTTP changes.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import figures
import httpx
from release_rows import ROWS
from release_steps import CHANGED, secrets_of
from tests.support.drills import ROOT, Installation, until
from tests.support.edges import TOKEN, RealEdge
from tests.support.patience import PATIENCE
from witnesses import Witnesses

from tutela.edge.runtime.settings import Settings

ACTS = int(os.environ.get("ACTS", "2" if figures.QUICK else "100"))
# A quick run has as few processes as there can be.
WITNESSES, PROCESSES = (1, "1") if figures.QUICK else (2, "2")
LIST = "eu-register"
STEPS = str(Path(__file__).with_name("release_steps.py"))


class Node:
    """The node, its witnesses and its Edge."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.witnesses = Witnesses(folder, WITNESSES, folder / "operators-policy")
        policy = str(folder / "operators-policy")
        self.centre = Installation(TUTELA_LOG_POLICY=policy, TUTELA_WEB_WORKERS=PROCESSES)
        stack.callback(self.centre.stop)
        self.centre.migrate()
        self.told = self.step("found")
        for key in self.told["log_keys"]:
            self.witnesses.know(key)

    def step(self, name: str, *arguments: str, **env: str) -> Any:
        """One of the functions above, in a process of its own; what it answers."""
        done = subprocess.run(
            [sys.executable, STEPS, name, *arguments],
            env={**self.centre.env, **env},
            cwd=ROOT,
            check=False,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert done.returncode == 0, name
        return json.loads(done.stdout.strip().splitlines()[-1])

    def begin(self) -> None:
        """Serve, and connect an Edge."""
        self.stack.enter_context(self.witnesses.serving())
        self.centre.serve()
        until("the Centre answers", lambda: self._answers("/log/policy"), 90)
        pinned = self.folder / "pinned-policy"
        pinned.write_text(httpx.get(f"{self.centre.url}/log/policy", timeout=5 * PATIENCE).text)
        until("the release is announced", self._announced, 120)
        (self.folder / "edge").mkdir()
        self.edge = RealEdge(
            self.folder / "edge",
            Path(),
            PROVIDER_LISTS="",
            LIST_IDS=LIST,
            CENTRE_URL=self.centre.url,
            API_KEY=self.told["key"],
            RELEASE_KEYS=self.told["release"],
            LOG_POLICY=str(pinned),
            PROCESSES=PROCESSES,
            POLL_SECONDS=str(Settings.model_fields["poll_seconds"].default),
        )
        taken = figures.seconds(self.edge.start)
        self.stack.callback(self.edge.stop)
        figures.note(f"a new Edge fetches all of it and is ready {taken:.1f} s after its start")

    def _answers(self, path: str) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.centre.url}{path}", timeout=5 * PATIENCE).status_code == 200
        return False

    def _announced(self) -> bool:
        headers = {"Authorization": f"Bearer {self.told['key']}"}
        head = f"{self.centre.url}/api/v1/releases/{LIST}/head"
        return httpx.get(head, headers=headers, timeout=5 * PATIENCE).status_code == 200

    @contextlib.contextmanager
    def members(self) -> Iterator[Any]:
        """A process in which members act, and how to tell it."""
        with subprocess.Popen(
            [sys.executable, STEPS, "act"],
            env=self.centre.env,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            out, come = process.stdin, process.stdout
            come.readline()

            def tell(what: str, value: str) -> str:
                out.write(f"{what} {value}\n")
                return str(json.loads(come.readline())["made"])

            yield tell
            out.close()


def building(node: Node) -> None:
    """The first version out of a million rows, and the next out of what changed."""
    taken = node.step("values")
    figures.note(
        f"{ROWS} entries: {2 * ROWS} certifications verified and {2 * ROWS} values computed in"
        f" {taken['seconds']:.0f} s, peak {taken['peak']:.0f} MiB"
    )
    first = node.step("release")
    assert first["entries"] == ROWS
    figures.note(
        f"snapshot: {first['bytes'] / 1e6:.0f} MB, peak {first['peak']:.0f} MiB ({first['before']:.0f} before)"
    )
    figures.figure("release_snapshot_1m", first["seconds"], "s", "<=120")
    figures.figure("release_snapshot_memory", first["peak"] / 1024, "GiB", "<=1")
    node.step("change")
    second = node.step("release")
    assert second["entries"] == ROWS, second
    figures.note(
        f"{CHANGED} additions and {CHANGED} revocations: {second['bytes'] / 1e3:.0f} kB, peak {second['peak']:.0f} MiB"
        f" ({second['before']:.0f} before)"
    )
    peer = ("the-snapshot", first["seconds"], "s")
    figures.figure("release_changes_1m", second["seconds"], "s", "<=1", peer)
    figures.figure("release_changes_memory", second["peak"] - second["before"], "MiB more", "<=64")


def proving(node: Node) -> None:
    """Absence at a million."""
    told = node.step("absence")
    for name, target in (("proving", "absence_prove"), ("checking", "absence_verify")):
        p99 = statistics.quantiles(told[name], n=100)[-1]
        figures.note(f"{name} absence: median {statistics.median(told[name]):.2f} ms, p99 {p99:.2f} ms")
        figures.figure(f"{target}_p50", statistics.median(told[name]), "ms", "<=5")
        figures.figure(f"{target}_p99", p99, "ms", "<=5")
    p99 = statistics.quantiles(told["asking"], n=100)[-1]
    figures.note(
        f"with the record of who asked, its commit, and the proof out of the log: median"
        f" {statistics.median(told['asking']):.2f} ms, p99 {p99:.2f} ms"
    )
    figures.figure("absence_bytes", max(told["sizes"]), "B", "<=4096")
    figures.note("absence_bytes_in_large_log: reckoned, with the path of a log of 33 million entries")
    figures.figure("absence_bytes_in_large_log", max(told["grown"]), "B", "<=4096")


def propagating(node: Node) -> None:
    """Decisions, one after another, each until the Edge's answer is another."""
    taken: dict[str, list[float]] = {"addition": [], "revocation": []}
    with node.members() as tell, httpx.Client(base_url=node.edge.url, timeout=30 * PATIENCE) as client:

        def listed(value: str) -> bool:
            asked = {"items": [{"sha256": value}]}
            answer = client.post("/v1/lookup", json=asked, headers={"Authorization": f"Bearer {TOKEN}"})
            return bool(answer.raise_for_status().json()["items"][0]["matches"])

        for number in range(ACTS):
            value, dice = secrets_of(f"live {number}"), random.Random(number)
            # At any moment of the Edge's round.
            time.sleep(dice.random())
            start = time.perf_counter()
            made = tell("add", value)
            until("the addition is live", lambda value=value: listed(value), 60, pause=0.01)  # type: ignore[misc]
            taken["addition"].append(time.perf_counter() - start)
            time.sleep(dice.random())
            start = time.perf_counter()
            tell("revoke", made)
            until("the removal is live", lambda value=value: not listed(value), 60, pause=0.01)  # type: ignore[misc]
            taken["revocation"].append(time.perf_counter() - start)
    for name, values_ in taken.items():
        p99 = statistics.quantiles(values_, n=100)[-1]
        figures.note(f"{ACTS} times: {name} live in median {statistics.median(values_):.2f} s, p99 {p99:.2f} s")
        figures.figure(f"propagation_{name}_p50", statistics.median(values_), "s", "<=1")
        figures.figure(f"propagation_{name}_p99", p99, "s", "<=5")


def main() -> None:
    """All of it."""
    figures.machine()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tutela-bench-releases-")))
        node = Node(folder, stack)
        filling = figures.seconds(
            lambda: node.step("fill", node.told["ireland"], node.told["germany"], TUTELA_ROLE="owner")
        )
        figures.note(f"{ROWS} active entries, each with a SHA-256 and a PDQ hash, written in {filling:.0f} s")
        building(node)
        node.begin()
        proving(node)
        propagating(node)
    figures.report()


if __name__ == "__main__":
    main()
