"""What an authority's desk makes findable: referrals by number, ID and what their reports name, and teams."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.search import keyed_rows
from tutela.casework.search.directory import has_words
from tutela.casework.search.finders import Finder, Found
from tutela.casework.search.values import Value, ValueKind, of_kinds
from tutela.events.actor import Actor
from tutela.investigations.models import Referral, ReportIndex, Team

DESK, PERMISSION = "authority", "investigations.read"
KINDS = frozenset(ValueKind) - {ValueKind.WORDS, ValueKind.ADDRESS}


def _referrals(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    numbers, ids = of_kinds(values, ValueKind.NUMBER), of_kinds(values, ValueKind.ID)
    known = keyed_rows.find("investigations_found", actor, values, most)
    if ids:
        carrying = ReportIndex.objects.filter(report_id__in=ids).values_list("referral", flat=True)
        known += list(carrying[:most])
    rows = Referral.objects.select_related("team").defer("sealed_body", "found_by")
    named = Q(number__in=numbers) | Q(referral_id__in=ids)
    exact = list(rows.filter(named)[:most]) if numbers or ids else []
    keyed = rows.filter(pk__in=known).order_by("-created_at", "-pk")
    found = {row.pk: row for row in (*exact, *keyed)}
    return [
        Found(
            "referral",
            row.referral_id,
            row.number,
            reverse("referral", args=[row.referral_id]),
            row.team.name if row.team else "",
            row.created_at,
        )
        for row in [*found.values()][:most]
    ]


def _teams(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    (text,) = of_kinds(values, ValueKind.WORDS)
    named = [row for row in Team.objects.filter(ended_at=None).order_by("name") if has_words(row.name, text)]
    return [Found("team", row.pk, row.name, reverse("teams"), row.get_level_display()) for row in named[:most]]


FINDERS = (
    Finder("referral", _("Referrals received"), PERMISSION, KINDS, _referrals, DESK, is_case=True),
    Finder("team", _("Teams"), PERMISSION, frozenset({ValueKind.WORDS}), _teams, DESK),
)
