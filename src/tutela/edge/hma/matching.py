"""`/h`, `/m` and `/status`: hash a file, look up a hash or a file, compare two hashes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from tutela.edge.errors import NoTrustedListError
from tutela.edge.fetch.http_client import Fetcher
from tutela.edge.hma.banks import Banks, number_of
from tutela.edge.hma.requests import MOST_BODY_BYTES, read_object
from tutela.edge.hma.responses import HmaError
from tutela.edge.http_api import multipart
from tutela.edge.http_api.middleware import Boundary, tenant_of
from tutela.edge.runtime.scanner import EdgeService
from tutela.edge.runtime.threads import asking, scanning
from tutela.matching import MAX_DISTANCE, Family, Match
from tutela.matching.files.records import unhex
from tutela.media import MINIMUM_QUALITY, FrameHash, Hashed, Refused
from tutela.media.video.formats import HEAD_BYTES, video_format_of
from tutela.scan.outcome import Status, code_of, status_of

# What HMA calls the hashes of each kind of content, as it is set up when nobody changes it.
SIGNALS = {"photo": "pdq", "video": "video_md5"}
_BYTES = {"pdq": 32, "video_md5": 16}
# And what a list and a decision call them.
FAMILIES = {"pdq": "pdq", "video_md5": "md5"}


@dataclass(frozen=True, slots=True)
class _Digests:
    md5: str = ""
    sha1: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a caller sent or named: stated content type, bytes, and other fields."""

    content: str
    data: bytes
    fields: dict[str, Any]


