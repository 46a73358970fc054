"""Pages for CyberTipline reports: accounts, preview, sending and retraction."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.casework.undo import delayed_actions
from tutela.casework.web.claim_check import asks_if_claimed
from tutela.detection import cases
from tutela.detection.cybertipline import accounts as cybertipline_accounts
from tutela.detection.cybertipline import submissions
from tutela.detection.drafts import drafts
from tutela.detection.outcomes import report_list
from tutela.detection.settings import identity
from tutela.detection.web.forms.cybertips import EndpointForm, initial
from tutela.detection.web.pages import attempt, tell
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.organisations.web.confirmation import confirmed, undoable
from tutela.organisations.web.page_access import about, action, page

SETTINGS = "detection.settings"


@page(SETTINGS, write=SETTINGS)
def accounts(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Both accounts and the switch."""
    found = cybertipline_accounts.endpoints(actor)
    production = request.POST.get("production") == "yes"
    forms = {
        kind: EndpointForm(
            request.POST if request.method == "POST" and production is kind else None,
            initial=initial(found.production if kind else found.test),
            prefix="production" if kind else "test",
        )
        for kind in (False, True)
    }
    if request.method == "POST" and forms[production].is_valid():
        try:
            cybertipline_accounts.set_endpoint(
                actor, cybertipline_accounts.AccountInput(**forms[production].cleaned_data), production=production
            )
            messages.success(request, _("Saved. The settings apply to everything sent from now on."))
            return redirect("tip_accounts")
        except TutelaError as error:
            tell(forms[production], error)
    context = {"found": found, "test": forms[False], "production": forms[True]}
    return render(request, "detection/cybertips/accounts.html", context)


@action(SETTINGS)
@confirmed()
def switch(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Switch between production and tests."""
    attempt(request, lambda: cybertipline_accounts.choose(actor, production=request.POST.get("production") == "yes"))
    return redirect("tip_accounts")


@action(SETTINGS)
def ask(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Whether the account is let in."""
    said = attempt(
        request, lambda: cybertipline_accounts.ask(actor, production=request.POST.get("production") == "yes")
    )
    if said is not None and said.good:
        messages.success(request, _("The account is accepted: {words}").format(words=said.words))
    elif said is not None:
        messages.error(request, _("Refused: {code}, {words}").format(code=said.code, words=said.words))
    return redirect("tip_accounts")


@page("detection.read")
def recipients(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    """Show a report as each recipient would get it, and everything sent to the interface."""
    context = {
        "found": submissions.outlook(actor, draft),
        "connection": identity.connection(actor),
        "draft": draft,
        "mode": cybertipline_accounts.endpoints(actor),
    }
    return render(request, "detection/cybertips/recipients.html", context)


@action("detection.report")
@undoable
@about(report_list.exists)
@asks_if_claimed(cases.DRAFT)
def send(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    def leave() -> bool:
        if "without_address" not in request.POST:
            drafts.check_address(actor, draft)
        return delayed_actions.perform(actor, cases.SEND_TIP, draft, {})

    waits = attempt(request, leave)
    if waits:
        return redirect("draft", draft)
    if waits is not None:
        messages.success(request, _("The report is being sent. This page shows its progress."))
    return redirect("draft_recipients", draft)


@action("detection.report")
@confirmed()
@about(report_list.exists)
def retract(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    attempt(request, lambda: submissions.retract(actor, draft))
    return redirect("draft_recipients", draft)
