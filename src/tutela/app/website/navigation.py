"""Navigation of the desks: one line per entry.

An entry is shown to people with its permission if its desk is mounted.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.organisations.approvals import second_person


@dataclass(frozen=True)
class NavigationItem:
    url: str
    label: object
    current: bool = False
    waiting: int = 0


ACTS = "/desk/approvals/"
# (address, label, permission, desk or "")
ENTRIES = (
    ("/desk/", _("Today"), "organisation.read", ""),
    ("/desk/candidates/", _("Candidates"), "detection.read", "provider"),
    ("/desk/drafts/", _("Reports"), "detection.read", "provider"),
    ("/desk/uploads/", _("File reports"), "reports.upload", "centre"),
    ("/desk/reports/", _("Queue"), "reports.read", "centre"),
    ("/desk/inbox/", _("Inbox"), "investigations.read", "authority"),
    ("/desk/deconfliction/", _("Deconfliction"), "investigations.read", "authority"),
    ("/desk/oversight/deconfliction/", _("Blind queries"), "deconfliction.oversee", "centre"),
    ("/desk/conversations/", _("Anonymous messages"), "conversations.read", "public"),
    ("/desk/indicators/", _("Register"), "indicators.read", ""),
    (ACTS, _("Second person"), "organisation.read", ""),
    ("/desk/partner-lists/", _("Partner lists"), "sources.read", ""),
    ("/desk/lists/", _("Lists"), "detection.settings", "provider"),
    ("/desk/bases/", _("Legal bases"), "bases.record", "provider"),
    ("/desk/mandates/", _("Mandates"), "audit.verify", ""),
    ("/desk/law/", _("Law"), "law.edit", ""),
    ("/desk/events/", _("Events"), "events.read", ""),
    ("/desk/directory/", _("Directory"), "organisation.read", ""),
    ("/desk/organisation/", _("Organisation"), "organisation.read", ""),
)


def items(actor: Actor, path: str, *, two: bool = False) -> list[NavigationItem]:
    """Entries that this actor may open; the one with the longest address matching `path` is current.

    If actions need `two` people, with the number that wait for this actor.
    """
    shown = [
        (url, label)
        for url, label, permission, desk in ENTRIES
        if actor.can(permission) and (not desk or desk in settings.DESKS) and (two or url != ACTS)
    ]
    here = max((url for url, _label in shown if path.startswith(url)), key=len, default="")
    waiting = {ACTS: second_person.count(actor)} if two else {}
    return [NavigationItem(url, label, url == here, waiting.get(url, 0)) for url, label in shown]
