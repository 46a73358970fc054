"""Bulk pages of the queue: reports chosen, listed and confirmed, decided, and answered one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tutela.casework.undo import delayed_actions
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound, TutelaError
from tutela.organisations.web.confirmation import undoable
from tutela.organisations.web.page_access import action
from tutela.reports import cases
from tutela.reports.referrals import bulk_refer
from tutela.reports.referrals.bulk_refer import ReferralLine
from tutela.reports.state.report_rows import MOST_CHOSEN
from tutela.reports.triage import known_material
from tutela.reports.triage.known_material import KnownLine


@dataclass(frozen=True)
class BulkAction:
    """A bulk action: its page, what it does to one report and says then, and the list to which it leads back."""

    template: str
    action: str
    given: dict[str, object]
    done: str
    back: str


@dataclass(frozen=True)
class Result[Line: (ReferralLine, KnownLine)]:
    """What became of a chosen report."""

    line: Line
    done: bool
    said: str


@action("reports.refer")
@undoable
def refer_chosen(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """First what would be referred to whom; with `sure`, what became of each; with `undo`, each undone."""
    bulk = BulkAction(
        "reports/bulk_refer.html",
        cases.REFER,
        {"open_list": False, "chosen": None},
        _("Referred."),
        reverse("reports") + "?state=forward",
    )
    try:
        lines = bulk_refer.preview(actor, _chosen(request))
    except Invalid as error:
        return _refused(request, bulk, error)
    return _answer(request, actor, bulk, [Result(one, bool(one.recipients), "") for one in lines])


@action("reports.assess")
@undoable
def mark_chosen(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """First what would be marked as relevant, and what is left out and why; with `sure` and `undo` as `refer_chosen`.

    Only exact copies of certified items are marked. Everything else is opened and read.
    """
    bulk = BulkAction("reports/bulk_mark.html", cases.MARK, {}, _("Marked as relevant."), reverse("reports"))
    asked = "sure" not in request.POST and "undo" not in request.POST
    try:
        lines = known_material.preview(actor, _chosen(request), checked=asked)
    except Invalid as error:
        return _refused(request, bulk, error)
    return _answer(request, actor, bulk, [Result(one, not one.error, one.error) for one in lines])


def _chosen(request: HttpRequest) -> list[UUID]:
    """The chosen reports, at most one more than allowed. Raises `NotFound` for what is no id."""
    try:
        return [UUID(one) for one in request.POST.getlist("report")[: MOST_CHOSEN + 1]]
    except ValueError:
        raise NotFound from None


def _refused(request: HttpRequest, bulk: BulkAction, error: Invalid) -> HttpResponse:
    messages.error(request, str(error))
    return redirect(bulk.back)


def _answer[Line: (ReferralLine, KnownLine)](
    request: HttpRequest, actor: Actor, bulk: BulkAction, asked: list[Result[Line]]
) -> HttpResponse:
    results, waiting = asked, list[Line]()
    if "undo" in request.POST:
        results = [_result(one.line, lambda line: _undo(actor, line)) for one in asked]
    elif "sure" in request.POST:
        results = [_result(one.line, lambda line: _perform(actor, bulk, line)) for one in asked]
        waiting = [one.line for one in results if one.done]
    context = {
        "results": results,
        "asked": results is asked,
        "count": sum(one.done for one in results),
        "waiting": waiting,
        "seconds": delayed_actions.seconds(),
        "back": bulk.back,
    }
    return render(request, bulk.template, context)


def _result[Line: (ReferralLine, KnownLine)](line: Line, act: Callable[[Line], str]) -> Result[Line]:
    try:
        return Result(line, done=True, said=act(line))
    except TutelaError as error:
        return Result(line, done=False, said=str(error))


def _perform(actor: Actor, bulk: BulkAction, line: ReferralLine | KnownLine) -> str:
    waits = delayed_actions.perform(actor, bulk.action, line.report_id, bulk.given)
    return _("Leaves in a few seconds.") if waits else bulk.done


def _undo(actor: Actor, line: ReferralLine | KnownLine) -> str:
    delayed_actions.undo_of_case(actor, cases.CASES.kind, line.report_id)
    return _("Undone. Nothing was sent.")