class Matching:
    """The matcher's and the hasher's half of the interface."""

    def __init__(self, service: EdgeService, boundary: Boundary, banks: Banks, fetcher: Fetcher, most: int) -> None:
        self._service, self._boundary, self._banks = service, boundary, banks
        self._fetcher, self._most = fetcher, most

    async def status(self, _: Request) -> Response:
        try:
            self._service.lists.trusted()
        except NoTrustedListError:
            stale = bool(self._service.lists.all())
            return PlainTextResponse("INDEX-STALE" if stale else "INDEX-NOT-LOADED", 503)
        return PlainTextResponse("I-AM-ALIVE")

    async def live(self, _: Request) -> Response:
        return PlainTextResponse("I-AM-ALIVE")

    async def home(self, _: Request) -> Response:
        return RedirectResponse("/status", 302)

    async def hash(self, request: Request) -> Response:
        sent = await self.upload(request)
        result = await self.hashed(request, sent.data)
        return JSONResponse(signals(sent.content, result, wanted(request, sent.content)))

    async def lookup(self, request: Request) -> Response:
        if request.method == "POST" or request.query_params.get("url"):
            return await self._lookup_upload(request)
        kind, value = signal_of(request.query_params.get("signal_type"), request.query_params.get("signal"))
        found = await asking(self._find, *_asked(kind, value))
        return JSONResponse(self._by_bank(found, kind, chosen(request)))

    async def raw_lookup(self, request: Request) -> Response:
        kind, value = signal_of(request.query_params.get("signal_type"), request.query_params.get("signal"))
        found = await asking(self._find, *_asked(kind, value))
        banks = self._by_bank(found, kind, chosen(request))
        # As HMA, where each bank has contents of its own: once for each bank.
        matches = [one for bank in banks.values() for one in {one["bank_content_id"]: one for one in bank}.values()]
        if not _said_yes(request.query_params.get("include_distance")):
            return JSONResponse({"matches": [one["bank_content_id"] for one in matches]})
        return JSONResponse({"matches": matches})

    async def compare(self, request: Request) -> Response:
        body, answer = await read_object(self._boundary, request), dict[str, Any]()
        for kind, pair in body.items():
            if not isinstance(pair, list) or len(pair) != 2:
                raise HmaError(400, "Bad input", f"{kind}: exactly two hashes")
            first, second = (signal_of(kind, one)[1] for one in pair)
            bits = (int.from_bytes(first) ^ int.from_bytes(second)).bit_count()
            limit = MAX_DISTANCE if kind == "pdq" else 0
            answer[kind] = [bits <= limit, {"distance": bits} if kind == "pdq" else {}]
        return JSONResponse(answer)

    async def index_status(self, request: Request) -> Response:
        return JSONResponse({kind: self.index_of(kind) for kind in asked_kinds(request)})

    def index_of(self, kind: str) -> dict[str, Any]:
        """Number of hashes of one kind in the lists, and the time up to which they are current."""
        lists = self._service.lists.all()
        if not lists:
            return {"present": False, "built_to": -1, "size": 0}
        size = sum(one.counts()[FAMILIES[kind]] for live in lists for one in live.matches.snapshots)
        return {"present": True, "built_to": int(min(one.checked_at for one in lists).timestamp()), "size": size}

    async def upload(self, request: Request) -> Upload:
        """The one file of a form, or of an address that may be fetched, with its form fields."""
        fields: dict[str, Any] = {}
        url = request.query_params.get("url")
        if url is not None:
            self._fetcher.check(url)
            self._boundary.hold(request, self._most)
            data = await scanning(self._fetcher.fetch, url)
            # HMA asks the answer's header; what the bytes are is told by themselves.
            seen = "video" if video_format_of(data[:HEAD_BYTES]) else "photo"
            content = request.query_params.get("content_type") or seen
            if request.method == "POST":
                fields = await read_object(self._boundary, request)
        else:
            kind = request.headers.get("content-type", "")
            if request.method != "POST":
                raise HmaError(400, "url is required")
            if not multipart.is_form(kind):
                raise HmaError(400, "Missing multipart/form-data file upload")
            try:
                parts = multipart.parts(await self._boundary.body(request, self._most), kind)
            except multipart.FormError as error:
                raise HmaError(400, "The form cannot be read", error.detail) from None
            found = [part for part in parts if part.is_file]
            other_parts = [part for part in parts if not part.is_file]
            if any(len(part.data) > MOST_BODY_BYTES for part in other_parts):
                raise HmaError(413, "A field of the form is too large", f"at most {MOST_BODY_BYTES} bytes")
            fields = {part.name: part.data.decode("utf-8", "replace") for part in other_parts}
            if len(found) != 1:
                raise HmaError(400, "Only one file allowed per request" if found else "Missing file upload")
            content, data = found[0].name, bytes(found[0].data)
        if content not in SIGNALS:
            raise HmaError(400, f"no such content_type: '{content[:40]}'")
        return Upload(content, data, fields)

    async def hashed(self, request: Request, data: bytes) -> Hashed | Refused:
        """Result of the sandboxed hasher. Raises HmaError only for faults on our side."""
        with self._boundary.limits.scan(request.state.client):
            result = await scanning(self._service.hash, data, tenant_of(request))
        if isinstance(result, Refused) and result.code == "unavailable":
            raise HmaError(503, "The decoders are not running.")
        if status_of(result) is Status.NOT_DECODED:
            self._service.metrics.not_decoded.labels(code_of(result), "hma").inc()
        if status_of(result) is Status.NOT_COMPARED:
            self._service.metrics.not_compared.labels("hma").inc()
        return result

    async def _lookup_upload(self, request: Request) -> Response:
        sent = await self.upload(request)
        only, result = wanted(request, sent.content), await self.hashed(request, sent.data)
        d = result.digests
        digests = _Digests(d.md5, d.sha1, d.sha256) if d else None
        frames = result.frames if isinstance(result, Hashed) else ()
        found = await asking(self._find, digests, frames)
        answer: Any = {kind: self._by_bank(found, kind, chosen(request)) for kind in only}
        if not any(answer.values()) and status_of(result) is Status.NOT_COMPARED:
            raise HmaError(400, "The file is too flat to be compared", code_of(result))
        if not any(answer.values()):
            signals(sent.content, result, only)  # what was not hashed, or not all of it, is never "no match"
        kind = request.query_params.get("signal_type")
        return JSONResponse(answer.get(kind, {}) if kind else answer)

    def _by_bank(self, found: Sequence[Match], kind: str, only: set[str] | None) -> dict[str, list[dict[str, Any]]]:
        """Matches in HMA's form; `by_window` also where only a part matches, which needs a human."""
        banks: dict[str, list[dict[str, Any]]] = {}
        family, names = Family.PDQ if kind == "pdq" else Family.MD5, self._banks.names()
        for match in found:
            if family not in match.families:
                continue
            # HMA has no distance to tell where hashes are equal or nothing.
            distance = str(match.distance or 0) if family is Family.PDQ else "-"
            one: dict[str, Any] = {"bank_content_id": number_of(match.entry_id), "distance": distance}
            if match.by_window:
                one["by_window"] = True
            for name in names[match.list_id]:
                if only is None or name in only:
                    banks.setdefault(name, []).append(one)
        return banks

    def _find(self, digests: _Digests | None, frames: Sequence[FrameHash]) -> list[Match]:
        answers, _ = self._service.lists.match_all([(digests, frames)])
        self._service.metrics.lookups.inc()
        return answers[0]


