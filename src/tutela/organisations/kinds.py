"""Kinds of organisation, roles, permissions and API scopes: one table each, read by everything."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    PROVIDER = "provider", _("Provider")
    HOTLINE = "hotline", _("Hotline")
    AUTHORITY = "authority", _("Law-enforcement authority")
    COORDINATING_AUTHORITY = "coordinating_authority", _("Coordinating Authority")
    CENTRE = "centre", _("Centre")
    EUROPOL = "europol", _("Europol")
    VICTIM_SUPPORT = "victim_support", _("Victim support")
    AUDITOR = "auditor", _("Auditor")


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    ANALYST = "analyst", _("Analyst")
    REVIEWER = "reviewer", _("Reviewer")
    LEAD = "lead", _("Lead")
    INVESTIGATOR = "investigator", _("Investigator")
    AUDITOR = "auditor", _("Auditor")


ADMINISTRATION = frozenset({"organisation.read", "organisation.manage", "events.read"})
REGISTER = frozenset({"indicators.read", "indicators.propose", "indicators.certify", "indicators.dispute"})
EVERYONE = frozenset({"organisation.read", "law.read", "account.manage"})

# (kind, role) → permissions. What is not written here is not allowed.
PERMISSIONS: dict[tuple[str, str], frozenset[str]] = {
    ("provider", "reviewer"): frozenset({"detection.read", "detection.review"}),
    ("provider", "lead"): frozenset(
        {"detection.read", "detection.review", "detection.second_review", "detection.report", "detection.settings"}
    ),
    ("hotline", "analyst"): REGISTER,
    ("authority", "analyst"): REGISTER | {"investigations.read"},
    ("authority", "investigator"): REGISTER | {"investigations.read", "investigations.answer"},
    ("coordinating_authority", "analyst"): REGISTER | {"investigations.read"},
    ("europol", "investigator"): REGISTER | {"investigations.read", "investigations.answer"},
    ("centre", "analyst"): frozenset({"reports.read", "reports.assess", "reports.refer", "indicators.read"}),
    ("centre", "lead"): frozenset(
        {
            "reports.read", "reports.assess", "reports.refer", "reports.erroneous", "indicators.read",
            "indicators.revoke", "releases.publish", "grants.manage", "law.edit", "absence.prove",
        }
    ),
    ("auditor", "auditor"): frozenset({"events.read", "indicators.read", "audit.verify", "absence.prove"}),
}  # fmt: skip
# A node's own administrators: the Centre's verify the organisations of the node.
NODE_ADMINISTRATION = frozenset({"organisation.verify", "organisation.create"})

# Scopes of API keys, each with the permission it carries.
SCOPES: dict[str, frozenset[str]] = {
    "reports:submit": frozenset({"reports.submit"}),
    "candidates:submit": frozenset({"detection.submit"}),
    "releases:read": frozenset({"releases.read"}),
    "referrals:submit": frozenset({"referrals.submit"}),
    "outcomes:submit": frozenset({"outcomes.submit"}),
    "feedback:submit": frozenset({"feedback.submit"}),
    "indicators:propose": frozenset({"indicators.read", "indicators.propose"}),
    "indicators:certify": frozenset({"indicators.read", "indicators.certify"}),
}
SCOPE_LABELS = {
    "reports:submit": _("file reports"),
    "candidates:submit": _("hand in candidates (an Edge)"),
    "releases:read": _("fetch releases (an Edge)"),
    "referrals:submit": _("deliver referrals"),
    "outcomes:submit": _("answer referrals"),
    "feedback:submit": _("say what became of reports"),
    "indicators:propose": _("propose indicators"),
    "indicators:certify": _("certify indicators"),
}
# The purpose in which a person of a kind works unless another is chosen.
DEFAULT_PURPOSE = {
    "provider": "reporting",
    "hotline": "indicators",
    "authority": "investigation",
    "coordinating_authority": "assessment",
    "europol": "investigation",
    "centre": "assess_reports",
    "victim_support": "victim_support",
    "auditor": "supervision",
}


def permissions_of(kind: str, roles: frozenset[str]) -> frozenset[str]:
    """Everything that these roles may do in an organisation of this kind."""
    granted = set(EVERYONE)
    for role in roles:
        granted |= PERMISSIONS.get((kind, role), frozenset())
    if "administrator" in roles:
        granted |= ADMINISTRATION
        if kind == "centre":
            granted |= NODE_ADMINISTRATION
    return frozenset(granted)


def roles_of(kind: str) -> list[str]:
    """The roles that make sense in an organisation of this kind, the administrator's first."""
    return ["administrator", *(role for k, role in PERMISSIONS if k == kind)]
