"""Taxonomy as an importable file: labels as `scheme:value`, names per language, and mappings between schemes.

1. `namespace` is the scheme of all labels of a file. A letter alone is refused: it means different acts in two schemes.
2. A mapping is `exact`, `broader` or `narrower`, and has a name. `exact` holds in both directions. The others hold in
   one direction only, are flagged, and never replace the source value.
3. A broader mapping is never followed by another one: each step would lose meaning.

The Universal Classification Schema ships with its three groups alone: its labels are given out by its council, and an
organisation that has them imports them as a file of this format.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from tutela.exchange.errors import ExchangeError, NotJsonError
from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Line
from tutela.exchange.message.problem import in_words
from tutela.exchange.takedown.fields import Label, scheme_and_value

MOST_LABELS = 5000
MOST_BYTES = 5 * 1024 * 1024
SHIPPED = ("interpol", "iwf", "ucs")

type Namespace = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$")]
type Names = Annotated[dict[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], Line], Field(min_length=1, max_length=50)]


class TaxonomyInvalidError(ExchangeError):
    """The taxonomy file cannot be used."""


class Relation(StrEnum):
    """How the other label relates to this one: it means the same, more, or less."""

    EXACT = "exact"
    BROADER = "broader"
    NARROWER = "narrower"


class Mapping(Wire):
    """A label of another scheme. `name` is the mapping's own name, kept with every mapped value."""

    to: Label
    relation: Relation
    name: Line


class Group(Wire):
    """A group of labels."""

    group_id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    names: Names


class TaxonomyLabel(Wire):
    """One label: its id is `namespace:value`, its names are neutral words without descriptions of acts."""

    label_id: Label
    group: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    names: Names
    mappings: Annotated[tuple[Mapping, ...], Field(max_length=50)] = ()


class Taxonomy(Wire):
    """A whole file. Names in English are required, so that every reader has a text."""

    schema_version: Literal["1"] = "1"
    namespace: Namespace
    version: Line
    names: Names
    groups: Annotated[tuple[Group, ...], Field(min_length=1, max_length=100)]
    labels: Annotated[tuple[TaxonomyLabel, ...], Field(max_length=MOST_LABELS)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        groups = [one.group_id for one in self.groups]
        labels = [one.label_id for one in self.labels]
        if len(set(groups)) < len(groups) or len(set(labels)) < len(labels):
            raise ValueError("groups and labels must not contain an id twice")
        for place, one in enumerate(self.labels):
            if not one.label_id.startswith(f"{self.namespace}:"):
                raise ValueError(f"labels.{place}.label_id must begin with the namespace")
            if one.group not in groups:
                raise ValueError(f"labels.{place}.group must be a group of this file")
            if any(each.to.startswith(f"{self.namespace}:") for each in one.mappings):
                raise ValueError(f"labels.{place}.mappings must lead to another scheme")
        named = [self.names, *(one.names for one in self.groups), *(one.names for one in self.labels)]
        if not all("en" in names for names in named):
            raise ValueError("names must contain a text in English")
        return self


@dataclass(frozen=True, slots=True)
class MappedLabel:
    """A mapped value next to its source. `one_way`: it must not be mapped back."""

    source: str
    label: str
    relation: Relation
    mapping: str
    one_way: bool


def read_taxonomy(data: bytes) -> Taxonomy:
    """A taxonomy file. Raises `TaxonomyInvalidError`, naming the field."""
    if len(data) > MOST_BYTES:
        raise TaxonomyInvalidError(f"The file has more than {MOST_BYTES} bytes.")
    try:
        return Taxonomy.from_bytes(data)
    except NotJsonError as error:
        raise TaxonomyInvalidError(str(error)) from None
    except ValidationError as error:
        raise TaxonomyInvalidError(in_words(error)) from None


def shipped_taxonomy(name: str) -> Taxonomy:
    """One of the files that come with Tutela (`SHIPPED`). Raises `TaxonomyInvalidError` for another name."""
    if name not in SHIPPED:
        raise TaxonomyInvalidError(f"name: must be one of {', '.join(SHIPPED)}.")
    return read_taxonomy((files(__package__) / "taxonomies" / f"{name}.json").read_bytes())


def mapped(label: str, scheme: str, taxonomies: Iterable[Taxonomy]) -> list[MappedLabel]:
    """Labels of a scheme to which a label is mapped, also by exact mappings of the other side.

    Raises `ValueError` for a letter alone.
    """
    source, found = scheme_and_value(label), list[MappedLabel]()
    for one in (each for taxonomy in taxonomies for each in taxonomy.labels):
        for mapping in one.mappings:
            one_way = mapping.relation is not Relation.EXACT
            if one.label_id == source and mapping.to.startswith(f"{scheme}:"):
                found.append(MappedLabel(source, mapping.to, mapping.relation, mapping.name, one_way))
            elif mapping.to == source and not one_way and one.label_id.startswith(f"{scheme}:"):
                found.append(MappedLabel(source, one.label_id, mapping.relation, mapping.name, one_way))
    return found


def is_known(label: str, taxonomies: Iterable[Taxonomy]) -> bool:
    """Whether a label is in a taxonomy. Raises `ValueError` for a letter alone."""
    source = scheme_and_value(label)
    return any(one.label_id == source for taxonomy in taxonomies for one in taxonomy.labels)
