"""Cage that a worker enters before it reads a picture: limits, no new privileges, few system calls.

An attacker who has taken over a decoder can still compute, use bounded memory, and write to one socket. The other end
of the socket checks every length. The decoder cannot open a file, reach a network, start a program, or look at another
process. Under bubblewrap it also has no network, no foreign processes and an almost empty, read-only file system.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import math
import os
import platform
import resource
import signal
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

from tutela.media.limits import Limits

try:
    import pyseccomp
except (ImportError, OSError, RuntimeError):  # another system than Linux, or no libseccomp
    pyseccomp = None

_PR_SET_NO_NEW_PRIVS = 38
_PROT_EXEC = 4
_CLONE_PARENT, _CLONE_THREAD, _CLONE_NEWUSER = 0x8000, 0x10000, 0x10000000
# Asked now: from inside the cage a process cannot ask what machine it is on.
_CLONE = {"x86_64": 56, "aarch64": 220}.get(platform.machine())
# What libc asks of clone for a thread, and one flag more that another libc adds, which does nothing.
_THREAD, _DETACHED = 0x3D0F00, 0x400000
_ALL_FLAGS = (1 << 64) - 1
# No kernel numbers so many.
_NO_PROCESS = (1 << 31) - 1
# Reading and writing open descriptors, memory, threads, time and ending: nothing that names a thing outside.
_ALLOWED = """
    read write readv writev recvfrom sendto recvmsg sendmsg poll ppoll close fstat lseek
    munmap mremap brk madvise futex rseq set_robust_list sched_yield sched_getaffinity getrandom
    rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack gettid getpid exit exit_group restart_syscall
    clock_gettime clock_nanosleep nanosleep gettimeofday time getrusage
"""


def lock(limits: Limits) -> bool:
    """Apply the limits and the call filter to this process, for good. Returns whether the filter is in force.

    Call it after everything that must be imported or opened has been. Raises `OSError` if a limit cannot be set.
    """
    _set_limits(limits)
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if pyseccomp is None:
        return False
    deny = pyseccomp.SyscallFilter(defaction=pyseccomp.ERRNO(errno.EPERM))
    for name in _ALLOWED.split():
        with contextlib.suppress(ValueError, RuntimeError):  # a call this architecture does not have
            deny.add_rule(pyseccomp.ALLOW, name)
    for name in ("mmap", "mprotect"):
        deny.add_rule(pyseccomp.ALLOW, name, pyseccomp.Arg(2, pyseccomp.MASKED_EQ, _PROT_EXEC, 0))
    # What `abort` asks for; of another process it would be a way to end its neighbours.
    deny.add_rule(pyseccomp.ALLOW, "tgkill", pyseccomp.Arg(0, pyseccomp.EQ, os.getpid()))
    # Threads, not processes, and nothing but threads: a thread may else be asked for in namespaces of its own. clone3
    # hides its flags from a filter, and libc falls back when it is "not there".
    flags = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _ALL_FLAGS & ~_DETACHED, _THREAD)
    deny.add_rule(pyseccomp.ALLOW, "clone", flags)
    with contextlib.suppress(ValueError, RuntimeError):
        deny.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    deny.load()
    return True


def _set_limits(limits: Limits) -> None:
    total = _address_space() + limits.memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (total, total))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Enough for libseccomp and the descriptors already open; the filter refuses to open more.
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    # Threads of all processes of this user count, so the bound is loose; the filter refuses new processes.
    resource.setrlimit(resource.RLIMIT_NPROC, (4096, 4096))
    # A hard bound for the worker's whole life; the parent's clock bounds each picture and each video.
    seconds = math.ceil(limits.seconds + 1) * (limits.pictures_per_worker + 1) + math.ceil(limits.video_seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _address_space() -> int:
    """Bytes of address space in use now: shared libraries and arenas are mapped before the first picture."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _write_file() -> None:
    with tempfile.NamedTemporaryFile(dir="/tmp", prefix="tutela-escape-") as file:
        file.write(b"x")


def _run_program() -> None:
    try:
        os.execv("/", ["/"])  # noqa: S606 - no kernel runs a folder: what it says of it is not what the filter says
    except OSError as error:
        if error.errno == errno.EPERM:
            raise


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _attempts() -> dict[str, Callable[[], object]]:
    libc = ctypes.CDLL(None, use_errno=True)

    def ptrace() -> None:
        # Of a process that cannot be: it would stop a real one. Any other error is the kernel's, which was reached.
        if libc.ptrace(16, _NO_PROCESS, 0, 0) == -1 and ctypes.get_errno() == errno.EPERM:
            raise OSError(errno.EPERM, "ptrace")

    def end_a_thread() -> None:
        if libc.tgkill(os.getppid(), os.getppid(), 0) == -1:
            raise OSError(ctypes.get_errno(), "tgkill")

    def cloned(flags: int) -> Callable[[], None]:
        def attempt() -> None:
            # By number: libc's own function wants a stack. Any other error is the kernel's, which was reached.
            answer = -1 if _CLONE is None else libc.syscall(_CLONE, flags, 0, 0, 0, 0)
            if answer == 0:
                os._exit(0)
            if answer == -1 and (_CLONE is None or ctypes.get_errno() == errno.EPERM):
                raise OSError(errno.EPERM, "clone")

        return attempt

    return {
        "socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "read a file": lambda: Path("/etc/passwd").read_bytes(),
        "write a file": _write_file,
        "run a program": _run_program,
        "start a process": _fork,
        "start a process by its number": cloned(signal.SIGCHLD),
        "start a process of the same parent": cloned(_CLONE_PARENT | signal.SIGCHLD),
        "start a process in namespaces of its own": cloned(_CLONE_NEWUSER | signal.SIGCHLD),
        # No kernel starts this one.
        "start a thread of other flags": cloned(_CLONE_THREAD),
        "trace a process": ptrace,
        "list a directory": lambda: list(Path("/").iterdir()),
        "signal a process": lambda: os.kill(os.getppid(), 0),
        "signal a thread of another process": end_a_thread,
    }


_ESCAPES = _attempts()


def try_to_escape() -> dict[str, bool]:
    """Try the escapes of a compromised decoder. True means that the cage refused. Harmless if an attempt succeeds."""
    refused: dict[str, bool] = {}
    for name, attempt in _ESCAPES.items():
        try:
            attempt()
        except OSError:
            refused[name] = True
        else:
            refused[name] = False
    return refused
