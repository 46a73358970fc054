"""Registry of kinds of anonymous conversation: who receives them, and what a domain does with a new message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry


@dataclass(frozen=True)
class ConversationKind:
    """Kind of conversation. `code` is the part of the address after the language, and is stored."""

    code: str
    # Heading and first paragraph of the public page.
    label: object
    introduction: object
    # The organisation that receives the messages; None while there is none.
    recipient: Callable[[], DirectoryEntry | None]
    # Called with the conversation in the transaction of each message of the person.
    on_message: Callable[[Actor, UUID], None] | None = None


_KINDS: dict[str, ConversationKind] = {}


def register(*found: ConversationKind) -> None:
    """Register kinds, once, when the applications are ready. Raises `ValueError`."""
    for one in found:
        if _KINDS.setdefault(one.code, one) is not one:
            raise ValueError(f"Two kinds of conversation are called {one.code}.")


def kind_of(code: str) -> ConversationKind:
    """The kind with this code. Raises `NotFound`."""
    found = _KINDS.get(code)
    if found is None:
        raise NotFound
    return found


def anonymous_actor(kind: ConversationKind) -> Actor:
    """The actor of an anonymous person at the organisation that receives this kind. Raises `NotFound`."""
    recipient = kind.recipient()
    if recipient is None:
        raise NotFound
    return directory.acting_for(recipient, "public:anonymous", "Anonymous person")


# Messages for the organisation with which the node began.
NODE_MESSAGE = ConversationKind(
    "message",
    _("Leave a message"),
    _("You can write to the people who run this service. You need no account and no name."),
    directory.founder,
)
