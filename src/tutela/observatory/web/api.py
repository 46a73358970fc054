"""API of figures: releases, definitions, flows by week, and returns. Files of open data need no key."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from tutela.events.errors import NotFound
from tutela.exchange.figures.open_figures import (
    FigureDefinition,
    FigureDefinitions,
    FigureReleases,
    FigureValue,
    FlowOfWeek,
    ReleasedFigures,
    ReturnReceived,
    WeekOfFlows,
    WeeksOfFlows,
)
from tutela.exchange.message.base import Wire
from tutela.observatory.definitions import catalogue
from tutela.observatory.figures import releases
from tutela.observatory.figures.releases import ShownRelease
from tutela.observatory.open_data import weekly_datasets
from tutela.observatory.returns import received
from tutela.observatory.tables import store
from tutela.observatory.tables.flows import FlowTable
from tutela.observatory.tables.store import Week
from tutela.organisations.people import directory
from tutela.organisations.web.api_keys import Key

router = Router(tags=["Figures"])
READ, SUBMIT = "figures.read", "returns.submit"
CACHE_CONTROL = "private, max-age=60"
MOST_RELEASES, MOST_WEEKS = 500, 53


@router.get("/figures/releases", auth=Key(READ), response=FigureReleases)
def list_releases(request: HttpRequest) -> HttpResponse:
    """The newest 500 releases of figures. The file to verify a release is at /figures/releases/{release}/file/."""
    found = releases.everybody()[:MOST_RELEASES]
    return _said(FigureReleases(releases=tuple(map(_release, found))))


@router.get("/figures/definitions", auth=Key(READ), response=FigureDefinitions)
def list_definitions(request: HttpRequest) -> HttpResponse:
    """Every definition of a figure: unit, stage, population, period, method and legal source."""
    names = ("title", "text", "population", "period", "method", "legal_source", "source")
    found = tuple(
        FigureDefinition(
            definition=one.key,
            unit=one.unit.value,
            stage=one.stage.value,
            **{name: getattr(one, name) for name in names},
        )
        for one in catalogue.definitions().values()
    )
    return _said(FigureDefinitions(definitions=found))


@router.get("/figures/flows", auth=Key(READ), response=WeeksOfFlows)
def list_flows(request: HttpRequest) -> HttpResponse:
    """Reports of the newest 53 complete weeks, by country of the provider and responsible country."""
    return _said(WeeksOfFlows(weeks=tuple(map(_week, store.flows(MOST_WEEKS)))))


@router.post("/figures/returns", auth=Key(SUBMIT))
def send_return(request: HttpRequest) -> HttpResponse:
    """Send a filed return to the Centre: the signed file of its page, as it is. A correction is another version."""
    centre = directory.the_centre()
    if centre is None:
        raise NotFound
    kept = received.receive_from(request.auth, centre, request.body)  # type: ignore[attr-defined]
    answer = ReturnReceived(received_return=kept)
    return HttpResponse(answer.to_bytes(), status=201, content_type="application/json")


def _said(answer: Wire) -> HttpResponse:
    headers = {"Cache-Control": CACHE_CONTROL}
    return HttpResponse(answer.to_bytes(), content_type="application/json", headers=headers)


def _release(one: ShownRelease) -> ReleasedFigures:
    return ReleasedFigures(
        release=one.id,
        organisation=one.organisation,
        kind=one.kind,
        country=one.country,
        number=one.number,
        start=one.period.start,
        end=one.period.end,
        published=one.published_at,
        digest=one.digest,
        figures=tuple(
            FigureValue(definition=each.definition.key, query=each.query, value=each.value, missing=each.missing)
            for each in one.figures
        ),
    )


def _week(one: Week[FlowTable]) -> WeekOfFlows:
    cells = weekly_datasets.flow_cells(one.table)
    return WeekOfFlows(
        week=one.name,
        published=one.published,
        position=one.position,
        digest=one.digest or None,
        flows=tuple(FlowOfWeek(origin=origin, destination=to, reports=value) for origin, to, value in cells),
    )
