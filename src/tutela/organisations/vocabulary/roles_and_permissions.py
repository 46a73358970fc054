"""Kinds of organisation, roles, permissions and API scopes: one table each, read by all modules."""

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


# To whom a Centre refers: they get packages, hold a key for sealed files, and ask each other.
AUTHORITIES: frozenset[str] = frozenset({Kind.AUTHORITY, Kind.COORDINATING_AUTHORITY, Kind.EUROPOL})


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    ANALYST = "analyst", _("Analyst")
    REVIEWER = "reviewer", _("Reviewer")
    LEAD = "lead", _("Lead")
    INVESTIGATOR = "investigator", _("Investigator")
    AUDITOR = "auditor", _("Auditor")


ADMINISTRATION = frozenset({"organisation.read", "organisation.manage", "events.read", "events.erase"})
# Messages of anonymous people to the organisation with which the node began.
CONVERSATIONS = frozenset({"conversations.read", "conversations.answer"})
SOURCES = frozenset({"sources.read", "sources.manage"})
REGISTER = SOURCES | {"indicators.read", "indicators.propose", "indicators.certify", "indicators.dispute"}
# An authority's orders to providers (DSA Art. 9 and 10), and requests of hotlines for them.
ORDERS = frozenset({"orders.read", "orders.issue"})
TAKEDOWN = frozenset({"takedown.read", "takedown.assess", "takedown.notify", "partners.read"})
# Who may answer alerts reads the roster. Leads change the roster; a hotline has no leads, so its analysts do.
ROSTER = frozenset({"roster.read", "roster.manage"})
# Complaints and their decisions; mistakes that are corrected at every recipient.
COMPLAINTS = frozenset({"complaints.read", "complaints.decide"})
REVERSALS = frozenset({"reversals.read", "reversals.answer"})
# Requests of data subjects, breaches and records of processing.
PRIVACY = frozenset({"privacy.read", "privacy.manage"})
# Requests for the removal of pictures, at victim support; and items that matched a request, at a host.
REMOVALS = frozenset({"removals.read", "removals.work"})
# Services that the help finder shows to the public.
HELP_SERVICES = frozenset({"help_services.read", "help_services.manage"})
# Hand-overs between agencies.
HAND_OVERS = frozenset({"hand_overs.read", "hand_overs.work"})
# The desk of victim support: information requests, support, helpline and library. The vault opens identities.
SUPPORT_DESK = frozenset({"support.read", "support.work", "vault.open"})
# Programmes, studies and their grades; who curates them judges studies too.
KNOWLEDGE = frozenset({"knowledge.read", "knowledge.curate"})
REMOVAL_ITEMS = frozenset({"removal_items.read", "removal_items.review"})
# Figures of the organisation, and returns that laws prescribe.
FIGURES = frozenset({"figures.read", "figures.publish", "figures.import"})
RETURNS = frozenset({"returns.read", "returns.file"})
# A hotline's administrators enter its partners.
PARTNERS = frozenset({"partners.read", "partners.manage"})
# Who is handed reports of others by hand (`reports.upload`) brings them to the Centre.
INVESTIGATOR = CONVERSATIONS | {"investigations.read", "investigations.answer", "messages.resend", "reports.upload"}
EVERYONE = frozenset({"organisation.read", "law.read", "account.manage"})

