"""What the register makes findable: indicators by number, ID, series and whole digest, and partner lists by name.

A digest is a look-up in the register: it counts against the limit of the organisation, and finds only indicators that
the organisation proposed or certified, or those of a list that was granted to it. The Centre keeps the register.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.search.directory import has_words
from tutela.casework.search.finders import Finder, Found
from tutela.casework.search.values import Value, ValueKind, of_kinds
from tutela.events.actor import Actor
from tutela.indicators.access import grants
from tutela.indicators.lifecycle.queries import with_now
from tutela.indicators.models import Certification, PartnerList
from tutela.indicators.register import search
from tutela.indicators.release_files.version_files import LIST_ID
from tutela.organisations.vocabulary.roles_and_permissions import Kind

KINDS = frozenset({ValueKind.NUMBER, ValueKind.ID, ValueKind.DIGEST, ValueKind.WORDS})


def _indicators(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    found: dict[UUID, Any] = {}
    for one in values:
        rows = _by_digest(actor, one.text) if one.kind is ValueKind.DIGEST else _named(one)
        found |= {row.pk: row for row in rows.order_by("-created_at")[:most]}
    return [
        Found(
            "indicator",
            row.pk,
            row.number,
            reverse("indicator", args=[row.pk]),
            STATES.get(row.state, row.state),
            row.created_at,
        )
        for row in [*found.values()][:most]
    ]


def _named(value: Value) -> QuerySet[Any]:
    if value.kind is ValueKind.WORDS:
        return with_now().filter(series__in=search.spellings(value.text)).exclude(series="")
    return with_now().filter(Q(number=value.text) if value.kind is ValueKind.NUMBER else Q(pk=value.text))


def _by_digest(actor: Actor, digest: str) -> QuerySet[Any]:
    """The indicators of a whole digest that are the actor's own or granted."""
    rows = with_now().filter(pk__in=search.with_digest(digest))
    if actor.organisation_kind == Kind.CENTRE:
        return rows
    certified = Certification.objects.filter(indicator=OuterRef("pk"), organisation_id=actor.organisation_id)
    mine = Q(organisation_id=actor.organisation_id) | Q(Exists(certified))
    granted = grants.current_grant(LIST_ID, actor.organisation_id) is not None
    return rows.filter(mine | Q(now__state="active") if granted else mine)


def _partner_lists(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    (text,) = of_kinds(values, ValueKind.WORDS)
    rows = PartnerList.objects.filter(ended_at=None).order_by("name")
    named = [row for row in rows if has_words(f"{row.name} {row.list_id}", text)]
    return [Found("partner_list", row.pk, row.name, reverse("partner_list", args=[row.pk])) for row in named[:most]]


STATES = {
    "proposed": _("proposed"),
    "active": _("active"),
    "suspended": _("suspended"),
    "revoked": _("revoked"),
}
FINDERS = (
    Finder("indicator", _("Indicators"), "indicators.read", KINDS, _indicators, count_digest=search.count_lookup),
    Finder("partner_list", _("Partner lists"), "sources.read", frozenset({ValueKind.WORDS}), _partner_lists),
)
