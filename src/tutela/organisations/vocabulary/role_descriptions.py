"""Role descriptions: in plain words, what each role may see and do. Made from the permissions, so both always agree."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tutela.organisations.vocabulary.roles_and_permissions import EVERYONE, Kind, Role, permissions_of

type Text = str | Promise

SUMMARIES: dict[str, Text] = {
    Role.ADMINISTRATOR: _("Manages people, keys and contact points of the organisation. Sees no cases by this role."),
    Role.ANALYST: _(
        "Assesses: reports at a Centre, items of the register at a hotline or an authority, requests at victim support."
    ),
    Role.REVIEWER: _("Reviews a provider's candidates and confirms or rejects each."),
    Role.LEAD: _("Leads a desk: does the work of the desk, and changes its settings."),
    Role.INVESTIGATOR: _("Reads and answers the referrals of an authority."),
    Role.AUDITOR: _("Checks what others did. Changes nothing."),
}
# Permissions that let somebody see something; all others let somebody do something.
SEES: dict[str, Text] = {
    "organisation.read": _("Own organisation, directory and own tasks"),
    "law.read": _("State of the law"),
    "events.read": _("Events of the organisation, and for auditors of all organisations"),
    "sources.read": _("Partner lists"),
    "indicators.read": _("Indicators and releases of the register"),
    "investigations.read": _("Referrals in the inbox"),
    "takedown.read": _("Takedown cases of the hotline"),
    "partners.read": _("Partner hotlines"),
    "detection.read": _("Candidates, drafts and outcomes"),
    "orders.read": _("Orders of the authority, and requests for them"),
    "hosting.read": _("Notices and orders to the host, decisions and statements of reasons"),
    "reports.read": _("Reports, bundles, figures and alerts of the Centre"),
    "alerts.read": _("Alerts of Edges"),
    "deconfliction.oversee": _("Use of blind queries, without their content"),
    "conversations.read": _("Anonymous messages to the node"),
    "complaints.read": _("Complaints about decisions of the organisation"),
    "reversals.read": _("Reversals of mistakes, and the ledger of errors"),
    "privacy.read": _("Requests of data subjects, breaches and records of processing"),
    "help_services.read": _("Services of the public help finder"),
    "support.read": _("Information requests, support cases without names, the helpline and the library"),
    "hand_overs.read": _("Hand-overs between agencies"),
    "removals.read": _("Requests for the removal of pictures"),
    "removal_items.read": _("Items that matched a request for removal"),
    "knowledge.read": _("Programmes, studies, evidence grades and questions on prevention"),
    "figures.read": _("Published figures, their recomputation, and figures of others"),
    "returns.read": _("Returns of the organisation, and figures that are due"),
    "roster.read": _("People on call, and their shifts"),
    "node.inspect": _("Checks of the installation, and the age of the backup"),
}
DOES: dict[str, Text] = {
    "account.manage": _("Change own name, time zone, password and second factor"),
    "organisation.manage": _("Invite people, give roles, reset passwords, create API keys, add contact points"),
    "organisation.verify": _("Verify and suspend organisations"),
    "organisation.create": _("Enter organisations in the directory"),
    "events.erase": _("Erase facts of events with a reason"),
    "law.edit": _("Record readings of acts"),
    "sources.manage": _("Enter and end partner lists"),
    "indicators.propose": _("Propose indicators"),
    "indicators.certify": _("Certify indicators"),
    "indicators.dispute": _("Dispute indicators"),
    "indicators.revoke": _("Revoke indicators and decide disputes"),
    "investigations.answer": _("Acknowledge referrals and send outcomes"),
    "partners.manage": _("Enter partner hotlines and their keys"),
    "takedown.assess": _("Enter addresses, assess them and trace their hosts"),
    "takedown.notify": _("Report cases to the police and send notices to hosts"),
    "complaints.decide": _("Decide complaints about decisions of other people"),
    "reversals.answer": _("Accept reversals and record answers to them"),
    "privacy.manage": _("Answer data subjects, and record breaches and processing"),
    "messages.resend": _("Resend messages that were not delivered"),
    "reports.upload": _("File reports that were received by hand"),
    "detection.review": _("Review candidates"),
    "detection.second_review": _("Review as the second person"),
    "detection.report": _("Complete and send reports"),
    "orders.issue": _("Issue, clarify and withdraw orders to providers"),
    "hosting.decide": _("Decide notices to the host, answer orders and make statements of reasons"),
    "detection.settings": _("Change services, lists and other settings of the desk"),
    "reports.assess": _("Assess reports"),
    "reports.refer": _("Refer reports to authorities"),
    "reports.route": _("Change the country of a report"),
    "reports.handling": _("Choose handling codes of referrals"),
    "reports.erroneous": _("Find a report erroneous"),
    "holds.end": _("End holds of authorities that no longer exist"),
    "releases.publish": _("Publish releases of the list"),
    "grants.manage": _("Give and end grants of the list"),
    "absence.prove": _("Prove that a digest is not listed"),
    "alerts.answer": _("Answer alerts of Edges"),
    "policy.announce": _("Announce the policy of the register"),
    "conversations.answer": _("Answer anonymous messages"),
    "help_services.manage": _("Enter, correct and hide services of the public help finder"),
    "support.work": _("Answer information requests, and support people"),
    "vault.open": _("Open names in the identity vault, with an own hardware key"),
    "hand_overs.work": _("Hand needs over to other agencies, and accept or refuse them"),
    "removals.work": _("Answer requests for the removal of pictures, and send them to hosts and hotlines"),
    "removal_items.review": _("Review items that matched a request for removal"),
    "removal_scheme.manage": _("Join and leave the scheme for the removal of pictures"),
    "knowledge.curate": _("Enter and judge programmes and studies on prevention, and answer questions"),
    "figures.publish": _("Publish figures of the organisation"),
    "figures.import": _("Import figures that others published"),
    "returns.file": _("Complete, sign and file returns"),
    "returns.receive": _("Receive and compare returns of others, and review claims"),
    "roster.manage": _("Add and end shifts of people on call"),
    "bases.record": _("Record and confirm legal bases for detection"),
    "audit.sample": _("Draw samples of the register and assess them"),
    "audit.verify": _("Download and verify the log and its checkpoints"),
}


@dataclass(frozen=True)
class RoleDescription:
    """A role in an organisation of a kind: its name, one sentence, what it sees and what it does."""

    role: str
    label: Text
    summary: Text
    sees: list[Text]
    does: list[Text]


def everyone() -> RoleDescription:
    """Return what every person may see and do, whatever the role."""
    return _described("", "", "", EVERYONE)


def description(kind: str, role: str, extra: frozenset[str] = frozenset()) -> RoleDescription:
    """Return the description of a role, without what everyone may do. `extra`: more permissions of this role here."""
    found = permissions_of(Kind(kind), frozenset({role})) | extra
    return _described(role, Role(role).label, SUMMARIES[role], found - EVERYONE)


def _described(role: str, label: Text, summary: Text, permissions: frozenset[str]) -> RoleDescription:
    sees = [text for name, text in SEES.items() if name in permissions]
    return RoleDescription(role, label, summary, sees, [text for name, text in DOES.items() if name in permissions])
