"""Viewer on a person's own machine: files in memory are shown one at a time, and only after a deliberate act.

1. It listens on loopback, at an address with a random word, and answers no other host name. The word stands in a file
   that only this person reads (`door`), never on a command line.
2. A file is served while it is shown, and never cached. Videos start without sound and do not play by themselves.
3. Escape hides what is shown. The seconds for which each file was shown are counted, also of a viewer that is closed.
4. Only pictures and videos that a browser draws are shown; nothing that could run (SVG, pages) is served.
"""

from __future__ import annotations

import html
import os
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# Formats as `media` names them.
MEDIA_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "ico": "image/x-icon",
    "mp4": "video/mp4",
    "matroska": "video/webm",
    "ogg-video": "video/ogg",
}
# A file that nobody hides is hidden after this time; it counts no more than that.
LONGEST = 600.0
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:1rem auto;padding:0 1rem;"
    "color:#1a1a1a;background:#f4f4f2}"
    "li{margin:.25rem 0}form{display:inline}button{font:inherit;padding:.35rem .8rem;min-height:44px}"
    "img,video{display:block;max-width:100%;max-height:75vh;margin:1rem 0}"
    ":root{color-scheme:light dark}@media(prefers-color-scheme:dark){body{color:#eee;background:#1b1b1b}}"
)
_SCRIPT = (
    "const f=document.getElementById('hide');"
    "if(f){addEventListener('keydown',e=>{if(e.key==='Escape')f.submit()});"
    f"setTimeout(()=>f.submit(),{1000 * LONGEST:.0f})}}"
)


@dataclass(frozen=True)
class ViewedFile:
    """A file, and how its line in the list names it."""

    name: str
    format: str
    data: bytes = field(repr=False)

    @property
    def media_type(self) -> str:
        """Empty if the viewer does not show it."""
        return MEDIA_TYPES.get(self.format, "")


class LocalViewer:
    """Shows files until the person finishes. `seconds` of each file by its number, from 0."""

    def __init__(self, files: Sequence[ViewedFile], *, now: Callable[[], float] = time.monotonic) -> None:
        self._files, self._now = tuple(files), now
        self._word = secrets.token_urlsafe(24)
        self._lock = threading.Lock()
        self._shown: int | None = None
        self._since = 0.0
        self._finished = threading.Event()
        self._server = _Server(self)
        self.seconds = dict.fromkeys(range(len(self._files)), 0.0)

    @property
    def address(self) -> str:
        """Where a browser on this machine finds it."""
        return f"http://127.0.0.1:{self._server.server_port}/{self._word}/"

    def run(self) -> None:
        """Serve until the person finishes."""
        thread = threading.Thread(target=self._server.serve_forever, name="viewer", daemon=True)
        thread.start()
        try:
            self._finished.wait()
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()
            self.hide()

    @contextmanager
    def door(self) -> Iterator[Path]:
        """A page for the browser that leads to the viewer; it is deleted afterwards."""
        descriptor, name = tempfile.mkstemp(prefix="tutela-viewer-", suffix=".html")
        with os.fdopen(descriptor, "w") as out:
            out.write(f"<!doctype html><meta http-equiv=refresh content='0;url={self.address}'>")
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def show(self, number: int) -> None:
        """Show one file; what was shown before is hidden."""
        self.hide()
        with self._lock:
            if 0 <= number < len(self._files) and self._files[number].media_type:
                self._shown, self._since = number, self._now()

    def hide(self) -> None:
        """Hide what is shown, and count for how long it was there."""
        with self._lock:
            if self._shown is not None:
                self.seconds[self._shown] += min(self._now() - self._since, LONGEST)
                self._shown = None

    def act(self, path: str) -> None:
        """Do what the page asks for: show a file, or hide it."""
        word, _slash, number = path.partition("/")
        if word == "show" and _is_number(number):
            self.show(int(number))
        else:
            self.hide()

    def finish(self) -> None:
        """End."""
        self.hide()
        self._finished.set()

    def shown(self, number: int) -> ViewedFile | None:
        """A file, if it is the one that is shown."""
        with self._lock:
            current = self._current()
        return self._files[number] if current is not None and current == number else None

    def _current(self) -> int | None:
        """The file that is shown; one that was not hidden in time is not. Call with the lock."""
        late = self._shown is not None and self._now() - self._since > LONGEST
        return None if late else self._shown

    def allows(self, host: str, path: str) -> str | None:
        """The part of a path after the random word; None for another host or word."""
        place = f"127.0.0.1:{self._server.server_port}"
        start = f"/{self._word}/"
        return path[len(start) :] if host == place and path.startswith(start) else None

    def page(self, nonce: str) -> bytes:
        """The list, and the file that is shown."""
        with self._lock:
            current = self._current()
        lines = [_line(number, file, self.seconds[number], current) for number, file in enumerate(self._files)]
        body = shown_file(current, self._files[current]) if current is not None else ""
        text = (
            "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
            f"<title>Examine</title><style nonce={nonce}>{STYLE}</style><h1>Examine</h1>"
            "<p>One file at a time. Press Escape to hide it. You may stop at any time.</p>"
            f"{body}<ol>{''.join(lines)}</ol>"
            "<form method=post action=finish><button>Finish</button></form>"
            f"<script nonce={nonce}>{_SCRIPT}</script></html>"
        )
        return text.encode()


