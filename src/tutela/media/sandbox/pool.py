"""Pool: hash pictures and videos in caged workers, and survive any effect of one on a worker.

1. The caller's thread takes an idle worker of its organisation, or starts one in place of one that has gone or belongs
   to another organisation.
2. The thread hands over a descriptor of sealed memory with the bytes (few bytes are sent, a file that is a video is
   opened). The thread computes the digests while the worker decodes, and waits until the picture's time is over.
3. An answer is unpacked and checked. Silence kills the worker (`time_limit`), an end is `crashed` or `time_limit`, an
   answer that breaks the format is `crashed`.
4. The worker goes back to its place; after 500 pictures, or any failure, the place is empty and the next caller fills
   it.
"""

from __future__ import annotations

import os
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Self

from tutela.media.digests import Digests, digest_bytes, digest_stream
from tutela.media.limits import Limits
from tutela.media.results import Code, Described, Hashed, Refusal, Refused
from tutela.media.sandbox import spawn, wire
from tutela.media.sandbox.slots import NOBODY, WorkerSlots
from tutela.media.sandbox.uploads import Upload, read_upload
from tutela.media.video.formats import HEAD_BYTES, video_format_of

type Isolation = Literal["auto", "bubblewrap", "seccomp"]
_pools: weakref.WeakSet[HasherPool] = weakref.WeakSet()


