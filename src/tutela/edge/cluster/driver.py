"""Driver: hand batches to hosts of a Ray cluster, write their answers, and replace hosts that end.

1. The ledger says which batches of the listing are done; the others go out, a few ahead for each host.
2. A host's answer is written to output and ledger (`ledger`) before the next batch takes its place.
3. A host that ends is given up; its batches go to the others. Machines that join later get their own host. The other
   hosts do not wait while it loads its lists.
4. A batch that ended three hosts is done name by name; a name that ends three more has a line that says so.

The driver never holds the listing or the ledger in memory. Memory grows with the number of hosts, and by one number for
each batch that ended before an earlier one.
"""

from __future__ import annotations

import importlib
import itertools
import os
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from tutela.edge.cluster.batches import Batch
from tutela.edge.cluster.ledger import Counts, Ledger
from tutela.edge.cluster.worker_host import Done, Host, lost
from tutela.matching import MatchList
from tutela.media import Limits
from tutela.scan.errors import ScanError

log = structlog.get_logger(__name__)

# Batches at a host: one is hashed while the next one's objects are read.
AHEAD = 2
TRIES = 3
# How often machines that joined or left are looked for.
LOOK_SECONDS = 5.0
WAIT_SECONDS = 1.0
# A machine that could not open the lists is asked again after this time.
AGAIN_SECONDS = 60.0


class NoClusterError(ScanError):
    """A scan on a cluster needs `tutela[cluster]`, and a Ray cluster that answers."""


class OtherListError(ScanError):
    """A host holds other lists than the driver; install the same ones everywhere."""


@dataclass(slots=True)
class Work:
    """A batch and how many hosts ended over it."""

    batch: Batch
    tries: int = 0


