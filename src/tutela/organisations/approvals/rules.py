"""Rules of an organisation for actions on the register: a security key, two people, both, or neither.

By default, neither is required (`rule_switch` changes the rules).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from tutela import clock
from tutela.organisations.models import ApprovalRule

RULES = ("key", "two")
# An attacker with an administrator's account could add an accomplice. New people cannot do guarded actions for this
# long, so that colleagues have time to see the event, also after a weekend.
SETTLES = timedelta(days=3)


# The rules that are on, by name: each row says since when.
type Rules = Mapping[str, ApprovalRule]


def standing(organisation_id: UUID) -> Rules:
    """Return the rules that an organisation has switched on."""
    rows = ApprovalRule.objects.filter(organisation=organisation_id).order_by("rule", "-at", "-id").distinct("rule")
    return {row.rule: row for row in rows if row.state == "on"}


def since(rules: Rules, *names: str) -> datetime | None:
    """Since when at least one of these rules is on; of all rules without names."""
    return min((row.at for name, row in rules.items() if name in (names or RULES)), default=None)


def too_new(came: datetime, since: datetime | None) -> bool:
    """Whether who or what came while a rule was on has to wait still."""
    return since is not None and came > since and came > clock.now() - SETTLES


def history(organisation_id: UUID) -> list[ApprovalRule]:
    """Return the rule changes of an organisation with their authors, newest first."""
    return list(ApprovalRule.objects.filter(organisation=organisation_id).order_by("-at", "-id"))
