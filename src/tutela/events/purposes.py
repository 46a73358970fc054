"""The closed vocabulary of purposes, per kind of organisation.

The Centre's words follow the fifteen purposes of Art. 51(2) of the proposal COM(2022) 209. A provider's follow the five
of its Art. 22(1); the others name the task of their mandate. An access or change without one of these is refused.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tutela.events.errors import PurposeRequired

CENTRE = {
    "indicators": _("Create, maintain and operate the indicator databases (Art. 51(2)(i))"),
    "reports_database": _("Create, maintain and operate the database of reports (Art. 51(2)(j))"),
    "database_access": _("Provide and monitor access to the databases (Art. 51(2)(k))"),
    "data_quality": _("Data quality control (Art. 51(2)(l))"),
    "assess_reports": _("Assess and process reports (Art. 51(2)(m))"),
    "cooperate": _("Cooperate with Europol and partner organisations (Art. 51(2)(n))"),
    "statistics": _("Generate statistics (Art. 51(2)(o))"),
    "contact_points": _("Keep records of contact points (Art. 51(2)(e))"),
    "assist_authorities": _("Assist Coordinating Authorities (Art. 51(2)(g))"),
}
PROVIDER = {
    "order_execution": _("Execute an order (Art. 22(1)(a))"),
    "reporting": _("Detect and report (Art. 22(1)(b))"),
    "account_action": _("Block, suspend or terminate an account (Art. 22(1)(c))"),
    "complaints": _("Handle complaints and redress (Art. 22(1)(d))"),
    "authority_requests": _("Answer authorities about a submitted report (Art. 22(1)(e))"),
}
HOTLINE = {
    "assessment": _("Assess reported content"),
    "takedown": _("Have content removed"),
    "indicators": _("Propose and certify indicators"),
}
AUTHORITY = {
    "investigation": _("Investigate criminal offences"),
    "victim_identification": _("Identify victims"),
    "indicators": _("Propose and certify indicators"),
    "assessment": _("Assess forwarded reports"),
}
SUPERVISION = {"supervision": _("Supervise and audit lawfulness"), "statistics": _("Generate statistics")}
SUPPORT = {"victim_support": _("Inform and assist victims")}
ADMINISTRATION = {"administration": _("Administer people, keys and settings")}

VOCABULARY: dict[str, dict[str, object]] = {
    "provider": {**PROVIDER, **ADMINISTRATION},
    "hotline": {**HOTLINE, **ADMINISTRATION},
    "authority": {**AUTHORITY, **ADMINISTRATION},
    "coordinating_authority": {**AUTHORITY, **SUPERVISION, **ADMINISTRATION},
    "europol": {**AUTHORITY, **ADMINISTRATION},
    "centre": {**CENTRE, **ADMINISTRATION},
    "victim_support": {**SUPPORT, **ADMINISTRATION},
    "auditor": {**SUPERVISION, **ADMINISTRATION},
}


def checked(kind: str, purpose: str | None) -> str:
    """The purpose, if it is a word of this kind's vocabulary; otherwise `PurposeRequired`, which lists the words."""
    known = VOCABULARY.get(kind, ADMINISTRATION)
    if purpose not in known:
        raise PurposeRequired("The purpose must be one of: {known}.", known=", ".join(known))
    return str(purpose)
