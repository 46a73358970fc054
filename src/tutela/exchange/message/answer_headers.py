"""Headers that every answer of a node and of an Edge sends to browsers and proxies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

type Message = MutableMapping[str, Any]
type Send = Callable[[Message], Awaitable[None]]

# Answers may hold content for one reader, so caching is off by default; an answer that may be cached says so. No page
# uses a sensor.
ALWAYS = (
    (b"cache-control", b"no-store"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"),
    (b"x-content-type-options", b"nosniff"),
    # Without one the web server names itself.
    (b"server", b"tutela"),
)
OVER_TLS = ((b"strict-transport-security", b"max-age=31536000"),)


def complete(send: Send, *, secure: bool) -> Send:
    """Add the headers that an answer lacks. `secure`: its reader uses TLS."""
    wanted = ALWAYS + (OVER_TLS if secure else ())

    async def said(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *_lacking(message["headers"], wanted)]}
        await send(message)

    return said


def _lacking(
    headers: Iterable[tuple[bytes, bytes]], wanted: tuple[tuple[bytes, bytes], ...]
) -> list[tuple[bytes, bytes]]:
    there = {name.lower() for name, _value in headers}
    return [one for one in wanted if one[0] not in there]
