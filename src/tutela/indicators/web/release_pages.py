"""Release pages: published versions, fetches, and grants."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.accountability.public_log import log
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.events.transaction import acting
from tutela.indicators.access import grants
from tutela.indicators.errors import NoSuchRelease
from tutela.indicators.models import Degree, Fetcher, Grant
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import certified_set, downloads, publish, release_lists
from tutela.indicators.releases import head as releases_head
from tutela.indicators.web.detail_page import succeeded
from tutela.indicators.web.forms import AbsenceForm, GrantForm
from tutela.organisations.errors import ApprovalError
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Arranged, Column, arranged, as_file, paged
from tutela.organisations.vocabulary.roles_and_permissions import DEFAULT_PURPOSE
from tutela.organisations.web import approval_pages
from tutela.organisations.web.approval_pages import approvable
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import action, page, part

RELEASES: tuple[Column[release_lists.ReleaseView], ...] = (
    Column("version", gettext_lazy("Version"), lambda one: one.row.version, number=True),
    Column("when", gettext_lazy("When"), lambda one: one.row.created_at),
    Column("entries", gettext_lazy("Entries"), lambda one: one.row.entries, number=True),
    Column("log", gettext_lazy("Public log"), lambda one: one.number),
    Column("sha256", "SHA-256", lambda one: "" if one.same_as else one.digest),
    Column("digest_of", gettext_lazy("SHA-256 of"), lambda one: _digest_of(one)),
)
STATES = [
    ("", gettext_lazy("all")),
    ("announced", gettext_lazy("announced")),
    ("waiting", gettext_lazy("waiting for witnesses")),
]
RECIPIENTS: tuple[Column[tuple[Fetcher, directory.DirectoryEntry]], ...] = (
    Column("organisation", gettext_lazy("Organisation"), lambda one: one[1].name),
    Column("way", gettext_lazy("By"), lambda one: one[0].way, shown=lambda one: one[0].get_way_display()),
    Column("version", gettext_lazy("Version"), lambda one: one[0].version, number=True),
    Column("head", gettext_lazy("Head"), lambda one: one[0].sequence, number=True),
    Column("fetched", gettext_lazy("Last fetched"), lambda one: one[0].at),
)
GRANTS: tuple[Column[tuple[Grant, directory.DirectoryEntry]], ...] = (
    Column("organisation", gettext_lazy("Organisation"), lambda one: one[1].name),
    Column("list", gettext_lazy("List"), lambda one: one[0].list_id),
    Column("purpose", gettext_lazy("Purpose"), lambda one: one[0].purpose),
    Column("basis", gettext_lazy("Legal basis"), lambda one: one[0].legal_basis),
    Column(
        "degree",
        gettext_lazy("Permitted use"),
        lambda one: one[0].degree,
        shown=lambda one: one[0].get_degree_display(),
    ),
    Column("from", gettext_lazy("From"), lambda one: one[0].valid_from),
    Column("until", gettext_lazy("Until"), lambda one: one[0].valid_to),
    Column("state", gettext_lazy("State"), lambda one: grants.state_of(one[0])),
)
saved_views.offer("releases", "indicators.read", "find state sort")


def _digest_of(one: release_lists.ReleaseView) -> str:
    """What the digest of a release is of; or the earlier release that has the same content."""
    if one.same_as:
        return _("same content as version %(number)s") % {"number": one.same_as}
    if one.base == one.row.version:
        return _("snapshot")
    return _("changes since version %(number)s") % {"number": one.base}


# Query fields of the page's other lists.
saved_views.offer("release_recipients", "indicators.read", "to-find to-sort", page="releases")
saved_views.offer("grants", "indicators.read", "grants-find grants-sort", page="releases")


@page("indicators.read", write="releases.publish")
def release_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Releases, their recipients and grants. The Centre's lead publishes by hand where that is needed."""
    if request.method == "POST":
        succeeded(request, lambda: publish.publish(actor))
        return redirect("releases")
    asked, find, state = part(request), request.GET.get("find", "").strip()[:64], request.GET.get("state", "")
    rows, more = release_lists.list_releases(actor, asked, find=find, state=state)
    published = paged(rows, RELEASES, asked.sort, release_lists.SORTS)
    if asked.file:
        return published.csv("releases.csv")
    with acting(actor):
        head, fetched, given = releases_head.newest_head(), downloads.recipients(), grants.list_grants()
    known = {one.id: one for one in directory.list_organisations()}
    found: dict[str, Arranged[Any]] = {
        "recipients": arranged(request.GET, [(row, known[row.recipient_id]) for row in fetched], RECIPIENTS, "to-"),
        "grants": arranged(request.GET, given, GRANTS, "grants-"),
    }
    for name, one in found.items():
        if as_file(request.GET, one.prefix):
            return one.csv(f"{name}.csv")
    context = {
        **found,
        "releases": published,
        "more": more,
        "number": asked.page,
        "find": find,
        "state": state,
        "states": STATES,
        "head": head,
        "now": clock.now(),
        "witnessed": log.witnessed(),
    }
    return render(request, "indicators/releases.html", context)


@page("grants.manage", write="grants.manage")
@confirmed()
@approvable
def grant_new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A form to let an organisation fetch the list, or ask."""
    eligible = {str(one.id): one for one in grants.grantees()}
    form = GrantForm(list(eligible.values()), request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        to, day = eligible[said["grantee"]], said["begins"]
        begins = datetime.combine(day, time(), UTC) if day else clock.now()
        try:
            grants.give(
                actor,
                to.id,
                list_id=said["what"] or version_files.LIST_ID,
                purpose=said["purpose"] or DEFAULT_PURPOSE[to.kind],
                legal_basis=said["legal_basis"],
                valid_from=begins,
                valid_to=begins + timedelta(days=said["days"]),
                degree=said["degree"] or Degree.REVIEW,
                per_day=said["per_day"] or 0,
                way=approval_pages.given(request),
            )
            return redirect("releases")
        except ApprovalError:
            raise
        except TutelaError as error:
            named = "days" if error.field == "valid_to" else error.field
            form.add_error(named if named in form.fields else None, str(error))
    return render(request, "pages/form.html", {"form": form, "title": _("Create grant")})


@action("grants.manage")
@confirmed()
@approvable
def grant_end(request: HttpRequest, actor: Actor, grant: UUID) -> HttpResponseBase:
    """A grant ends now."""
    succeeded(request, lambda: grants.end(actor, grant, approval_pages.given(request)))
    return redirect("releases")


@page("absence.prove", write="absence.prove")
def absence(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Prove that a file's digest is not in the register, for somebody who was wrongly suspected."""
    form = AbsenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        centre = directory.the_centre()
        try:
            if centre is None:
                raise NoSuchRelease
            data = form.cleaned_data
            register_of = machine(centre.id, "register")
            found = certified_set.prove_absent(actor, register_of, data["kind"], data["value"], case=data["case"])
            name = f'attachment; filename="absent-{found.kind}-{found.value[:12]}.json"'
            return JsonResponse(
                found.to_json(), json_dumps_params={"ensure_ascii": False}, headers={"Content-Disposition": name}
            )
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    return render(request, "indicators/absence.html", {"form": form})
