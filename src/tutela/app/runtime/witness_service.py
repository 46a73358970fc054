"""A witness as a service: a folder of small files, and one address that gives cosignatures.

The last signed checkpoint is written and synced before the answer leaves, under a lock over all processes. A witness
that forgets the checkpoint would sign a fork.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tutela import clock
from tutela.matching.files.snapshot_writer import write_atomically
from tutela.tlog.signing import Signer
from tutela.tlog.verify import COSIGNATURE, Checkpoint, Key, split_note
from tutela.tlog.witness import MOST_REQUEST, PATH, Witness, WitnessAnswer

FOLDER = "TUTELA_WITNESS_FOLDER"
# Requests are short: a client that has not sent its headers, or its body, by then is disconnected.
HEADER_MILLISECONDS, BODY_SECONDS = 8000, 20.0


class Store:
    """The folder of one witness. Raises `OSError` where it cannot be read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def signer(self) -> Signer:
        """The witness's key."""
        seed = bytes.fromhex((self.folder / "seed.hex").read_text().strip())
        return Signer.from_seed((self.folder / "name").read_text().strip(), COSIGNATURE, seed)

    def logs(self) -> dict[str, list[Key]]:
        """The keys of the logs it knows, by origin."""
        file = self.folder / "logs"
        found = dict[str, list[Key]]()
        for line in file.read_text().splitlines() if file.exists() else ():
            key = Key.parse(line)
            found.setdefault(key.name, []).append(key)
        return found

    def add_log(self, key: Key) -> None:
        """Know one more key. A log's name is its key's name."""
        known = [str(one) for keys in self.logs().values() for one in keys]
        if str(key) not in known:
            write_atomically(self.folder / "logs", "".join(f"{one}\n" for one in [*known, key]).encode())

    def last(self, origin: str) -> Checkpoint | None:
        """The last cosigned checkpoint of a log, or None."""
        file = self._file(origin)
        return Checkpoint.parse(split_note(file.read_bytes())[0]) if file.exists() else None

    def note(self, name: str) -> bytes | None:
        """The last note that was cosigned, by the hex SHA-256 of the origin."""
        file = self.folder / "signed" / name
        return file.read_bytes() if name.isalnum() and file.exists() else None

    def answer(self, body: bytes) -> WitnessAnswer:
        """One request: checked, kept, and only then answered."""
        witness = Witness(self.signer, self.logs())
        origin = witness.origin(body)
        if isinstance(origin, WitnessAnswer):
            return origin
        with self._locked():
            answer, kept = witness.answer(body, self.last(origin), clock.now())
            if kept is not None:
                note = body.partition(b"\n\n")[2]
                self._file(origin).parent.mkdir(exist_ok=True, mode=0o700)
                write_atomically(self._file(origin), note + answer.body)
        return answer

    def _file(self, origin: str) -> Path:
        return self.folder / "signed" / hashlib.sha256(origin.encode()).hexdigest()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def application(folder: Path) -> Starlette:
    """The service over HTTP."""
    store = Store(folder)

    async def add_checkpoint(request: Request) -> Response:
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for piece in request.stream():
                    body += piece
                    if len(body) > MOST_REQUEST:
                        return Response("the request is too long\n", 413)
        except TimeoutError:
            return Response("the request came too slowly\n", 408, {"Connection": "close"})
        answer = await run_in_threadpool(store.answer, bytes(body))
        # Exactly the type of the protocol: as a media type it would be given a charset, which clients do not expect.
        return Response(answer.body, answer.status, headers={"Content-Type": answer.type})

    async def checkpoint(request: Request) -> Response:
        note = await run_in_threadpool(store.note, request.path_params["log"])
        return Response(note, media_type="text/plain") if note else Response(status_code=404)

    return Starlette(
        routes=[
            Route(PATH, add_checkpoint, methods=["POST"]),
            Route("/{log}/checkpoint", checkpoint, methods=["GET"]),
        ]
    )


def from_environment() -> Starlette:
    """Create the application in the server's own process, which gets the folder from its environment."""
    return application(Path(os.environ[FOLDER]))


def serve(folder: Path, host: str, port: int) -> None:
    """Serve until the process is told to end."""
    os.environ[FOLDER] = str(folder.resolve())
    Granian(
        "tutela.app.runtime.witness_service:from_environment",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=1,
        log_access=False,
        log_level=LogLevels.warning,
        backlog=4096,
        backpressure=4096,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
    ).serve()
