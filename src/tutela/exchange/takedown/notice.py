"""Notice to a provider under Article 16 of Regulation (EU) 2022/2065 (DSA), and the provider's answers.

A notice is complete by construction (Art. 16(2)):

(a) `explanation`: why the information is illegal, in at least 20 characters;
(b) `locations`: exact addresses, with what is needed to find the item on the page;
(c) `notifier`: name and e-mail address, which may be absent only for child sexual abuse (Directive 2011/93/EU);
(d) `good_faith`: always true.

A notice has no field for a person in the material, and its texts may not contain contact details.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Line, Md5, Sha1, Sha256, Text
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.takedown.fields import Address, Email, ItemText, Language, Reference
from tutela.exchange.takedown.web_address import normalise

MOST_LOCATIONS = 1000
SHORTEST_EXPLANATION = 20


class Subject(StrEnum):
    """What is alleged. Anonymous notices are for child sexual abuse alone."""

    CHILD_SEXUAL_ABUSE = "child_sexual_abuse"
    OTHER = "other"


class NotifierKind(StrEnum):
    """The notifier's role. A provider gives priority to a trusted flagger (DSA Art. 22)."""

    INDIVIDUAL = "individual"
    HOTLINE = "hotline"
    TRUSTED_FLAGGER = "trusted_flagger"
    PROVIDER = "provider"
    AUTHORITY = "authority"


class RequestedAction(StrEnum):
    """What the notifier asks for. `remove_and_preserve`: an authority may ask for the data."""

    REMOVE = "remove"
    DISABLE = "disable"
    REMOVE_AND_PRESERVE = "remove_and_preserve"


class ActionTaken(StrEnum):
    """The provider's decision about a location."""

    REMOVED = "removed"
    DISABLED = "disabled"
    NONE = "none"
    NOT_FOUND = "not_found"


class Notifier(Wire):
    """Who submits the notice (Art. 16(2)(c))."""

    kind: NotifierKind
    name: Line
    email: Email


class ItemHashes(Wire):
    """Digests by which the provider finds the same bytes at other addresses."""

    md5: Md5 | None = None
    sha1: Sha1 | None = None
    sha256: Sha256 | None = None

    @model_validator(mode="after")
    def _one_at_least(self) -> Self:
        if not (self.md5 or self.sha1 or self.sha256):
            raise ValueError("must contain md5, sha1 or sha256")
        return self


class Location(Wire):
    """One exact address, and how to find the item there."""

    url: Address
    additional_information: ItemText | None = None
    hashes: ItemHashes | None = None


class Notice(Wire):
    """One notice. `previous_references` are earlier notices about the same locations."""

    schema_version: Literal["1"] = "1"
    reference: Reference
    submitted_at: Moment
    subject: Subject = Subject.CHILD_SEXUAL_ABUSE
    notifier: Notifier | None = None
    explanation: Annotated[ItemText, Field(min_length=SHORTEST_EXPLANATION)]
    legal_grounds: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    locations: Annotated[tuple[Location, ...], Field(min_length=1, max_length=MOST_LOCATIONS)]
    good_faith: Literal[True]
    requested_action: RequestedAction = RequestedAction.REMOVE
    language: Language
    previous_references: Annotated[tuple[Reference, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.notifier is None and self.subject is not Subject.CHILD_SEXUAL_ABUSE:
            raise ValueError("notifier is required, except for child sexual abuse (DSA Art. 16(2)(c))")
        if len({normalise(one.url).normal for one in self.locations}) < len(self.locations):
            raise ValueError("locations must not contain an address twice")
        return self


class NoticeReceived(Wire):
    """Confirmation of receipt (Art. 16(4))."""

    schema_version: Literal["1"] = "1"
    reference: Reference
    received_at: Moment
    provider_reference: Reference | None = None


class LocationDecision(Wire):
    """The decision about one location."""

    url: Address
    action: ActionTaken


class NoticeDecided(Wire):
    """The provider's decision and the redress against it (Art. 16(5) and (6)).

    `action` is the decision about all locations, except those in `locations`.
    """

    schema_version: Literal["1"] = "1"
    reference: Reference
    received_at: Moment
    decided_at: Moment
    action: ActionTaken
    locations: Annotated[tuple[LocationDecision, ...], Field(max_length=MOST_LOCATIONS)] = ()
    automated: bool
    redress: Text
    reason: Text | None = None

    @model_validator(mode="after")
    def _later_and_reasoned(self) -> Self:
        if self.decided_at < self.received_at:
            raise ValueError("decided_at must not be before received_at")
        none = [self.action, *(one.action for one in self.locations)].count(ActionTaken.NONE)
        if none and self.reason is None:
            raise ValueError("reason is required if no action was taken")
        return self


class NoticeReversed(Wire):
    """The provider's reversal of its decision, for example after a complaint (Art. 20(4)).

    `locations` are the addresses that are accessible again; without any, all of the notice.
    """

    schema_version: Literal["1"] = "1"
    reference: Reference
    reversed_at: Moment
    locations: Annotated[tuple[Address, ...], Field(max_length=MOST_LOCATIONS)] = ()
    reason: Text


class NoticeAnswer(Wire):
    """One step of a provider about a notice: a receipt, a decision or a reversal."""

    schema_version: Literal["1"] = "1"
    receipt: NoticeReceived | None = None
    decision: NoticeDecided | None = None
    reversal: NoticeReversed | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(one is not None for one in (self.receipt, self.decision, self.reversal)) != 1:
            raise ValueError("must contain exactly one of receipt, decision and reversal")
        return self

    @property
    def reference(self) -> str:
        """The notice that is answered."""
        found = self.receipt or self.decision or self.reversal
        return found.reference if found else ""


def covered(notice: Notice, decision: NoticeDecided) -> dict[str, ActionTaken]:
    """The decision about each address of a notice, by its normal form. Raises `ValueError` for an address of none."""
    found = {normalise(one.url).normal: decision.action for one in notice.locations}
    for one in decision.locations:
        address = normalise(one.url).normal
        if address not in found:
            raise ValueError("locations: an address is not part of the notice")
        found[address] = one.action
    return found
