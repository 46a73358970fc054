"""Ask before a decision on a case that a colleague has claimed. The decision stays possible."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from tutela.casework.assignment import claim
from tutela.casework.assignment.subjects import case_of
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.web import repeated_form

type Page[**P] = Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]
# Field of a form that was sent after the question.
ANYWAY = "claimed_anyway"


def asks_if_claimed[**P](kind: str) -> Callable[[Page[P]], Page[P]]:
    """Show the question instead of the decision, with the same form to send again. The first part of the address is
    the case. A form with a file is not asked about, because the file could not be sent again.
    """

    def decorate(view: Page[P]) -> Page[P]:
        @wraps(view)
        def inner(request: HttpRequest, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            repeated_form.restore(request)
            subject: Any = next(iter(kwargs.values()))
            asked = request.method == "POST" and ANYWAY not in request.POST and not request.FILES
            found = claim.of_colleague(actor, kind, subject) if asked and isinstance(subject, UUID) else None
            if found is None:
                return view(request, actor, *args, **kwargs)
            return _question(request, actor, kind, subject, found)

        return inner  # type: ignore[return-value]  # the same view, by name

    return decorate


def _question(
    request: HttpRequest, actor: Actor, kind: str, subject: UUID, found: claim.ClaimState
) -> HttpResponseBase:
    with acting(actor):
        back = case_of(actor, kind, subject).url
    given = [(name, one) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for one in values]
    context = {"claim": found, "form": repeated_form.as_field(given), "anyway": ANYWAY, "back": back}
    return render(request, "casework/work/claimed.html", context, status=409)
