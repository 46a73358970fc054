"""Enter and edit programmes. Each change is a new edition with its author and source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.utils.text import slugify

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.prevention.errors import UnknownProgramme
from tutela.prevention.knowledge import hub_index
from tutela.prevention.knowledge.permissions import CURATE, PROGRAMME, READ
from tutela.prevention.models import Programme, ProgrammeEdition, ProgrammeStatus

LONGEST_SLUG = 60


@dataclass(frozen=True)
class ProgrammeInput:
    """A programme as a curator states it."""

    name: str
    source: str
    language: str = "en"
    summary: str = ""
    provider: str = ""
    stages: Sequence[str] = ()
    targets: Sequence[str] = ()
    settings: Sequence[str] = ()
    countries: Sequence[str] = ()
    languages: Sequence[str] = ()
    status: str = ProgrammeStatus.UNKNOWN
    status_reason: str = ""
    started: str = ""
    ended: str = ""
    mechanism: str = ""
    staffing: str = ""
    cost: str = ""
    transfer: str = ""
    safeguards: str = ""
    accreditation: str = ""
    derived_from: UUID | None = None
    checked: bool = False


def enter(actor: Actor, given: ProgrammeInput) -> UUID:
    """Enter a programme with its first edition. Raises `Invalid` naming the field."""
    actor.require(CURATE)
    _check(given)
    with acting(actor):
        row = Programme(id=uuid7(), organisation_id=actor.organisation_id, slug=_free_slug(given.name))
        row.save(force_insert=True)
        _add(actor, row, given, 1)
        record(actor, "programme.entered", PROGRAMME, row.pk, name=given.name, checked=given.checked)
        hub_index.index_programme(row.pk)
        return UUID(str(row.pk))


def edit(actor: Actor, programme_id: UUID, given: ProgrammeInput) -> int:
    """Add an edition; returns its number. Raises `UnknownProgramme`, `Invalid`."""
    actor.require(CURATE)
    _check(given)
    with acting(actor):
        row = find(programme_id, lock=True)
        number = (row.editions.aggregate(most=Max("number"))["most"] or 0) + 1
        _add(actor, row, given, number)
        record(actor, "programme.edited", PROGRAMME, row.pk, name=given.name, edition=number, checked=given.checked)
        hub_index.index_programme(row.pk)
        return int(number)


def newest(actor: Actor) -> list[ProgrammeEdition]:
    """Newest edition of every programme, by name."""
    actor.require(READ)
    with acting(actor):
        return list(newest_editions().select_related("programme").order_by("name", "pk"))


def history(actor: Actor, programme_id: UUID) -> list[ProgrammeEdition]:
    """All editions of a programme, the newest first. Raises `UnknownProgramme`."""
    actor.require(READ)
    with acting(actor):
        return list(find(programme_id).editions.order_by("-number"))


def exists(actor: Actor, programme_id: UUID) -> bool:
    """Whether the actor's organisation has this programme."""
    with acting(actor):
        return Programme.objects.filter(pk=programme_id).exists()


def find(programme_id: UUID, *, lock: bool = False) -> Programme:
    """A programme. Raises `UnknownProgramme`. Call inside `acting`."""
    rows = Programme.objects.select_for_update() if lock else Programme.objects.all()
    row = rows.filter(pk=programme_id).first()
    if row is None:
        raise UnknownProgramme
    return row


def newest_editions() -> QuerySet[ProgrammeEdition]:
    """The newest edition of each programme. Call inside `acting`."""
    last = ProgrammeEdition.objects.filter(programme=OuterRef("programme")).order_by("-number").values("pk")[:1]
    return ProgrammeEdition.objects.filter(pk=Subquery(last))


def _add(actor: Actor, row: Programme, given: ProgrammeInput, number: int) -> None:
    facts = asdict(given)
    lists = ("stages", "targets", "settings", "countries", "languages")
    facts |= {name: sorted(set(facts[name])) for name in lists}
    derived = facts.pop("derived_from")
    ProgrammeEdition(
        organisation_id=actor.organisation_id,
        programme=row,
        number=number,
        derived_from=find(derived) if derived else None,
        by=actor.reference,
        by_name=actor.name[:200],
        **facts,
    ).save(force_insert=True)


def _check(given: ProgrammeInput) -> None:
    if not given.name.strip():
        raise Invalid("Enter the name of the programme.", field="name")
    if not given.source.strip():
        raise Invalid("Enter the source of what you state.", field="source")
    if given.status in (ProgrammeStatus.ENDED, ProgrammeStatus.WITHDRAWN) and not given.status_reason.strip():
        raise Invalid("Enter why the programme ended.", field="status_reason")


def _free_slug(name: str) -> str:
    """An address that no programme has yet."""
    base = slugify(name)[:LONGEST_SLUG] or "programme"
    taken = set(Programme.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    number, found = 2, base
    while found in taken:
        found, number = f"{base}-{number}", number + 1
    return found
