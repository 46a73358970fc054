"""Approval page between a form and its action.

A person confirms exactly that action with a security key, or requests it from a second person. A view marked
`approvable` is called again with the same form after the answer. The action must then be the one that was confirmed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Concatenate

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.exchange.register.approval import Act
from tutela.organisations.approvals import approve, second_person, security_keys
from tutela.organisations.approvals.approve import ApprovalInput
from tutela.organisations.errors import ApprovalError, NeedsKey, NeedsSecond, PersonTooNew
from tutela.organisations.vocabulary.guarded_acts import CHOSEN, KINDS, VALUES
from tutela.organisations.web import repeated_form

# Of many entries so many are named on the page; all of them are in the statement.
MOST_NAMED = 20
_OURS = {"csrfmiddlewaretoken", "challenge", "answer", "ask", "why"}
type View[**P] = Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]


def given(request: HttpRequest) -> ApprovalInput:
    """Read the answer of a security key from the form, if there is one."""
    try:
        challenge = bytes.fromhex(request.POST.get("challenge", ""))
    except ValueError:
        raise NotFound from None
    return ApprovalInput(challenge, request.POST.get("answer", ""))


def answered(request: HttpRequest) -> bool:
    """Whether the form carries the answer of a security key, which confirms exactly this act."""
    return bool(request.POST.get("challenge"))


def carry(request: HttpRequest, name: str, text: str) -> None:
    """Let a field have this text when the form is sent again: a browser gives a chosen file once."""
    request.carried = {**getattr(request, "carried", {}), name: text}  # type: ignore[attr-defined]


def approvable[**P](view: View[P]) -> View[P]:
    """A view whose act its organisation may guard: where something is missing, the page that asks for it."""

    @wraps(view)
    def inner(request: HttpRequest, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        repeated_form.restore(request)
        try:
            return view(request, actor, *args, **kwargs)
        except NeedsSecond as needed:
            return _second(request, actor, needed)
        except PersonTooNew as error:
            return _too_new(request, actor, error)
        except ApprovalError as error:
            return _key(request, actor, error)

    return inner  # type: ignore[return-value]  # the same view, by name


def said(act: Act) -> list[tuple[Promise | str, Promise | str]]:
    """Labels of an action's parameters other than indicators and reason.

    A country is followed by its code.
    """
    parted = [(*name.partition(" ")[::2], value) for name, value in act.chosen.items()]
    return [(CHOSEN.get(name, name) % {"country": of}, VALUES.get(value, value)) for name, of, value in parted]


def shown(act: Act) -> dict[str, object]:
    """An act for a template: what, which entries, and what else was chosen."""
    return {
        "act": act,
        "label": KINDS[act.name].label,
        "said": said(act),
        "named": act.subjects[:MOST_NAMED],
        "more": max(0, len(act.subjects) - MOST_NAMED),
    }


def _too_new(request: HttpRequest, actor: Actor, error: PersonTooNew) -> HttpResponse:
    """Say so, on record."""
    if error.act is not None:
        approve.refused(actor, error.act, error)
    messages.error(request, str(error))
    return redirect("acts")


def _key(request: HttpRequest, actor: Actor, error: ApprovalError) -> HttpResponse:
    """Ask for a security key; after a wrong answer, say so and ask again."""
    if error.act is None:
        raise error
    wrong = "" if isinstance(error, NeedsKey) else str(error)
    if wrong:
        approve.refused(actor, error.act, error)
    asked = approve.ask(actor, error.act)
    question = security_keys.question(asked.person_id, bytes(asked.challenge))
    context = {
        **shown(error.act),
        "challenge": asked.challenge.hex(),
        "question": json.dumps(question),
        "keys": bool(question.get("allowCredentials")),
        "wrong": wrong,
        "form": repeated_form.as_field(_fields(request)),
    }
    return render(request, "organisations/approval.html", context, status=409 if wrong else 200)


def _second(request: HttpRequest, actor: Actor, needed: NeedsSecond) -> HttpResponseBase:
    """Ask for a second person, after a reason was given."""
    act = needed.act
    if act is None:
        raise needed
    if request.POST.get("ask"):
        try:
            second_person.ask(actor, act, request.POST.get("why", ""))
        except PersonTooNew as error:
            return _too_new(request, actor, error)
        except TutelaError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Request sent. The action is carried out when a second person approves it."))
            return redirect("acts")
    context = {**shown(act), "second": True, "why": act.reason, "form": repeated_form.as_field(_fields(request))}
    return render(request, "organisations/approval.html", context)


def _fields(request: HttpRequest) -> Iterator[tuple[str, str]]:
    carried: dict[str, str] = getattr(request, "carried", {})
    yield from carried.items()
    for name, values in request.POST.lists():
        if name not in _OURS and name not in carried:
            yield from ((name, str(value)) for value in values)