def _line(number: int, file: ViewedFile, seconds: float, current: int | None) -> str:
    name = html.escape(f"{file.name} · {file.format} · {len(file.data):,} bytes")
    if not file.media_type:
        return f"<li>{name} · a browser does not show it"
    viewed = f" · viewed {round(seconds)} s" if seconds else ""
    shown = " · <strong>shown</strong>" if number == current else ""
    return (
        f"<li>{name}{viewed}{shown} <form method=post action=show/{number}>"
        f"<button aria-label='Show {number + 1}'>Show</button></form>"
    )


def shown_file(number: int, file: ViewedFile) -> str:
    """A file on its page, with the button that hides it."""
    kind = "video controls muted preload=metadata" if file.media_type.startswith("video/") else "img alt=''"
    closing = "</video>" if kind.startswith("video") else ""
    return (
        f"<p><strong>{html.escape(file.name)}</strong> <form method=post action=hide id=hide>"
        f"<button data-key=Escape>Hide (Escape)</button></form></p><{kind} src=file/{number}>{closing}"
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


class _Server(ThreadingHTTPServer):
    """Server of one viewer."""

    daemon_threads = True

    def __init__(self, viewer: LocalViewer) -> None:
        self.viewer = viewer
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    """One request of the person's browser."""

    server_version, sys_version = "tutela", ""
    server: _Server

    def do_GET(self) -> None:
        path = self.server.viewer.allows(self.headers.get("Host", ""), self.path)
        if path == "":
            nonce = secrets.token_urlsafe(16)
            policy = (
                f"default-src 'none'; img-src 'self'; media-src 'self'; style-src 'nonce-{nonce}'; "
                f"script-src 'nonce-{nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
            )
            self._answer(200, self.server.viewer.page(nonce), "text/html; charset=utf-8", policy)
            return
        number = path[len("file/") :] if path and path.startswith("file/") else ""
        file = self.server.viewer.shown(int(number)) if _is_number(number) else None
        if file is None:
            self._answer(404, b"", "text/plain")
        else:
            self._answer(200, file.data, file.media_type, "default-src 'none'; sandbox")

    def do_POST(self) -> None:
        path = self.server.viewer.allows(self.headers.get("Host", ""), self.path)
        origin = self.headers.get("Origin", "null")
        if path is None or origin not in ("null", self.server.viewer.address.rsplit("/", 2)[0]):
            self._answer(404, b"", "text/plain")
            return
        if path == "finish":
            self.server.viewer.hide()
            self._answer(200, b"Finished. Close this page.", "text/plain; charset=utf-8")
            self.server.viewer.finish()
            return
        self.server.viewer.act(path)
        self.send_response(303)
        self.send_header("Location", self.server.viewer.address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, status: int, body: bytes, media_type: str, policy: str = "default-src 'none'") -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", media_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Write no log: addresses contain the random word."""
