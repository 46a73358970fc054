"""Enter materials and their versions, see what is stale, and renew all languages of a source in one action.

A translation follows one version of its source. Once the source has a later version that changes more than misprints,
the translation is stale; if it changes substance, the translation is withdrawn until it is renewed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from uuid import UUID

from django.db.models import Max

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.prevention.errors import UnknownMaterial
from tutela.prevention.knowledge.permissions import CURATE, MATERIAL, READ
from tutela.prevention.materials import texts
from tutela.prevention.models import ChangeKind, Material, MaterialVersion, Relation


class Currency(StrEnum):
    """Whether a material says what its source says now."""

    CURRENT = "current"
    STALE = "stale"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class VersionInput:
    """A version as somebody states it."""

    title: str
    licence: str
    owner: str
    link: str = ""
    text: str = ""
    variants: Sequence[str] = ()
    accessible: str = ""


@dataclass(frozen=True)
class Node:
    """A material in its tree, with its newest version; `depth` counts from the source."""

    material: Material
    version: MaterialVersion
    currency: Currency
    depth: int
    readability: texts.Readability | None


def enter(
    actor: Actor,
    given: VersionInput,
    language: str,
    derived_from: UUID | None = None,
    relation: str = Relation.SOURCE,
) -> UUID:
    """Enter a material with its first version. Raises `Invalid`, `UnknownMaterial`."""
    actor.require(CURATE)
    _check(given)
    if (derived_from is None) != (relation == Relation.SOURCE):
        raise Invalid("A translation or an adaptation names its source.", field="relation")
    with acting(actor):
        source = find(derived_from) if derived_from else None
        row = Material(
            id=uuid7(),
            organisation_id=actor.organisation_id,
            derived_from=source,
            relation=relation,
            language=language,
        )
        row.save(force_insert=True)
        _add(actor, row, given, ChangeKind.FIRST, _newest(source) if source else None)
        record(actor, "material.entered", MATERIAL, row.pk, title=given.title, language=language)
        return UUID(str(row.pk))


def edit(actor: Actor, material_id: UUID, given: VersionInput, change: str) -> list[UUID]:
    """Add a version; returns the descendants that it makes stale or withdraws. Raises `Invalid`."""
    actor.require(CURATE)
    _check(given)
    if change not in (ChangeKind.TYPO, ChangeKind.WORDING, ChangeKind.SUBSTANCE):
        raise Invalid("Choose what changes.", field="change")
    with acting(actor):
        row = find(material_id, lock=True)
        before = _newest(row)
        _add(actor, row, given, change, before.follows)
        marked = [one.material.pk for one in _tree(row)[1:] if one.currency is not Currency.CURRENT]
        record(actor, "material.edited", MATERIAL, row.pk, title=given.title, change=change, stale=len(marked))
        return marked


def renew(actor: Actor, source_id: UUID, given: Mapping[UUID, VersionInput]) -> int:
    """Renew descendants of a source in one action, each with its new version; returns how many.

    All or none: a descendant that is not of this source refuses the action. Raises `Invalid`, `UnknownMaterial`.
    """
    actor.require(CURATE)
    for one in given.values():
        _check(one)
    with acting(actor):
        source = find(source_id, lock=True)
        nodes = _tree(source)[1:]
        below = [one.material for one in nodes]
        if not given or set(given) - {one.pk for one in below}:
            raise Invalid("Choose materials that come from this source.", field="materials")
        # A changed substance needs a changed text; wording may be right as it is.
        same = [one.version.title for one in nodes if _unchanged(one, given)]
        if same:
            raise Invalid("Change these texts: {titles}.", field="materials", titles=", ".join(same))
        # Parents come before their children, which follow the version that is made here.
        for material in below:
            if material.pk in given and material.derived_from is not None:
                _add(actor, material, given[material.pk], ChangeKind.WORDING, _newest(material.derived_from))
        record(actor, "material.renewed", MATERIAL, source.pk, materials=len(given))
        return len(given)


def tree(actor: Actor, material_id: UUID) -> list[Node]:
    """A material and all that come from it, each after its source. Raises `UnknownMaterial`."""
    actor.require(READ)
    with acting(actor):
        return _tree(find(material_id))


def sources(actor: Actor) -> list[Node]:
    """All sources with their newest version."""
    actor.require(READ)
    with acting(actor):
        rows = Material.objects.filter(derived_from=None).order_by("created_at", "pk")
        return [_node(one, 0, Currency.CURRENT) for one in rows]


def near_duplicates(actor: Actor, language: str, text: str) -> list[tuple[UUID, float]]:
    """Materials of a language whose newest text is nearly the same, the most alike first."""
    actor.require(READ)
    with acting(actor):
        found = []
        for one in Material.objects.filter(language=language):
            share = texts.likeness(_newest(one).text, text)
            if share >= texts.NEAR:
                found.append((UUID(str(one.pk)), share))
        return sorted(found, key=lambda one: -one[1])


def exists(actor: Actor, material_id: UUID) -> bool:
    """Whether the actor's organisation has this material."""
    with acting(actor):
        return Material.objects.filter(pk=material_id).exists()


def find(material_id: UUID, *, lock: bool = False) -> Material:
    """A material. Raises `UnknownMaterial`. Call inside `acting`."""
    rows = Material.objects.select_for_update() if lock else Material.objects.all()
    row = rows.filter(pk=material_id).first()
    if row is None:
        raise UnknownMaterial
    return row


def _tree(root: Material, depth: int = 0, above: Currency = Currency.CURRENT) -> list[Node]:
    state = _currency(root, above) if depth else Currency.CURRENT
    found = [_node(root, depth, state)]
    for one in root.derived.order_by("language", "pk"):
        found += _tree(one, depth + 1, state)
    return found


def _currency(row: Material, above: Currency) -> Currency:
    """By the versions of its source that came after the one it follows; never better than its source."""
    follows = _newest(row).follows
    later = [] if follows is None else list(follows.material.versions.filter(number__gt=follows.number))
    if any(one.change == ChangeKind.SUBSTANCE for one in later) or above is Currency.WITHDRAWN:
        return Currency.WITHDRAWN
    if any(one.change == ChangeKind.WORDING for one in later) or above is Currency.STALE:
        return Currency.STALE
    return Currency.CURRENT


def _node(row: Material, depth: int, currency: Currency) -> Node:
    version = _newest(row)
    return Node(row, version, currency, depth, texts.readability(version.text))


def _unchanged(node: Node, given: Mapping[UUID, VersionInput]) -> bool:
    said = given.get(UUID(str(node.material.pk)))
    return node.currency is Currency.WITHDRAWN and said is not None and said.text.strip() == node.version.text.strip()


def _newest(row: Material) -> MaterialVersion:
    return row.versions.order_by("-number").select_related("follows__material")[0]


def _add(actor: Actor, row: Material, given: VersionInput, change: str, follows: MaterialVersion | None) -> None:
    number = (row.versions.aggregate(most=Max("number"))["most"] or 0) + 1
    facts = {**asdict(given), "variants": sorted(set(given.variants))}
    MaterialVersion(
        organisation_id=actor.organisation_id,
        material=row,
        number=number,
        follows=follows,
        change=change,
        by=actor.reference,
        by_name=actor.name[:200],
        **facts,
    ).save(force_insert=True)


def _check(given: VersionInput) -> None:
    for name in ("title", "licence", "owner"):
        if not getattr(given, name).strip():
            raise Invalid("Fill in this field.", field=name)
    if given.link and not given.link.startswith("https://"):
        raise Invalid("Enter an address that begins with https://.", field="link")
