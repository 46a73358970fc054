"""A twin of a foreign hash-sharing server: a log of changes, served in pages in an order that is not that of time."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode

import httpx

from tutela.exchange.hash_sharing import serializer
from tutela.exchange.hash_sharing.entries import Media, SharedEntry, SharingMember, read_moment

MEMBER = SharingMember(42, "Other Member")


def entry(name: str, at: int, value: int = 0, *, deleted: bool = False, member: SharingMember = MEMBER) -> SharedEntry:
    """An entry at a second of time, with a fingerprint that says its value."""
    when = datetime.fromtimestamp(at, UTC)
    prints = {} if deleted else {"md5": f"{value:032x}", "pdq": f"{value:064x}"}
    return SharedEntry(member, name, Media.IMAGE, when, deleted, "" if deleted else "A1", prints)


@dataclass
class Twin:
    """The present state of every key, as such a server has it. `seed` decides about the order within a window."""

    size: int = 3
    seed: int = 0
    clock: int = 1_000
    rows: dict[str, SharedEntry] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    issued: dict[str, int] = field(default_factory=dict)
    fixed: dict[tuple[str, str], list[SharedEntry]] = field(default_factory=dict)
    repeat: bool = False
    # What the next answers are instead; for errors.
    instead: list[httpx.Response] = field(default_factory=list)

    def put(self, one: SharedEntry) -> None:
        self.rows[one.key] = one

    def live(self) -> dict[str, SharedEntry]:
        """What a client should have in the end."""
        return {key: one for key, one in self.rows.items() if not one.deleted}

    def window(self, start: int, end: int) -> list[SharedEntry]:
        found = [one for one in self.rows.values() if start <= int(one.at.timestamp()) < end]
        random.Random(f"{self.seed} {start} {end}").shuffle(found)
        return found

    def answer(self, query: str) -> bytes:
        """The page of a query; with `repeat` each page begins with the last entry of the one before."""
        self.asked.append(query)
        said = {name: values[0] for name, values in parse_qs(query).items()}
        start, end = (int(read_moment(said[name]).timestamp()) for name in ("from", "to"))
        first = int(said.get("start", "1"))
        if "start" in said and self.clock - self.issued[query] > 12 * 60 * 60:
            raise LookupError(query)
        if "start" not in said:  # the set of a window is fixed at its first page
            self.fixed[said["from"], said["to"]] = self.window(start, end)
        found = self.fixed[said["from"], said["to"]]
        shown = found[max(0, first - 1 - self.repeat) : first - 1 + self.size]
        following = ""
        if first - 1 + self.size < len(found):
            more = {"from": said["from"], "to": said["to"], "start": first + self.size, "size": self.size}
            following = urlencode({**more, "max": len(found)})
            self.issued[following] = self.clock
        return serializer.entries(shown, f"/v2/entries?{following}" if following else "")

    def transport(self) -> httpx.MockTransport:
        """As an HTTP client sees it."""

        def reply(request: httpx.Request) -> httpx.Response:
            if self.instead:
                return self.instead.pop(0)
            try:
                return httpx.Response(200, content=self.answer(request.url.query.decode()))
            except LookupError:
                return httpx.Response(410)

        return streaming(reply)


def streaming(reply: Callable[[httpx.Request], httpx.Response]) -> httpx.MockTransport:
    """Answers that are read as they come, as a network's are."""

    def inner(request: httpx.Request) -> httpx.Response:
        made = reply(request)
        return httpx.Response(made.status_code, headers=made.headers, stream=httpx.ByteStream(made.content))

    return httpx.MockTransport(inner)


def moved(one: SharedEntry, at: int) -> SharedEntry:
    """The same entry, changed at another second."""
    return replace(one, at=datetime.fromtimestamp(at, UTC))
