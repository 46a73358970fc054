"""Two-layer classification: the depicted content (`scheme:value`), and where that is illegal.

Schemes are imported as data, so that a hotline's own categories and a national penal code can be used together.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed_all
from tutela.exchange.takedown.taxonomy import Taxonomy, TaxonomyInvalidError, read_taxonomy
from tutela.law.errors import NoClassification, UnknownCode
from tutela.law.models import Legality, Scheme, SchemeValue
from tutela.organisations.vocabulary.countries import COUNTRIES

# Bytes of a file with a scheme.
MOST_BYTES = 1_000_000


class LegalityIn(BaseModel):
    """Legal status of a value in one country: illegal or not, from when, by which norm."""

    model_config = ConfigDict(extra="forbid")
    country: str = Field(pattern=r"^[A-Z]{2}$")
    illegal: bool
    citation: str = Field(min_length=1, max_length=300)
    applies_from: date
    applies_to: date | None = None
    checked: bool = False

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.country not in COUNTRIES:
            raise ValueError("country is not a code that is known here")
        if self.applies_to is not None and self.applies_to < self.applies_from:
            raise ValueError("applies_to is before applies_from")
        return self


class ValueIn(BaseModel):
    """One value of a scheme."""

    model_config = ConfigDict(extra="forbid")
    value: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    label: str = Field(min_length=1, max_length=200)
    legality: list[LegalityIn] = []


class SchemeIn(BaseModel):
    """A scheme to import."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,29}$")
    title: str = Field(max_length=200)
    version: str = Field(max_length=30)
    source: str = Field(max_length=300)
    values: list[ValueIn] = Field(min_length=1, max_length=1000)


@dataclass(frozen=True)
class LegalStatus:
    """Whether a value is illegal in a country, from a day to a day, and by which norm."""

    country: str
    illegal: bool
    citation: str
    applies_from: date
    applies_to: date | None
    checked: bool

    def applies_on(self, day: date) -> bool:
        """Whether this row speaks about a day."""
        return self.applies_from <= day and (self.applies_to is None or day <= self.applies_to)


@dataclass(frozen=True)
class Value:
    """A value of a scheme with everything that is recorded about it, the newest first in each country."""

    code: str
    label: str
    recorded: list[LegalStatus]


@dataclass(frozen=True)
class Choice:
    """A value as a form offers it."""

    code: str
    label: str


def import_scheme(actor: Actor, data: dict[str, Any]) -> int:
    """Import a scheme, extend or correct it; no value and no row goes. Returns how many values are new."""
    actor.require("law.edit")
    given = SchemeIn.model_validate(data)
    with acting(actor):
        scheme, _ = Scheme.objects.update_or_create(
            code=given.code, defaults={"title": given.title, "version": given.version, "source": given.source}
        )
        new = sum(_enter(scheme, value) for value in given.values)
        record(actor, "classification.imported", "scheme", given.code, version=given.version, new=new)
    return new


def import_file(actor: Actor, content: bytes) -> int:
    """Import a scheme from JSON, ours or a taxonomy file with a `namespace`.

    Raises `Invalid`, or pydantic's ValidationError naming every bad field.
    """
    if len(content) > MOST_BYTES:
        raise Invalid("A scheme can have at most {most} bytes.", field="file", most=MOST_BYTES)
    try:
        data = typed_all(json.loads(content))
        json.dumps(data, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError):
        raise Invalid("The file must be valid JSON.", field="file") from None
    if not isinstance(data, dict):
        raise Invalid("A scheme must be a JSON object.", field="file")
    if "namespace" not in data:
        return import_scheme(actor, data)
    try:
        return import_taxonomy(actor, read_taxonomy(content))
    except TaxonomyInvalidError as error:
        raise Invalid("The taxonomy is not valid: {reason}", field="file", reason=str(error)) from None


def import_taxonomy(actor: Actor, given: Taxonomy) -> int:
    """Import the labels of a taxonomy as a scheme, in lower case; returns how many are new.

    Where they are illegal is not in a taxonomy: it is recorded by a scheme's file. Raises `Invalid`.
    """
    if not given.labels:
        raise Invalid("The taxonomy has no labels.", field="file")
    values = [{"value": one.label_id.partition(":")[2].lower(), "label": one.names["en"][:200]} for one in given.labels]
    title = given.names["en"][:200]
    scheme = {"code": given.namespace, "title": title, "version": given.version[:30], "source": title}
    return import_scheme(actor, {**scheme, "values": values})


def choices() -> list[Choice]:
    """Every value of every scheme, for forms."""
    rows = SchemeValue.objects.select_related("scheme").order_by("scheme_id", "id")
    return [Choice(f"{row.scheme_id}:{row.value}", f"{row.label} ({row.scheme_id})") for row in rows]


def checked_code(code: str) -> str:
    """The code, if it is a known `scheme:value`; otherwise `UnknownClassification`."""
    scheme, _, value = code.partition(":")
    if not SchemeValue.objects.filter(scheme_id=scheme, value=value).exists():
        if not code:
            raise NoClassification
        raise UnknownCode(code=code)
    return code


def schemes() -> list[tuple[Scheme, list[Value]]]:
    """All schemes with their values and the countries where these are illegal."""
    rows = Scheme.objects.order_by("code").prefetch_related("values__legalities")
    return [(row, [_value(one) for one in sorted(row.values.all(), key=lambda v: v.pk)]) for row in rows]


def illegal_in(code: str, country: str, day: date) -> LegalStatus | None:
    """Return the newest legal status recorded for a value in a country on a day. None: nothing is recorded."""
    scheme, _, value = code.partition(":")
    rows = Legality.objects.filter(value__scheme_id=scheme, value__value=value, country=country).order_by(
        "-applies_from"
    )
    return next((one for row in rows if (one := _recorded(row)).applies_on(day)), None)


def _value(row: SchemeValue) -> Value:
    rows = sorted(row.legalities.all(), key=lambda one: (one.country, -one.applies_from.toordinal()))
    return Value(f"{row.scheme_id}:{row.value}", row.label, [_recorded(one) for one in rows])


def _recorded(row: Legality) -> LegalStatus:
    return LegalStatus(row.country, row.illegal, row.citation, row.applies_from, row.applies_to, row.checked)


def _enter(scheme: Scheme, given: ValueIn) -> bool:
    row, new = SchemeValue.objects.update_or_create(scheme=scheme, value=given.value, defaults={"label": given.label})
    for legality in given.legality:
        Legality.objects.update_or_create(
            value=row,
            country=legality.country,
            applies_from=legality.applies_from,
            defaults=legality.model_dump(include={"illegal", "citation", "applies_to", "checked"}),
        )
    return new
