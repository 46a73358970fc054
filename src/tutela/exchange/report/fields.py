"""Parts of a report. Each names its field of Annex III (the EU regulation's report template)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, IPvAnyAddress, field_validator, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import (
    Country,
    Line,
    Lines,
    Md5,
    Port,
    Sha1,
    Sha256,
    Size,
    Text,
    Url,
    printable,
)
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.report.age_and_gender import AgeGroup, Gender
from tutela.matching.files.drill_entries import is_test


class ContentKind(StrEnum):
    IMAGE = "image"
    VIDEO = "video"
    TEXT = "text"
    OTHER = "other"


class Spread(StrEnum):
    """Circulation of an item, as its provider states it.

    The circulation is never inferred from the item, and makes nothing lawful.
    """

    CIRCULATES = "circulates"
    MEME = "meme"


class Pdq(Wire):
    """A perceptual hash with what is needed to compare it: its quality and the program that made it."""

    hash: Sha256
    quality: Annotated[int, Field(ge=0, le=100)]
    hasher: Line
    frame: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None


class Attachment(Wire):
    """Material that is not in the report: where it is held and its digest. The platform carries no media."""

    reference: Line
    sha256: Sha256
    size: Size
    media_type: Line
    held_by: Line
    description: Text | None = None


class NetworkLocation(Wire):
    """Annex III, section 2 (5): address, port, and a moment whose time zone is known."""

    ip: IPvAnyAddress
    port: Port | None = None
    at: Moment
    time_zone: Line | None = None


class GeographicInformation(Wire):
    """Annex III, section 2 (5), second part. Coordinates are decimal text in degrees (WGS 84)."""

    country: Country | None = None
    postal_code: Line | None = None
    place: Line | None = None
    latitude: Annotated[str, Field(pattern=r"^-?[0-9]{1,2}(\.[0-9]{1,8})?$")] | None = None
    longitude: Annotated[str, Field(pattern=r"^-?[0-9]{1,3}(\.[0-9]{1,8})?$")] | None = None
    derived_from: Line | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude must be given together")
        return self


class Relation(StrEnum):
    """Relation of an account to the previous one, which is reported or a child's. The account itself is neither."""

    BILLING = "billing"
    LINKED = "linked"
    BUSINESS = "business"
    CREATOR = "creator"
    GUARDIAN = "guardian"
    ASSOCIATED = "associated"


# These fields alone do not identify a person: reports count named people, and whether a child is known.
NOBODY = frozenset({"relation", "age_group", "gender"})


class Person(Wire):
    """Annex III, section 2 (6) and (12): what is known of a user, or of a child appearing to be a victim.

    With a `relation` it is an account that belongs to the last person before it that has none: neither a suspect nor a
    child, and never counted as either.
    """

    relation: Relation | None = None

    usernames: Lines = ()
    emails: Lines = ()
    phones: Lines = ()
    mailing_address: Text | None = None
    # Countries of postal addresses, where each is stated separately from the text.
    postal_countries: Annotated[tuple[Country, ...], Field(min_length=1, max_length=50)] | None = None
    profile: Text | None = None
    profile_urls: Annotated[tuple[Url, ...], Field(max_length=50)] = ()
    other_emails: Lines = ()
    other_phones: Lines = ()
    billing: Text | None = None
    last_login: Moment | None = None
    identifiers: Lines = ()
    # Routing uses the stated residence, the country set in the account and the language of use.
    residence: Country | None = None
    account_country: Country | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)] | None = None
    # As the sender states them, for published rates; nothing weighs either (decision 0055).
    age_group: AgeGroup | None = None
    gender: Gender | None = None
    other: Text | None = None

    @model_validator(mode="after")
    def _someone(self) -> Self:
        if not any(getattr(self, name) for name in type(self).model_fields if name not in NOBODY):
            raise ValueError("must identify a person or an account")
        return self


# Rule for pictures that match only in a part. Videos may match in part under other rules; `by_window` then states it.
NEAR_WINDOW = "near-window"
# Rule for pictures with too little contrast, which match once it is stretched; `by_window` is true too.
NEAR_STRETCHED = "near-stretched"

# What a person is told from another by. Words about somebody (a profile, a remark) are not an identity.
NAMES = ("identifiers", "emails", "other_emails", "phones", "other_phones", "usernames", "profile_urls")


def named(one: Person) -> str:
    """Everything that names a person, in one form; empty if nothing does."""
    return "\x1e".join(f"{name}={value}" for name in NAMES for value in sorted(set(getattr(one, name))))


def themselves(people: Iterable[Person]) -> list[Person]:
    """The people who are reported or are children, without those who are merely related to one."""
    return [one for one in people if one.relation is None]


class IndicatorMatch(Wire):
    """Match that drew attention to an item: the list entry that it agrees with.

    `by_window` is true if only a part agrees, or the picture once its contrast is stretched.
    """

    list_id: Line
    list_version: Annotated[int, Field(ge=1, le=2**53 - 1)]
    entry_id: UUID
    source_kind: Line
    rule: Line
    corroborated: bool
    by_window: bool | None = None

    @field_validator("entry_id")
    @classmethod
    def _no_test_entry(cls, value: UUID) -> UUID:
        if is_test(value):
            raise ValueError("must not be a test entry of the register")
        return value

    @property
    def only_part(self) -> bool:
        """Whether a part agrees and the whole does not, as it is; of senders who do not say it, by the rule."""
        return bool(self.by_window) or self.rule in (NEAR_WINDOW, NEAR_STRETCHED)

    @property
    def doubt(self) -> str:
        """Why a person must look, in the words of a report; empty if the whole agrees as it is."""
        if self.rule == NEAR_STRETCHED:
            return "matches once its contrast is stretched"
        return "only a part matches" if self.only_part else ""


class Sighting(Wire):
    """An item at a place and time."""

    at: Moment
    url: Url | None = None
    channel: Line | None = None
    account: Line | None = None
    action: Line | None = None
    network: NetworkLocation | None = None


class Item(Wire):
    """Content (Annex III, section 2 (3)), represented by its digests and the places where it was seen."""

    item_id: UUID
    kind: ContentKind
    md5: Md5 | None = None
    sha1: Sha1 | None = None
    sha256: Sha256 | None = None
    pdq: Annotated[tuple[Pdq, ...], Field(max_length=500)] = ()
    size: Size | None = None
    media_type: Line | None = None
    original_name: Line | None = None
    # The series to which it belongs by the sender's own word: a code, never a child's name.
    series: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(printable)] | None = None
    created: Moment | None = None
    metadata: Text | None = None
    sightings: Annotated[tuple[Sighting, ...], Field(max_length=1000)] = ()
    matches: Annotated[tuple[IndicatorMatch, ...], Field(max_length=100)] = ()
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=50)] = ()
    spread: Annotated[tuple[Spread, ...], Field(min_length=1, max_length=len(Spread))] | None = None

    @model_validator(mode="after")
    def _recognisable(self) -> Self:
        if not (self.md5 or self.sha1 or self.sha256 or self.pdq or self.attachments):
            raise ValueError("needs a digest or an attachment, otherwise the item cannot be recognised")
        if self.spread and len(set(self.spread)) < len(self.spread):
            raise ValueError("spread must not contain a value twice")
        return self
