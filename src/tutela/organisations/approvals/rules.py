"""Rules of an organisation for actions on the register: a security key, two people, both, or neither.

By default, neither is required (`rule_switch` changes the rules).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tutela import clock
from tutela.organisations.models import ActRule

RULES = ("key", "two")
# An attacker with an administrator's account could add an accomplice. New people cannot do guarded actions for this
# long, so that colleagues have time to see the event, also after a weekend.
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
