"""HMA, from its public source at `HMA_SRC`: installed for a bench alone, with a database of its own, two workers.

`HMA_SRC` is a checkout of its repository, or its folder `hasher-matcher-actioner` alone; of a folder without git,
`HMA_COMMIT` names the commit. What it needs of others comes pinned from `requirements/hma.txt` into an environment in a
temporary folder.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from figures import note
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
PORT = 8635
URL = f"http://127.0.0.1:{PORT}"
WORKERS = 2
_PATIENCE_SECONDS = 600.0
_BOUNDARY = "----bench"
# What its documentation gives as a deployment that hashes and matches, the index in memory.
CONFIG = """
PRODUCTION = True
ROLE_HASHER = True
ROLE_MATCHER = True
TASK_INDEX_CACHE = True
"""


def source() -> Path | None:
    """The folder of its source; None if `HMA_SRC` is not set. Ends the bench if that is no source of HMA."""
    given = os.environ.get("HMA_SRC", "")
    if not given:
        return None
    folder = Path(given)
    found = folder / "hasher-matcher-actioner" if (folder / "hasher-matcher-actioner").is_dir() else folder
    if not (found / "src" / "OpenMediaMatch" / "app.py").is_file():
        sys.exit(f"HMA_SRC={given} has no src/OpenMediaMatch/app.py")
    return found


def commit(folder: Path) -> str:
    """The commit of a checkout, or `HMA_COMMIT`; without both, the version that the folder states."""
    done = subprocess.run(["git", "-C", str(folder), "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    known = done.stdout.strip() if done.returncode == 0 else os.environ.get("HMA_COMMIT", "")
    return known[:12] or f"version {(folder / 'version.txt').read_text().strip()}"


@contextmanager
def hma(source: Path, folder: Path, hashes: NDArray[np.uint8]) -> Iterator[None]:
    """HMA over a list of PDQ hashes, ready; its log is shown if it ends by itself."""
    from tutela.app.runtime.embedded_postgres import Cluster

    home = folder / "hma"
    home.mkdir(mode=0o711)
    python = _installed(home)
    cluster = Cluster(home / "database")
    cluster.ensure()
    try:
        env = _environment(source, home, _database(cluster))
        _prepared(source, python, env, home, hashes)
        with _served(source, python, env, home):
            yield
    finally:
        cluster.stop()


def _installed(home: Path) -> Path:
    """The Python of an environment with what it needs."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    place = home / "environment"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(place)], check=True)
    python = place / "bin" / "python"
    wanted = ["--require-hashes", "-r", str(ROOT / "requirements" / "hma.txt")]
    subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *wanted], check=True)
    return python


def _database(cluster: Any) -> str:
    import psycopg

    with psycopg.connect(cluster.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE hma")
    return str(cluster.url("postgres", "hma"))


def _environment(source: Path, home: Path, database: str) -> dict[str, str]:
    config = home / "config.py"
    config.write_text(CONFIG)
    return {k: v for k, v in os.environ.items() if not k.startswith(("TUTELA_", "DJANGO_", "PYTHON"))} | {
        "PYTHONPATH": str(source / "src"),
        "OMM_CONFIG": str(config),
        "OMM_DATABASE_URI": database.replace("postgresql://", "postgresql+psycopg2://", 1),
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _prepared(source: Path, python: Path, env: dict[str, str], home: Path, hashes: NDArray[np.uint8]) -> None:
    np.save(home / "hashes.npy", hashes)
    migrations = str(source / "src" / "OpenMediaMatch" / "migrations")
    upgrade = ["-m", "flask", "--app", "OpenMediaMatch.app", "db", "upgrade", "--directory", migrations]
    filled = [str(Path(__file__).with_name("hma_fill.py")), str(home / "hashes.npy")]
    for arguments in (upgrade, filled):
        done = subprocess.run(
            [str(python), *arguments],
            env={**env, "MIGRATION_COMMAND": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(done.stderr[-3000:])


@contextmanager
def _served(source: Path, python: Path, env: dict[str, str], home: Path) -> Iterator[None]:
    log = home / "log"
    bind = ["--bind", f"127.0.0.1:{PORT}", "--workers", str(WORKERS), "OpenMediaMatch.app:create_app()"]
    with log.open("wb") as out:
        process = subprocess.Popen([str(python), "-m", "gunicorn", *bind], env=env, stdout=out, stderr=out, cwd=home)
    began = time.monotonic()
    try:
        # Each worker loads the index by itself; the probe is answered by any of them.
        ready = 0
        while ready < 8 * WORKERS:
            ready = ready + 1 if _ready() else 0
            if process.poll() is not None or time.monotonic() - began > _PATIENCE_SECONDS:
                sys.exit(log.read_text()[-3000:])
            if not ready:
                time.sleep(0.5)
        note(f"HMA {commit(source)}: {WORKERS} workers, OMP_NUM_THREADS=1; ready in {time.monotonic() - began:.1f} s")
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _ready() -> bool:
    try:
        return httpx.get(f"{URL}/status", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def ask(value: str) -> int:
    """How many contents a PDQ hash matches."""
    answer = httpx.get(f"{URL}/m/lookup", params={"signal_type": "pdq", "signal": value}, timeout=60)
    return sum(map(len, answer.raise_for_status().json().values()))


def look_up(pictures: Sequence[bytes], clients: int) -> list[int]:
    """How many contents each uploaded picture matches, in order, `clients` at a time."""
    return _all(pictures, clients, lambda answer: sum(map(len, answer["pdq"].values())), "/m/lookup")


def hash_all(pictures: Sequence[bytes], clients: int) -> list[str]:
    """The PDQ hash of each uploaded picture."""
    return _all(pictures, clients, lambda answer: str(answer["pdq"]), "/h/hash")


def _all(pictures: Sequence[bytes], clients: int, read: Any, place: str) -> list[Any]:
    bodies = [_form(one) for one in pictures]
    with ThreadPoolExecutor(clients) as pool:
        return [read(json.loads(one)) for one in pool.map(lambda body: _posted(place, body), bodies)]


def _form(picture: bytes) -> bytes:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="p"\r\n\r\n'
    return head.encode() + picture + f"\r\n--{_BOUNDARY}--\r\n".encode()


def _posted(place: str, body: bytes) -> bytes:
    """Its workers close after each answer, so each question has a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
    try:
        connection.request("POST", place, body, {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"})
        answer = connection.getresponse()
        read = answer.read()
        assert answer.status == 200, read[:500]
        return read
    finally:
        connection.close()
