"""What casework itself makes findable: anonymous conversations, by their case number."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.anonymous import inbox
from tutela.casework.anonymous.conversations import SUBJECT
from tutela.casework.search.finders import Finder, Found
from tutela.casework.search.values import Value, ValueKind, of_kinds
from tutela.events.actor import Actor


def _conversations(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    rows = inbox.with_numbers(actor, of_kinds(values, ValueKind.NUMBER), most)
    return [
        Found(SUBJECT, row.id, row.number, reverse("conversation", args=[row.id]), state, row.since)
        for row, state in rows
    ]


FINDERS = (Finder(SUBJECT, _("Anonymous messages"), inbox.READ, frozenset({ValueKind.NUMBER}), _conversations),)
