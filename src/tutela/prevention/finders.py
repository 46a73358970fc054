"""What prevention makes findable: programmes and studies by ID."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.search.finders import Finder, Found
from tutela.casework.search.values import Value, ValueKind, of_kinds
from tutela.events.actor import Actor
from tutela.prevention.knowledge import programmes, studies
from tutela.prevention.knowledge.permissions import PROGRAMME, READ, STUDY

KINDS = frozenset({ValueKind.ID})


def _ids(values: Sequence[Value]) -> list[UUID]:
    return [UUID(one) for one in of_kinds(values, ValueKind.ID)]


def _programmes(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    rows = programmes.newest_editions().filter(programme__in=_ids(values))[:most]
    return [
        Found(
            PROGRAMME,
            one.programme_id,
            one.name,
            reverse("prevention_programme", args=[one.programme_id]),
            one.get_status_display(),
            one.created_at,
        )
        for one in rows
    ]


def _studies(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    rows = studies.newest_editions().filter(study__in=_ids(values))[:most]
    return [
        Found(
            STUDY,
            one.study_id,
            one.title,
            reverse("prevention_study", args=[one.study_id]),
            one.get_status_display(),
            one.created_at,
        )
        for one in rows
    ]


FINDERS = (
    Finder(PROGRAMME, _("Prevention programmes"), READ, KINDS, _programmes),
    Finder(STUDY, _("Studies"), READ, KINDS, _studies),
)
