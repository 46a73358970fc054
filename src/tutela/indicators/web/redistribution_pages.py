"""Pages to redistribute a partner list, and to turn its entries into proposals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.indicators.errors import NothingChosen
from tutela.indicators.partner_lists import entries as partner_lists_entries
from tutela.indicators.partner_lists import grants, proposals, source_feedback, subscriptions
from tutela.law.classification import choices
from tutela.matching.files.records import MIN_QUALITY
from tutela.organisations.errors import ApprovalError
from tutela.organisations.web import approval_pages
from tutela.organisations.web.approval_pages import approvable
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page, page_number


class PassingForm(forms.Form):
    grantee = forms.ChoiceField(label=gettext_lazy("Organisation"))
    legal_basis = forms.CharField(label=gettext_lazy("Legal basis for redistribution"), max_length=120)
    days = forms.IntegerField(label=gettext_lazy("Duration (days)"), min_value=1, max_value=730, initial=365)

    def __init__(self, organisations: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grantee"].choices = [("", "—"), *organisations]  # type: ignore[attr-defined]


class ProposingForm(forms.Form):
    classification = forms.ChoiceField(
        label=gettext_lazy("Classification"),
        help_text=gettext_lazy("Used where the list states no class of the register."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)
    quality = forms.IntegerField(
        label=gettext_lazy("Quality of PDQ hashes for which the source states none"),
        required=False,
        min_value=MIN_QUALITY,
        max_value=100,
        help_text=gettext_lazy("If empty, those hashes are left out."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["classification"].choices = [(c.code, c.label) for c in choices()]  # type: ignore[attr-defined]


def _there(actor: Actor, partner_list: UUID) -> bool:
    try:
        shown, _pulls = subscriptions.load_subscription(actor, partner_list)
    except NotFound:
        return False
    return shown.row.ended_at is None


@page("sources.manage", write="sources.manage")
@confirmed()
@about(_there)
@approvable
def give(request: HttpRequest, actor: Actor, partner_list: UUID) -> HttpResponse:
    """Pass the list on to an organisation, or ask."""
    eligible = [(str(e.id), f"{e.name} ({e.country})") for e in grants.grantees()]
    form = PassingForm(eligible, request.POST or None)
    if request.method == "POST" and form.is_valid():
        until = clock.now() + timedelta(days=form.cleaned_data["days"])
        try:
            grants.give(
                actor,
                partner_list,
                UUID(form.cleaned_data["grantee"]),
                legal_basis=form.cleaned_data["legal_basis"],
                valid_to=until,
                way=approval_pages.given(request),
            )
            messages.success(request, _("Grant created. A signed version of the list is being prepared."))
            return redirect("partner_list", partner_list)
        except ApprovalError:
            raise
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    return render(request, "pages/form.html", {"form": form, "title": _("Redistribute list")})


@action("sources.manage")
@confirmed()
@about(_there)
@approvable
def end(request: HttpRequest, actor: Actor, partner_list: UUID, organisation: UUID) -> HttpResponseBase:
    """Pass it on no more."""
    grants.end(actor, partner_list, organisation, approval_pages.given(request))
    messages.success(request, _("Redistribution ended. The next fetch is refused."))
    return redirect("partner_list", partner_list)


@page("sources.read", write="sources.manage")
@confirmed()
def entries(request: HttpRequest, actor: Actor, partner_list: UUID) -> HttpResponse:
    """Show the entries of a list, with a form to propose some or all of them."""
    shown, _pulls = subscriptions.load_subscription(actor, partner_list)
    number = page_number(request)
    form = ProposingForm(request.POST or None) if actor.can("indicators.propose") else None
    verdict = request.POST.get("which", "")
    if request.method == "POST" and verdict in ("right", "wrong"):
        return _say(request, actor, partner_list, right=verdict == "right")
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            proposals.propose(actor, partner_list, _chosen(request), **form.cleaned_data)
            messages.success(request, _("Proposals requested. Reload this page in a moment to see the result."))
            return redirect("partner_entries", partner_list)
        except NotFound:
            raise
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    lines, more = partner_lists_entries.page(actor, partner_list, number)
    context = {
        "row": shown.row,
        "lines": lines,
        "more": more,
        "number": number,
        "form": form,
        "runs": proposals.runs(actor, partner_list),
    }
    return render(request, "indicators/partner_lists/entries.html", context)


def _say(request: HttpRequest, actor: Actor, partner_list: UUID, *, right: bool) -> HttpResponse:
    """A word on what is ticked, for the source."""
    try:
        told = source_feedback.say(actor, partner_list, _chosen(request), right=right)
        messages.success(
            request, _("Entries reported to the source with the next message: %(count)s.") % {"count": told}
        )
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    return redirect("partner_entries", partner_list)


@page("sources.manage", write="sources.manage")
@about(_there)
def tell(request: HttpRequest, actor: Actor, partner_list: UUID) -> HttpResponse:
    """Set whether the source gets feedback on matches, and with which reason."""
    shown, _pulls = subscriptions.load_subscription(actor, partner_list)
    offered, wrong = list[Any](), ""
    try:
        offered = source_feedback.reasons(actor, partner_list)
    except NotFound:
        raise
    except TutelaError as error:
        wrong = str(error)
    if request.method == "POST":
        tells, guid = request.POST.get("tells") == "1", request.POST.get("reason_guid", "")
        try:
            source_feedback.agree(actor, partner_list, tells=tells, reason_guid=guid)
            messages.success(request, _("Saved."))
            return redirect("partner_list", partner_list)
        except TutelaError as error:
            messages.error(request, str(error))
    context = {"row": shown.row, "offered": offered, "wrong": wrong}
    return render(request, "indicators/partner_lists/feedback.html", context)


def _chosen(request: HttpRequest) -> list[UUID]:
    """Return the ticked entries; empty if all are meant. Raises `NothingChosen` if none is ticked, `NotFound` for an
    invalid id.
    """
    if request.POST.get("which") == "all":
        return []
    try:
        found = [UUID(one) for one in request.POST.getlist("entry")]
    except ValueError:
        raise NotFound from None
    if not found:
        raise NothingChosen
    return found
