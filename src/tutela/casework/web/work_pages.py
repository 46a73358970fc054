"""Pages of shared work on cases: the steps on one case, who views it, the next case, notes for a disclosure, undo."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.casework.assignment import claim, follow, labels, next_case, notes
from tutela.casework.assignment import viewers as case_viewers
from tutela.casework.assignment.subjects import WorkSubject, case_of
from tutela.casework.undo import delayed_actions
from tutela.casework.undo.errors import AlreadySentOut
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, NotFound, TutelaError
from tutela.events.transaction import acting


def _claim(request: HttpRequest, actor: Actor, kind: str, subject: UUID) -> str:
    claim.claim(actor, kind, subject)
    return _("You have claimed this case.")


def _release(request: HttpRequest, actor: Actor, kind: str, subject: UUID) -> str:
    claim.release(actor, kind, subject)
    return _("You have released this case.")


def _assign(request: HttpRequest, actor: Actor, kind: str, subject: UUID) -> str:
    name = claim.assign(actor, kind, subject, request.POST.get("colleague", "")[:80])
    return _("Assigned to %(name)s.") % {"name": name}


def _follow(request: HttpRequest, actor: Actor, kind: str, subject: UUID) -> str:
    follow.follow(actor, kind, subject)
    return _("You follow this case. You are notified of notes and decisions.")


def _unfollow(request: HttpRequest, actor: Actor, kind: str, subject: UUID) -> str:
    follow.unfollow(actor, kind, subject)
    return _("You no longer follow this case.")


def _label(request: HttpRequest, actor: Actor, kind: str, subject: UUID) -> str:
    labels.add(actor, kind, subject, request.POST.get("label", "")[:400])
    return _("Label added.")


def _unlabel(request: HttpRequest, actor: Actor, kind: str, subject: UUID) -> str:
    labels.remove(actor, kind, subject, request.POST.get("label", "")[:400])
    return _("Label removed.")


def _note(request: HttpRequest, actor: Actor, kind: str, subject: UUID) -> str:
    given = request.POST
    notes.add(actor, kind, subject, given.get("note_kind", ""), given.get("text", ""))
    return _("Note saved.")


def _pass(request: HttpRequest, actor: Actor, kind: str, subject: UUID) -> str:
    claim.pass_on(actor, kind, subject)
    return ""


def _undo(request: HttpRequest, actor: Actor, kind: str, subject: UUID) -> str:
    delayed_actions.undo(actor, _pending(request))
    return _("Undone. Nothing was sent.")


def _send_now(request: HttpRequest, actor: Actor, kind: str, subject: UUID) -> str:
    delayed_actions.apply_now(actor, _pending(request))
    return _("Sent.")


STEPS: dict[str, Callable[[HttpRequest, Actor, str, UUID], str]] = {
    "claim": _claim,
    "release": _release,
    "assign": _assign,
    "follow": _follow,
    "unfollow": _unfollow,
    "label": _label,
    "unlabel": _unlabel,
    "note": _note,
    "pass": _pass,
    "undo": _undo,
    "send_now": _send_now,
}


def step(request: HttpRequest, actor: Actor, subject: WorkSubject, subject_id: UUID) -> HttpResponseBase:
    """One step on a case: claim, release, assign, pass, follow, label, note, undo."""
    with acting(actor):
        back = case_of(actor, subject.kind, subject_id).url
    name = request.POST.get("step", "")
    if name not in STEPS:
        raise NotFound
    try:
        said = STEPS[name](request, actor, subject.kind, subject_id)
    except (NotFound, Forbidden):
        raise NotFound from None
    except TutelaError as error:
        messages.error(request, str(error))
        return redirect(back)
    if name == "pass" and subject.offers_next(actor):
        return redirect(f"work_next_{subject.kind}")
    if said:
        messages.success(request, said)
    return redirect(f"{back}#notes" if name == "note" else back)


def viewers(request: HttpRequest, actor: Actor, subject: WorkSubject, subject_id: UUID) -> HttpResponse:
    """Who else has the case open now; the page asks every 30 seconds."""
    found = case_viewers.beat(actor, subject.kind, subject_id)
    return render(request, "casework/work/viewers.html", {"viewers": found})


def following(request: HttpRequest, actor: Actor, subject: WorkSubject) -> HttpResponse:
    """Metadata of the next case. Nothing of it is opened."""
    return render(request, "casework/work/next.html", {"offer": next_case.offer(actor, subject.kind)})


def offer(request: HttpRequest, actor: Actor, subject: WorkSubject) -> HttpResponse:
    """The same as a part of the page of a case that was decided."""
    return render(request, "casework/work/offer.html", {"offer": next_case.offer(actor, subject.kind)})


def disclosure(request: HttpRequest, actor: Actor, subject: WorkSubject, subject_id: UUID) -> HttpResponse:
    """Every note of a case, for a disclosure."""
    found = notes.disclosable(actor, subject.kind, subject_id)
    with acting(actor):
        case = case_of(actor, subject.kind, subject_id)
    body = {
        "case": case.title,
        "kind": str(subject.label),
        "organisation": actor.organisation_name,
        "notes": [
            {"kind": one.kind.value, "text": one.text, "author": one.by_name, "at": one.at.isoformat()} for one in found
        ],
    }
    headers = {"Content-Disposition": f'attachment; filename="notes-{subject_id}.json"'}
    return JsonResponse(body, json_dumps_params={"indent": 2, "ensure_ascii": False}, headers=headers)


def _pending(request: HttpRequest) -> UUID:
    """The action that the form is about. Raises `AlreadySentOut` for none."""
    try:
        return UUID(request.POST.get("pending", ""))
    except ValueError:
        raise AlreadySentOut from None
