"""Entities of an RDAP object (RFC 9083) and their cards (RFC 7095): roles, names, e-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MOST_DEPTH = 8
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")


@dataclass(frozen=True)
class Contact:
    """E-mail address, and the role of its entity."""

    email: str
    role: str


def entities_of(data: dict[str, Any], depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every entity of an object, each before those inside it."""
    found = data.get("entities")
    if depth >= MOST_DEPTH or not isinstance(found, list):
        return
    for one in found:
        if isinstance(one, dict):
            yield one
            yield from entities_of(one, depth + 1)


def contacts_of(entities: list[dict[str, Any]], wanted: Sequence[str]) -> Iterator[Contact]:
    """Contacts of the first wanted role that has any."""
    for role in wanted:
        found = dict.fromkeys(mail for one in entities if role in roles_of(one) for mail in _emails(one))
        if found:
            yield from (Contact(mail, role) for mail in found)
            return


def _emails(entity: dict[str, Any]) -> list[str]:
    """E-mail addresses of an entity, the preferred first."""
    rows = [row for row in _card(entity) if row[0] == "email" and isinstance(row[3], str)]
    rows.sort(key=lambda row: _preference(row[1]))
    return [row[3].strip() for row in rows if _EMAIL.fullmatch(row[3].strip())]


def _preference(parameters: object) -> int:
    said = parameters.get("pref") if isinstance(parameters, dict) else None
    text = said if isinstance(said, str) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 101


def roles_of(entity: dict[str, Any]) -> list[Any]:
    """Roles of an entity."""
    found = entity.get("roles")
    return found if isinstance(found, list) else []


def _card(entity: dict[str, Any]) -> Iterator[list[Any]]:
    card = entity.get("vcardArray")
    if isinstance(card, list) and len(card) > 1 and isinstance(card[1], list):
        yield from (row for row in card[1] if isinstance(row, list) and len(row) > 3)


def value_of(entity: dict[str, Any], name: str) -> str:
    """A text of an entity's card; empty if it has none."""
    return next((plain(row[3]) for row in _card(entity) if row[0] == name and isinstance(row[3], str)), "")


def label_of(entity: dict[str, Any]) -> str:
    """The postal address of an entity as text; empty if it has none."""
    rows = (row[1] for row in _card(entity) if row[0] == "adr" and isinstance(row[1], dict))
    return next((one["label"] for one in rows if isinstance(one.get("label"), str)), "")


def plain(value: object) -> str:
    """A text of a registry in one line of printable signs."""
    said = "".join(one for one in str(value or "") if one.isprintable())
    return " ".join(said.split())[:200]
