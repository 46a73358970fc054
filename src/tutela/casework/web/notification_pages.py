"""Pages of the notifications of a person, and of the bell in the header."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.casework.assignment import notifications
from tutela.casework.models import MailTime
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.organisations.web.page_access import page


@page("organisation.read", write="organisation.read")
def own(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """One's own notifications; mark them as read, or choose when e-mails are sent."""
    if request.method == "POST":
        _change(request, actor)
        return redirect("notifications")
    context = {
        "told": notifications.own(actor),
        "choice": notifications.mail_choice(actor),
        "choices": MailTime.choices,
    }
    return render(request, "casework/work/notifications.html", context)


def _change(request: HttpRequest, actor: Actor) -> None:
    if "choice" not in request.POST:
        notifications.mark_read(actor)
        return
    try:
        notifications.choose_mail(actor, request.POST["choice"])
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved."))


@page("organisation.read")
def bell(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The number of unread notifications, for the header."""
    return render(request, "casework/work/bell.html", {"unread": notifications.unread(actor)})
