"""Answers of the figures API. A value that is not published is absent, and `missing` has its code."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from tutela.exchange.message.base import Wire
from tutela.exchange.message.timestamps import Moment

type Count = Annotated[int, Field(ge=0)]
type Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class FigureValue(Wire):
    """A figure of a release."""

    definition: str
    query: str
    value: Count | None = None
    missing: str = ""


class ReleasedFigures(Wire):
    """Figures that an organisation published once for a period. `digest` is that of its signed statement."""

    release: UUID
    organisation: str
    kind: str
    country: str
    number: Annotated[int, Field(ge=1)]
    start: date
    end: date
    published: Moment
    digest: Digest
    figures: tuple[FigureValue, ...]


class FigureReleases(Wire):
    """Releases of every organisation, the newest first. Those of a suspended organisation stay."""

    schema_version: Literal["1"] = "1"
    releases: tuple[ReleasedFigures, ...]


class FigureDefinition(Wire):
    """What a figure counts: unit and stage are codes."""

    definition: str
    unit: str
    stage: str
    title: str
    text: str
    population: str
    period: str
    method: str
    legal_source: str
    source: str


class FigureDefinitions(Wire):
    """Every version of every definition."""

    schema_version: Literal["1"] = "1"
    definitions: tuple[FigureDefinition, ...]


class FlowOfWeek(Wire):
    """Reports of a week between two countries; `all` is a margin. Without `reports` the count is not published."""

    origin: str
    destination: str
    reports: Count | None = None


class WeekOfFlows(Wire):
    """The table of a week, which never changes. `position` is that of the chain of events.

    Without `digest` the table is withheld: an older rule of disclosure protected it.
    """

    week: Annotated[str, Field(pattern=r"^\d{4}-W\d{2}$")]
    published: date
    position: Count
    digest: Digest | None = None
    flows: tuple[FlowOfWeek, ...]


class WeeksOfFlows(Wire):
    """Reports of the newest weeks between countries, the newest first."""

    schema_version: Literal["1"] = "1"
    weeks: tuple[WeekOfFlows, ...]


class ReturnReceived(Wire):
    """Answer to a return: the Centre keeps it under this name."""

    schema_version: Literal["1"] = "1"
    received_return: UUID
