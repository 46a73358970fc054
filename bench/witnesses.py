"""Real witnesses for a bench: each `tutela witness serve` in a process of its own, with its own key and folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx
from tests.support.drills import CLI, ROOT, free_port, until
from tests.support.patience import PATIENCE


@dataclass
class Witnesses:
    """`policy` is the operator's file: the witnesses, and a quorum of all of them."""

    folder: Path
    count: int
    policy: Path

    def __post_init__(self) -> None:
        self._ports = [free_port() for _ in range(self.count)]
        self._folders = [self.folder / f"witness{n}" for n in range(self.count)]
        lines = []
        for number, (folder, port) in enumerate(zip(self._folders, self._ports, strict=True)):
            key = self._run("init", str(folder), "--name", f"w{number}.example/witness").strip()
            lines.append(f"witness w{number} {key} http://127.0.0.1:{port}\n")
        names = " ".join(f"w{number}" for number in range(self.count))
        self.policy.write_text(f"{''.join(lines)}group everyone all {names}\nquorum everyone\n")

    def know(self, log_key: str) -> None:
        """Let all of them know a log."""
        for folder in self._folders:
            self._run("add-log", str(folder), log_key)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """All of them answer."""
        commands = [
            [*CLI, "witness", "serve", str(folder), "--port", str(port)]
            for folder, port in zip(self._folders, self._ports, strict=True)
        ]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        running = [subprocess.Popen(command, cwd=ROOT, **quiet) for command in commands]  # type: ignore[call-overload]
        try:
            for port in self._ports:
                until("a witness answers", lambda port=port: _answers(port), 60)  # type: ignore[misc]
            yield
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(30 * PATIENCE)

    @staticmethod
    def _run(*arguments: str) -> str:
        command = [*CLI, "witness", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/none/checkpoint", timeout=5 * PATIENCE).status_code == 404
    except httpx.HTTPError:
        return False
