"""What an organisation asks of its own people for acts on the register: a security key, two people, both, or neither.

Neither is asked of an organisation that has said nothing (`switching` changes it).
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tutela.organisations.models import ActRule

RULES = ("key", "two")


@dataclass(frozen=True)
class Standing:
    """Which rules are on."""

    key: bool = False
    two: bool = False

    def on(self, rule: str) -> bool:
        """Whether one of them is."""
        return bool(getattr(self, rule))


def standing(organisation_id: UUID) -> Standing:
    """Which rules an organisation has switched on."""
    rows = ActRule.objects.filter(organisation=organisation_id).order_by("rule", "-at", "-id").distinct("rule")
    return Standing(**{row.rule: row.state == "on" for row in rows})


def history(organisation_id: UUID) -> list[ActRule]:
    """Who switched what on and off, the newest first."""
    return list(ActRule.objects.filter(organisation=organisation_id).order_by("-at", "-id"))
