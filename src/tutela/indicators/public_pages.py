"""What the register shows to everybody: which lawful pictures are proven not to be in it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from tutela.events.errors import NotFound
from tutela.indicators import releases
from tutela.indicators.lawful import canaries
from tutela.organisations import directory
from tutela.organisations.founding import machine
from tutela.organisations.web import public


@public()
def lawful_pictures(request: HttpRequest) -> HttpResponse:
    """Name, source and digests of every lawful reference picture."""
    return JsonResponse({"pictures": list(canaries())})


@public()
def absent(request: HttpRequest, version: int) -> HttpResponse:
    """The proofs that no lawful reference picture is in a release; each can be checked offline."""
    centre = directory.the_centre()
    if centre is None:
        raise Http404
    try:
        found = releases.canaries(machine(centre.id, "register"), version)
    except NotFound:
        raise Http404 from None
    return JsonResponse(found, headers={"Content-Disposition": f'attachment; filename="absent-{version}.json"'})