@dataclass(slots=True)
class Driver:
    """One scan on a cluster. `load` opens the lists on each host; `jobs` 0 means a host's every core.

    `limits` say how pictures and videos are looked at, `inside` whether the pictures in PDFs are.
    """

    ray: Any
    load: Callable[[], Sequence[MatchList]]
    lists: list[tuple[str, int, str]]
    jobs: int = 0
    progress: Callable[[Counts, int, int], None] = lambda *_: None
    limits: Limits = field(default_factory=Limits)
    inside: bool = False
    _hosts: dict[Any, str] = field(default_factory=dict)
    _joining: dict[Any, tuple[Any, str]] = field(default_factory=dict)
    _pending: dict[Any, tuple[Any, Work]] = field(default_factory=dict)
    _again: deque[Work] = field(default_factory=deque)
    _shunned: dict[str, float] = field(default_factory=dict)
    _looked: float = 0.0

    def run(self, batches: Iterable[Batch], ledger: Ledger) -> Counts:
        """Do every batch that is not done. Returns the counts of the whole scan, earlier runs included."""
        try:
            todo = self._todo(batches, ledger)
            while True:
                self._look_for_hosts()
                self._hand_out(todo)
                if not self._pending and not self._next(todo):
                    return ledger.counts
                self._take(ledger)
                self.progress(ledger.counts, len(ledger), len(self._hosts))
        finally:
            for host in (*self._hosts, *(host for host, _ in self._joining.values())):
                self.ray.kill(host)

    @staticmethod
    def _todo(batches: Iterable[Batch], ledger: Ledger) -> Iterator[Work]:
        return (Work(batch) for batch in batches if not ledger.is_done(batch))

    def _hand_out(self, todo: Iterator[Work]) -> None:
        for host in list(self._hosts):
            while sum(1 for taken, _ in self._pending.values() if taken is host) < AHEAD:
                if not self._next(todo):
                    return
                work = self._again.popleft()
                self._pending[host.scan.remote(work.batch.names)] = host, work

    def _next(self, todo: Iterator[Work]) -> bool:
        """Whether a batch is left to hand out; it is then the first in `_again`."""
        if not self._again and (work := next(todo, None)) is not None:
            self._again.append(work)
        return bool(self._again)

    def _take(self, ledger: Ledger) -> None:
        for reference in self._ready(self._pending):
            host, work = self._pending.pop(reference)
            done = self._answer(reference, host, work)
            if done is not None:
                ledger.add(work.batch, done.lines, done.counts)

    def _ready(self, waited: Iterable[Any]) -> list[Any]:
        """The available ones of these answers. Hosts that have loaded their lists are admitted on the way."""
        both = [*waited, *self._joining]
        if not both:
            time.sleep(WAIT_SECONDS)  # no host is left; one may join
            return []
        ready, _ = self.ray.wait(both, num_returns=1, timeout=WAIT_SECONDS)
        for reference in ready:
            if reference in self._joining:
                self._let_in(reference, *self._joining.pop(reference))
        return [reference for reference in ready if reference in self._pending]

    def _answer(self, reference: Any, host: Any, work: Work) -> Done | None:
        try:
            return self.ray.get(reference)  # type: ignore[no-any-return]
        except self.ray.exceptions.RayError:
            self._give_up(host)
            work.tries += 1
            if work.tries < TRIES:
                self._again.append(work)
                return None
            return self._one_by_one(work.batch)

    def _one_by_one(self, batch: Batch) -> Done:
        parts = [self._single(name) for name in batch.names]
        counts = Counts()
        for part in parts:
            counts += part.counts
        return Done(b"".join(part.lines for part in parts), counts)

    def _single(self, name: str) -> Done:
        for _ in range(TRIES):
            host = self._any_host()
            try:
                return self.ray.get(host.scan.remote((name,)))  # type: ignore[no-any-return]
            except self.ray.exceptions.RayError:
                self._give_up(host)
        return lost(name)

    def _any_host(self) -> Any:
        while not self._hosts:
            self._look_for_hosts()
            self._ready(())
        return next(iter(self._hosts))

    def _give_up(self, host: Any) -> None:
        """End a host; its other batches fail by themselves and return through `_answer`."""
        if self._hosts.pop(host, None) is not None:
            self.ray.kill(host)
            self._looked = 0.0

    def _look_for_hosts(self) -> None:
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        alive = {node["NodeID"]: node for node in self.ray.nodes() if node["Alive"]}
        taken = {*self._hosts.values(), *(node for _, node in self._joining.values())}
        for node, about in alive.items():
            cores = int(about["Resources"].get("CPU", 0))
            if cores and node not in taken and time.monotonic() >= self._shunned.get(node, 0.0):
                self._start(node, self.jobs or cores)
        if not self._hosts and not alive:
            raise NoClusterError("No machine of the cluster is alive.")

    def _start(self, node: str, jobs: int) -> None:
        strategy = self.ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(node, soft=False)
        actor = self.ray.remote(Host).options(
            num_cpus=0, max_restarts=0, max_concurrency=AHEAD, scheduling_strategy=strategy
        )
        host = actor.remote(self.load, jobs, self.limits, self.inside)
        self._joining[host.lists.remote()] = host, node

    def _let_in(self, reference: Any, host: Any, node: str) -> None:
        try:
            theirs = [tuple(one) for one in self.ray.get(reference)]
        except self.ray.exceptions.RayActorError as error:
            if error.actor_init_failed:
                self._leave_out(node, f"cannot open the lists: {str(error).strip().splitlines()[-1]}")
            return  # otherwise the machine went away again: the next look tries once more
        except self.ray.exceptions.RayError:
            return  # it went away before it was there
        if theirs != self.lists:
            self.ray.kill(host)
            self._leave_out(node, f"holds {theirs}, the driver {self.lists}")
            return
        self._hosts[host] = node

    def _leave_out(self, node: str, reason: str) -> None:
        """A machine without the same lists does not stop the others, but one must have them."""
        if not self._hosts and not self._joining:
            raise OtherListError(f"Machine {node[:8]} {reason}.")
        log.warning("machine excluded", machine=node[:8], reason=reason, again_in_seconds=AGAIN_SECONDS)
        self._shunned[node] = time.monotonic() + AGAIN_SECONDS


def connected(address: str) -> Any:
    """Ray, connected to a cluster: `auto`, an address, or `local` for one on this machine alone."""
    try:
        ray = importlib.import_module("ray")
    except ImportError:
        raise NoClusterError from None
    _require_answer(address)
    # Nothing is sent to anybody about how the cluster is used.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        chosen = {} if address == "local" else {"address": address}
        ray.init(**chosen, log_to_driver=False, include_dashboard=False if address == "local" else None)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise NoClusterError(f"No Ray cluster answers at {address}: {str(error).splitlines()[0][:200]}") from None
    importlib.import_module("ray.util.scheduling_strategies")
    return ray


def _require_answer(address: str) -> None:
    """Raise NoClusterError if nobody listens at an address: Ray itself tries for minutes, in silence."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdecimal():
        return
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError as error:
        raise NoClusterError(f"No Ray cluster answers at {address}: {error.strerror or error}.") from None


def chained(sources: Sequence[Iterable[str]]) -> Iterator[str]:
    """All names, source after source."""
    return itertools.chain.from_iterable(sources)