# (kind, role) → permissions. What is not written here is not allowed.
PERMISSIONS: dict[tuple[str, str], frozenset[str]] = {
    ("provider", "reviewer"): frozenset(
        {
            "detection.read",
            "detection.review",
            "sources.read",
            "hosting.read",
            "roster.read",
            *COMPLAINTS,
            *REMOVAL_ITEMS,
        }
    ),
    ("provider", "lead"): frozenset(
        {
            "detection.read",
            "detection.review",
            "detection.second_review",
            "detection.report",
            "detection.settings",
            "bases.record",
            "messages.resend",
            "reports.upload",
            "hosting.read",
            "hosting.decide",
            "removal_scheme.manage",
            *FIGURES,
            *RETURNS,
            *REMOVAL_ITEMS,
            *COMPLAINTS,
            *REVERSALS,
            *PRIVACY,
            *CONVERSATIONS,
            *ROSTER,
            *SOURCES,
        }
    ),
    ("hotline", "analyst"): REGISTER
    | CONVERSATIONS
    | TAKEDOWN
    | ROSTER
    | COMPLAINTS
    | REVERSALS
    | PRIVACY
    | HELP_SERVICES
    | HAND_OVERS
    | FIGURES
    | RETURNS,
    ("authority", "analyst"): REGISTER | {"investigations.read", "orders.read"},
    ("authority", "investigator"): REGISTER
    | INVESTIGATOR
    | ORDERS
    | REVERSALS
    | ROSTER
    | PRIVACY
    | HAND_OVERS
    | FIGURES,
    ("coordinating_authority", "analyst"): REGISTER
    | CONVERSATIONS
    | ORDERS
    | COMPLAINTS
    | REVERSALS
    | ROSTER
    | PRIVACY
    | HAND_OVERS
    | FIGURES
    | RETURNS
    | {"investigations.read"},
    ("europol", "investigator"): REGISTER | INVESTIGATOR | REVERSALS | ROSTER | PRIVACY,
    ("centre", "analyst"): frozenset(
        {
            "reports.read",
            "reports.assess",
            "reports.refer",
            "indicators.read",
            "messages.resend",
            "alerts.read",
            "reports.upload",
            "roster.read",
            "reversals.read",
            *CONVERSATIONS,
            *KNOWLEDGE,
        }
    ),
    ("centre", "lead"): frozenset(
        {
            "reports.read",
            "reports.assess",
            "reports.refer",
            "reports.route",
            "reports.handling",
            "reports.erroneous",
            "holds.end",
            "indicators.read",
            "messages.resend",
            "indicators.revoke",
            "releases.publish",
            "grants.manage",
            "law.edit",
            "absence.prove",
            "alerts.read",
            "alerts.answer",
            "policy.announce",
            "audit.sample",
            "deconfliction.oversee",
            "returns.receive",
            *FIGURES,
            *RETURNS,
            *REVERSALS,
            *PRIVACY,
            *CONVERSATIONS,
            *KNOWLEDGE,
            *ROSTER,
            *SOURCES,
        }
    ),
    ("victim_support", "analyst"): CONVERSATIONS
    | REMOVALS
    | ROSTER
    | HELP_SERVICES
    | HAND_OVERS
    | SUPPORT_DESK
    | RETURNS,
    ("auditor", "auditor"): frozenset(
        {
            "events.read",
            "indicators.read",
            "audit.verify",
            "audit.sample",
            "absence.prove",
            "alerts.read",
            "deconfliction.oversee",
            "figures.read",
        }
    ),
}
# A node's own administrators: the Centre's verify the organisations of the node.
NODE_ADMINISTRATION = frozenset({"organisation.verify", "organisation.create", "law.edit", "node.inspect"})
# Of the organisation with which a node without a Centre began: it records what it has read of the law.
FOUNDING_ADMINISTRATION = frozenset({"law.edit", "node.inspect"})

