"""Forms with a file that is streamed and never stored."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from functools import wraps
from itertools import islice
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.datastructures import MultiValueDict

from tutela.events.actor import Actor
from tutela.exchange.message.multipart import FileIn, FormUnreadableError

# How a body is read, and how many such pieces of one that nobody wants are read away.
READ, MOST_UNREAD = 64 * 1024, 1024


def reading(request: HttpRequest) -> Callable[[int], bytes]:
    """Return a function that reads a body piece by piece, also a body of unknown length.

    Django reads as much as Content-Length states, and nothing of a chunked body; the server knows where a chunked body
    ends.
    """
    chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    if chunked and not request.META.get("CONTENT_LENGTH"):
        stream: Any = request.META["wsgi.input"]
        return lambda size: bytes(stream.read(size))
    return lambda size: bytes(request.read(size))


def with_file(view: Callable[..., HttpResponseBase], *, longest_field: int = 200) -> Callable[..., HttpResponseBase]:
    """A form whose file is read as it comes and never stored; the view gets it as `upload`, or what is wrong with it.

    Django's own check of the token against forgery would read the whole form first, and lay a large file on the disk.
    1. The fields come before the file, and the token is one of them. 2. It is checked as on any page. 3. What the view
    left unread is read away, so that the browser sees the answer. Outermost decorators: `csrf_exempt`, `action`.
    """

    @wraps(view)
    def inner(request: HttpRequest, actor: Actor, *args: Any, **kwargs: Any) -> HttpResponseBase:
        read = reading(request)
        pieces = iter(lambda: read(READ), b"")
        upload: FileIn | FormUnreadableError
        try:
            upload = FileIn(request.headers.get("Content-Type", ""), pieces, longest_field=longest_field)
        except FormUnreadableError as error:
            upload = error
        refused = _forged(request, upload.fields if isinstance(upload, FileIn) else {})
        if refused is not None:
            return refused
        try:
            return view(request, actor, *args, **kwargs, upload=upload)
        finally:
            deque(islice(pieces, MOST_UNREAD), maxlen=0)

    return inner


def _forged(request: HttpRequest, fields: Mapping[str, str]) -> HttpResponseBase | None:
    """Response to a form without its CSRF token; None if the token is valid."""
    said = QueryDict(mutable=True)
    said.update(dict(fields))
    request._post, request._files = said, MultiValueDict()  # type: ignore[attr-defined]
    check = CsrfViewMiddleware(lambda _request: HttpResponse())
    return check.process_view(request, lambda _request: HttpResponse(), (), {})
