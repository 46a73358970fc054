"""What is taken from a node in a drill, and given back: disks, the database's processes, recipients of messages.

A full disk is a real one: a small tmpfs (`mount`), filled to its last byte, without a kernel module or a loop device.
It needs root, which continuous integration is; elsewhere these drills are skipped, and say so.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.drills import children, until


class Disk:
    """A small disk of its own under a folder."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        options = f"size={megabytes}m,mode=0755"
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=False)
        if done.returncode:
            pytest.skip("no mount: a full disk is a small tmpfs, which root alone may mount")
        self.folder, self._ballast = folder, folder / ".ballast"

    @property
    def free(self) -> int:
        return shutil.disk_usage(self.folder).free

    def fill(self) -> None:
        """Until not a byte is left, whoever frees one meanwhile."""
        size = 1 << 24
        with self._ballast.open("ab", buffering=0) as out:
            while size:
                try:
                    out.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    size //= 16

    def empty(self) -> None:
        """There is room again."""
        self._ballast.unlink()

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=False)


@contextlib.contextmanager
def standing_still(postmaster: int) -> Iterator[None]:
    """A database that hangs: it takes connections, keeps those it has, and answers none."""
    everyone = [postmaster, *children(postmaster)]
    for pid in everyone:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in everyone:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


class Clock:
    """The clock of a machine, for all who are started with its environment. How long the machine runs nobody sets.

    libfaketime answers them in the system's place, by a file; without it, `there` is false and the clock stands.
    """

    def __init__(self, file: Path) -> None:
        libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        self.there, self._file = bool(libraries), file
        self.move(0)
        self.env = (
            {
                "LD_PRELOAD": str(libraries[0]),
                "FAKETIME_TIMESTAMP_FILE": str(file),
                "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "FAKETIME_DISABLE_SHM": "1",
            }
            if libraries
            else {}
        )

    def move(self, seconds: int) -> None:
        """From now on the clock is so many seconds ahead."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.chmod(0o644)
        fresh.replace(self._file)

    @contextlib.contextmanager
    def around(self, module: Any) -> Iterator[None]:
        """What a module's `subprocess` starts meanwhile lives by this clock."""
        run = module.run

        def by_it(*given: Any, **how: Any) -> Any:
            return run(*given, **how | {"env": {**(how.get("env") or os.environ), **self.env}})

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "run", by_it)
            yield


class Recipient:
    """Another organisation's node as its neighbours see it: `how` is alive, hanging, gateway, dripping or refusing."""

    def __init__(self, how: str) -> None:
        self.how = how
        # Keys in the order in which they arrived, how often each, and how many at once at most.
        self.arrived: list[str] = []
        self.times = Counter[str]()
        self.asked, self.most, self.connections, self._now = 0, 0, 0, 0
        self._lock, self._held = threading.Lock(), set[socket.socket]()
        self._server = self._listen(0)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        if how == "refusing":
            self._close()

    def comes_back(self) -> None:
        """Alive from now on; connections of before are gone, as after a new start."""
        if self.how == "refusing":
            self._server = self._listen(self.port)
        self.how = "alive"
        self.hangs_up()

    def hangs_up(self) -> None:
        """Whoever waits for an answer waits no longer: what a limit of time would do later."""
        with self._lock:
            for held in self._held:
                with contextlib.suppress(OSError):
                    held.shutdown(socket.SHUT_RDWR)
            self._held.clear()

    def stop(self) -> None:
        if self.how != "refusing":
            self.comes_back()
            self._close()

    def _close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _listen(self, port: int) -> ThreadingHTTPServer:
        recipient = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body are two writes: without this the second waits for word of the first.
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                with recipient._lock:
                    recipient.asked += 1
                    recipient._now += 1
                    recipient.most = max(recipient.most, recipient._now)
                try:
                    recipient._answer(self)
                finally:
                    with recipient._lock:
                        recipient._now -= 1

            def log_message(self, *_: object) -> None:
                """Quiet."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def process_request(self, request: Any, client_address: Any) -> None:
                recipient.connections += 1
                super().process_request(request, client_address)

        server = Server(("127.0.0.1", port), Handler)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        if self.how == "alive":
            key = request.headers["Idempotency-Key"]
            with self._lock:
                self.times[key] += 1
                self.arrived += [key] if self.times[key] == 1 else []
            self._say(request, 201, "application/json", b"{}")
            return
        request.close_connection = True
        if self.how == "gateway":
            self._say(request, 502, "text/html", b"<h1>Bad Gateway</h1>")
            return
        with self._lock:
            self._held.add(request.connection)
        with contextlib.suppress(OSError):
            request.connection.settimeout(1)
            while True:
                if self.how == "dripping":
                    request.connection.sendall(b"H")
                with contextlib.suppress(TimeoutError):
                    if not request.connection.recv(1):
                        return

    @staticmethod
    def _say(request: BaseHTTPRequestHandler, status: int, kind: str, body: bytes) -> None:
        with contextlib.suppress(OSError):
            request.send_response(status)
            request.send_header("Content-Type", kind)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)


def postmaster_of(data: Path) -> int:
    """The process of a node's own database, once there is one."""

    def look() -> int | None:
        try:
            pid = int((data / "postgres/data/postmaster.pid").read_text().split("\n", 1)[0])
            os.kill(pid, 0)
        except (OSError, ValueError):
            return None
        return pid

    return until("there is a postmaster", look, 30)
