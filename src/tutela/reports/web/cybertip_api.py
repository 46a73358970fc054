"""CyberTipline interface over HTTP: paths, Basic authentication, and upload without disk access.

The password is an API key with the scope `reports:submit`; the user name is the sender's own and only echoed. Every
answer is XML and has a `Request-ID`, including refusals.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt

from tutela.events.errors import Forbidden
from tutela.exchange.cybertip import Code, answer, done, xsd
from tutela.exchange.cybertip.parser import MOST_BYTES
from tutela.exchange.cybertip.responses import welcome
from tutela.exchange.message.multipart import FormUnreadableError
from tutela.organisations.errors import BadCredentials, OtherRecipient
from tutela.organisations.keys.sealed_files import NoRoom
from tutela.organisations.people import api_keys
from tutela.organisations.web.api_keys import basic
from tutela.organisations.web.form_files import reading
from tutela.organisations.web.page_access import public
from tutela.reports.evidence.sealing import Stream
from tutela.reports.evidence.storage import StoragePlan
from tutela.reports.intake import cybertip_submission
from tutela.reports.intake.cybertip_session import CybertipRefusal, Desk
from tutela.reports.intake.multipart import FileForm

# So many elements of a later version are named in an answer.
MOST_NAMED = 20
XML = "text/xml; charset=utf-8"
# Why a file that came before its report's number is not kept, as events note it and as its sender is told.
NO_REPORT = "no_report"
NOT_KEPT = (
    "hashed only, the file is not stored here; preserve the file and enter its place in fileDetails/locationOfFile"
)
ID_LATE = "hashed only, because id came after file; send id first, and preserve this file"
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")

type View = Callable[[HttpRequest, Desk], HttpResponse]


def call(method: str, *, finishing: bool = False) -> Callable[[View], Callable[[HttpRequest], HttpResponse]]:
    """Decorate a path of the interface: authenticate the caller, and send every refusal in the form clients read."""

    def decorate(view: View) -> Callable[[HttpRequest], HttpResponse]:
        @public(writes=True)
        @csrf_exempt
        @wraps(view)
        def inner(request: HttpRequest) -> HttpResponse:
            try:
                desk = _desk(request)
                if request.method != method:
                    raise CybertipRefusal(Code.INVALID_REQUEST, f"use {method}")
                response = view(request, desk)
            except CybertipRefusal as refused:
                response = _refused(request, refused, finishing=finishing)
            response["Request-ID"] = request.id  # type: ignore[attr-defined]
            response["Cache-Control"] = "no-store"
            return response

        return inner  # type: ignore[no-any-return]  # `public` gives back what it was given

    return decorate


@call("GET")
def status(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Whether one's credentials work."""
    return _xml(welcome(basic(request)[0][:80], request.META.get("REMOTE_ADDR", "")))


