"""The register's pages: the list, a dossier with what one may do, proposals, releases and grants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.indicators import (
    alarms,
    certified,
    diagram,
    dossier,
    flooding,
    grants,
    hash_line,
    register,
    releases,
    showing,
    signing_acts,
    votes,
)
from tutela.indicators import quarantine as quarantines
from tutela.indicators.errors import NoSuchRelease
from tutela.indicators.forms import AbsenceForm, GrantForm, ProposalForm
from tutela.indicators.models import Ground, MediaType
from tutela.law.classification import choices
from tutela.organisations import directory
from tutela.organisations.founding import machine
from tutela.organisations.web import action, page, page_number

# What a form may carry (`FILE_UPLOAD_MAX_MEMORY_SIZE`); the API takes twice as much.
MEGABYTES = 2.5
AROUND = 8192
STATES = [
    ("", _("all")), ("mine_to_certify", _("waiting for my organisation")), ("proposed", _("proposed")),
    ("active", _("active")), ("suspended", _("suspended")), ("revoked", _("revoked")),
]  # fmt: skip


@page("indicators.read")
def listing(request: HttpRequest, actor: Actor) -> HttpResponse:
    wanted = {name: request.GET.get(name, "")[:100] for name in ("state", "text", "series", "media")}
    number = page_number(request)
    lines, more = dossier.listing(
        actor, state=wanted["state"], text=wanted["text"], series=wanted["series"], media=wanted["media"], page=number
    )
    context = {
        **wanted, "types": MediaType.choices, "lines": lines, "more": more, "number": number, "states": STATES,
        "life": diagram.of(actor, dossier.counts(actor)),
    }  # fmt: skip
    return render(request, "indicators/listing.html", context)


@page("indicators.propose", write="indicators.propose")
def propose(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = ProposalForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and (large := _too_large(request)):
        form.add_error(*large)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            said = form.said()
            made = register.propose(
                actor, given=said.given, media_type=MediaType.VIDEO if said.film else data["media_type"],
                classification=data["classification"], reason=data["reason"], series=data["series"], film=said.film,
            )  # fmt: skip
            shown = dossier.of(actor, made)
            unusual = _("Proposed, and held: it looks unusual, and the Centre looks at it before anybody certifies it.")
            messages.success(
                request, unusual if shown.held else _("Proposed. An organisation in another country must certify it.")
            )
            if shown.alike:
                numbers = ", ".join(one.number for one in shown.alike)
                alike = _("The register has the same video, or a part of it: %(numbers)s. Certify it if you hold it.")
                messages.warning(request, alike % {"numbers": numbers})
            return redirect("indicator", made)
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
            found = certified.prove_absent(actor, machine(centre.id, "register"), data["kind"], data["value"])
            name = f'attachment; filename="absent-{found.kind}-{found.value[:12]}.json"'
            return JsonResponse(found.to_json(), headers={"Content-Disposition": name})
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    return render(request, "indicators/absence.html", {"form": form})


@page("indicators.read")
def indicator(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponse:
    context = {"dossier": dossier.of(actor, indicator), "grounds": Ground.choices, "classes": choices()}
    return render(request, "indicators/dossier.html", context)


@page("indicators.read")
def certifications(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponse:
    """The signed acts, to be verified elsewhere."""
    found = signing_acts.file_of(actor, indicator)
    name = f'attachment; filename="certifications-{found["number"]}.json"'
    return JsonResponse(found, headers={"Content-Disposition": name})


@action("indicators.certify")
def certify(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    """Stand behind an indicator; behind a video with what was pasted or uploaded about one's own copy."""
    if large := _too_large(request):
        messages.error(request, large[1])
        return redirect("indicator", indicator)
    given, file = request.POST.get("held", ""), request.FILES.get("held_file")

    def act() -> bool:
        text = hash_line.text_of(file.read()) if file else given
        return register.certify(actor, indicator, showing.said(text))

    active = _attempt(request, act)
    if active is not None:
        text = _("Certified. The indicator is active.") if active else _("Certified. One more country is needed.")
        messages.success(request, text)
    return redirect("indicator", indicator)


