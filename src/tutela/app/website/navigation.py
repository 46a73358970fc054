"""Navigation of the desks, by task: one line per entry.

An entry is shown to people with its permission if its desk is mounted. The tasks that wait, with their numbers, are
those of the start page; the frame of each page loads them after the page (`pages.tasks`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.organisations.approvals import second_person

type Text = str | Promise


class TaskGroup(StrEnum):
    """What a person does there."""

    WORK = "work"
    REGISTER = "register"
    FIGURES = "figures"
    SETTINGS = "settings"


LABELS: dict[TaskGroup, Text] = {
    TaskGroup.WORK: _("Work"),
    TaskGroup.REGISTER: _("Register"),
    TaskGroup.FIGURES: _("Figures"),
    TaskGroup.SETTINGS: _("Settings"),
}


@dataclass(frozen=True)
class NavigationItem:
    url: str
    label: Text
    current: bool = False
    waiting: int = 0
    inner: bool = False


@dataclass(frozen=True)
class NavigationGroup:
    label: Text
    items: list[NavigationItem] = field(default_factory=list)


ACTS = "/desk/approvals/"
# (group, address, label, permission, desk or "", whether it shows only while its section is open)
ENTRIES: tuple[tuple[TaskGroup, str, Text, str, str, bool], ...] = (
    (TaskGroup.WORK, "/desk/", _("Today"), "organisation.read", "", False),
    (TaskGroup.WORK, "/desk/candidates/", _("Candidates"), "detection.read", "provider", False),
    (TaskGroup.WORK, "/desk/drafts/", _("Reports"), "detection.read", "provider", False),
    (TaskGroup.WORK, "/desk/drafts/notices/", _("Notices to users"), "detection.read", "provider", True),
    (TaskGroup.WORK, "/desk/drafts/filed-elsewhere/", _("Filed another way"), "detection.read", "provider", True),
    (TaskGroup.WORK, "/desk/hosting/", _("Received notices"), "hosting.read", "provider", False),
    (TaskGroup.WORK, "/desk/hosting/database/", _("Transparency database"), "hosting.read", "provider", True),
    (TaskGroup.WORK, "/desk/hosting/orders/", _("Received orders"), "hosting.read", "provider", False),
    (TaskGroup.WORK, "/desk/uploads/", _("File reports"), "reports.upload", "centre", False),
    (TaskGroup.WORK, "/desk/reports/", _("Queue"), "reports.read", "centre", False),
    (TaskGroup.WORK, "/desk/reports/alerts/", _("Alerts"), "reports.read", "centre", False),
    (TaskGroup.WORK, "/desk/reports/bundles/", _("Bundles"), "reports.read", "centre", True),
    (TaskGroup.WORK, "/desk/reports/undelivered/", _("Undelivered"), "reports.read", "centre", True),
    (TaskGroup.WORK, "/desk/reports/spot-checks/", _("Spot checks"), "reports.read", "centre", True),
    (TaskGroup.WORK, "/desk/reports/evidence/", _("Sealed evidence"), "reports.read", "centre", True),
    (TaskGroup.WORK, "/desk/reports/offline-answers/", _("Answers from a file"), "reports.refer", "centre", True),
    (TaskGroup.WORK, "/desk/reports/exposure/", _("Reports you opened"), "reports.read", "centre", True),
    (TaskGroup.WORK, "/desk/inbox/", _("Inbox"), "investigations.read", "authority", False),
    (TaskGroup.WORK, "/desk/inbox/teams/", _("Teams"), "investigations.read", "authority", True),
    (TaskGroup.WORK, "/desk/inbox/resealing/", _("Reseal files"), "investigations.read", "authority", True),
    (TaskGroup.WORK, "/desk/inbox/outcomes/", _("Import outcomes"), "investigations.answer", "authority", True),
    (TaskGroup.WORK, "/desk/orders/", _("Orders"), "orders.read", "authority", False),
    (TaskGroup.WORK, "/desk/orders/requests/", _("Requests for orders"), "orders.read", "authority", False),
    (TaskGroup.WORK, "/desk/deconfliction/", _("Deconfliction"), "investigations.read", "authority", False),
    (TaskGroup.WORK, "/desk/takedown/", _("Takedown"), "takedown.read", "hotline", False),
    (TaskGroup.WORK, "/desk/takedown/new/", _("Enter addresses"), "takedown.assess", "hotline", True),
    (TaskGroup.WORK, "/desk/takedown/imports/", _("Imports"), "takedown.read", "hotline", True),
    (TaskGroup.WORK, "/desk/takedown/partners/", _("Partner hotlines"), "partners.read", "hotline", True),
    (TaskGroup.WORK, "/desk/removals/", _("Removal requests"), "removals.read", "", False),
    (TaskGroup.WORK, "/desk/removals/hosts/", _("Hosts of the scheme"), "removals.read", "", True),
    (TaskGroup.WORK, "/desk/support/", _("Support"), "support.read", "", False),
    (TaskGroup.WORK, "/desk/support/vault/", _("Identity vault"), "vault.open", "", True),
    (TaskGroup.WORK, "/desk/support/library/", _("Library"), "support.read", "", True),
    (TaskGroup.WORK, "/desk/support/voices/", _("Survivors' voices"), "support.read", "", True),
    (TaskGroup.WORK, "/desk/information/", _("Information requests"), "support.read", "", False),
    (TaskGroup.WORK, "/desk/helpline/", _("Helpline"), "support.read", "", False),
    (TaskGroup.WORK, "/desk/hand-overs/", _("Hand-overs"), "hand_overs.read", "", False),
    (TaskGroup.WORK, "/desk/help-services/", _("Help finder"), "help_services.read", "", False),
    (TaskGroup.WORK, "/desk/removal-items/", _("Items to remove"), "removal_items.read", "provider", False),
    (TaskGroup.WORK, "/desk/removal-items/scheme/", _("Removal scheme"), "removal_items.read", "provider", True),
    (TaskGroup.WORK, "/desk/prevention/", _("Prevention"), "knowledge.read", "", False),
    (TaskGroup.WORK, "/desk/prevention/studies/", _("Studies"), "knowledge.read", "", True),
    (TaskGroup.WORK, "/desk/prevention/questions/", _("Questions"), "knowledge.read", "", True),
    (TaskGroup.WORK, "/desk/prevention/briefs/", _("Policy briefs"), "knowledge.read", "", True),
    (TaskGroup.WORK, "/desk/prevention/materials/", _("Materials"), "knowledge.read", "", True),
    (TaskGroup.WORK, "/desk/prevention/campaigns/", _("Campaigns"), "knowledge.read", "", True),
    (TaskGroup.WORK, "/desk/prevention/training/", _("Training"), "knowledge.read", "", True),
    (TaskGroup.WORK, "/desk/prevention/network/", _("Network"), "knowledge.read", "", True),
    (TaskGroup.WORK, "/desk/prevention/network/groups/", _("Working groups"), "knowledge.read", "", True),
    (TaskGroup.WORK, "/desk/prevention/network/views/", _("Survivors' views"), "knowledge.read", "", True),
    (TaskGroup.WORK, "/desk/prevention/network/map/", _("Research map"), "knowledge.read", "", True),
    (TaskGroup.WORK, "/desk/prevention/texts/", _("Texts of professionals"), "knowledge.read", "", True),
    (TaskGroup.WORK, "/desk/prevention/search/", _("Search evidence"), "knowledge.read", "", True),
    (TaskGroup.WORK, "/desk/prevention/overdue/", _("Overdue results"), "knowledge.read", "", True),
    (TaskGroup.WORK, "/desk/complaints/", _("Complaints"), "complaints.read", "", False),
    (TaskGroup.WORK, "/desk/reversals/", _("Reversals"), "reversals.read", "", False),
    (TaskGroup.WORK, "/desk/data-subjects/", _("Data subjects"), "privacy.read", "", False),
    (TaskGroup.WORK, "/desk/data-subjects/records/", _("Records of processing"), "privacy.read", "", True),
    (TaskGroup.WORK, "/desk/data-subjects/deadlines/", _("Deadlines"), "privacy.read", "", True),
    (TaskGroup.WORK, "/desk/data-subjects/hand-over/", _("Hand-over"), "privacy.read", "", True),
    (TaskGroup.WORK, "/desk/breaches/", _("Breaches"), "privacy.read", "", False),
    (TaskGroup.WORK, "/desk/conversations/", _("Anonymous messages"), "conversations.read", "public", False),
    (TaskGroup.WORK, ACTS, _("Second person"), "organisation.read", "", False),
    (TaskGroup.REGISTER, "/desk/indicators/", _("Register"), "indicators.read", "", False),
    (TaskGroup.REGISTER, "/desk/indicators/releases/", _("Releases"), "indicators.read", "", True),
    (TaskGroup.REGISTER, "/desk/indicators/disputes/", _("Disputes"), "indicators.read", "", True),
    (TaskGroup.REGISTER, "/desk/indicators/alerts/", _("Alerts of Edges"), "alerts.read", "", True),
    (TaskGroup.REGISTER, "/desk/drills/", _("Drills"), "reversals.read", "", False),
    (TaskGroup.REGISTER, "/desk/partner-lists/", _("Partner lists"), "sources.read", "", False),
    (TaskGroup.REGISTER, "/desk/lists/", _("Lists"), "detection.settings", "provider", False),
    (TaskGroup.FIGURES, "/desk/reports/funnel/", _("Funnel"), "reports.read", "centre", False),
    (TaskGroup.FIGURES, "/desk/reports/volumes/", _("Volumes"), "reports.read", "centre", False),
    (TaskGroup.FIGURES, "/desk/reports/surges/", _("Surges"), "reports.read", "centre", False),
    (TaskGroup.FIGURES, "/desk/reports/providers/", _("Providers"), "reports.read", "centre", False),
    (TaskGroup.FIGURES, "/desk/hosting/figures/", _("Published figures"), "hosting.read", "provider", False),
    (TaskGroup.FIGURES, "/desk/takedown/payments/", _("Payments"), "takedown.notify", "hotline", False),
    (TaskGroup.FIGURES, "/desk/takedown/ledger/", _("Takedown ledger"), "takedown.read", "hotline", False),
    (TaskGroup.FIGURES, "/desk/error-ledger/", _("Error ledger"), "reversals.read", "", False),
    (TaskGroup.FIGURES, "/desk/figures/", _("Own figures"), "figures.read", "", False),
    (TaskGroup.FIGURES, "/desk/figures/imports/", _("Figures of others"), "figures.read", "", False),
    (TaskGroup.FIGURES, "/desk/figures/due/", _("Figures that are due"), "returns.read", "", False),
    (TaskGroup.FIGURES, "/desk/returns/", _("Returns"), "returns.read", "", False),
    (TaskGroup.FIGURES, "/desk/returns/received/", _("Returns of others"), "returns.receive", "centre", True),
    (TaskGroup.FIGURES, "/desk/oversight/deconfliction/", _("Blind queries"), "deconfliction.oversee", "centre", False),
    (TaskGroup.FIGURES, "/desk/events/", _("Events"), "events.read", "", False),
    (TaskGroup.SETTINGS, "/desk/reports/handling/", _("Handling codes"), "reports.read", "centre", False),
    (TaskGroup.SETTINGS, "/desk/bases/", _("Legal bases"), "bases.record", "provider", False),
    (TaskGroup.SETTINGS, "/desk/on-call/", _("On call"), "roster.read", "", False),
    (TaskGroup.SETTINGS, "/desk/takedown/vantage-points/", _("Vantage points"), "takedown.read", "hotline", False),
    (TaskGroup.SETTINGS, "/desk/takedown/machines/", _("Analysts' machines"), "takedown.read", "hotline", False),
    (TaskGroup.SETTINGS, "/desk/takedown/proactive/", _("Proactive search"), "takedown.read", "hotline", False),
    (TaskGroup.SETTINGS, "/desk/takedown/waits/", _("Waits before notices"), "takedown.read", "hotline", False),
    (TaskGroup.SETTINGS, "/desk/mandates/", _("Mandates"), "audit.verify", "", False),
    (TaskGroup.SETTINGS, "/desk/law/", _("Law"), "law.edit", "", False),
    (TaskGroup.SETTINGS, "/desk/directory/", _("Directory"), "organisation.read", "", False),
    (TaskGroup.SETTINGS, "/desk/organisation/", _("Organisation"), "organisation.read", "", False),
)


def groups(actor: Actor, path: str, *, two: bool = False) -> list[NavigationGroup]:
    """Entries that this actor may open; the one with the longest address matching `path` is current.

    If actions need `two` people, with the number that wait for this actor. Groups without an entry are left out.
    """
    shown = [
        (group, url, label, inner)
        for group, url, label, permission, desk, inner in ENTRIES
        if actor.can(permission) and (not desk or desk in settings.DESKS) and (two or url != ACTS)
    ]
    here = max((url for _group, url, _label, _inner in shown if path.startswith(url)), key=len, default="")
    open_section = _section(here)
    waiting = {ACTS: second_person.count(actor)} if two else {}
    found = {group: NavigationGroup(label) for group, label in LABELS.items()}
    for group, url, label, inner in shown:
        if not inner or _section(url) == open_section:
            found[group].items.append(NavigationItem(url, label, url == here, waiting.get(url, 0), inner))
    return [group for group in found.values() if group.items]


def _section(url: str) -> str:
    """The section of an address: its first two parts."""
    return "/".join(url.split("/")[:3])
