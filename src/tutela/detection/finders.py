"""What a provider's desk makes findable: candidates, drafts, reports filed elsewhere, and services."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tutela.casework.search import keyed_rows
from tutela.casework.search.directory import has_words
from tutela.casework.search.finders import Finder, Found
from tutela.casework.search.values import Value, ValueKind, of_kinds
from tutela.detection.models import Candidate, Draft, FiledElsewhere, Service, Tip
from tutela.events.actor import Actor
from tutela.exchange.message.text_cleanup import whole_number

DESK, PERMISSION = "provider", "detection.read"
KEYED = frozenset(
    {
        ValueKind.NUMBER,
        ValueKind.DIGEST,
        ValueKind.EMAIL,
        ValueKind.IP,
        ValueKind.ACCOUNT,
        ValueKind.FILE_REFERENCE,
    }
)

# States of candidates and reports, as the desk's lists show them.
STATES = {
    "open": _("open"),
    "second": _("needs a second person"),
    "disputed": _("needs a lead"),
    "confirmed": _("confirmed"),
    "stopped": _("entry stopped here"),
    "withdrawn": _("indicator withdrawn"),
    "drafted": _("drafted"),
    "waiting": _("waiting for an answer"),
    "refused": _("refused"),
    "unproven": _("invalid receipt"),
    "received": _("received"),
    "relevant": _("relevant"),
    "not_relevant": _("not relevant"),
    "closed": _("closed"),
    "notified": _("notified to an authority"),
    "discarded": _("discarded"),
}


def _candidates(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    ids = of_kinds(values, ValueKind.ID)
    known = keyed_rows.find("detection_candidates_found", actor, values, most)
    rows = Candidate.objects.defer("wrapped", "found_by").select_related("service")
    return [
        Found(
            "candidate",
            row.pk,
            # In the reader's zone, with the zone: the result is shown to one person and stored nowhere.
            f"{row.service.name}, {timezone.localtime(row.created_at):%Y-%m-%d %H:%M %Z}",
            reverse("candidate", args=[row.pk]),
            _state(row),
            row.created_at,
        )
        for row in rows.filter(pk__in=[*known, *ids]).order_by("-created_at", "-pk")[:most]
    ]


def _drafts(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    numbers, ids = of_kinds(values, ValueKind.NUMBER), of_kinds(values, ValueKind.ID)
    known = keyed_rows.find("detection_drafts_found", actor, values, most)
    rows = Draft.objects.defer("found_by")
    exact = list(rows.filter(Q(number__in=numbers) | Q(pk__in=[*ids, *_filed_as(numbers)]))[:most])
    keyed = rows.filter(pk__in=known).order_by("-created_at", "-pk")
    found = {row.pk: row for row in (*exact, *keyed)}
    return [
        Found("draft", row.pk, row.number, reverse("draft", args=[row.pk]), _state(row), row.created_at)
        for row in [*found.values()][:most]
    ]


def _state(row: Candidate | Draft | FiledElsewhere) -> object:
    return STATES.get(row.state, row.state)


def _filed_as(numbers: Sequence[str]) -> list[UUID]:
    """The drafts that went out under these numbers at a CyberTipline interface."""
    whole = [one for text in numbers if (one := whole_number(text)) is not None]
    return list(Tip.objects.filter(number__in=whole).values_list("draft", flat=True)) if whole else []


def _elsewhere(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    numbers, ids = of_kinds(values, ValueKind.NUMBER), of_kinds(values, ValueKind.ID)
    rows = FiledElsewhere.objects.filter(Q(filed_as__in=numbers) | Q(report_id__in=ids))[:most]
    return [
        Found("filed", row.report_id, str(row), reverse("filed", args=[row.report_id]), _state(row), row.told_at)
        for row in rows
    ]


def _services(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    (text,) = of_kinds(values, ValueKind.WORDS)
    named = [row for row in Service.objects.order_by("name") if has_words(row.name, text)]
    return [Found("service", row.pk, row.name, reverse("service", args=[row.pk])) for row in named[:most]]


_NAMED = frozenset({ValueKind.NUMBER, ValueKind.ID})
FINDERS = (
    Finder("candidate", _("Candidates"), PERMISSION, KEYED | {ValueKind.ID}, _candidates, DESK),
    Finder("draft", _("Drafts and sent reports"), PERMISSION, KEYED | {ValueKind.ID}, _drafts, DESK, is_case=True),
    Finder("filed", _("Reports filed another way"), PERMISSION, _NAMED, _elsewhere, DESK, is_case=True),
    Finder("service", _("Services"), "detection.settings", frozenset({ValueKind.WORDS}), _services, DESK),
)
