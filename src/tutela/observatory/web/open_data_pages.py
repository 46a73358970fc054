"""Public pages and files of open data: datasets, versions, metadata, and the catalogue."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tutela.observatory.open_data import catalogue, csvw, datasets, parquet
from tutela.observatory.open_data.catalogue import Publisher
from tutela.organisations.people import directory
from tutela.organisations.web.page_access import public

# A file of a version never changes.
FOREVER = "public, max-age=31536000, immutable"
CACHE_CONTROL = "public, max-age=60"


@public()
def index(request: HttpRequest) -> HttpResponse:
    """Every dataset."""
    return render(request, "observatory/public/datasets.html", {"datasets": datasets.listed()})


@public()
def dataset(request: HttpRequest, slug: str) -> HttpResponse:
    """A dataset: columns, newest version, changelog and citation."""
    found = datasets.dataset(slug)
    context = {"dataset": found, "citation": found.citation(_address(slug)), "rows": len(found.rows)}
    return render(request, "observatory/public/dataset.html", context)


@public()
def data(request: HttpRequest, slug: str, version: str, name: str) -> HttpResponse:
    """A file of a version: data.csv, data.json, data.parquet, or the metadata of the CSV."""
    found = datasets.version_of(slug, version)
    address = f"{_address(slug)}{version}/data.csv"
    files = {
        "data.csv": ("text/csv; charset=utf-8; header=present", found.as_csv),
        "data.json": ("application/json", found.as_json),
        "data.parquet": ("application/vnd.apache.parquet", lambda: parquet.as_parquet(found)),
        "data.csv-metadata.json": ("application/csvm+json", lambda: csvw.as_json(found, address)),
    }
    if name not in files:
        raise Http404
    kind, made = files[name]
    headers = {"Cache-Control": FOREVER, "Link": f'<{address}-metadata.json>; rel="describedby"'}
    return HttpResponse(made(), content_type=kind, headers=headers)


@public()
def catalogue_file(request: HttpRequest) -> HttpResponse:
    """The catalogue in DCAT-AP as JSON-LD."""
    centre = directory.the_centre()
    host = settings.PUBLIC_URL.partition("://")[2].partition(":")[0] or "localhost"
    publisher = Publisher(centre.name if centre else "Tutela", settings.PUBLIC_URL, f"open-data@{host}")
    content = catalogue.as_json(datasets.every_dataset(), publisher)
    return HttpResponse(content, content_type="application/ld+json", headers={"Cache-Control": CACHE_CONTROL})


def _address(slug: str) -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}/open-data/{slug}/"
