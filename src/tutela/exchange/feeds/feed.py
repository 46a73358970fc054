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
    """Content of an answer.

    A `fresh` request begins a reading of everything; `whole` ends one: entries not in it are gone.
    """

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
    """Feedback on an entry: `kind` and `value` of the fingerprint, and the reason if it is negative."""

    key: str
    kind: str
    value: str
    right: bool
    reason: str = ""


@dataclass(frozen=True)
class Sending:
    """Request with a body, below the base address."""

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
        """Next request to make; None if everything is read."""
        ...

    def read(self, state: str, asked: Request, status: int, body: bytes, now: datetime) -> Batch:
        """Parse an answer. Raises `Failed`."""
        ...

    def kinds(self, media_type: str) -> tuple[str, ...]:
        """Kinds of fingerprints that accept feedback, the most significant first."""
        ...

    def reasons(self, kind: str) -> str:
        """Path of the reasons for negative feedback; empty if the format has none."""
        ...

    def sending(self, said: EntryFeedback) -> Sending:
        """Request that sends feedback on an entry. Raises `Failed`."""
        ...
