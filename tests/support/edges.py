"""Real Edges for tests: their own processes, a list of one photograph, a port of their own."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.drills import CLI, ROOT, free_port, until
from tests.support.patience import PATIENCE
from tests.support.pictures import photos

TOKEN = "edge-" + "t" * 27
LISTED = photos()[0]
OTHER = photos()[1]


def hashes(path: Path, *pictures: Path) -> Path:
    """A list of these pictures as `tutela hash` writes it, put in its place in one step."""
    done = subprocess.run([*CLI, "hash", *map(str, pictures)], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    fresh = path.with_suffix(".new")
    fresh.write_text(done.stdout)
    fresh.replace(path)
    return path


class RealEdge:
    """`tutela edge serve` in a process group of its own."""

    def __init__(self, folder: Path, listed: Path, **settings: str) -> None:
        self.port, self.folder = free_port(), folder
        self.url = f"http://127.0.0.1:{self.port}"
        own = {
            "LISTEN": f"127.0.0.1:{self.port}",
            "DATA_DIR": str(folder / "data"),
            "TOKENS": TOKEN,
            "PROVIDER_LISTS": str(listed),
            "PROCESSES": "2",
            "POLL_SECONDS": "0.1",
            "DETECTION": "on",
            **settings,
        }
        kept = {k: v for k, v in os.environ.items() if not k.startswith("TUTELA_")}
        self.env = kept | {f"TUTELA_EDGE_{name}": value for name, value in own.items()}
        self.log = folder / "edge.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True) -> None:
        with self.log.open("ab") as log:
            command = [*CLI, "edge", "serve"]
            self.process = subprocess.Popen(
                command, env=self.env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        if wait:
            until("the Edge is ready", self.ready, 60)

    def ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-3000:]
        try:
            return httpx.get(f"{self.url}/healthz/ready", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}", **given.pop("headers", {})}
        return httpx.request(method, f"{self.url}{path}", headers=headers, timeout=30 * PATIENCE, **given)

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self) -> int:
        """End it; answers its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60 * PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[RealEdge]:
    """An Edge whose list holds `LISTED`."""
    folder.mkdir(exist_ok=True)
    edge = RealEdge(folder, hashes(folder / "listed.jsonl", LISTED), **settings)
    edge.start()
    try:
        yield edge
    finally:
        edge.stop()
