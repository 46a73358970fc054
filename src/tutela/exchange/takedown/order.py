"""Orders of authorities under Articles 9 and 10 of Regulation (EU) 2022/2065 (DSA), and the effect given to them.

An order has every mandatory element of Art. 9(2)(a) or 10(2)(a); one that lacks an element cannot be built:

(i) legal basis; (ii) statement of reasons with specific provisions; (iii) issuing authority; (iv) exact addresses, or
the recipients about whom information is asked; (v) redress for provider and recipient; (vi) the authority to be told.

The provider informs the authority of any effect given: if, and when (Art. 9(1), 10(1)).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Country, Line, Text
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.takedown.fields import Address, Email, ItemText, Language, Reference
from tutela.exchange.takedown.web_address import normalise

MOST_ADDRESSES = 1000


class Authority(Wire):
    """An authority, with a contact that can answer questions about the order."""

    name: Line
    country: Country
    contact: Email
    department: Line | None = None


class LegalBasis(Wire):
    """The act under which the order is given, and the provisions that the information breaks."""

    act: Line
    provisions: Annotated[tuple[Line, ...], Field(min_length=1, max_length=20)]


class OrderRedress(Wire):
    """Redress of the provider and of the recipient of the service (Art. 9(2)(a)(v))."""

    court: Line
    time_limit: Line
    for_provider: Text
    for_recipient: Text


class OrderedLocation(Wire):
    """One exact address, and what is needed to find the item there."""

    url: Address
    additional_information: ItemText | None = None


class _DsaOrder(Wire):
    schema_version: Literal["1"] = "1"
    reference: Reference
    authority: Authority
    provider: Line
    service: Line
    legal_basis: LegalBasis
    reasons: Text
    redress: OrderRedress
    # Where several authorities are involved: the one that is told of the effect.
    effect_to: Authority
    # Both the language of the order and of the translation of its elements, if there is one (Art. 9(2)(c)).
    language: Language
    translated_to: Language | None = None
    issued_at: Moment


class ContentOrder(_DsaOrder):
    """Order to act against illegal content (Art. 9). The scope is what is strictly necessary (Art. 9(2)(b))."""

    locations: Annotated[tuple[OrderedLocation, ...], Field(min_length=1, max_length=MOST_ADDRESSES)]
    territorial_scope: Annotated[tuple[Country, ...], Field(min_length=1, max_length=60)]
    scope_reason: Text

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({normalise(one.url).normal for one in self.locations}) < len(self.locations):
            raise ValueError("locations must not contain an address twice")
        return self


class InformationOrder(_DsaOrder):
    """Order to provide information about recipients of the service (Art. 10).

    It asks only for information that the provider already has (Art. 10(2)(b)).
    """

    recipients: Annotated[tuple[Line, ...], Field(min_length=1, max_length=100)]
    information: Annotated[tuple[Line, ...], Field(min_length=1, max_length=50)]
    purpose: Text
    inform_recipient_from: Moment | None = None


class Effect(StrEnum):
    """Whether effect was given."""

    GIVEN = "given"
    PARTLY_GIVEN = "partly_given"
    NOT_GIVEN = "not_given"


class EffectGiven(Wire):
    """The provider's answer to an order: if effect was given, and when."""

    schema_version: Literal["1"] = "1"
    reference: Reference
    received_at: Moment
    effect: Effect
    given_at: Moment | None = None
    # The addresses with effect, where it was given in part.
    locations: Annotated[tuple[Address, ...], Field(min_length=1, max_length=MOST_ADDRESSES)] | None = None
    reason: Text | None = None
    recipient_informed_at: Moment | None = None

    @model_validator(mode="after")
    def _if_and_when(self) -> Self:
        if (self.effect is Effect.NOT_GIVEN) != (self.given_at is None):
            raise ValueError("given_at is required if effect was given, and only then")
        if self.effect is not Effect.GIVEN and self.reason is None:
            raise ValueError("reason is required unless effect was given in full")
        if self.locations is not None and self.effect is not Effect.PARTLY_GIVEN:
            raise ValueError("locations must be named only if effect was given in part")
        if self.given_at is not None and self.given_at < self.received_at:
            raise ValueError("given_at must not be before received_at")
        return self
