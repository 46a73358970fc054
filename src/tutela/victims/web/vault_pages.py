"""Identity vault: hardware keys of members, and the identity of a case. Every clear text stays in the browser."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, fresh, page
from tutela.organisations.web.steps import done
from tutela.victims.support import work_queue
from tutela.victims.vault import identities, members
from tutela.victims.vault.members import OPEN, EnrolInput
from tutela.victims.web.support_forms import OpeningForm


@page(OPEN)
def show(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Hardware keys that open the vault, and those that wait for a member."""
    rows = members.keys(actor)
    context = {
        "keys": [one for one in rows if one.vault_key],
        "waiting": [one for one in rows if not one.vault_key],
        "member": any(one.vault_key and one.person == actor.reference for one in rows),
        "founds": not any(one.vault_key for one in rows),
        "material": _material(actor),
        "check": _check(actor),
    }
    return render(request, "victims/vault/members.html", context)


@action(OPEN)
@fresh
def enrol(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enrol a hardware key."""
    said = request.POST
    given = EnrolInput(
        credential=said.get("credential", "")[:1400],
        salt=said.get("salt", "")[:64],
        public_half=said.get("public_half", "")[:400],
        private_half=said.get("private_half", "")[:800],
        vault_key=said.get("vault_key", "")[:1200],
        check_value=said.get("check_value", "")[:44],
    )
    work = lambda: members.enrol(actor, given)  # noqa: E731
    return done(request, redirect("vault"), work, _("The hardware key is enrolled."))


@action(OPEN)
@about(members.exists)
@fresh
def admit(request: HttpRequest, actor: Actor, vault_key: UUID) -> HttpResponseBase:
    """Admit a hardware key."""
    work = lambda: members.admit(actor, vault_key, request.POST.get("vault_key", "")[:1200])  # noqa: E731
    return done(request, redirect("vault"), work, _("The hardware key is admitted."))


@action(OPEN)
@confirmed()
@about(members.exists)
@fresh
def end(request: HttpRequest, actor: Actor, vault_key: UUID) -> HttpResponseBase:
    """End a hardware key."""
    return done(request, redirect("vault"), lambda: members.end(actor, vault_key), _("The hardware key has ended."))


@page(OPEN)
def identity(request: HttpRequest, actor: Actor, support: UUID) -> HttpResponse:
    """The identity of a case, to store or to open. The page has no clear text, and sends none."""
    with acting(actor):
        context = {
            "full": work_queue.load(actor, support),
            "material": _material(actor),
            "check": members.check_value(),
            "form": OpeningForm(told=identities.told_by_page(actor, support)),
        }
    return render(request, "victims/vault/identity.html", context)


@action(OPEN)
@about(work_queue.exists)
@fresh
def store(request: HttpRequest, actor: Actor, support: UUID) -> HttpResponseBase:
    """Store the identity of a case."""
    work = lambda: identities.store(actor, support, request.POST.get("identity", "")[:24_000])  # noqa: E731
    return done(request, redirect("support_case", support), work, _("The identity is stored."))


@action(OPEN)
@about(work_queue.exists)
@fresh
def open_identity(request: HttpRequest, actor: Actor, support: UUID) -> HttpResponseBase:
    """Open the identity of a case for a purpose that the person reads."""
    found: list[identities.Ciphertext] = []
    purpose, told = request.POST.get("purpose", "")[:11], request.POST.get("told", "")

    def work() -> None:
        found.append(identities.open_identity(actor, support, purpose, told))

    answer = done(request, redirect("vault_identity", support), work, _("The opening is recorded."))
    if not found:
        return answer
    context = {
        "full": work_queue.load(actor, support),
        "identity": found[0],
        "material": _said(found[0].keys),
        "check": found[0].check_value,
    }
    return render(request, "victims/vault/opened.html", context)


def _material(actor: Actor) -> str:
    with acting(actor):
        return _said(identities.key_material(actor))


def _check(actor: Actor) -> str:
    with acting(actor):
        return members.check_value()


def _said(keys: list[dict[str, str]]) -> str:
    return json.dumps(keys)