# Scopes of API keys, each with the permission it carries.
SCOPES: dict[str, frozenset[str]] = {
    "reports:submit": frozenset({"reports.submit"}),
    "candidates:submit": frozenset({"detection.submit"}),
    "releases:read": frozenset({"releases.read"}),
    "referrals:submit": frozenset({"referrals.submit"}),
    "referrals:read": frozenset({"referrals.read"}),
    "outcomes:submit": frozenset({"outcomes.submit"}),
    "inbox:read": frozenset({"investigations.read"}),
    "inbox:answer": frozenset({"investigations.read", "investigations.answer"}),
    "feedback:submit": frozenset({"feedback.submit"}),
    "figures:read": frozenset({"figures.read"}),
    "returns:submit": frozenset({"returns.submit"}),
    "matches:ask": frozenset({"matches.ask"}),
    "notices:submit": frozenset({"notices.submit"}),
    "notice-answers:submit": frozenset({"notice_answers.submit"}),
    "orders:read": frozenset({"hosting.read"}),
    "hotline-cases:exchange": frozenset({"hotline_cases.exchange"}),
    "reversals:exchange": frozenset({"reversals.exchange"}),
    "removal:exchange": frozenset({"removal.exchange"}),
    "hand-overs:exchange": frozenset({"hand_overs.exchange"}),
    "indicators:propose": frozenset({"indicators.read", "indicators.propose"}),
    "indicators:certify": frozenset({"indicators.read", "indicators.certify"}),
}
_REGISTER_MEMBERS = AUTHORITIES | {"hotline"}
# Whose machines may hold a scope. A key never does what an organisation of its kind does not.
SCOPE_HOLDERS: dict[str, frozenset[str]] = {
    "reports:submit": frozenset({"provider"}),
    "candidates:submit": frozenset({"provider"}),
    "releases:read": _REGISTER_MEMBERS | {"provider", "centre", "auditor", "victim_support"},
    "referrals:submit": frozenset({"centre"}),
    "referrals:read": AUTHORITIES,
    "outcomes:submit": AUTHORITIES,
    "inbox:read": AUTHORITIES,
    "inbox:answer": frozenset({"authority", "europol"}),
    "feedback:submit": frozenset({"centre"}),
    "figures:read": _REGISTER_MEMBERS | {"provider", "centre", "auditor", "victim_support"},
    "returns:submit": frozenset({"provider", "hotline", "authority", "coordinating_authority", "victim_support"}),
    "matches:ask": _REGISTER_MEMBERS | {"provider", "centre", "victim_support"},
    "notices:submit": frozenset({"hotline", "authority", "coordinating_authority", "centre"}),
    "notice-answers:submit": frozenset({"provider"}),
    "orders:read": frozenset({"provider"}),
    "hotline-cases:exchange": frozenset({"hotline", "victim_support"}),
    "reversals:exchange": _REGISTER_MEMBERS | {"provider", "centre"},
    "removal:exchange": frozenset({"provider", "victim_support"}),
    "hand-overs:exchange": frozenset({"hotline", "authority", "coordinating_authority", "victim_support"}),
    "indicators:propose": _REGISTER_MEMBERS,
    "indicators:certify": _REGISTER_MEMBERS,
}
SCOPE_LABELS = {
    "reports:submit": _("file reports"),
    "candidates:submit": _("submit candidates (an Edge)"),
    "releases:read": _("fetch releases (an Edge)"),
    "referrals:submit": _("deliver referrals"),
    "referrals:read": _("fetch referrals and sealed evidence"),
    "outcomes:submit": _("answer referrals"),
    "inbox:read": _("read your inbox (your case system)"),
    "inbox:answer": _("read and answer your inbox (your case system)"),
    "feedback:submit": _("report outcomes of reports"),
    "figures:read": _("read published figures"),
    "returns:submit": _("send filed returns"),
    "matches:ask": _("check whether digests are listed"),
    "notices:submit": _("send notices to a host"),
    "notice-answers:submit": _("answer notices of a hotline"),
    "orders:read": _("read received orders"),
    "hotline-cases:exchange": _("exchange cases with a partner hotline or victim support"),
    "reversals:exchange": _("send and answer reversals"),
    "removal:exchange": _("exchange hashes of pictures whose removal is requested"),
    "hand-overs:exchange": _("hand needs over between agencies"),
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


def scopes_of(kind: str, permissions: frozenset[str]) -> tuple[str, ...]:
    """The scopes that somebody with these permissions may give to a machine of an organisation of this kind.

    What people do by a role, a key may do only if its maker has that role: a key is no way around.
    """
    by_role = frozenset().union(*PERMISSIONS.values())
    return tuple(
        scope for scope, carried in SCOPES.items() if kind in SCOPE_HOLDERS[scope] and carried & by_role <= permissions
    )


def permissions_of(kind: str, roles: frozenset[str], *, verified: bool = True) -> frozenset[str]:
    """Return all permissions of these roles in an organisation of this kind.

    An organisation that is not verified, or no longer verified, manages itself and sees no data of others.
    """
    if not verified:
        return EVERYONE | (ADMINISTRATION if "administrator" in roles else frozenset())
    granted = set(EVERYONE)
    for role in roles:
        granted |= PERMISSIONS.get((kind, role), frozenset())
    if "administrator" in roles:
        granted |= ADMINISTRATION
        if kind == "centre":
            granted |= NODE_ADMINISTRATION
        if kind == "provider":
            granted.add("bases.record")
        if kind == "hotline":
            granted |= PARTNERS
    return frozenset(granted)


def roles_of(kind: str) -> list[str]:
    """The roles that make sense in an organisation of this kind, the administrator's first."""
    return ["administrator", *(role for k, role in PERMISSIONS if k == kind)]