@call("GET")
def schema(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The schema in force."""
    return _xml(xsd().encode())


@call("POST")
def submit(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Open a report."""
    number, later = cybertip_submission.submit(desk, _document(request))
    return _xml(answer(Code.SUCCESS, _kept(later), report=number))


@call("POST")
def upload(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Hash a file of an open report as it streams, and seal it to whom the report is for. `id` comes before `file`."""
    if request.content_type != _FORMS[0]:
        raise CybertipRefusal(Code.INVALID_REQUEST, "send multipart/form-data")
    form = FileForm(lambda fields, name: _stream(desk, fields, name))
    try:
        form.read(request.META.get("CONTENT_TYPE", ""), reading(request))
    except FormUnreadableError as error:
        raise CybertipRefusal(Code.MALFORMED_FILE, error.detail) from None
    except NoRoom:
        raise CybertipRefusal(Code.UPLOAD_FAILED, cybertip_submission.NO_ROOM) from None
    if form.file is None:
        raise CybertipRefusal(Code.MALFORMED_FILE, "send exactly one part named file")
    streamed = form.file.close()
    try:
        number = _known(form.fields)
    except CybertipRefusal:
        streamed.discard()
        raise
    file, why = cybertip_submission.add_file(desk, number, streamed)
    # A provider without this message would assume that the authority gets the file, and would delete the only copy.
    said = ID_LATE if why == NO_REPORT else NOT_KEPT if why else ""
    return _xml(answer(Code.SUCCESS, said, report=number, file=file, md5=streamed.inside.md5))


def _stream(desk: Desk, fields: dict[str, str], name: str) -> Stream:
    """Return the receiver of the file.

    A file before its report's number has no known recipient, so it is only hashed.
    """
    return (
        cybertip_submission.begin_file(desk, _known(fields), name)
        if "id" in fields
        else Stream(name, StoragePlan(None, NO_REPORT))
    )


@call("POST")
def fileinfo(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Note the details of an uploaded file."""
    number, later = cybertip_submission.add_details(desk, _document(request))
    return _xml(answer(Code.SUCCESS, _kept(later), report=number))


@call("POST", finishing=True)
def finish(request: HttpRequest, desk: Desk) -> HttpResponse:
    """File the report."""
    number = _number(request)
    return _xml(done(Code.SUCCESS, number, cybertip_submission.finish(desk, number)))


@call("POST")
def retract(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take an open report back."""
    number = _number(request)
    cybertip_submission.retract(desk, number)
    return _xml(answer(Code.SUCCESS, report=number))


@public(writes=True)
@csrf_exempt
def unknown(request: HttpRequest, path: str) -> HttpResponse:
    """Any other path below the base."""
    response = _xml(answer(Code.RESOURCE_NOT_FOUND), 404)
    response["Request-ID"] = request.id  # type: ignore[attr-defined]
    return response


def _desk(request: HttpRequest) -> Desk:
    try:
        caller = api_keys.presented(basic(request)[1])
        sender, centre = caller.actor, caller.centre
        caller.require_recipient(centre.id if centre else None)
        sender.require("reports.submit")
    except BadCredentials:
        raise CybertipRefusal(Code.AUTHENTICATION_REQUIRED) from None
    except (Forbidden, OtherRecipient):
        raise CybertipRefusal(Code.NOT_AUTHORIZED) from None
    if centre is None or not sender.verified or sender.organisation_kind != "provider":
        raise CybertipRefusal(Code.NOT_AUTHORIZED)
    return Desk(sender, centre)


def _kept(later: list[str]) -> str:
    """Return the message about elements of a later version."""
    more = f" and {len(later) - MOST_NAMED} more" if len(later) > MOST_NAMED else ""
    return (
        f"stored as text, because this version does not know them: {', '.join(later[:MOST_NAMED])}{more}"
        if later
        else ""
    )


def _document(request: HttpRequest) -> bytes:
    # Known clients label their documents so, or not at all.
    if request.content_type not in ("text/xml", "application/xml", "text/plain", ""):
        raise CybertipRefusal(Code.INVALID_REQUEST, "send text/xml")
    read, body = reading(request), bytearray()
    while len(body) <= MOST_BYTES and (piece := read(MOST_BYTES + 1 - len(body))):
        body += piece
    return bytes(body)


def _number(request: HttpRequest) -> int:
    if request.content_type not in _FORMS:
        raise CybertipRefusal(Code.INVALID_REQUEST, "send a form")
    try:
        text = request.POST.get("id", "").strip()
    except (MultiPartParserError, RequestDataTooBig, SuspiciousOperation):
        raise CybertipRefusal(Code.MALFORMED_FILE) from None
    return _known({"id": text})


def _known(fields: dict[str, str]) -> int:
    text = fields.get("id", "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise CybertipRefusal(Code.INVALID_REQUEST, "id: must be the number of a report")
    return int(text)


def _refused(request: HttpRequest, refused: CybertipRefusal, *, finishing: bool) -> HttpResponse:
    if finishing:
        try:
            number = _number(request)
        except CybertipRefusal:
            number = 0
        response = _xml(done(refused.code, number), refused.code.status)
    else:
        response = _xml(answer(refused.code, refused.said), refused.code.status)
    if refused.code is Code.SERVER_ERROR:
        response.status_code = 503
    if refused.code in (Code.UPLOAD_FAILED, Code.SERVER_ERROR):
        response["Retry-After"] = "60"
    if refused.code is Code.AUTHENTICATION_REQUIRED:
        response["WWW-Authenticate"] = 'Basic realm="CyberTipline interface"'
    return response


def _xml(body: bytes, status: int = 200) -> HttpResponse:
    return HttpResponse(body, status=status, content_type=XML)
