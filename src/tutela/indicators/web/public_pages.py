"""Public pages of the register: its policy, and lawful images proven absent from it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from tutela.events.errors import NotFound
from tutela.events.transaction import acting
from tutela.exchange.register.canaries import canaries
from tutela.exchange.register.policy import NEEDED
from tutela.indicators.hashes import lawful_reference
from tutela.indicators.hashes.builtin_reference import shipped
from tutela.indicators.lifecycle import policy
from tutela.indicators.releases import canary_proofs
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
from tutela.organisations.web.page_access import no_more, public


@public()
def lawful_pictures(request: HttpRequest) -> HttpResponse:
    """Name, source and digests of every canary; what the whole reference is made of, and its digest."""
    return JsonResponse({"pictures": list(canaries()), "reference": _reference()})


@public()
def register_policy(request: HttpRequest) -> HttpResponse:
    """Show the register policy: permitted content, permitted proposers, and announced changes."""
    context = {"now": policy.in_force(), "pending": policy.pending(), "needed": NEEDED, "pin": policy.pin()}
    return render(request, "indicators/policy.html", context)


@public()
def policy_file(request: HttpRequest, version: int) -> HttpResponse:
    """A version of the policy with its signatures. An Edge that joins asks for each until there is none."""
    known = policy.versions()
    found = next((one for one in known if one.policy.version == version), None)
    if found is None:
        newest = known[0].policy.version if known else 0
        raise no_more(request) if version == newest + 1 else Http404()
    name = f'attachment; filename="register-policy-{version}.json"'
    return HttpResponse(found.signed.to_bytes(), content_type="application/json", headers={"Content-Disposition": name})


@public()
def policy_proof(request: HttpRequest, version: int) -> HttpResponse:
    """The `.tlog-proof` of the entry that announced a version of the policy."""
    found = policy.entry(version)
    if found is None:
        raise Http404
    return HttpResponse(found.proof, content_type="text/plain; charset=utf-8")


@public()
def absent(request: HttpRequest, version: int) -> HttpResponse:
    """The proofs that no lawful reference picture is in a release; each can be checked offline."""
    centre = directory.the_centre()
    if centre is None:
        raise Http404
    try:
        found = canary_proofs.canaries(machine(centre.id, "register"), version)
    except NotFound:
        raise Http404 from None
    name = f'attachment; filename="absent-{version}.json"'
    return JsonResponse(found, json_dumps_params={"ensure_ascii": False}, headers={"Content-Disposition": name})


def _reference() -> dict[str, Any]:
    centre = directory.the_centre()
    said: dict[str, Any] = {"packages": list(shipped().packages)}
    if centre is None:
        return said
    with acting(machine(centre.id, "register")):
        found = lawful_reference.standing()
    loads = [
        {"source": one.source, "licence": one.licence, "added": one.added, "at": one.created_at.isoformat()}
        for one in found.loads
    ]
    return {**said, "entries": found.entries, "sha256": found.sha256, "loaded": loads}
