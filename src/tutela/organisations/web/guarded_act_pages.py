"""Pages of actions on the register: their approval rules, and the pending requests."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.organisations.approvals import approval_files, rule_switch, second_person, security_keys
from tutela.organisations.approvals import rules as approvals_rules
from tutela.organisations.errors import ApprovalError
from tutela.organisations.models import ApprovalRequest
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, arranged, as_file
from tutela.organisations.vocabulary.guarded_acts import KINDS
from tutela.organisations.web import approval_pages
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import page

PENDING_COLUMNS: tuple[Column[ApprovalRequest], ...] = (
    Column("act", gettext_lazy("Act"), lambda one: one.act, shown=lambda one: str(one.label)),
    Column("about", gettext_lazy("About"), lambda one: " ".join(entry.name for entry in one.stated.subjects)),
    Column("by", gettext_lazy("Requested by"), lambda one: one.by_name),
    Column("why", gettext_lazy("Reason"), lambda one: one.reason),
    Column("until", gettext_lazy("Pending until"), lambda one: one.until),
)
saved_views.offer("acts", "organisation.read", "find sort state")


@page("organisation.manage", write="organisation.manage")
@confirmed()
@approval_pages.approvable
def rules(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Page of the organisation's approval rules for actions on the register. Administrators switch them."""
    if request.method == "POST":
        rule, state, reason = (request.POST.get(name, "") for name in ("rule", "state", "reason"))
        try:
            rule_switch.switch(actor, rule, state, reason, approval_pages.given(request))
            messages.success(request, _("Rule changed. The change applies from the next action on."))
            return redirect("act_rules")
        except ApprovalError:
            raise
        except TutelaError as error:
            messages.error(request, str(error))
    context = {
        "standing": approvals_rules.standing(actor.organisation_id),
        "history": approvals_rules.history(actor.organisation_id),
        "site": security_keys.site(),
        "keys": security_keys.keys_of(actor.person_id) if actor.person_id else [],
    }
    return render(request, "organisations/guarded_act_rules.html", context)


@page("organisation.read")
def list_pending_acts(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Page of the actions pending approval by a second person of the organisation."""
    alone = request.GET.get("state") == "mine"
    found = arranged(request.GET, second_person.list_pending(actor, for_actor=alone), PENDING_COLUMNS)
    if as_file(request.GET):
        return found.csv("acts.csv")
    return render(request, "organisations/guarded_acts.html", {"found": found, "alone": alone})


@page("indicators.read")
def approval(request: HttpRequest, actor: Actor, approval: UUID) -> HttpResponse:
    """Download the statement that a security key signed, to be verified elsewhere."""
    found = approval_files.taken(actor, approval)
    return JsonResponse(found, headers={"Content-Disposition": f'attachment; filename="approval-{approval}.json"'})


@page("organisation.read", write="organisation.read")
@approval_pages.approvable
def one(request: HttpRequest, actor: Actor, act_request: UUID) -> HttpResponseBase:
    """One act that waits, exactly as it was asked for: agree, and it is done; or do not."""
    found = second_person.load_request(actor, act_request)
    decision = request.POST.get("decision", "")
    if request.method == "POST" and decision in ("agree", "refuse"):
        return _decided(request, actor, act_request, agreed=decision == "agree")
    may = actor.can(KINDS[found.act].permission) and actor.person_id is not None
    context = {"found": found, "may": may, **approval_pages.shown(found.stated)}
    return render(request, "organisations/guarded_act.html", context)


def _decided(request: HttpRequest, actor: Actor, act_request: UUID, *, agreed: bool) -> HttpResponseBase:
    try:
        if agreed:
            messages.success(request, second_person.agree(actor, act_request, approval_pages.given(request)))
        else:
            second_person.refuse(actor, act_request)
            messages.success(request, _("The action is not carried out."))
    except (ApprovalError, NotFound):
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    return redirect("acts")
