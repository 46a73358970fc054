"""Services of this node that the public pages lead to: reports, removal, and answers to earlier messages."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.utils import DatabaseError
from django.urls import NoReverseMatch, reverse

from tutela.casework.anonymous import kinds
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.victims import public_form
from tutela.victims.public.help_finder import owned_services, services
from tutela.victims.public.help_finder.services import Service
from tutela.victims.public.voices import journey
from tutela.victims.support_channels import OWN_PICTURES, SUPPORT

# Of another domain, which this one does not import: the kinds of conversation of public reports, and its first page.
REPORT, DANGER = "report-address", "report-danger"
REPORT_PAGE = "public_report_question"


def offered(language: str) -> dict[str, str]:
    """Address in a language of each service that this node offers; none while the database is away."""
    try:
        return _offered(language)
    except DatabaseError:
        return {}


def _offered(language: str) -> dict[str, str]:
    found, removal = dict[str, str](), public_form.REMOVAL.code
    try:
        if kinds.known(REPORT):
            found[journey.REPORT] = reverse(REPORT_PAGE, args=[language])
            found[journey.DANGER] = reverse("anonymous_write", args=[language, DANGER])
            found[journey.REPORT_ANSWERS] = reverse("anonymous_enter", args=[language, REPORT])
        if kinds.known(removal):
            found[journey.REMOVAL] = reverse("removal_question", args=[language])
            found[journey.REMOVAL_ANSWERS] = reverse("anonymous_enter", args=[language, removal])
            found[journey.SUPPORT] = reverse("anonymous_write", args=[language, SUPPORT])
            found[journey.SUPPORT_ANSWERS] = reverse("anonymous_enter", args=[language, SUPPORT])
            found[journey.INFORMATION] = reverse("anonymous_write", args=[language, OWN_PICTURES])
            found[journey.INFORMATION_ANSWERS] = reverse("anonymous_enter", args=[language, OWN_PICTURES])
    except NoReverseMatch:
        # The node has no public desk.
        return {}
    return found


def on_call() -> Mapping[str, object] | None:
    """Whether somebody is on call for reports of danger, and when again; None where nobody receives them."""
    try:
        kind = kinds.kind_of(DANGER) if kinds.known(DANGER) else None
        return kind.notice_context() if kind and kind.notice_context else None
    except DatabaseError:
        return None


def owners() -> tuple[DirectoryEntry | None, ...]:
    """Organisations whose entries the public sees: the one with which the node began, and its victim support."""
    return (directory.founder(), public_form.victim_support())


def finder() -> tuple[Service, ...]:
    """Services of the help finder; those of the data pack alone while the database is away."""
    try:
        return owned_services.public_services(owners())
    except DatabaseError:
        return services.pack()