class HasherPool:
    """Caged hashing workers, safe to share between threads and across a fork.

    `isolation` is what to insist on: "bubblewrap" (with the call filter), "seccomp" (the call filter alone), or "auto",
    the best this machine offers. Raises `RuntimeError` when what was insisted on cannot be had.
    """

    def __init__(self, workers: int = 2, limits: Limits | None = None, isolation: Isolation = "auto") -> None:
        if workers < 1:
            raise ValueError("A pool needs at least one worker.")
        self.limits = limits or Limits()
        self._count = workers
        self._asked = isolation
        self._closed = False
        self._bubblewrap = isolation != "seccomp" and spawn.find_bubblewrap() is not None
        if isolation == "bubblewrap" and not self._bubblewrap:
            raise RuntimeError("Bubblewrap is not installed.")
        self._empty_places()
        self._isolation = self._start_first()
        _pools.add(self)

    @property
    def isolation(self) -> str:
        """Isolation in force: "bubblewrap+seccomp", "bubblewrap", "seccomp", or "limits" if neither."""
        return self._isolation

    @property
    def busy(self) -> int:
        """The number of workers in use."""
        return self._count - self._places.free

    def hash_bytes(
        self, data: bytes, *, tenant: str, listed: bool = False, digests: Digests | None = None
    ) -> Hashed | Refused:
        """Digests and perceptual hashes of a picture in memory. Never raises for what `data` holds.

        `tenant` names the organisation the picture belongs to: no other one's pictures meet the same worker.
        If `listed`, the picture comes with the windows of an entry for a list instead of those of an upload.
        `digests`: those of `data`, if the caller has computed them.
        """
        moves = video_format_of(data[:HEAD_BYTES]) is not None
        most = self.limits.max_video_bytes if moves else self.limits.max_bytes
        if len(data) > most:
            return Refused(digests or digest_bytes(data), Code.TOO_LARGE, f"more than {most} bytes")
        operation = wire.HASH_VIDEO if moves else wire.HASH_LISTED if listed else wire.HASH
        return self._hash(Upload(data, operation), digests, tenant)

    def hash_file(self, path: str | os.PathLike[str], *, tenant: str, listed: bool = False) -> Hashed | Refused:
        """Hash a file as `hash_bytes` does. A file beyond the byte limit still gets its digests, a mebibyte at a time.

        A video is not read into memory: its worker reads what it needs, through a descriptor of this one file.
        """
        try:
            with Path(path).open("rb") as stream:
                if video_format_of(stream.read(HEAD_BYTES)):
                    return self._hash_video(Path(path), stream, tenant)
                stream.seek(0)
                data, digests = read_upload(stream, self.limits.max_bytes)
        except OSError as error:
            return Refused(None, Code.UNREADABLE, f"cannot be read: {error.strerror or error}")
        if data is None:
            return Refused(digests, Code.TOO_LARGE, f"more than {self.limits.max_bytes} bytes")
        return self._hash(Upload(data, wire.HASH_LISTED if listed else wire.HASH), digests, tenant)

    def _hash_video(self, path: Path, stream: BinaryIO, tenant: str) -> Hashed | Refused:
        if os.fstat(stream.fileno()).st_size > self.limits.max_video_bytes:
            stream.seek(0)
            return Refused(digest_stream(stream), Code.TOO_LARGE, f"more than {self.limits.max_video_bytes} bytes")
        # Its own descriptor: two that were made from one would share the place up to which was read.
        with path.open("rb") as digested:
            return self._hash(Upload(b"", wire.HASH_VIDEO, stream.fileno(), digested), None, tenant)

    def probe(self) -> dict[str, bool]:
        """Let a worker try to escape; True if the cage refused. Raises `RuntimeError` without one.

        Each value of the result belongs to one attempt.
        """
        worker = self._take(NOBODY)
        try:
            worker.socket.settimeout(self.limits.seconds)
            wire.send_request(worker.socket, wire.PROBE, b"")
            kind, body = wire.receive_answer(worker.socket)
        except (OSError, wire.BadFrame) as error:
            worker.stop()
            raise RuntimeError("The worker did not survive its probe.") from error
        finally:
            self._give_back(worker)
        if kind != wire.PROBED:
            raise RuntimeError("The worker gave an unexpected answer.")
        return {line[1:]: line[0] == "1" for line in body.decode().splitlines()}

    def close(self) -> None:
        """End all workers and reap them. Pictures in work are finished first."""
        if self._closed:
            return
        self._closed = True
        for _ in range(self._count):
            worker = self._places.take(NOBODY)
            if worker is not None:
                worker.stop()
        self._spawner.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _hash(self, given: Upload, digests: Digests | None, tenant: str) -> Hashed | Refused:
        if tenant == NOBODY:
            raise ValueError("A picture is hashed for a tenant, which must have a name.")
        try:
            worker = self._take(tenant, given.cost(self.limits))
        except RuntimeError as error:
            return Refused(digests or given.digests(), Code.UNAVAILABLE, str(error))
        try:
            answer, digests = self._exchange(worker, given, digests)
        finally:
            self._give_back(worker)
        if isinstance(answer, Refusal):
            return Refused(digests, answer.code, answer.message)
        found = answer
        return Hashed(digests, found.format, found.width, found.height, found.frames, found.notes, found.video)

    def _exchange(
        self, worker: spawn.Worker, given: Upload, digests: Digests | None
    ) -> tuple[Described | Refusal, Digests]:
        seconds = given.seconds(self.limits)
        deadline = time.monotonic() + seconds
        failure: Refusal | None = None
        try:
            worker.socket.settimeout(seconds)
            with given.handed() as descriptor:
                sent = given.data if descriptor is None else b""
                wire.send_request(worker.socket, given.operation, sent, descriptor)
        except OSError as error:
            failure = self._failure(worker, error, seconds)
        digests = digests or given.digests()
        if failure:
            return failure, digests
        try:
            worker.socket.settimeout(spawn.deadline_left(deadline))
            return _unpack(*wire.receive_answer(worker.socket)), digests
        except (OSError, wire.BadFrame) as error:
            return self._failure(worker, error, seconds), digests

    def _failure(self, worker: spawn.Worker, error: Exception, seconds: float) -> Refusal:
        if isinstance(error, TimeoutError):
            worker.stop()
            return Refusal(Code.TIME_LIMIT, f"not decoded within {seconds:g} seconds")
        number = worker.ended_by()
        if spawn.was_time_limit(number):
            return Refusal(Code.TIME_LIMIT, "decoding used all of the worker's processor time")
        return Refusal(Code.CRASHED, f"the decoder crashed (signal {number})" if number else "the decoder stopped")

    def _take(self, tenant: str, cost: int = 1) -> spawn.Worker:
        """An idle worker of the tenant, started if there is none. Raises `RuntimeError` if none can be started."""
        if self._closed:
            raise RuntimeError("the pool is closed")
        worker = self._places.take(tenant)
        if worker is not None and worker.tenant == tenant and worker.left > 0 and worker.alive():
            worker.left -= cost
            return worker
        try:
            if worker is not None:
                worker.stop()
            fresh = self._start(tenant)
        except BaseException as error:
            self._places.put(None)
            if isinstance(error, spawn.CannotStart):
                raise RuntimeError(f"no worker can be started: {error}") from error
            raise
        fresh.left -= cost
        return fresh

    def _give_back(self, worker: spawn.Worker) -> None:
        gone = worker.socket.fileno() < 0 or not worker.alive()
        if gone:
            worker.stop()
        self._places.put(None if gone else worker)

    def _start(self, tenant: str) -> spawn.Worker:
        # One lasting thread starts all workers: the kernel's "die with parent" means the thread that started them.
        return self._spawner.submit(spawn.start, self.limits, self._bubblewrap, tenant).result()

    def _start_first(self) -> str:
        try:
            worker = self._start(NOBODY)
        except spawn.CannotStart as error:
            if not self._bubblewrap or self._asked == "bubblewrap":
                self._spawner.shutdown()
                raise RuntimeError(f"No worker can be started: {error}") from error
            self._bubblewrap = False  # installed, but this machine forbids user namespaces
            return self._start_first()
        self._places.take(NOBODY)
        self._places.put(worker)
        in_force = [name for name, on in (("bubblewrap", self._bubblewrap), ("seccomp", worker.filtered)) if on]
        if self._asked == "seccomp" and not worker.filtered:
            self.close()
            raise RuntimeError("The call filter cannot be set on this machine.")
        return "+".join(in_force) or "limits"

    def _empty_places(self) -> None:
        self._spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tutela-spawn")
        self._places = WorkerSlots(self._count)

    def _after_fork(self) -> None:
        """Detach from the parent's workers in a forked child, and begin with empty places."""
        for worker in self._places.idle():
            worker.socket.close()
        self._empty_places()


def _unpack(kind: int, body: bytes) -> Described | Refusal:
    if kind == wire.DESCRIBED:
        return wire.unpack_described(body)
    if kind == wire.REFUSED:
        return wire.unpack_refusal(body)
    raise wire.BadFrame("an answer of an unknown kind")


def _after_fork_in_child() -> None:
    for pool in list(_pools):
        pool._after_fork()


os.register_at_fork(after_in_child=_after_fork_in_child)
