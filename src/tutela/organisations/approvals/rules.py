"""What an organisation asks of its own people for acts on the register: a security key, two people, both, or neither.

Neither is asked of an organisation that has said nothing (`rule_switch` changes it).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tutela import clock
from tutela.organisations.models import ActRule

RULES = ("key", "two")
# Whoever holds an administrator's account can bring in a person of their own. This long they do nothing that is
# guarded: time for a colleague to see the event, after a weekend too.
SETTLES = timedelta(days=3)


@dataclass(frozen=True)
class RuleState:
    """Which rules are on, and since when."""

    key: bool = False
    two: bool = False
    key_since: datetime | None = None
    two_since: datetime | None = None

    @property
    def since(self) -> datetime | None:
        """Since when at least one of them is."""
        return min((one for one in (self.key_since, self.two_since) if one is not None), default=None)

    def on(self, rule: str) -> bool:
        """Whether one of them is."""
        return bool(getattr(self, rule))


def standing(organisation_id: UUID) -> RuleState:
    """Which rules an organisation has switched on."""
    rows = ActRule.objects.filter(organisation=organisation_id).order_by("rule", "-at", "-id").distinct("rule")
    on = {row.rule: row.at for row in rows if row.state == "on"}
    return RuleState("key" in on, "two" in on, on.get("key"), on.get("two"))


def too_new(came: datetime, since: datetime | None) -> bool:
    """Whether who or what came while a rule was on has to wait still."""
    return since is not None and came > since and came > clock.now() - SETTLES


def history(organisation_id: UUID) -> list[ActRule]:
    """Who switched what on and off, the newest first."""
    return list(ActRule.objects.filter(organisation=organisation_id).order_by("-at", "-id"))
