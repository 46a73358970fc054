"""Desk page of what is due: late returns and claims to review, with the alerts about them."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.casework.alerts import answers
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.events.transaction import acting
from tutela.observatory.due import alerts, claim_reviews
from tutela.observatory.returns import filed
from tutela.organisations.web.page_access import about, action, page


class ClaimReviewForm(forms.Form):
    """What was read, and until when it stands."""

    review_by = forms.DateField(
        label=gettext_lazy("Review again by"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(label=gettext_lazy("Sources that you read"), max_length=500)


@page(filed.READ)
def due(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Late returns of the organisation, and at the Centre the claims to review."""
    reviews = actor.can(claim_reviews.REVIEW)
    with acting(actor):
        kinds = [alerts.RETURNS, *([alerts.CLAIMS] if reviews else [])]
        unanswered = {one.subject_id for kind in kinds for one in kind.pending() if one.unanswered}
        claims = claim_reviews.overdue(clock.now().date()) if reviews else []
        late = alerts.late_returns()
    context = {
        "late": [(one, one.id in unanswered) for one in late],
        "missing": filed.missing_forms(actor, clock.now()),
        "claims": [(one, day, claim_reviews.claim_uuid(one.id)) for one, day in claims],
        "unanswered": unanswered,
        "reviews": reviews,
        "may_file": actor.can(filed.FILE),
    }
    return render(request, "observatory/desk/due.html", context)


@action(claim_reviews.REVIEW)
def review_claim(request: HttpRequest, actor: Actor, claim: str) -> HttpResponseBase:
    """Record the review of a claim."""
    form = ClaimReviewForm(request.POST)
    try:
        if form.is_valid():
            claim_reviews.review(actor, claim, form.cleaned_data["review_by"], form.cleaned_data["note"])
            messages.success(request, _("The review is recorded."))
        else:
            messages.error(request, _("Enter a day and the sources that you read."))
    except TutelaError as error:
        messages.error(request, str(error))
    return redirect("figures_due")


@action(claim_reviews.REVIEW)
def answer_claim_alert(request: HttpRequest, actor: Actor, claim: str) -> HttpResponseBase:
    """Take over the alerts about a claim."""
    return _answered(request, actor, alerts.CLAIMS.name, claim_reviews.claim_uuid(claim))


@action(filed.FILE)
@about(alerts.is_late)
def answer_return_alert(request: HttpRequest, actor: Actor, late_return: UUID) -> HttpResponseBase:
    """Take over the alerts about a late return."""
    return _answered(request, actor, alerts.RETURNS.name, late_return)


def _answered(request: HttpRequest, actor: Actor, kind: str, subject: UUID) -> HttpResponseBase:
    try:
        answers.answer(actor, kind, subject)
    except NotFound as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The alert is answered."))
    return redirect("figures_due")
