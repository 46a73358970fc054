"""Public log over HTTP without sign-in: checkpoint, tiles and policy for programs, a page for people."""

from __future__ import annotations

import json
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tutela.accountability.public_log import log, status
from tutela.organisations.web.page_access import public

FOREVER = "public, max-age=31536000, immutable"
CACHE_CONTROL = "public, max-age=5"
TEXT = "text/plain; charset=utf-8"
LATEST, RELEASES = 20, 5
# No log has more entries (tlog-tiles); of a longer number nothing is made.
MOST_DIGITS = 19


@public()
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest published checkpoint with its signatures (tlog-tiles)."""
    return _file("checkpoint", TEXT, CACHE_CONTROL)


@public()
def tile(request: HttpRequest, path: str) -> HttpResponse:
    """A tile of hashes or a bundle of entries; it never changes."""
    return _file(f"tile/{path}", "application/octet-stream", FOREVER)


@public()
def policy(request: HttpRequest) -> HttpResponse:
    """The log's keys, its witnesses and its quorum (tlog-policy). Compare it with a copy that you got elsewhere."""
    return HttpResponse(log.policy_text(), content_type=TEXT, headers={"Cache-Control": CACHE_CONTROL})


@public()
def proof(request: HttpRequest, index: int) -> HttpResponse:
    """The `.tlog-proof` of an entry."""
    try:
        data = log.proof(index)
    except LookupError:
        raise Http404 from None
    return HttpResponse(data, content_type=TEXT, headers={"Cache-Control": CACHE_CONTROL})


@public()
def entry(request: HttpRequest, index: int) -> HttpResponse:
    """An entry's bytes, as they were logged."""
    data = log.entry(index)
    if data is None:
        raise Http404
    return HttpResponse(data, content_type="application/json", headers={"Cache-Control": FOREVER})


@public()
def overview(request: HttpRequest) -> HttpResponse:
    """Size, growth, witnesses, releases, entries a page at a time, and how to check each claim oneself."""
    state = status.state()
    if state is None:
        return render(request, "accountability/log.html", {"state": None}, status=HTTPStatus.OK)
    before = _before(request, state.size)
    shown = [(index, _shown(data)) for index, data in status.newest(LATEST, before)]
    context = {
        "state": state,
        "newest": shown,
        "address": _address(request),
        "pin": log.first_policy(),
        "releases": [(index, _shown(data)) for index, data in log.released(RELEASES)],
        "older": shown[-1][0] if shown and shown[-1][0] > 0 else None,
        "newer": min(before + LATEST, state.size) if before < state.size else None,
        "last": state.size - 1,
    }
    return render(request, "accountability/log.html", context)


def _before(request: HttpRequest, size: int) -> int:
    """Return the number below which shown entries end.

    The number is that given in `before`, or the one after entry `number`, which is included.
    """
    for name, more in (("number", 1), ("before", 0)):
        asked = request.GET.get(name, "").strip()
        if asked.isascii() and asked.isdecimal() and len(asked) <= MOST_DIGITS:
            return max(1, min(int(asked) + more, size))
    return size


def _shown(data: bytes) -> dict[str, object]:
    found: dict[str, object] = json.loads(data)
    return found


def _address(request: HttpRequest) -> str:
    return request.build_absolute_uri("/log")


def _file(path: str, content_type: str, cached: str) -> HttpResponse:
    folder = log.folder()
    try:
        data = (folder / path).read_bytes()
    except (OSError, ValueError):
        raise Http404 from None
    return HttpResponse(data, content_type=content_type, headers={"Cache-Control": cached})
