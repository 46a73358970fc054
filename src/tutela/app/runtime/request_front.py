"""Request front: limits every request, so that a slow or idle visitor blocks nobody else.

1. `/healthz/live` is answered here, without a thread and without a limit.
2. The number of requests that one address may have in progress in a process is limited (`MOST_PER_ADDRESS`).
3. A body is collected before its request takes a thread. A long body streams in separate threads. Interfaces, where the
   key is checked before the body is read, have other threads than desks. Elsewhere a long body is refused.
4. Bodies and answers keep a minimum rate. A slower body ends with 408; an answer that is read too slowly is cut off.
5. The first `BUFFERED` unread bytes of an answer are held here, so that a slow reader holds no thread.

Behind the front, Django runs as a WSGI application in threads (`a2wsgi`). Slow headers are ended by the web server
(`supervisor.web`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any
from urllib.parse import quote_from_bytes

from a2wsgi import WSGIMiddleware

from tutela.exchange.message.answer_headers import complete

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Client = Callable[[str, str], str]
type Buffer = Callable[[int, bool], bool]
type Headers = Sequence[tuple[bytes, bytes]]

LIVE = "/healthz/live"
# Requests that one address may have under way in one process. A browser opens six connections.
MOST_PER_ADDRESS = 24
# A body up to this is in memory before a thread is taken; all that are held at once stay below the second bound.
COLLECTED, ALL_COLLECTED = 1 << 20, 256 << 20
# Bytes of one answer that wait for their reader here; those of all answers have the same bound as all bodies.
BUFFERED = 1 << 20
# So long may a body take, or an answer be read; and a second more for each of so many bytes.
SECONDS, PACE = 30.0, 16_384
THREADS, STREAMING_THREADS = 4, 4
# Where a long body may come: to interfaces with keys, and to desks.
INTERFACES, DESKS = ("/api/", "/ispws/", "/hashsharing/"), ("/desk/",)
PRINTABLE = bytes(range(0x21, 0x7F))


class TooSlow(ConnectionError):
    """The body came too slowly, or its sender went away."""


class Busy(ConnectionError):
    """More is held than this process keeps in memory."""


class Front:
    """The application that the web server calls. One for each process."""

    def __init__(
        self, application: Any, client: Client = lambda peer, _forwarded: peer, *, secure: bool = False
    ) -> None:
        """`client` names the visitor by peer and `X-Forwarded-For`. `secure`: all requests use TLS."""
        self._secure = secure
        self._client, self._salt = client, os.urandom(16)
        self._usual: Any = WSGIMiddleware(application, workers=THREADS)
        self._streams: Any = WSGIMiddleware(application, workers=STREAMING_THREADS)
        self._desk_streams: Any = WSGIMiddleware(application, workers=STREAMING_THREADS)
        self._under_way = Counter[bytes]()
        self._collected = self._buffered = 0

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._usual(scope, receive, send)
            return
        send = complete(send, secure=self._secure)
        if scope["path"] == LIVE:
            await _answer(send, 200, {"status": "alive"})
        else:
            await self._limited(scope, receive, send)

    async def _limited(self, scope: Any, receive: Receive, send: Send) -> None:
        forwarded = b",".join(value for name, value in scope["headers"] if name.lower() == b"x-forwarded-for")
        address = self._client((scope.get("client") or ("", 0))[0], forwarded.decode("latin-1"))
        # Kept as a keyed hash, as every address that a limit counts.
        who = hashlib.blake2b(address.encode(), key=self._salt, digest_size=16).digest()
        if address and self._under_way[who] >= MOST_PER_ADDRESS:
            return await _answer(send, 429, _problem(429, "Too many requests from this address are in progress."), 1)
        self._under_way[who] += 1
        try:
            await self._run(readable(scope), _Body(receive, self._hold), _Paced(send, self._buffer))
        finally:
            self._under_way[who] -= 1
            if not self._under_way[who]:
                del self._under_way[who]

    def _hold(self, size: int) -> None:
        """Count bytes that are held or released. Raises `Busy`."""
        self._collected += size
        if size > 0 and self._collected > ALL_COLLECTED:
            raise Busy

    def _buffer(self, size: int, optional: bool = False) -> bool:
        """Count pending bytes of answers, or release them.

        `optional`: the bytes are not counted, and the result is False, if there is no room.
        """
        if optional and self._buffered + size > ALL_COLLECTED:
            return False
        self._buffered += size
        return True

    def _runner(self, path: str, *, whole: bool) -> Any:
        """The function that runs a request; None if a long body is refused."""
        if whole:
            return self._usual
        if path.startswith(INTERFACES):
            return self._streams
        return self._desk_streams if path.startswith(DESKS) else None

    async def _run(self, scope: Any, body: _Body, answer: _Paced) -> None:
        try:
            await self._answered(scope, body, answer)
            await answer.finish()
        finally:
            body.let_go()
            await answer.stop()

    async def _answered(self, scope: Any, body: _Body, answer: _Paced) -> None:
        try:
            await body.collect(COLLECTED)
            run = self._runner(scope["path"], whole=body.whole)
            if run is None:
                too_long = _problem(413, f"The body is too long. Send at most {COLLECTED} bytes.")
                return await _answer(answer, 413, too_long, close=True)
            await run(scope, body, answer)
        except Busy:
            if not answer.begun:
                await _answer(answer, 503, _problem(503, "This node is busy. Try again later."), 5, close=True)
        except TooSlow:
            if not answer.begun:
                slow = _problem(408, f"The body was too slow. Send at least {PACE} bytes per second.")
                await _answer(answer, 408, slow, close=True)


class _Body:
    """Request body for an application: first the collected part, then the rest, never below the minimum rate."""

    def __init__(self, receive: Receive, hold: Callable[[int], None]) -> None:
        self._receive, self._hold, self._began, self._size = receive, hold, time.monotonic(), 0
        self._kept: bytearray | None = None
        self._held, self.whole = 0, False

    async def collect(self, most: int) -> None:
        """Read up to `most` bytes into one piece, counted as they come. Raises `TooSlow`, `Busy`."""
        kept = self._kept = bytearray()
        while not self.whole and self._size <= most:
            before = self._size
            kept += (await self._next()).get("body", b"")
            self._held += self._size - before
            self._hold(self._size - before)

    def let_go(self) -> None:
        """The request is over: what was collected of it counts no longer."""
        self._hold(-self._held)
        self._held = 0

    async def __call__(self) -> Message:
        if self._kept is None:
            return await self._next()
        kept, self._kept = bytes(self._kept), None
        return {"type": "http.request", "body": kept, "more_body": not self.whole}

    async def _next(self) -> Message:
        left = SECONDS + self._size / PACE - (time.monotonic() - self._began)
        try:
            async with asyncio.timeout(left):
                message = await self._receive()
        except TimeoutError:
            raise TooSlow from None
        if message["type"] == "http.disconnect":
            raise TooSlow
        self._size += len(message.get("body", b""))
        self.whole = not message.get("more_body", False)
        return message


class _Paced:
    """Sends an answer. Once its reader falls below the rate, the rest is dropped, so that the application can end.

    Up to `BUFFERED` bytes are taken before they are sent; beyond that the application waits for its reader.
    """

    def __init__(self, send: Send, buffer: Buffer) -> None:
        """`buffer` counts pending bytes over all answers and returns whether there is room."""
        self._send, self._buffer = send, buffer
        self._size, self._spent, self._dead, self.begun = 0, 0.0, False, False
        self._waiting, self._held, self._ended = deque[Message](), 0, False
        self._changed = asyncio.Condition()
        self._pump: asyncio.Task[None] | None = None

    async def __call__(self, message: Message) -> None:
        self.begun = True
        size = len(message.get("body", b""))
        async with self._changed:
            await self._changed.wait_for(lambda: self._dead or self._room(size))
            if self._dead:
                return
            self._held += size
            self._waiting.append(message)
            self._ended = message["type"] == "http.response.body" and not message.get("more_body", False)
            self._changed.notify_all()
        if self._pump is None:
            self._pump = asyncio.create_task(self._run())

    def _room(self, size: int) -> bool:
        """Return whether that many more bytes may be buffered.

        An answer without pending bytes is never held up.
        """
        if not self._held:
            return self._buffer(size, False)
        return self._held + size <= BUFFERED and self._buffer(size, True)

    async def finish(self) -> None:
        """Wait until all that the application gave is sent or dropped."""
        if self._pump is not None and self._ended:
            await self._pump

    async def stop(self) -> None:
        """Drop what is left: the request is over."""
        if self._pump is not None and not self._pump.done():
            self._pump.cancel()
            await asyncio.wait({self._pump})
        self._buffer(-self._held, False)
        self._held = 0

    async def _run(self) -> None:
        ended = False
        while not ended and not self._dead:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._waiting))
                message = self._waiting.popleft()
            await self._one(message)
            ended = message["type"] == "http.response.body" and not message.get("more_body", False)
            async with self._changed:
                size = len(message.get("body", b""))
                self._held -= size
                self._buffer(-size, False)
                self._changed.notify_all()

    async def _one(self, message: Message) -> None:
        self._size += len(message.get("body", b""))
        began = time.monotonic()
        try:
            # What the application takes to make the answer is not its reader's time.
            async with asyncio.timeout(SECONDS + self._size / PACE - self._spent):
                await self._send(message)
        except (TimeoutError, OSError, RuntimeError):
            self._dead = True
        self._spent += time.monotonic() - began


def readable(scope: Any) -> Any:
    """A request in the form that a WSGI application may read.

    Headers with an underscore are removed, because an underscore would stand for a hyphen. Several cookie lines become
    one (RFC 9113). The query holds only bytes that are allowed in an address.
    """
    query = quote_from_bytes(scope["query_string"], safe=PRINTABLE).encode()
    return {**scope, "headers": _one_each(scope["headers"]), "query_string": query}


def _one_each(headers: Headers) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in headers if b"_" not in name]
    cookies = [value for name, value in kept if name.lower() == b"cookie"]
    if len(cookies) > 1:
        kept = [one for one in kept if one[0].lower() != b"cookie"] + [(b"cookie", b"; ".join(cookies))]
    return kept


def _problem(status: int, title: str) -> dict[str, Any]:
    return {"type": "about:blank", "title": title, "status": status}


async def _answer(send: Send, status: int, said: dict[str, Any], retry: int = 0, *, close: bool = False) -> None:
    media_type = b"application/json" if status == 200 else b"application/problem+json"
    body = json.dumps(said).encode()
    headers = [(b"content-type", media_type), (b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store")]
    headers += [(b"retry-after", b"%d" % retry)] if retry else []
    headers += [(b"connection", b"close")] if close else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
