"""Registry of kinds of anonymous conversation: who receives them, and what a domain does with a new message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tutela.casework.anonymous.entry import Entry
from tutela.casework.anonymous.ticket import Issuer
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
    # Called with the conversation and its text in the transaction of each message of the person.
    on_message: Callable[[Actor, UUID, str], None] | None = None
    # Below the field for the message.
    help: object = _("Do not send pictures or links to pictures. Write your name only if you want to.")
    # Template that is shown above the form of the first message.
    notice: str = ""
    # Whether it stands on the pages after that too: what a person in danger needs.
    notice_stays: bool = False
    # Values for that template, by name.
    notice_context: Callable[[], Mapping[str, object]] | None = None
    # Other kinds, of the same recipient, whose answers are read here too.
    also: tuple[str, ...] = ()
    # Whether its person may withdraw it, which erases it at once.
    withdrawable: bool = False
    # Called in that transaction, before it is erased.
    on_withdraw: Callable[[Actor, UUID], None] | None = None
    # Conversations of this kind that are not erased although nobody wrote for long. Called inside `acting`.
    kept: Callable[[], QuerySet[Any, Any]] | None = None
    # Template above the messages of a conversation, and its values, called inside `acting`.
    progress: str = ""
    progress_context: Callable[[UUID, Issuer], Mapping[str, object]] | None = None
    # The entries as their person reads them. Called inside `acting`.
    for_person: Callable[[UUID, list[Entry]], list[Entry]] | None = None
    # What staff must know before they answer; empty if nothing. Called inside `acting`.
    answer_note: Callable[[UUID], object] | None = None
    # The form of people in danger: its work stays short, and what exceeds calls people as one group.
    danger: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """The kinds whose answers are read on the pages of this one."""
        return (self.code, *self.also)


_KINDS: dict[str, ConversationKind] = {}
# Kinds of which every organisation has one of its own, by the beginning of their code.
_FAMILIES: dict[str, Callable[[str], ConversationKind | None]] = {}


def register(*found: ConversationKind) -> None:
    """Register kinds, once, when the applications are ready. Raises `ValueError`."""
    for one in found:
        if _KINDS.setdefault(one.code, one) is not one:
            raise ValueError(f"Two kinds of conversation are called {one.code}.")


def registered() -> list[ConversationKind]:
    """Every kind that is not of a family."""
    return list(_KINDS.values())


def register_family(prefix: str, resolve: Callable[[str], ConversationKind | None]) -> None:
    """Register kinds that differ by organisation: `resolve` gives the kind of a code that begins with `prefix`."""
    _FAMILIES[prefix] = resolve


def known(code: str) -> bool:
    """Whether a kind with this code is registered, and somebody on this node receives it."""
    found = _found(code)
    return found is not None and found.recipient() is not None


def kind_of(code: str) -> ConversationKind:
    """The kind with this code. Raises `NotFound`."""
    found = _found(code)
    if found is None:
        raise NotFound
    return found


def _found(code: str) -> ConversationKind | None:
    if code in _KINDS:
        return _KINDS[code]
    resolve = next((one for prefix, one in _FAMILIES.items() if code.startswith(prefix)), None)
    return resolve(code) if resolve is not None else None


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
