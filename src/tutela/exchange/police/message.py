"""`signed_message.json`: a referral for one addressee.

The message has entities, relations, handling and evaluation.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Country, Line, Md5, Sha1, Sha256, Size, Text, Url
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.referral.handling_codes import Evaluation, Handling

CRIME_AREA = "child sexual exploitation"
# What a package may carry: text, and ciphertext.
CARRIED = frozenset(
    {"application/json", "application/pdf", "application/xml", "application/stix+json;version=2.1", "application/age"}
)
type Id = Annotated[str, Field(pattern=r"^e[1-9][0-9]{0,4}$")]


class Party(Wire):
    """Sender or receiver."""

    name: Line
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    contact: Line | None = None


class Hashes(Wire):
    md5: Md5 | None = None
    sha1: Sha1 | None = None
    sha256: Sha256 | None = None
    pdq: Annotated[tuple[Sha256, ...], Field(max_length=500)] = ()


class Entity(Wire):
    """A person, an organisation, a means of communication, a file or a place; fields that do not apply are left out."""

    id: Id
    type: Literal["person", "organisation", "communication", "file", "location"]
    role: Line | None = None
    kind: Line | None = None
    value: Url | None = None
    service: Line | None = None
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    time: Moment | None = None
    event: Line | None = None
    name: Line | None = None
    country: Country | None = None
    classification: Line | None = None
    hashes: Hashes | None = None
    size: Size | None = None
    text: Text | None = None


class Attached(Wire):
    """A part of the package by name, size and digest."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
    size: Size
    sha256: Sha256
    media_type: Line

    @model_validator(mode="after")
    def _no_media(self) -> Self:
        if self.media_type not in CARRIED:
            raise ValueError("a package must contain only text and sealed files")
        return self


class Preservation(Wire):
    """Preservation by a provider: its end, and the contact."""

    until: Moment | None = None
    contact: Line


class PoliceMessage(Wire):
    """One package, for one addressee."""

    format: Literal["tutela-police-package"] = "tutela-police-package"
    version: Literal[1] = 1
    reference: Line
    related: Annotated[tuple[Line, ...], Field(max_length=1200)] = ()
    created: Moment
    urgency: Literal["urgent", "normal"]
    urgency_reason: Text | None = None
    subject: Line
    crime_area: Line = CRIME_AREA
    originator: Party
    addressees: Annotated[tuple[Party, ...], Field(min_length=1, max_length=1)]
    handling: Handling
    evaluation: Evaluation
    legal_basis: Line
    jurisdiction: Annotated[tuple[Line, ...], Field(max_length=60)] = ()
    entities: Annotated[tuple[Entity, ...], Field(max_length=20_000)] = ()
    relations: Annotated[tuple[tuple[Id, Line, Id], ...], Field(max_length=60_000)] = ()
    preservation: Annotated[tuple[Preservation, ...], Field(max_length=1000)] = ()
    attachments: Annotated[tuple[Attached, ...], Field(max_length=1000)] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        known = [entity.id for entity in self.entities]
        if len(set(known)) != len(known):
            raise ValueError("entities must not contain an ID twice")
        if {one for a, _, b in self.relations for one in (a, b)} - set(known):
            raise ValueError("relations must only name existing entities")
        names = [one.name for one in self.attachments]
        if len(set(names)) != len(names):
            raise ValueError("attachments must not contain a name twice")
        return self


class Part(Wire):
    name: Annotated[str, Field(max_length=160)]
    size: Size
    sha256: Sha256


class Manifest(Wire):
    """`manifest.json`: every other part of the archive."""

    format: Literal["tutela-police-package"] = "tutela-police-package"
    version: Literal[1] = 1
    reference: Line
    parts: Annotated[tuple[Part, ...], Field(min_length=1, max_length=1100)]


def dumped(value: Wire) -> bytes:
    """A message for people and programs: indented, in the order of its fields."""
    text: Any = value.model_dump_json(indent=1, exclude_none=True)
    return bytes(text.encode()) + b"\n"
