"""Save a view of a list, and remove one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.organisations.table_views import saved_views
from tutela.organisations.web.page_access import about, action


@action("account.manage")
def save(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Keep the filters of a list under a name, and show the list with them."""
    said = {name: request.POST.get(name, "") for name in ("listing", "name", "query")}
    try:
        made = saved_views.save(actor, **said, shared=request.POST.get("shared") == "on")
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
        query = saved_views.only(saved_views.LISTINGS[said["listing"]], said["query"])
    else:
        messages.success(request, _("Saved."))
        query = made.query
    return redirect(f"{_address(said['listing'])}?{query}")


@action("account.manage")
@about(saved_views.exists)
def remove(request: HttpRequest, actor: Actor, view: UUID) -> HttpResponseBase:
    """Remove a view."""
    listing = saved_views.remove(actor, view)
    messages.success(request, _("View removed."))
    return redirect(_address(listing))


def _address(listing: str) -> str:
    return reverse(saved_views.LISTINGS[listing].page)
