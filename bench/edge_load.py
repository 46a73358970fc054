"""An Edge as providers run it, and two ways to load it: wrk for questions, threads of this process for uploads."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
from figures import note, skip
from tests.support.drills import free_port
from tests.support.patience import PATIENCE

CLI = [sys.executable, "-m", "tutela.app.cli"]
TOKEN = "bench-" + "t" * 26
PORT = free_port()
URL = f"http://127.0.0.1:{PORT}"
LUA = Path(__file__).with_name("edge.lua")
_PATIENCE_SECONDS = 900.0 * PATIENCE


@contextmanager
def edge(folder: Path, lists: Path, cores: int) -> Iterator[None]:
    """`tutela edge serve` over a list, ready; its log is shown if it ends by itself."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("TUTELA_")} | {
        "TUTELA_EDGE_LISTEN": f"127.0.0.1:{PORT}",
        "TUTELA_EDGE_DATA_DIR": str(folder / "data"),
        "TUTELA_EDGE_TOKENS": TOKEN,
        "TUTELA_EDGE_PROVIDER_LISTS": str(lists),
        "TUTELA_EDGE_WORKERS": str(2 * cores),
        "TUTELA_EDGE_PROCESSES": str(cores),
    }
    log = folder / "edge.log"
    with log.open("wb") as out:
        began = time.monotonic()
        process = subprocess.Popen([*CLI, "edge", "serve"], env=env, stdout=out, stderr=out)
    try:
        while not _ready():
            if process.poll() is not None or time.monotonic() - began > _PATIENCE_SECONDS:
                sys.exit(log.read_text()[-3000:])
            time.sleep(0.2)
        note(f"Edge: {cores} processes, {2 * cores} decoders; list read and sealed in {time.monotonic() - began:.1f} s")
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120 * PATIENCE)


def _ready() -> bool:
    try:
        return httpx.get(f"{URL}/healthz/ready", timeout=5 * PATIENCE).status_code == 200
    except httpx.HTTPError:
        return False


def ask(body: bytes) -> httpx.Response:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    return httpx.post(f"{URL}/v1/lookup", content=body, headers=headers, timeout=60 * PATIENCE)


def spent() -> dict[str, float]:
    """Seconds of processor time until now: of an Edge's servers, of this process, which uploads, and of all the rest.

    The rest are decoders, where nothing else runs: what one of them had is in no process any more once it is replaced.
    """
    found, tick = {"client": time.process_time(), "servers": 0.0}, os.sysconf("SC_CLK_TCK")
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command, stat = (path / "cmdline").read_text().split("\0"), (path / "stat").read_text()
        except OSError:
            continue
        if "tutela.edge.process.supervisor" in command:
            found["servers"] += sum(int(one) / tick for one in stat.rsplit(")", 1)[1].split()[11:13])
    user, nice, system, _idle, _wait, interrupts, soft, *_ = Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    busy = sum(map(int, (user, nice, system, interrupts, soft))) / tick
    found["decoders"] = busy - found["servers"] - found["client"]
    return found


def require_wrk() -> str:
    """Where wrk is; brought by apt where that may be. A figure from a slower generator would be its own."""
    # Another bench, or the set-up of a clone, may be at it.
    command = ["apt-get", "install", "-y", "-qq", "-o", "DPkg::Lock::Timeout=300", "wrk"]
    if shutil.which("wrk") is None and os.geteuid() == 0:
        subprocess.run(command, check=False, capture_output=True)
    found = shutil.which("wrk")
    if found is None:
        skip("wrk is missing: apt install wrk")
    return found


def requests_per_second(wrk: str, bodies: Path, seconds: int, lua: Path = LUA, url: str = URL) -> tuple[float, float]:
    """(answers a second, share of one core that wrk took). Ends the bench if any answer was not 2xx."""
    command = [wrk, "-t1", "-c16", f"-d{seconds}", "--timeout", f"{2 * PATIENCE}", "-s", str(lua), f"{url}/"]
    before = os.times()
    done = subprocess.run(
        command, env={**os.environ, "BODIES": str(bodies), "TOKEN": TOKEN}, capture_output=True, text=True, check=True
    )
    after = os.times()
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        sys.exit(done.stdout)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    assert rate is not None, done.stdout
    used = (after.children_user - before.children_user) + (after.children_system - before.children_system)
    return float(rate[1]), used / seconds


def scan_all(pictures: list[bytes], clients: int) -> list[bytes]:
    """The answers to all uploads, in order, `clients` at a time, each over one connection that lasts."""
    answers = [b""] * len(pictures)
    places = iter(range(len(pictures)))

    def client() -> None:
        with socket.create_connection(("127.0.0.1", PORT), 120 * PATIENCE) as link:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for place in places:
                answers[place] = _uploaded(link, pictures[place])

    with ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(client) for _ in range(clients)]:
            done.result()
    return answers


def _uploaded(link: socket.socket, picture: bytes) -> bytes:
    """The answer to one upload. A client of few steps: what it takes, it takes from the Edge on the same cores."""
    head = f"POST /v1/scan HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {TOKEN}\r\n"
    link.sendall(f"{head}Content-Length: {len(picture)}\r\n\r\n".encode())
    link.sendall(picture)
    answer, body = bytearray(), -1
    while body < 0 or len(answer) < body + _length(answer):
        piece = link.recv(1 << 16)
        assert piece, "the Edge closed"
        answer += piece
        body = answer.find(b"\r\n\r\n") + 4 if b"\r\n\r\n" in answer else -1
    assert answer.startswith(b"HTTP/1.1 200"), bytes(answer)
    return bytes(answer[body:])


def _length(answer: bytearray) -> int:
    found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", answer)
    assert found is not None, bytes(answer)
    return int(found[1])
