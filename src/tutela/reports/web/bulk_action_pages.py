"""Bulk pages of the queue: reports chosen, listed and confirmed, decided, and answered one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.casework.undo import delayed_actions
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.organisations.web.page_access import action
from tutela.reports import cases
from tutela.reports.referrals import bulk_refer
from tutela.reports.referrals.bulk_refer import MOST_REPORTS, ReferralLine
from tutela.reports.triage import known_material
from tutela.reports.triage.known_material import MOST_CHOSEN, KnownLine

REFER, MARK = "reports/bulk_refer.html", "reports/bulk_mark.html"


@dataclass(frozen=True)
class Result[Line: (ReferralLine, KnownLine)]:
    """What became of a chosen report."""

    line: Line
    done: bool
    said: str


@action("reports.refer")
def refer_chosen(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """First what would be referred to whom; with `sure`, what became of each; with `undo`, each undone."""
    try:
        lines = bulk_refer.preview(actor, _chosen(request, MOST_REPORTS))
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
        return redirect("/desk/reports/?state=forward")
    if "undo" in request.POST:
        return _shown(request, REFER, [_result(one, lambda one: _undo(actor, one)) for one in lines], undone=True)
    if "sure" in request.POST:
        return _shown(request, REFER, [_result(one, lambda one: _refer(actor, one)) for one in lines])
    return _shown(request, REFER, [Result(one, bool(one.recipients), "") for one in lines], asked=True)


@action("reports.assess")
def mark_chosen(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """First what would be marked as relevant, and what is left out and why; with `sure` and `undo` as `refer_chosen`.

    Only exact copies of certified items are marked. Everything else is opened and read.
    """
    try:
        lines = known_material.preview(actor, _chosen(request, MOST_CHOSEN))
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
        return redirect("reports")
    if "undo" in request.POST:
        return _shown(request, MARK, [_result(one, lambda one: _undo(actor, one)) for one in lines], undone=True)
    if "sure" in request.POST:
        return _shown(request, MARK, [_result(one, lambda one: _mark(actor, one)) for one in lines])
    return _shown(request, MARK, [Result(one, not one.error, one.error) for one in lines], asked=True)


def _chosen(request: HttpRequest, most: int) -> list[UUID]:
    """The chosen reports, at most one more than allowed. Raises `NotFound` for what is no id."""
    try:
        return [UUID(one) for one in request.POST.getlist("report")[: most + 1]]
    except ValueError:
        raise NotFound from None


def _shown[Line: (ReferralLine, KnownLine)](
    request: HttpRequest, template: str, results: Sequence[Result[Line]], *, asked: bool = False, undone: bool = False
) -> HttpResponse:
    context = {
        "results": results,
        "asked": asked,
        "undone": undone,
        "count": sum(one.done for one in results),
        "waiting": [one.line for one in results if one.done] if not (asked or undone) else [],
        "seconds": delayed_actions.seconds(),
    }
    return render(request, template, context)


def _result[Line: (ReferralLine, KnownLine)](line: Line, act: Callable[[Line], str]) -> Result[Line]:
    try:
        return Result(line, done=True, said=act(line))
    except TutelaError as error:
        return Result(line, done=False, said=str(error))


def _refer(actor: Actor, line: ReferralLine) -> str:
    waits = delayed_actions.perform(actor, cases.REFER, line.report_id, {"open_list": False, "chosen": None})
    return _("Leaves in a few seconds.") if waits else _("Referred.")


def _mark(actor: Actor, line: KnownLine) -> str:
    waits = delayed_actions.perform(actor, cases.MARK, line.report_id, {})
    return _("Leaves in a few seconds.") if waits else _("Marked as relevant.")


def _undo(actor: Actor, line: ReferralLine | KnownLine) -> str:
    delayed_actions.undo_of_case(actor, cases.CASES.kind, line.report_id)
    return _("Undone. Nothing was sent.")
