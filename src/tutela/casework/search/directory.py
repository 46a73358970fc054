"""Finder of organisations in the directory, by words of their names. The directory is below this package."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.search.finders import Finder, Found
from tutela.casework.search.values import Value, ValueKind, of_kinds
from tutela.events.actor import Actor
from tutela.organisations.people import directory

KIND = "organisation"


def has_words(name: str, text: str) -> bool:
    """Whether a name contains every word of a text, in any order and case."""
    return all(word in name.casefold() for word in text.casefold().split())


def _find(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    (text,) = of_kinds(values, ValueKind.WORDS)
    named = [one for one in directory.list_organisations() if has_words(one.name, text)]
    return [Found(KIND, one.id, one.name, reverse("organisation_entry", args=[one.id])) for one in named[:most]]


ORGANISATIONS = Finder(KIND, _("Organisations"), "organisation.read", frozenset({ValueKind.WORDS}), _find)