def signals(content: str, result: Hashed | Refused, only: Sequence[str]) -> dict[str, str]:
    """Hashes of a file in HMA's form; an empty hash could not be computed.

    Raises HmaError (400) for a file that cannot be hashed where a picture was said to be: an empty answer would look
    like "no match".
    """
    if content == "photo" and status_of(result) not in (Status.SCANNED, Status.NOT_COMPARED):
        raise HmaError(400, "The file is not a photo that can be read", code_of(result))
    made = {}
    for kind in only:
        if kind == "video_md5":
            made[kind] = result.digests.md5 if result.digests else ""
        else:
            good = isinstance(result, Hashed) and result.frames and result.frames[0].quality >= MINIMUM_QUALITY
            made[kind] = result.frames[0].pdq.hex() if isinstance(result, Hashed) and good else ""
    return made


def wanted(request: Request, content: str) -> list[str]:
    """The kinds of hash that a caller wants of a content. Raises HmaError for one that there is not."""
    given = request.query_params.get("types")
    if given is None:
        return [SIGNALS[content]]
    kinds = [name.strip() for name in given.split(",") if name.strip()]
    for kind in kinds:
        if kind != SIGNALS[content]:
            raise HmaError(400, f"signal type '{kind[:40]}' doesn't exist or is disabled")
    if not kinds:
        raise HmaError(400, "empty signal type selection")
    return kinds


def asked_kinds(request: Request) -> list[str]:
    """The kinds of hash that a question about their state is for: one, or all. Raises HmaError."""
    only = request.query_params.get("signal_type")
    if only is not None and only not in _BYTES:
        raise HmaError(400, f"No such signal type '{only[:40]}'")
    return [kind for kind in _BYTES if only in (None, kind)]


def signal_of(kind: str | None, value: object) -> tuple[str, bytes]:
    """A hash that a caller gave, read over its whole length. Raises HmaError."""
    if kind is None or value is None:
        raise HmaError(400, "Neither a url nor a signal and signal_type was given")
    if kind not in _BYTES:
        raise HmaError(400, f"No such SignalType '{kind[:40]}'")
    try:
        return kind, unhex(value, _BYTES[kind])
    except ValueError as error:
        raise HmaError(400, f"invalid {kind} signal", str(error)) from None


def chosen(request: Request) -> set[str] | None:
    """The banks that a caller restricts itself to."""
    given = request.query_params.get("banks")
    return {name.strip() for name in given.split(",") if name.strip()} if given else None


def _asked(kind: str, value: bytes) -> tuple[_Digests | None, list[FrameHash]]:
    if kind == "pdq":
        return None, [FrameHash(0, value, 100, (value,))]
    return _Digests(md5=value.hex()), []


def _said_yes(text: str | None) -> bool:
    return (text or "").lower() in {"1", "true", "yes", "on"}
