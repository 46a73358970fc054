"""Pages of drills: the last drills of a Centre, one drill, and whether an organisation takes part."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.indicators.drills import members
from tutela.organisations.web.page_access import action, page, part
from tutela.organisations.web.steps import done
from tutela.redress.drills import results


@page(results.READ)
def list_drills(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The last drills, those that reached the organisation, and whether it takes part."""
    wanted = part(request)
    drills, more = results.list_drills(actor, wanted)
    context = {
        "rows": drills,
        "more": more,
        "number": wanted.page,
        "asked": request.GET,
        "received": results.received(actor),
        "participation": members.participation(actor),
    }
    return render(request, "redress/drills/list.html", context)


@page(results.READ)
def show(request: HttpRequest, actor: Actor, drill: UUID) -> HttpResponse:
    """One drill, with every Edge and recipient."""
    return render(request, "redress/drills/detail.html", {"full": results.load(actor, drill)})


@action(members.JOIN)
def join(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Take part in drills."""
    return done(request, redirect("drills"), lambda: members.join(actor), _("Your organisation takes part in drills."))


@action(members.JOIN)
def leave(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """No longer take part in drills."""
    text = _("Your organisation no longer takes part in drills.")
    return done(request, redirect("drills"), lambda: members.leave(actor), text)
