"""Messages between hotlines: a case for the country that hosts it, its receipt, and its status back.

A message has addresses, labels and hosting facts: no text of a person, no media, no names of reporters.

1. The sender states what it knows now, each fact with its time: classification, hosting country and addresses.
2. The recipient answers with a receipt, and later with every change of status. Statuses go one way (`may_follow`).
3. The same `message_id` is the same message: a recipient answers it as before.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, IPvAnyAddress, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Country, Line, Md5, Sha1, Sha256
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.takedown.fields import Address, ItemText, Label, Reference
from tutela.exchange.takedown.web_address import normalise

MOST_LOCATIONS = 200


class ActionKind(StrEnum):
    """What was done about a location. Removed, unavailable and not illegal are final; only a reappearance follows."""

    REPORTED_TO_POLICE = "reported_to_police"
    REPORTED_TO_HOST = "reported_to_host"
    # The host's word, which nobody has verified yet.
    HOST_SAYS_REMOVED = "host_says_removed"
    MOVED = "moved"
    REMOVED = "removed"
    UNAVAILABLE = "unavailable"
    NOT_ILLEGAL = "not_illegal"
    REAPPEARED = "reappeared"


FINAL = frozenset({ActionKind.REMOVED, ActionKind.UNAVAILABLE, ActionKind.NOT_ILLEGAL})


class ContentKind(StrEnum):
    """Whether the address is of the item or of a page that shows it."""

    MEDIA = "media"
    WEBSITE = "website"


class Assessment(Wire):
    """A classification as `scheme:value`, kept as its assessor stated it. Mapped labels are further assessments."""

    classification: Label
    assessed_at: Moment
    assessed_by: Line
    # Names the taxonomy's mapping if the label was derived from another one.
    mapped_from: Label | None = None
    user_generated: bool | None = None
    child_modelling: bool | None = None
    virtual: bool | None = None


class Hosting(Wire):
    """Where an address is hosted, as traced at a time. Countries of several sources may differ."""

    country: Country | None = None
    ip_addresses: Annotated[tuple[IPvAnyAddress, ...], Field(max_length=50)] = ()
    provider: Line | None = None
    asn: Annotated[int, Field(ge=1, le=4294967295)] | None = None
    content_delivery_network: bool | None = None
    traced_at: Moment


class Action(Wire):
    """One action. A final one other than a removal has a reason."""

    kind: ActionKind
    at: Moment
    reason: ItemText | None = None

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if self.kind in (ActionKind.UNAVAILABLE, ActionKind.NOT_ILLEGAL) and self.reason is None:
            raise ValueError("reason is required for unavailable and not_illegal")
        return self


class Digests(Wire):
    """Digests of the item, as far as its assessor has them."""

    md5: Md5 | None = None
    sha1: Sha1 | None = None
    sha256: Sha256 | None = None


class HotlineLocation(Wire):
    """One address of a case, in its normal form."""

    reference: Reference
    url: Address
    kind: ContentKind
    is_source: bool = False
    digests: Digests | None = None
    assessments: Annotated[tuple[Assessment, ...], Field(max_length=20)] = ()
    hosting: Hosting | None = None
    actions: Annotated[tuple[Action, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _in_normal_form(self) -> Self:
        if normalise(self.url).normal != self.url:
            raise ValueError("url must be in its normal form")
        if not in_order(tuple(one.kind for one in self.actions)):
            raise ValueError("actions must not contain a kind twice, or continue after a final one")
        return self


class HotlineCase(Wire):
    """A case from one hotline to another."""

    schema_version: Literal["1"] = "1"
    message_id: UUID
    case_reference: Reference
    sender: Line
    recipient: Line
    sent_at: Moment
    received_at: Moment
    referrer: Address | None = None
    locations: Annotated[tuple[HotlineLocation, ...], Field(min_length=1, max_length=MOST_LOCATIONS)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.sent_at < self.received_at:
            raise ValueError("sent_at must not be before received_at")
        if sum(one.is_source for one in self.locations) > 1:
            raise ValueError("locations must not contain two sources")
        for name in ("url", "reference"):
            if len({getattr(one, name) for one in self.locations}) < len(self.locations):
                raise ValueError(f"locations must not contain a {name} twice")
        return self


class Acceptance(StrEnum):
    """The recipient's first answer."""

    ACCEPTED = "accepted"
    # Another case of the recipient has these addresses; `own_reference` names it.
    DUPLICATE = "duplicate"
    NOT_OUR_COUNTRY = "not_our_country"
    REFUSED = "refused"


class HotlineReceipt(Wire):
    """The answer to a case."""

    schema_version: Literal["1"] = "1"
    message_id: UUID
    case_reference: Reference
    acceptance: Acceptance
    own_reference: Reference | None = None
    country: Country | None = None
    reason: ItemText | None = None
    at: Moment

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if self.acceptance in (Acceptance.ACCEPTED, Acceptance.DUPLICATE) and self.own_reference is None:
            raise ValueError("own_reference is required for a case that is accepted or a duplicate")
        if self.acceptance is Acceptance.NOT_OUR_COUNTRY and self.country is None:
            raise ValueError("country is required: where the case is hosted")
        if self.acceptance is Acceptance.REFUSED and self.reason is None:
            raise ValueError("reason is required for a refusal")
        return self


class HotlineStatus(Wire):
    """A change at one location, from the hotline that works on it. The sequence counts the changes of a case."""

    schema_version: Literal["1"] = "1"
    message_id: UUID
    case_reference: Reference
    own_reference: Reference
    location: Reference
    sequence: Annotated[int, Field(ge=1, le=1_000_000)]
    action: Action
    hosting: Hosting | None = None
    assessment: Assessment | None = None

    @model_validator(mode="after")
    def _moved_somewhere(self) -> Self:
        if self.action.kind is ActionKind.MOVED and self.hosting is None:
            raise ValueError("hosting is required for a location that moved")
        return self


def may_follow(before: tuple[ActionKind, ...], kind: ActionKind) -> bool:
    """Whether an action may follow earlier ones.

    - None follows a final one, but the reappearance of what was removed or unavailable.
    - None comes twice, but a move. After a reappearance everything may come again.
    """
    since: set[ActionKind] = set()
    for one in before:
        since = set() if one is ActionKind.REAPPEARED else since | {one}
    if kind is ActionKind.REAPPEARED:
        return bool(since & {ActionKind.REMOVED, ActionKind.UNAVAILABLE})
    return not FINAL & since and (kind is ActionKind.MOVED or kind not in since)


def in_order(kinds: tuple[ActionKind, ...]) -> bool:
    """Whether each action may follow those before it."""
    return all(may_follow(kinds[:place], kind) for place, kind in enumerate(kinds))
