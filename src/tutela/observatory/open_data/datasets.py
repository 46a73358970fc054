"""The datasets of a node: published figures with all vintages, definitions, breaks, claims, and tables of others."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import date
from functools import cache, lru_cache

from tutela.observatory.claims import register
from tutela.observatory.definitions import catalogue
from tutela.observatory.errors import UnknownDataset
from tutela.observatory.figures import releases
from tutela.observatory.figures.releases import ShownRelease
from tutela.observatory.importers import ncmec
from tutela.observatory.models import TableKind
from tutela.observatory.open_data import weekly_datasets
from tutela.observatory.open_data.dataset import Cell, Change, DataColumn, Dataset
from tutela.observatory.open_data.growth import Growth, Part, grown
from tutela.observatory.tables import store

# The day of the seed files; a change of theirs is a change of the code, which says when.
SEED_DAY = date(2026, 11, 30)
NCMEC_SOURCE = "NCMEC; tidied by Robert Grimm, apparebit/intransparent at 9cb15b3"
TEXT, NUMBER, DAY = "string", "integer", "date"


def published_figures(of: Sequence[ShownRelease] | None = None) -> Dataset:
    """Every published figure in every vintage, oldest release first."""
    return grown(_figures(), parts_of(releases.everybody() if of is None else of))


def version_of(slug: str, version: str) -> Dataset:
    """A dataset in a version, also one of before. Raises `UnknownDataset`."""
    current = dataset(slug)
    found = current if current.version == version or slug not in GROWING else _growth(slug).of_version(version)
    if found is None or found.version != version:
        raise UnknownDataset
    return found


def _figures() -> Dataset:
    return Dataset(
        "published-figures",
        "Published figures",
        "Figures that organisations published, in every vintage. Each release has a row for each of its figures.",
        _FIGURE_COLUMNS,
        (),
        SEED_DAY,
        "IRREG",
    )


def parts_of(found: Sequence[ShownRelease]) -> list[Part]:
    """A part for each release, the oldest first."""
    return [
        Part(
            tuple(_rows_of(one)),
            Change(one.published_at.date(), f"{one.organisation}, {one.period}, release {one.number}"),
        )
        for one in _ordered(found)
    ]


def _ordered(found: Sequence[ShownRelease]) -> list[ShownRelease]:
    return sorted(found, key=lambda one: (one.published_at, str(one.id)))


def _rows_of(release: ShownRelease) -> list[tuple[Cell, ...]]:
    return [
        (
            release.organisation,
            release.kind,
            release.country,
            figure.definition.key,
            figure.definition.unit.value,
            figure.definition.stage.value,
            release.period.start.isoformat(),
            release.period.end.isoformat(),
            figure.value,
            figure.missing or None,
            release.published_at.date().isoformat(),
            release.number,
            release.digest,
        )
        for figure in release.figures
    ]


def dataset(slug: str) -> Dataset:
    """A dataset in its newest version. Raises `UnknownDataset`."""
    if slug in GROWING:
        return _growth(slug).newest
    if slug not in FIXED:
        raise UnknownDataset
    return _fixed(slug)


def _growth(slug: str) -> Growth:
    """A dataset with its versions: read once by a process, until a table or release is added."""
    empty, parts, stamp = GROWING[slug]
    if stamp is None:
        return Growth(empty(), tuple(parts()))
    return _kept(slug, stamp())


@lru_cache(maxsize=8)
def _kept(slug: str, stamp: Hashable) -> Growth:
    empty, parts, _stamp = GROWING[slug]
    return Growth(empty(), tuple(parts()))


@cache
def _fixed(slug: str) -> Dataset:
    """A dataset of the seed files, which change with the code alone."""
    return FIXED[slug]()


def every_dataset() -> list[Dataset]:
    """Every dataset in its newest version."""
    return [dataset(slug) for slug in (*GROWING, *FIXED)]


def listed() -> list[Dataset]:
    """Every dataset without the rows of those that grow, for a list of them."""
    return [empty() for empty, _parts, _stamp in GROWING.values()] + [_fixed(slug) for slug in FIXED]


def _definitions() -> Dataset:
    names = ("title", "text", "population", "period", "method", "legal_source", "source")
    columns = (
        DataColumn("definition", "Definition", TEXT, "Identifier and version", required=True),
        DataColumn("unit", "Unit", TEXT, "What one of the figure is", required=True),
        DataColumn("stage", "Stage", TEXT, "How far what is counted has come", required=True),
        DataColumn("measure", "Measure", TEXT, "How values behave over time", required=True),
        *(DataColumn(name, name.replace("_", " ").capitalize(), TEXT, "Text of the definition") for name in names),
    )
    rows = tuple(
        (one.key, one.unit.value, one.stage.value, one.measure.value, *(getattr(one, name) for name in names))
        for one in catalogue.definitions().values()
    )
    text = "Definitions of figures: what is counted, at which stage, of whom, when, how and by which law."
    return Dataset("definitions", "Definitions of figures", text, columns, rows, SEED_DAY, "IRREG")


def _breaks() -> Dataset:
    columns = (
        DataColumn("at", "Day", DAY, "From this day on figures do not continue those before", required=True),
        DataColumn("sources", "Sources", TEXT, "Whose figures are concerned", required=True),
        DataColumn("reason", "Reason", TEXT, "What changed", required=True),
    )
    rows = tuple((one.at.isoformat(), " ".join(one.sources), one.reason) for one in catalogue.breaks())
    return Dataset("breaks", "Calendar of breaks", "Days on which series break.", columns, rows, SEED_DAY, "IRREG")


def _claims() -> Dataset:
    columns = (
        DataColumn("claim", "Claim", TEXT, "Identifier", required=True),
        DataColumn("sentence", "Sentence", TEXT, "The sentence as it was found", required=True),
        DataColumn("value", "Value", TEXT, "What it says", required=True),
        DataColumn("unit", "Unit", TEXT, "What it counts", required=True),
        DataColumn("source_chain", "Source chain", TEXT, "Who cites whom, the first source last", required=True),
        DataColumn("critique", "Critique", TEXT, "What must be known", required=True),
        DataColumn("status", "Status", TEXT, "Whether the number stands", required=True),
        DataColumn("quote", "Quote", TEXT, "A sentence that may be used", required=True),
        DataColumn("evidence_date", "Date of the evidence", DAY, "Empty if it is not known"),
        DataColumn("review_by", "Review by", DAY, "Day by which the claim is reviewed", required=True),
    )
    rows = tuple(
        (
            one.id,
            one.sentence,
            one.value,
            one.unit,
            " ← ".join(one.chain),
            " ".join(one.critique),
            one.status.value,
            one.quote,
            one.evidence_date.isoformat() if one.evidence_date else None,
            one.review_by.isoformat(),
        )
        for one in register.claims().values()
    )
    return Dataset(
        "claims", "Claims register", "Figures that others use, and what is known.", columns, rows, SEED_DAY, "IRREG"
    )


def _ncmec() -> Dataset:
    columns = (
        DataColumn("country", "Country", TEXT, "Name as published", required=True),
        DataColumn("area", "Area", TEXT, "Two letters of a Member State, three of another country"),
        DataColumn("year", "Year", NUMBER, "Year of receipt", required=True),
        DataColumn("reports", "Reports", NUMBER, "Empty where the published cell is blank"),
    )
    rows = tuple(
        (one.label, next(iter(one.coverage.areas)), year, None if one.is_missing else int(one.number))
        for year in ncmec.YEARS
        for one in ncmec.by_country(year)
    )
    return Dataset(
        "ncmec-reports-by-country",
        "CyberTipline reports by country, 2019-2022",
        "Reports by the country of the user, as NCMEC published them. Do not draw a line over the breaks.",
        columns,
        rows,
        SEED_DAY,
        "NEVER",
        source=NCMEC_SOURCE,
        publisher="NCMEC",
    )


_FIGURE_COLUMNS = (
    DataColumn("organisation", "Organisation", TEXT, "Who published the figure", required=True),
    DataColumn("kind", "Kind", TEXT, "Kind of organisation", required=True),
    DataColumn("country", "Country", TEXT, "Country of the organisation", required=True),
    DataColumn("definition", "Definition", TEXT, "Identifier and version", required=True),
    DataColumn("unit", "Unit", TEXT, "What one of the figure is", required=True),
    DataColumn("stage", "Stage", TEXT, "How far what is counted has come", required=True),
    DataColumn("start", "Start", DAY, "First day of the period", required=True),
    DataColumn("end", "End", DAY, "Last day of the period", required=True),
    DataColumn("value", "Value", NUMBER, "Empty if it is withheld"),
    DataColumn("missing", "Missing", TEXT, "Code of a withheld value"),
    DataColumn("published", "Published", DAY, "Day of the release", required=True),
    DataColumn("release", "Release", NUMBER, "Number of the release of the organisation", required=True),
    DataColumn("digest", "Digest", TEXT, "SHA-256 of the signed statement", required=True),
)
# For each an empty dataset, its parts, and what stands for all of them; without the last they are read each time.
GROWING: dict[str, tuple[Callable[[], Dataset], Callable[[], list[Part]], Callable[[], Hashable] | None]] = {
    "published-figures": (_figures, lambda: parts_of(releases.everybody()), releases.stamp),
    "report-flows": (
        lambda: weekly_datasets.FLOWS,
        weekly_datasets.flow_parts,
        lambda: store.stamp(TableKind.FLOWS),
    ),
    "report-quality": (
        lambda: weekly_datasets.QUALITY,
        weekly_datasets.quality_parts,
        lambda: store.stamp(TableKind.QUALITY),
    ),
    "time-to-removal": (lambda: weekly_datasets.REMOVAL, weekly_datasets.removal_parts, None),
}
FIXED: dict[str, Callable[[], Dataset]] = {
    "definitions": _definitions,
    "breaks": _breaks,
    "claims": _claims,
    "ncmec-reports-by-country": _ncmec,
}
