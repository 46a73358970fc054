"""Pages of an organisation's own figures: preview, publication, and recomputation by an auditor."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.exchange.message.translatable_text import filled
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.figures import publish, recompute, releases
from tutela.observatory.statements import figures_file
from tutela.observatory.statements.figures_file import FiguresFile
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import action, page


class PeriodForm(forms.Form):
    """A period as text, such as 2026-Q3."""

    period = forms.CharField(
        label=gettext_lazy("Period"),
        max_length=30,
        help_text=gettext_lazy("A year, half-year, quarter or month: 2026, 2026-H1, 2026-Q3 or 2026-09."),
    )

    def clean_period(self) -> ReportingPeriod:
        """The period."""
        try:
            return ReportingPeriod.parse(self.cleaned_data["period"].strip())
        except ValueError:
            raise forms.ValidationError(_("Enter a period such as 2026-Q3.")) from None


def last_month() -> str:
    """The last month that is over, as text."""
    today = clock.now().date()
    year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
    return f"{year}-{month:02d}"


@page(publish.READ)
def figures(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Own releases, and the figures of a period as they would be published."""
    form = PeriodForm({"period": request.GET.get("period") or last_month()})
    preview = publish.preview(actor, form.cleaned_data["period"]) if form.is_valid() else []
    context = {
        "form": form,
        "preview": preview,
        "period": request.GET.get("period") or last_month(),
        "releases": releases.everybody() if actor.audits else releases.own(actor),
        "may_publish": actor.can(publish.PUBLISH),
        "audits": actor.can("audit.verify"),
    }
    return render(request, "observatory/desk/figures.html", context)


@action(publish.PUBLISH)
@confirmed()
def publish_period(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Publish the figures of a period."""
    form = PeriodForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("own_figures")
    try:
        publish.publish(actor, form.cleaned_data["period"])
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The figures are published."))
    return redirect("own_figures")


@page("audit.verify")
def recomputation(request: HttpRequest, actor: Actor, release: UUID) -> HttpResponse:
    """Compute the figures of a release again from the events of its organisation."""
    shown = releases.public_release(release)
    statement = figures_file.signed_statement(FiguresFile.from_bytes(releases.kept_file(release)))
    found = recompute.recompute(statement, actor)
    texts = [filled(_(one.finding.text), one.values) for one in found]
    return render(request, "observatory/desk/recomputation.html", {"release": shown, "findings": texts})
