"""The register's pages: the list, a dossier with what one may do, and proposals."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.events.list_access import Part
from tutela.exchange.message.text_cleanup import whole_number
from tutela.indicators.errors import NoSuchRelease
from tutela.indicators.hashes import hash_lines, rejected_items
from tutela.indicators.integrity import signing
from tutela.indicators.models import Ground, MediaType
from tutela.indicators.register import bulk_actions, detail, opinions, possession, register, retention, search
from tutela.indicators.releases import certified_set
from tutela.indicators.web import lifecycle_diagram
from tutela.indicators.web.forms import AbsenceForm, ProposalForm
from tutela.law.classification import choices
from tutela.organisations.errors import ApprovalError
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web import approval_pages
from tutela.organisations.web.approval_pages import approvable, carry
from tutela.organisations.web.decorators import action, page, page_number, part

# What a form may carry (`FILE_UPLOAD_MAX_MEMORY_SIZE`); the API takes twice as much.
MEGABYTES = 2.5
AROUND = 8192
STATES = [
    ("", _("all")),
    ("mine_to_certify", _("waiting for my organisation")),
    ("proposed", _("proposed")),
    ("active", _("active")),
    ("suspended", _("suspended")),
    ("revoked", _("revoked")),
]

COLUMNS: tuple[Column[search.Line], ...] = (
    Column("number", gettext_lazy("Number"), lambda one: one.number),
    Column("state", gettext_lazy("State"), lambda one: one.state),
    Column("type", gettext_lazy("Type"), lambda one: one.media_type),
    Column("classification", gettext_lazy("Classification"), lambda one: one.classification),
    Column("series", gettext_lazy("Series"), lambda one: one.series or None),
    Column("proposer", gettext_lazy("Proposed by"), lambda one: one.proposer),
    Column("countries", gettext_lazy("Countries"), lambda one: " ".join(one.countries)),
    Column("since", gettext_lazy("Since"), lambda one: one.created_at),
)
# Without the digest that somebody looked for: it would stand in a view for colleagues to read.
saved_views.offer("indicators", "indicators.read", "state series media")


@page("indicators.read")
def listing(request: HttpRequest, actor: Actor) -> HttpResponse:
    wanted = {name: request.GET.get(name, "")[:100] for name in ("state", "text", "series", "media")}
    asked = part(request)
    lines, more = search.listing(
        actor, state=wanted["state"], text=wanted["text"], series=wanted["series"], media=wanted["media"], part=asked
    )
    if asked.file:
        return paged(lines, COLUMNS, "", ()).csv("indicators.csv")
    context = {
        **wanted,
        "types": MediaType.choices,
        "lines": lines,
        "more": more,
        "number": asked.page,
        "states": STATES,
        "life": lifecycle_diagram.of(actor, search.counts(actor)),
        "acts": bulk_actions.may(actor),
        "grounds": Ground.choices,
    }
    return render(request, "indicators/list.html", context)


@page("indicators.propose", write="indicators.propose")
@approvable
def propose(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = ProposalForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and (large := _too_large(request)):
        form.add_error(*large)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            said = form.said()
            carry(request, "line", form.text)
            made = register.propose(
                actor,
                given=said.given,
                media_type=MediaType.VIDEO if said.film else data["media_type"],
                classification=data["classification"],
                reason=data["reason"],
                series=data["series"],
                film=said.film,
                told=form.told(),
                way=approval_pages.given(request),
            )
            shown = detail.of(actor, made)
            unusual = _("Proposed, and held: it looks unusual, and the Centre looks at it before anybody certifies it.")
            messages.success(
                request, unusual if shown.held else _("Proposed. An organisation in another country must certify it.")
            )
            if shown.alike:
                numbers = ", ".join(one.number for one in shown.alike)
                alike = _("The register has the same video, or a part of it: %(numbers)s. Certify it if you hold it.")
                messages.warning(request, alike % {"numbers": numbers})
            return redirect("indicator", made)
        except ApprovalError:
            raise
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    return render(request, "indicators/propose.html", {"form": form})


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


@page("indicators.read")
def indicator(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponse:
    context = {
        "dossier": detail.of(actor, indicator, Part(page_number(request))),
        "grounds": Ground.choices,
        "classes": choices(),
    }
    return render(request, "indicators/detail.html", context)


@page("indicators.read")
def certifications(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponse:
    """The signed acts, to be verified elsewhere."""
    found = signing.file_of(actor, indicator)
    name = f'attachment; filename="certifications-{found["number"]}.json"'
    return JsonResponse(found, headers={"Content-Disposition": name})


@action("indicators.certify")
@approvable
def certify(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    """Stand behind an indicator; behind a video or an import's entry with what was pasted or uploaded of one's copy."""
    if large := _too_large(request):
        messages.error(request, large[1])
        return redirect("indicator", indicator)
    given, file = request.POST.get("held", ""), request.FILES.get("held_file")

    def act() -> bool:
        text = hash_lines.text_of(file.read()) if file else given
        carry(request, "held", text)
        return register.certify(actor, indicator, possession.said(text), approval_pages.given(request))

    active = attempted(request, act)
    if active is not None:
        text = _("Certified. The indicator is active.") if active else _("Certified. One more country is needed.")
        messages.success(request, text)
    return redirect("indicator", indicator)


@action("indicators.dispute")
def dispute(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    given = request.POST.get("reason", ""), request.POST.get("ground", "doubt")
    stopped = attempted(request, lambda: register.dispute(actor, indicator, *given))
    if stopped is not None:
        text = _("Suspended everywhere until the Centre decides.")
        alone = _("Recorded. It goes on matching until a second organisation, or one on which it rests, doubts it too.")
        messages.success(request, text if stopped else alone)
    return redirect("indicator", indicator)


@action("indicators.revoke")
@approvable
def revoke(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    reason, way = request.POST.get("reason", ""), approval_pages.given(request)
    if succeeded(request, lambda: register.revoke(actor, indicator, reason, way)):
        messages.success(request, _("Revoked. Every connected Edge stops matching it within seconds."))
    return redirect("indicator", indicator)


@action("indicators.revoke")
def hold(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    """Keep an indicator for a proceeding."""
    reason = request.POST.get("reason", "")

    def act() -> UUID:
        return retention.hold(actor, indicator, until=retention.end_of(request.POST.get("until", "")), reason=reason)

    if succeeded(request, act):
        messages.success(request, _("Nothing of it is erased until that day."))
    return redirect("indicator", indicator)


@action("indicators.revoke")
def hold_end(request: HttpRequest, actor: Actor, legal_hold: UUID) -> HttpResponseBase:
    reason, after = request.POST.get("reason", ""), request.POST.get("next", "")
    if succeeded(request, lambda: retention.end_hold(actor, legal_hold, reason)):
        messages.success(request, _("The legal hold has ended; its rule decides again."))
    return redirect(after if after.startswith("/desk/") else "/desk/")


@action("indicators.revoke")
def clear(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    """What was judged not to be CSAM may be proposed again."""
    if succeeded(request, lambda: rejected_items.clear(actor, indicator, request.POST.get("reason", ""))):
        messages.success(request, _("Cleared. What is like it may be proposed again."))
    return redirect("indicator", indicator)


@action("indicators.certify")
def vote(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    """Confirm, or name another class."""
    classification, reason = request.POST.get("classification", ""), request.POST.get("reason", "")
    if request.POST.get("kind") == "confirm":
        done = succeeded(request, lambda: opinions.confirm(actor, indicator, reason))
    else:
        done = succeeded(request, lambda: opinions.reclassify(actor, indicator, classification, reason))
    if done:
        messages.success(request, _("Your organisation's vote is recorded."))
    return redirect("indicator", indicator)


@action("indicators.revoke")
@approvable
def settle(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    """Decide everything that is in doubt about an indicator."""
    upheld, reason = request.POST.get("decision") == "upheld", request.POST.get("reason", "")
    way = approval_pages.given(request)
    if succeeded(request, lambda: register.decide(actor, indicator, upheld=upheld, reason=reason, way=way)):
        messages.success(request, _("Decided."))
    return redirect("indicator", indicator)


@action("indicators.revoke")
@approvable
def decide(request: HttpRequest, actor: Actor, dispute: UUID) -> HttpResponseBase:
    upheld = request.POST.get("decision") == "upheld"
    reason, way = request.POST.get("reason", ""), approval_pages.given(request)
    if succeeded(request, lambda: register.decide_dispute(actor, dispute, upheld=upheld, reason=reason, way=way)):
        messages.success(request, _("Decided."))
    return redirect(request.POST.get("next", "") if request.POST.get("next", "").startswith("/desk/") else "/desk/")


def _too_large(request: HttpRequest) -> tuple[str, str] | None:
    """The field that is too long, and what to say, where the form is larger than what is taken.

    Nothing keeps a file then, so that none can be seen any more: there was one where the texts are not that long.
    """
    most, told = settings.FILE_UPLOAD_MAX_MEMORY_SIZE, {"most": MEGABYTES}
    if (whole_number(request.headers.get("Content-Length", "")) or 0) <= most:
        return None
    # Names and boundaries stand around the texts; only an upload in parts can have a file.
    texts = sum(len(text.encode()) for _name, values in request.POST.lists() for text in values)
    if texts > most - AROUND or request.content_type != "multipart/form-data":
        return "line", _("The text is longer than %(most)s MB.") % told
    return "file", _("Choose a file of at most %(most)s MB.") % told


def attempted[T](request: HttpRequest, act: Callable[[], T]) -> T | None:
    """Do it, or say on the page why it could not be done."""
    try:
        return act()
    except (NotFound, ApprovalError):
        raise
    except TutelaError as error:
        messages.error(request, str(error))
        return None


def succeeded(request: HttpRequest, act: Callable[[], object]) -> bool:
    """As `attempted`; whether it was done."""
    try:
        act()
    except (NotFound, ApprovalError):
        raise
    except TutelaError as error:
        messages.error(request, str(error))
        return False
    return True