@action("indicators.dispute")
def dispute(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    given = request.POST.get("reason", ""), request.POST.get("ground", "doubt")
    stopped = _attempt(request, lambda: register.dispute(actor, indicator, *given))
    if stopped is not None:
        text = _("Suspended everywhere until the Centre decides.")
        alone = _("Recorded. It goes on matching until a second organisation, or one that certified it, doubts it too.")
        messages.success(request, text if stopped else alone)
    return redirect("indicator", indicator)


@action("indicators.revoke")
def revoke(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    if _done(request, lambda: register.revoke(actor, indicator, request.POST.get("reason", ""))):
        messages.success(request, _("Revoked. Every connected Edge stops matching it within seconds."))
    return redirect("indicator", indicator)


@action("indicators.certify")
def vote(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    """Confirm, or name another class."""
    classification, reason = request.POST.get("classification", ""), request.POST.get("reason", "")
    if request.POST.get("kind") == "confirm":
        done = _done(request, lambda: votes.confirm(actor, indicator, reason))
    else:
        done = _done(request, lambda: votes.reclassify(actor, indicator, classification, reason))
    if done:
        messages.success(request, _("Your organisation's vote is recorded."))
    return redirect("indicator", indicator)


@action("indicators.revoke")
def settle(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    """Decide everything that is in doubt about an indicator."""
    upheld, reason = request.POST.get("decision") == "upheld", request.POST.get("reason", "")
    if _done(request, lambda: register.decide(actor, indicator, upheld=upheld, reason=reason)):
        messages.success(request, _("Decided."))
    return redirect("indicator", indicator)


@action("alarms.answer")
def flood_release(request: HttpRequest, actor: Actor, hold: UUID) -> HttpResponseBase:
    _done(request, lambda: flooding.release(actor, hold, request.POST.get("reason", "")))
    return redirect("edge_alarms")


@action("alarms.answer")
def quarantine_decide(request: HttpRequest, actor: Actor, quarantine: UUID) -> HttpResponseBase:
    """Release what was held as an outlier, or refuse it."""
    released, reason = request.POST.get("decision") == "release", request.POST.get("reason", "")
    count = _attempt(request, lambda: quarantines.decide(actor, quarantine, released=released, reason=reason))
    if count is not None:
        messages.success(
            request,
            _("Released.") if released else _("Refused. Every one of them is revoked; a large import within minutes."),
        )
    return redirect("edge_alarms")


@action("indicators.revoke")
def decide(request: HttpRequest, actor: Actor, dispute: UUID) -> HttpResponseBase:
    upheld = request.POST.get("decision") == "upheld"
    reason = request.POST.get("reason", "")
    if _done(request, lambda: register.decide_dispute(actor, dispute, upheld=upheld, reason=reason)):
        messages.success(request, _("Decided."))
    return redirect(request.POST.get("next", "") if request.POST.get("next", "").startswith("/desk/") else "/desk/")


@page("indicators.read", write="releases.publish")
def release_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Releases, their recipients and grants. The Centre's lead publishes by hand where that is needed."""
    if request.method == "POST":
        _done(request, lambda: releases.publish(actor))
        return redirect("releases")
    with acting(actor):
        context = {
            "releases": [(row, releases.number_in_log(row)) for row in releases.history()],
            "head": releases.newest_head(), "grants": grants.listing(),
            "recipients": [(row, directory.entry(row.recipient_id)) for row in releases.recipients()],
            "now": clock.now(),
        }  # fmt: skip
    return render(request, "indicators/releases.html", context)


@page("alarms.read")
def alarm_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What recipients refused of what they were given: open first."""
    number = page_number(request)
    rows, more = alarms.listing(actor, page=number)
    held = [(row, directory.entry(row.held_id)) for row in flooding.held(actor)]
    context = {"rows": rows, "more": more, "number": number, "held": held, "odd": quarantines.open_ones(actor)}
    return render(request, "indicators/alarms.html", context)


@action("alarms.answer")
def alarm_answer(request: HttpRequest, actor: Actor, alarm: UUID) -> HttpResponseBase:
    _done(request, lambda: alarms.answer(actor, alarm, request.POST.get("note", "")))
    return redirect("edge_alarms")


@page("grants.manage", write="grants.manage")
def grant_new(request: HttpRequest, actor: Actor) -> HttpResponse:
    eligible = [(str(e.id), f"{e.name} ({e.country})") for e in directory.listing(kind="provider") if e.verified]
    form = GrantForm(eligible, request.POST or None)
    if request.method == "POST" and form.is_valid():
        until = clock.now() + timedelta(days=form.cleaned_data["days"])
        grants.give(
            actor, UUID(form.cleaned_data["grantee"]), list_id=form.cleaned_data["what"] or releases.LIST_ID,
            purpose="reporting", legal_basis=form.cleaned_data["legal_basis"], valid_to=until,
            per_day=form.cleaned_data["per_day"] or 0,
        )  # fmt: skip
        return redirect("releases")
    return render(request, "organisations/form.html", {"form": form, "title": _("New grant")})


@action("grants.manage")
def grant_end(request: HttpRequest, actor: Actor, grant: UUID) -> HttpResponseBase:
    _done(request, lambda: grants.end(actor, grant))
    return redirect("releases")


def _too_large(request: HttpRequest) -> tuple[str, str] | None:
    """The field that is too long, and what to say, where the form is larger than what is taken.

    Nothing keeps a file then, so that none can be seen any more: there was one where the texts are not that long.
    """
    most, told = settings.FILE_UPLOAD_MAX_MEMORY_SIZE, {"most": MEGABYTES}
    if int(request.headers.get("Content-Length") or 0) <= most:
        return None
    # Names and boundaries stand around the texts; only an upload in parts can have a file.
    texts = sum(len(text.encode()) for _name, values in request.POST.lists() for text in values)
    if texts > most - AROUND or request.content_type != "multipart/form-data":
        return "line", _("The text is longer than %(most)s MB.") % told
    return "file", _("Choose a file of at most %(most)s MB.") % told


def _attempt[T](request: HttpRequest, act: Callable[[], T]) -> T | None:
    """Do it, or say on the page why it could not be done."""
    try:
        return act()
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
        return None


def _done(request: HttpRequest, act: Callable[[], object]) -> bool:
    """As `_attempt`; whether it was done."""
    try:
        act()
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
        return False
    return True
