"""Indicator page with its actions."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.casework import work_bar
from tutela.casework.undo import delayed_actions
from tutela.casework.web.claim_check import asks_if_claimed
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.events.list_access import ListPage
from tutela.indicators import cases
from tutela.indicators.hashes import hash_lines, rejected_items
from tutela.indicators.integrity import signing
from tutela.indicators.models import Ground
from tutela.indicators.register import certify as register_certify
from tutela.indicators.register import delayed_acts, detail, proof_of_possession, retention, votes
from tutela.indicators.register import dispute as register_dispute
from tutela.indicators.register import revoke as register_revoke
from tutela.indicators.web.propose_page import too_large
from tutela.law.classification import choices
from tutela.organisations.errors import ApprovalError
from tutela.organisations.web import approval_pages
from tutela.organisations.web.approval_pages import approvable, carry
from tutela.organisations.web.confirmation import confirmed, undoable
from tutela.organisations.web.page_access import action, page, page_number


@page("indicators.read")
def indicator(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponse:
    """One indicator with its history; the access is on record."""
    context = {
        "dossier": detail.load_detail(actor, indicator, ListPage(page_number(request))),
        "grounds": Ground.choices,
        "classes": choices(),
        "work": work_bar.load(actor, cases.KIND, indicator),
    }
    return render(request, "indicators/detail.html", context)


@page("indicators.read")
def certifications(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponse:
    """The signed acts, to be verified elsewhere."""
    found = signing.file_of(actor, indicator)
    name = f'attachment; filename="certifications-{found["number"]}.json"'
    return JsonResponse(found, headers={"Content-Disposition": name})


@action("indicators.certify")
@undoable
@asks_if_claimed(cases.KIND)
@approvable
def certify(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    """Certify an indicator; a video or an imported indicator needs values of one's own copy.

    The values are pasted or uploaded.
    """
    if large := too_large(request):
        messages.error(request, large[1])
        return redirect("indicator", indicator)
    given, file = request.POST.get("held", ""), request.FILES.get("held_file")
    if not (given.strip() or file or approval_pages.answered(request)) and delayed_actions.delays(actor):
        # A proof of possession that fails counts against a limit, so an act with one is not tried first.
        attempted(request, lambda: delayed_actions.perform(actor, delayed_acts.CERTIFY, indicator, {}))
        return redirect("indicator", indicator)

    def act() -> bool:
        text = hash_lines.text_of(file.read()) if file else given
        carry(request, "held", text)
        return register_certify.certify(actor, indicator, proof_of_possession.said(text), approval_pages.given(request))

    active = attempted(request, act)
    if active is not None:
        text = (
            _("Certified. The indicator is active.")
            if active
            else _("Certified. A certification from one more country is needed.")
        )
        messages.success(request, text)
    return redirect("indicator", indicator)


@action("indicators.dispute")
@undoable
@asks_if_claimed(cases.KIND)
def dispute(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    """Doubt an indicator, with a reason."""
    given = request.POST.get("reason", ""), request.POST.get("ground", "doubt")
    if delayed_actions.delays(actor):
        said = {"reason": given[0], "ground": given[1]}
        attempted(request, lambda: delayed_actions.perform(actor, delayed_acts.DISPUTE, indicator, said))
        return redirect("indicator", indicator)
    stopped = attempted(request, lambda: register_dispute.dispute(actor, indicator, *given))
    if stopped is not None:
        text = _("Suspended everywhere until the Centre decides.")
        alone = _(
            "Dispute recorded. The indicator still matches until a second organisation, or one of "
            "its certifiers, also disputes it."
        )
        messages.success(request, text if stopped else alone)
    return redirect("indicator", indicator)


@action("indicators.revoke")
@confirmed()
@asks_if_claimed(cases.KIND)
@approvable
def revoke(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    """End an indicator for good."""
    reason, way = request.POST.get("reason", ""), approval_pages.given(request)
    if succeeded(request, lambda: register_revoke.revoke(actor, indicator, reason, way)):
        messages.success(request, _("Revoked. Every connected Edge stops matching it within seconds."))
    return redirect("indicator", indicator)


@action("indicators.revoke")
def hold(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    """Keep an indicator for a proceeding."""
    reason = request.POST.get("reason", "")

    def act() -> UUID:
        return retention.hold(actor, indicator, until=retention.end_of(request.POST.get("until", "")), reason=reason)

    if succeeded(request, act):
        messages.success(request, _("Legal hold placed. Nothing about this indicator is erased until that day."))
    return redirect("indicator", indicator)


@action("indicators.revoke")
@confirmed()
def hold_end(request: HttpRequest, actor: Actor, legal_hold: UUID) -> HttpResponseBase:
    """End a legal hold, with a reason."""
    reason, after = request.POST.get("reason", ""), request.POST.get("next", "")
    if succeeded(request, lambda: retention.end_hold(actor, legal_hold, reason)):
        messages.success(request, _("The legal hold has ended. The indicator's retention rule applies again."))
    return redirect(after if after.startswith("/desk/") else "/desk/")


@action("indicators.revoke")
@confirmed()
def clear(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    """Clear an item that was judged not to be CSAM, so that it may be proposed again."""
    if succeeded(request, lambda: rejected_items.clear(actor, indicator, request.POST.get("reason", ""))):
        messages.success(request, _("Indicator cleared. The same or similar items may be proposed again."))
    return redirect("indicator", indicator)


@action("indicators.certify")
def vote(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    """Confirm, or name another class."""
    classification, reason = request.POST.get("classification", ""), request.POST.get("reason", "")
    if request.POST.get("kind") == "confirm":
        done = succeeded(request, lambda: votes.confirm(actor, indicator, reason))
    else:
        done = succeeded(request, lambda: votes.reclassify(actor, indicator, classification, reason))
    if done:
        messages.success(request, _("Your organisation's opinion is recorded."))
    return redirect("indicator", indicator)


@action("indicators.revoke")
@confirmed()
@approvable
def settle(request: HttpRequest, actor: Actor, indicator: UUID) -> HttpResponseBase:
    """Decide everything that is in doubt about an indicator."""
    upheld, reason = request.POST.get("decision") == "upheld", request.POST.get("reason", "")
    way = approval_pages.given(request)
    if succeeded(request, lambda: register_dispute.decide(actor, indicator, upheld=upheld, reason=reason, way=way)):
        messages.success(request, _("Decision recorded."))
    return redirect("indicator", indicator)


@action("indicators.revoke")
@confirmed()
@approvable
def decide(request: HttpRequest, actor: Actor, dispute: UUID) -> HttpResponseBase:
    """Decide one dispute, and with it all that is in doubt."""
    upheld = request.POST.get("decision") == "upheld"
    reason, way = request.POST.get("reason", ""), approval_pages.given(request)
    if succeeded(
        request, lambda: register_dispute.decide_dispute(actor, dispute, upheld=upheld, reason=reason, way=way)
    ):
        messages.success(request, _("Decision recorded."))
    return redirect(request.POST.get("next", "") if request.POST.get("next", "").startswith("/desk/") else "/desk/")


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
    """Run the act as `attempted`; return whether it succeeded."""
    try:
        act()
    except (NotFound, ApprovalError):
        raise
    except TutelaError as error:
        messages.error(request, str(error))
        return False
    return True
