"""Start one worker: as plain child, or inside bubblewrap with only what Python needs of the machine."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path

import tutela
from tutela.media.limits import Limits
from tutela.media.sandbox import wire

# Importing and warming every codec takes under a second; a loaded machine gets much more.
START_SECONDS = 60.0
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
_SYSTEM = (
    "/usr",
    "/lib",
    "/lib32",
    "/lib64",
    "/bin",
    "/sbin",
    "/etc/ld.so.cache",
    "/etc/alternatives",
)


class CannotStart(Exception):
    """The worker did not say hello."""


@dataclass(slots=True)
class Worker:
    """A running worker: its process, the parent's end of its socket, its remaining jobs, and its tenant."""

    process: subprocess.Popen[bytes]
    socket: socket.socket
    filtered: bool
    left: int
    tenant: str

    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    def stop(self) -> int:
        """Close, kill and reap. Returns the exit status, negative for a signal."""
        self.socket.close()
        self.process.kill()
        return self.process.wait()

    def ended_by(self) -> int:
        """Wait for a process that has closed its socket; its signal, or 0. bubblewrap reports one as 128 + n."""
        try:
            status = self.process.wait(timeout=2.0)
        except subprocess.TimeoutExpired:
            status = self.stop()
        self.socket.close()
        return -status if status < 0 else status - 128 if status > 128 else 0


def start(limits: Limits, bubblewrap: bool, tenant: str) -> Worker:
    """Start a worker that decodes for `tenant` and wait for its hello. Raises `CannotStart`."""
    ours, theirs = socket.socketpair()
    command = [*(_bubblewrap() if bubblewrap else ()), *_python(theirs.fileno(), limits)]
    try:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            env=_ENVIRONMENT,
            cwd="/",
            # A group of its own: a signal for the caller's group (Ctrl-C, a service manager) ends no picture half way.
            process_group=0,
        )
    except OSError as error:
        ours.close()
        raise CannotStart(str(error)) from error
    finally:
        theirs.close()
    worker = Worker(process, ours, False, limits.pictures_per_worker, tenant)
    try:
        ours.settimeout(START_SECONDS)
        kind, body = wire.receive_answer(ours)
        if kind != wire.HELLO or len(body) != 1:
            raise wire.BadFrame("no hello message")
    except (OSError, wire.BadFrame) as error:
        raise CannotStart(f"{error}, exit status {worker.stop()}") from error
    worker.filtered = bool(body[0])
    return worker


def find_bubblewrap() -> str | None:
    """The path of `bwrap`; None if it is not installed."""
    return shutil.which("bwrap")


def deadline_left(deadline: float) -> float:
    """Seconds until `deadline` on the monotonic clock; never quite 0, which a socket would take for 'do not block'."""
    return max(0.001, deadline - time.monotonic())


def was_time_limit(number: int) -> bool:
    """Whether a worker ended because it used up its processor time."""
    return number == signal.SIGXCPU


def _python(descriptor: int, limits: Limits) -> list[str]:
    return [sys.executable, "-I", "-B", "-m", "tutela.media.sandbox.worker", str(descriptor), limits.to_text()]


def _bubblewrap() -> list[str]:
    command = [
        find_bubblewrap() or "bwrap",
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--cap-drop",
        "ALL",
        "--hostname",
        "worker",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--tmpfs",
        "/tmp",  # noqa: S108 - a private one, in memory
        "--chdir",
        "/",
    ]
    for path in _SYSTEM:
        if Path(path).is_symlink():
            command += ["--symlink", str(Path(path).readlink()), path]
        elif Path(path).exists():
            command += ["--ro-bind", path, path]
    for path in _python_paths():
        command += ["--ro-bind", path, path]
    return [*command, "--remount-ro", "/", "--"]


def _python_paths() -> list[str]:
    """The interpreter, its libraries and this package; outermost folders only, and none that `_SYSTEM` has."""
    wanted = {Path(sys.prefix), Path(sys.base_prefix), Path(tutela.__file__).parent}
    wanted |= {Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    wanted |= {Path(sys.executable).resolve().parent.parent}
    kept = [path for path in wanted if path.exists() and not path.is_relative_to("/usr")]
    return sorted(str(path) for path in kept if not any(other in path.parents for other in kept))
