"""Bulk referral page: chosen on the queue, listed and confirmed, referred, and answered by report."""

from __future__ import annotations

from collections.abc import Callable
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


@dataclass(frozen=True)
class Result:
    """What became of a chosen report."""

    line: ReferralLine
    done: bool
    said: str


@action("reports.refer")
def refer_chosen(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """First what would be referred to whom; with `sure`, what became of each; with `undo`, each undone."""
    try:
        ids = [UUID(one) for one in request.POST.getlist("report")[: MOST_REPORTS + 1]]
        lines = bulk_refer.preview(actor, ids)
    except ValueError:
        raise NotFound from None
    except TutelaError as error:
        messages.error(request, str(error))
        return redirect("/desk/reports/?state=forward")
    if "undo" in request.POST:
        return _shown(request, [_result(one, lambda one: _undo(actor, one)) for one in lines], undone=True)
    if "sure" in request.POST:
        return _shown(request, [_result(one, lambda one: _refer(actor, one)) for one in lines])
    return _shown(request, [Result(one, bool(one.recipients), "") for one in lines], asked=True)


def _shown(request: HttpRequest, results: list[Result], *, asked: bool = False, undone: bool = False) -> HttpResponse:
    context = {
        "results": results,
        "asked": asked,
        "undone": undone,
        "count": sum(one.done for one in results),
        "waiting": [one.line for one in results if one.done] if not (asked or undone) else [],
        "seconds": delayed_actions.seconds(),
    }
    return render(request, "reports/bulk_refer.html", context)


def _result(line: ReferralLine, act: Callable[[ReferralLine], str]) -> Result:
    try:
        return Result(line, done=True, said=act(line))
    except TutelaError as error:
        return Result(line, done=False, said=str(error))


def _refer(actor: Actor, line: ReferralLine) -> str:
    waits = delayed_actions.perform(actor, cases.REFER, line.report_id, {"open_list": False, "chosen": None})
    return _("Leaves in a few seconds.") if waits else _("Referred.")


def _undo(actor: Actor, line: ReferralLine) -> str:
    delayed_actions.undo_of_case(actor, cases.CASES.kind, line.report_id)
    return _("Undone. Nothing was sent.")
