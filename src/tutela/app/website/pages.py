"""Pages of the app package: the public start, the tour and each role's own start page."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from tutela.app.runtime import doctor
from tutela.app.runtime.health import backup_age
from tutela.app.website import api_reference, documentation, setup_checklist, start_page
from tutela.casework.anonymous import kinds
from tutela.casework.web.public_frame import wished
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.organisations.web.page_access import action, current_actor, page, public
from tutela.redress.complaints import intake
from tutela.takedown.intake.public_report import REPORT
from tutela.victims.removal.codes import BY_PERSON


@public()
def start(request: HttpRequest) -> HttpResponse:
    if current_actor(request):
        return redirect("/desk/")
    return render(request, "pages/start.html", {"doors": _doors(wished(request))})


def _doors(language: str) -> list[tuple[str, str]]:
    """What the public can do here, in words and an address: what somebody on this node answers."""
    found = (
        (_("Have pictures of you removed"), "/removal/", kinds.known(BY_PERSON)),
        (_("Report what you saw on the internet"), "/report/", kinds.known(REPORT.code)),
        (_("Complain about a decision about your account"), "/complaint/", bool(intake.receivers())),
        (_("Worried about your own thoughts or behaviour, or somebody else's"), f"/{language}/worried/", True),
        (_("Figures, in plain words"), "/figures/", True),
    )
    return [(words, address) for words, address, answered in found if answered and _is_page(address)]


def _is_page(address: str) -> bool:
    try:
        resolve(address)
    except Resolver404:
        return False
    return True


@public()
def api_page(request: HttpRequest) -> HttpResponse:
    """Every operation of the API, from its own description; no script and no third party needed to read it."""
    context = {"sections": api_reference.sections(), "url": f"{settings.PUBLIC_URL}/api/v1/openapi.json"}
    return render(request, "pages/api.html", context)


@public()
def docs(request: HttpRequest) -> HttpResponse:
    """List all documents."""
    return render(request, "pages/docs.html", {"guides": documentation.guides().values()})


@public()
def docs_page(request: HttpRequest, name: str) -> HttpResponse:
    """Show a document."""
    if name not in documentation.guides():
        raise NotFound
    context = {"guide_shown": documentation.guides()[name], "text": documentation.page(name)}
    return render(request, "pages/docs_page.html", context)


@page("organisation.read")
def tasks(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The tasks of the start page that wait, for the navigation of every page."""
    waiting = [one for one in start_page.start_page_of(actor).todos if one.count]
    return render(request, "pages/tasks.html", {"tasks": waiting})


@page("organisation.read")
def desk(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the pending work of this role, and to administrators what is left to set up."""
    context = {
        "overview": start_page.start_page_of(actor),
        "checklist": setup_checklist.checklist(actor),
        "backup": backup_age() if setup_checklist.inspects_node(actor) else None,
    }
    return render(request, "pages/desk.html", context)


@action("organisation.manage")
def setup_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Hide the list of what is left to set up, or show it again."""
    setup_checklist.show(actor, shown=request.POST.get("shown") == "yes")
    return redirect("desk")


@page("node.inspect")
def doctor_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the checks of the installation to administrators of the organisation that looks after the node."""
    if not setup_checklist.inspects_node(actor):
        raise NotFound
    found = list(doctor.examine(errors=False))
    context = {"findings": found, "wrong": [one for one in found if not one.fine], "backup": backup_age()}
    return render(request, "pages/doctor.html", context)
