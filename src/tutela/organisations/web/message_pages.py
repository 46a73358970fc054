"""Lists of undelivered messages and of the directory."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.organisations.messages import outbox, outbox_status
from tutela.organisations.messages.faults import DeliveryFault
from tutela.organisations.people import directory
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.coded_text import coded_text
from tutela.organisations.table_views.sort_and_filter import FIELDS, Column, arranged, as_file
from tutela.organisations.vocabulary.roles_and_permissions import Kind
from tutela.organisations.web.forms import BY_COUNTRY
from tutela.organisations.web.page_access import action, page

MESSAGES: tuple[Column[outbox_status.MessageState], ...] = (
    Column("what", gettext_lazy("Subject"), lambda one: one.kind),
    Column("to", gettext_lazy("To"), lambda one: one.recipient),
    Column("state", gettext_lazy("State"), lambda one: f"{one.state} urgent" if one.urgent else one.state),
    Column("written", gettext_lazy("Created"), lambda one: one.created_at),
    Column("attempts", gettext_lazy("Attempts"), lambda one: one.attempts, number=True),
    Column("why", gettext_lazy("Why"), lambda one: coded_text(DeliveryFault, one.last_error, {}) or None),
)
ENTRIES: tuple[Column[directory.DirectoryEntry], ...] = (
    Column("name", gettext_lazy("Name"), lambda one: one.name),
    Column("kind", gettext_lazy("Kind"), lambda one: one.kind, shown=lambda one: one.kind_name),
    Column("country", gettext_lazy("Country"), lambda one: one.country),
    Column("status", gettext_lazy("Status"), lambda one: one.status),
)
saved_views.offer("messages", "messages.resend", f"{FIELDS} state")
saved_views.offer("directory", "organisation.read", "text kind country sort")


@page("messages.resend")
def message_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Messages to other organisations that wait, or were refused."""
    only_refused = request.GET.get("state") == "refused"
    found = arranged(request.GET, outbox_status.unsettled(actor, only_refused=only_refused), MESSAGES)
    if as_file(request.GET):
        return found.csv("messages.csv")
    context = {"found": found, "absences": outbox_status.absences(actor), "only_refused": only_refused}
    return render(request, "organisations/messages.html", context)


@action("messages.resend")
def message_again(request: HttpRequest, actor: Actor, message: UUID) -> HttpResponseBase:
    """Send a refused message once more."""
    outbox.send_again(actor, message)
    messages.success(request, _("The message is being sent again."))
    return redirect("messages")


@page("organisation.read")
def directory_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The directory of organisations, filtered."""
    wanted = {k: request.GET.get(k, "") for k in ("kind", "country", "text")}
    found = arranged({"sort": request.GET.get("sort", "")}, directory.list_organisations(**wanted), ENTRIES)
    if as_file(request.GET):
        return found.csv("directory.csv")
    context = {"found": found, "wanted": wanted, "kinds": Kind.choices, "countries": BY_COUNTRY}
    return render(request, "organisations/directory.html", context)
