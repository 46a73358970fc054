"""Base of clients for a partner list that is read page by page. Pure.

A client is two functions over a state that is text: the next request, and the meaning of an answer. The items of an
answer and the state must be stored in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class FeedItem:
    """Complete current state of an entry: `content` has all statements, empty if withdrawn."""

    key: str
    media_type: str
    at: datetime
    withdrawn: bool
    content: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """What an answer meant. `fresh` begins a reading of everything; `whole` ends one: what was not in it is gone."""

    items: list[FeedItem]
    state: str
    broken: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Request:
    """A path to fetch, below the base address. `fresh` if it starts to read the whole feed again."""

    path: str
    fresh: bool = False


@dataclass(frozen=True)
class EntryFeedback:
    """What somebody found of an entry: `kind` and `value` of the fingerprint it is about, and why where it is a no."""

    key: str
    kind: str
    value: str
    right: bool
    reason: str = ""


@dataclass(frozen=True)
class Sending:
    """What to send below the base."""

    method: str
    path: str
    content_type: str
    body: bytes


class Failed(ValueError):
    """An answer that cannot be used; states the reason."""


class Client(Protocol):
    """A format's client."""

    def headers(self, username: str, secret: str, *, sending: bool = False) -> dict[str, str]:
        """Headers that identify the client."""
        ...

    def begin(self, state: str) -> str:
        """The state with which a pull begins."""
        ...

    def ask(self, state: str, now: datetime) -> Request | None:
        """What to fetch next; None when everything is read."""
        ...

    def read(self, state: str, asked: Request, status: int, body: bytes, now: datetime) -> Batch:
        """What an answer means. Raises `Failed`."""
        ...

    def kinds(self, media_type: str) -> tuple[str, ...]:
        """Kinds of fingerprints that accept feedback, the most significant first."""
        ...

    def reasons(self, kind: str) -> str:
        """Where the reasons for a no are asked; nothing where the format has none."""
        ...

    def sending(self, said: EntryFeedback) -> Sending:
        """What one's word on an entry is. Raises `Failed`."""
        ...
