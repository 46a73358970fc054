"""Hand lists from the holder process to workers: descriptors of sealed memory over a socket.

The holder listens. A worker connects and at once gets every list, then every change. A message is a length, JSON and
two descriptors for each new memory: a list's, and that of the changes to it. Unchanged memory is not sent again. Only
the holder's own user may connect: the socket lies in a folder of mode 0700.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import threading
from contextvars import copy_context
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from tutela.edge.active_lists.lists_in_use import LiveList, LiveLists, Subject, shared_list
from tutela.edge.active_lists.sealed_memory import SharedList
from tutela.exchange.register.release import ReleaseManifest

_log = structlog.get_logger("tutela.edge")
_LENGTH = struct.Struct("<Q")
# A list is two pieces of memory, and so are its changes.
_FDS = 4
# The holder looks so often whether it is to stop; changes are heard at once.
_PATIENCE_SECONDS = 0.5
FIRST_SECONDS = 60.0
_AGAIN_SECONDS = 1.0


class _GoneError(ConnectionError):
    """The other end has closed the link."""


class Giver:
    """The holder's end. Serves every worker in a thread of its own until it is closed."""

    def __init__(self, path: Path, lists: LiveLists) -> None:
        self._lists, self._stop = lists, threading.Event()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen(512)
        self._thread = threading.Thread(target=self._accept, daemon=True, name="handover")
        self._thread.start()

    def close(self) -> None:
        """Serve no more."""
        self._stop.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                link, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(link,), daemon=True, name="handover-worker").start()

    def _serve(self, link: socket.socket) -> None:
        sent: dict[str, LiveList] = {}
        seen = -1
        with link, contextlib.suppress(OSError):
            while not self._stop.is_set():
                state = self._lists.changed(seen, _PATIENCE_SECONDS)
                if state == seen:
                    continue
                for live in self._lists.given():
                    _give(link, live, sent.get(live.manifest.list_id))
                    sent[live.manifest.list_id] = live
                if seen < 0:
                    _send(link, {"all": True, "expected": self._lists.expected}, ())
                seen = state


class Taker:
    """A worker's end: keeps `lists` as the holder has them."""

    def __init__(self, path: Path, lists: LiveLists) -> None:
        """Connect to the holder.

        Raises OSError if it is missing or does not state what it holds within `FIRST_SECONDS`.
        """
        self._path, self._lists, self._stop = path, lists, threading.Event()
        self._socket = self._joined()
        self._thread = threading.Thread(target=copy_context().run, args=(self._follow,), daemon=True, name="handover")
        self._thread.start()

    def close(self) -> None:
        """Hear no more."""
        self._stop.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()

    def _joined(self) -> socket.socket:
        """A link over which everything has been heard once."""
        link = socket.socket(socket.AF_UNIX)
        try:
            link.settimeout(FIRST_SECONDS)
            link.connect(str(self._path))
            while self._take(link):
                pass
            link.settimeout(None)
        except BaseException:
            link.close()
            raise
        return link

    def _follow(self) -> None:
        # Without a holder the lists stay as they are, and stop being trusted by themselves.
        while not self._stop.is_set():
            try:
                self._take(self._socket)
            except _GoneError:
                return
            except Exception as error:  # noqa: BLE001 - a thread that dies silently would freeze the lists
                _log.error("handover interrupted and restarted", error=type(error).__name__)
                self._socket.close()
                if not self._joined_again():
                    return

    def _joined_again(self) -> bool:
        """Try until there is a link again, or until all ends (False). A holder that has gone ends this worker too."""
        while not self._stop.wait(_AGAIN_SECONDS):
            with contextlib.suppress(Exception):
                self._socket = self._joined()
                return True
        return False

    def _take(self, link: socket.socket) -> bool:
        message, fds = _receive(link)
        if "all" in message:
            self._lists.expect(message["expected"])
            return False
        held = self._lists.came(message["list_id"])
        until, checked = datetime.fromisoformat(message["until"]), datetime.fromisoformat(message["checked"])
        if "manifest" in message:
            manifest = ReleaseManifest.model_validate_json(message["manifest"])
            live = shared_list(*_attached(message, fds, manifest, held, until, checked))
            live = replace(live, trusted_until=until, subject=Subject(message["subject"]), log=message["log"])
        elif held is None:
            return True
        else:
            live = replace(held, trusted_until=until, checked_at=checked, log=message["log"])
        if "removed" in message:
            live = replace(live, matches=live.matches.without(UUID(hex=one) for one in message["removed"]))
        self._lists.put(live)
        return True


def _attached(
    message: dict[str, Any],
    fds: tuple[int, ...],
    manifest: ReleaseManifest,
    held: LiveList | None,
    until: datetime,
    checked: datetime,
) -> tuple[SharedList, ReleaseManifest, datetime, datetime, SharedList | None]:
    """Arguments of `shared_list`: the received memory, or that of the previous list if it is unchanged."""
    memory, changes = (held.memory, held.changes) if held is not None else (None, None)
    if message["memory"]:
        try:
            memory = SharedList.attach(fds[0], fds[1], manifest.snapshot_sha256)
        except BaseException:
            for fd in fds[2:]:
                os.close(fd)
            raise
    if message["changes"]:
        assert manifest.changes is not None
        changes = SharedList.attach(fds[-2], fds[-1], manifest.changes.sha256)
    elif manifest.changes is None:
        changes = None
    if memory is None:
        raise ValueError("The shared memory of a list did not arrive.")
    return memory, manifest, until, checked, changes


def _give(link: socket.socket, live: LiveList, before: LiveList | None) -> None:
    if live is before or live.memory is None:
        return
    body: dict[str, Any] = {
        "list_id": live.manifest.list_id,
        "until": live.trusted_until.isoformat(),
        "checked": live.checked_at.isoformat(),
        "log": live.log,
    }
    new, fds = before is None or before.manifest is not live.manifest, tuple[int, ...]()
    if new:
        other = before is None or before.memory is not live.memory
        changed = live.changes is not None and (before is None or before.changes is not live.changes)
        body |= {"manifest": live.manifest.model_dump_json(), "subject": live.subject.value}
        body |= {"memory": other, "changes": changed}
        fds = (*(live.memory.fds if other else ()), *(live.changes.fds if changed and live.changes else ()))
    if new or before is None or before.matches.removed != live.matches.removed:
        body["removed"] = [one.hex for one in live.matches.removed]
    _send(link, body, fds)


def _send(link: socket.socket, body: dict[str, Any], fds: tuple[int, ...]) -> None:
    data = json.dumps(body).encode()
    socket.send_fds(link, [_LENGTH.pack(len(data))], fds)
    link.sendall(data)


def _receive(link: socket.socket) -> tuple[dict[str, Any], tuple[int, ...]]:
    head, fds, _, _ = socket.recv_fds(link, _LENGTH.size, _FDS)
    head += _exactly(link, _LENGTH.size - len(head)) if head else b""
    if len(head) < _LENGTH.size:
        raise _GoneError("The owner of the list has stopped.")
    body: dict[str, Any] = json.loads(_exactly(link, _LENGTH.unpack(head)[0]))
    return body, tuple(fds)


def _exactly(link: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        piece = link.recv(min(count - len(data), 1 << 20))
        if not piece:
            raise _GoneError("The owner of the list has stopped.")
        data += piece
    return bytes(data)
