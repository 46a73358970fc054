"""The register over HTTP: releases for Edges, proposals and certifications for members' machines."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.exchange.alarm import EdgeAlarm
from tutela.exchange.films import Film
from tutela.indicators import alarms, fetching, foreign_releases, grants, hash_line, hosted, register, votes
from tutela.indicators.errors import NotJson
from tutela.indicators.hashes import Given
from tutela.indicators.models import Grant
from tutela.indicators.provenance import MOST, Stated, Told
from tutela.indicators.showing import Held
from tutela.organisations import directory, inbox
from tutela.organisations.web import Key

router = Router(tags=["Register"])


class HashIn(Schema):
    model_config = ConfigDict(extra="forbid")
    kind: Annotated[str, Field(pattern="^(md5|sha1|sha256|pdq)$")]
    value: Annotated[str, Field(max_length=64)]
    quality: Annotated[int, Field(ge=0, le=100)] | None = None
    hasher: Annotated[str, Field(max_length=40)] = ""
    structure: Annotated[str, Field(max_length=64)] = ""
    covers: Annotated[float, Field(gt=0, le=1)] = 1.0


class LegalityIn(Schema):
    """Whether an item is illegal in a country (ISO 3166-1), and by which norm."""

    model_config = ConfigDict(extra="forbid")
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    illegal: bool
    norm: Annotated[str, Field(max_length=300)] = ""


class ProposalIn(Schema):
    """`video` is the `picture` of a line of `tutela hash`: what it says of a video and its frames; or give `vpdq`."""

    model_config = ConfigDict(extra="forbid")
    hashes: Annotated[list[HashIn], Field(max_length=50)] = []
    video: dict[str, Any] | None = None
    vpdq: list[str] | str | None = None
    media_type: str
    classification: str
    reason: str
    series: str = ""
    source: Annotated[str, Field(max_length=80)] = ""
    legality: Annotated[list[LegalityIn], Field(max_length=MOST)] = []


class DigestIn(Schema):
    model_config = ConfigDict(extra="forbid")
    kind: Annotated[str, Field(pattern="^(md5|sha1|sha256)$")]
    value: Annotated[str, Field(max_length=64)]


class HeldIn(Schema):
    """What a certifier has of its own copy of a video: its digests, or its `picture` as `tutela hash` says it."""

    model_config = ConfigDict(extra="forbid")
    digests: Annotated[list[DigestIn], Field(max_length=3)] = []
    video: dict[str, Any] | None = None
    vpdq: list[str] | str | None = None


class ReasonIn(Schema):
    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, Field(min_length=1, max_length=300)]


class FeedbackIn(Schema):
    model_config = ConfigDict(extra="forbid")
    verdict: Annotated[str, Field(pattern="^(confirmed|false)$")]
    note: Annotated[str, Field(max_length=300)] = ""


class DigestsIn(Schema):
    model_config = ConfigDict(extra="forbid")
    digests: Annotated[list[DigestIn], Field(min_length=1, max_length=hosted.MOST_AT_ONCE)]


class ListedOut(Schema):
    """`match` is 1 or 0, `entry` zeros where nothing matched: every answer has the same length."""

    match: int
    entry: UUID


class MatchesOut(Schema):
    results: list[ListedOut]


class PointsIn(Schema):
    model_config = ConfigDict(extra="forbid")
    points: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=hosted.MOST_AT_ONCE)]


class PointsOut(Schema):
    points: list[str]
    proof: str
    key: str


class FeedbackOut(Schema):
    suspended: bool


class GrantOut(Schema):
    """`degree`: `shadow` counts alone, `review` acts once a person has looked, `act` acts at once."""

    list_id: str
    purpose: str
    legal_basis: str
    degree: str
    valid_from: datetime
    valid_to: datetime
    state: str

    @classmethod
    def of(cls, row: Grant) -> GrantOut:
        """A grant as its holder reads it."""
        return cls(
            list_id=row.list_id, purpose=row.purpose, legal_basis=row.legal_basis, degree=row.degree,
            valid_from=row.valid_from, valid_to=row.valid_to, state=grants.state_of(row),
        )  # fmt: skip


class GrantsOut(Schema):
    grants: list[GrantOut]


class ProposedOut(Schema):
    id: UUID


class CertifiedOut(Schema):
    active: bool


@router.get("/releases/{list_id}/head", auth=Key("releases.read"))
def head(request: HttpRequest, list_id: str) -> HttpResponse:
    return _part(request, list_id, None, "head")


@router.get("/releases/{list_id}/grants", auth=Key("releases.read"), response=GrantsOut)
def own_grants(request: HttpRequest, list_id: str) -> GrantsOut:
    """What the caller's grants of a list allow: for which purpose, to which degree, from when to when."""
    found = grants.mine(_as_centre(request), request.auth, list_id)  # type: ignore[attr-defined]
    return GrantsOut(grants=[GrantOut.of(one) for one in found])


@router.get("/releases/{list_id}/{int:version}/manifest", auth=Key("releases.read"))
def manifest(request: HttpRequest, list_id: str, version: int) -> HttpResponse:
    return _part(request, list_id, version, "manifest")


@router.get("/releases/{list_id}/{int:version}/snapshot", auth=Key("releases.read"))
def snapshot(request: HttpRequest, list_id: str, version: int) -> HttpResponse:
    return _part(request, list_id, version, "snapshot")


@router.get("/releases/{list_id}/{int:version}/changes", auth=Key("releases.read"))
def changes(request: HttpRequest, list_id: str, version: int) -> HttpResponse:
    """What a version changes in the snapshot that its manifest names, or what was folded into its own."""
    return _part(request, list_id, version, "changes")


@router.get("/releases/{list_id}/{int:version}/proof", auth=Key("releases.read"))
def proof(request: HttpRequest, list_id: str, version: int) -> HttpResponse:
    """That the public log names this release: a .tlog-proof whose extra is the log's entry."""
    return _part(request, list_id, version, "proof")


@router.get("/releases/{list_id}/removed/{sha256}", auth=Key("releases.read"))
def removed(request: HttpRequest, list_id: str, sha256: str) -> HttpResponse:
    """The ids that a head removes, where they are too many for the head: 16 bytes each."""
    data = fetching.removed_for(_as_centre(request), request.auth, list_id, sha256)  # type: ignore[attr-defined]
    return _file(data, "removed")


@router.get("/passed-on/{uuid:organisation}/{list_id}/removed/{sha256}", auth=Key("releases.read"))
def passed_removed(request: HttpRequest, organisation: UUID, list_id: str, sha256: str) -> HttpResponse:
    """The same of a list that is passed on."""
    data = foreign_releases.removed_for(organisation, request.auth, list_id, sha256)  # type: ignore[attr-defined]
    return _file(data, "removed")


@router.get("/passed-on/{uuid:organisation}/{list_id}/head", auth=Key("releases.read"))
def passed_head(request: HttpRequest, organisation: UUID, list_id: str) -> HttpResponse:
    """The head of a list of another that an organisation passes on."""
    return _passed(request, organisation, list_id, None, "head")


@router.get("/passed-on/{uuid:organisation}/{list_id}/{int:version}/manifest", auth=Key("releases.read"))
def passed_manifest(request: HttpRequest, organisation: UUID, list_id: str, version: int) -> HttpResponse:
    return _passed(request, organisation, list_id, version, "manifest")


@router.get("/passed-on/{uuid:organisation}/{list_id}/{int:version}/snapshot", auth=Key("releases.read"))
def passed_snapshot(request: HttpRequest, organisation: UUID, list_id: str, version: int) -> HttpResponse:
    return _passed(request, organisation, list_id, version, "snapshot")


@router.post("/releases/{list_id}/alarms", auth=Key("releases.read"), response={202: None})
def alarm(request: HttpRequest, list_id: str) -> tuple[int, None]:
    """An Edge says what it refused (schema edge-alarm). The same alarm twice is one."""
    centre = directory.the_centre()
    if centre is None:
        raise NotFound
    machine = directory.acting_for(centre, request.auth.reference, request.auth.name)  # type: ignore[attr-defined]
    message = EdgeAlarm.from_bytes(request.body)
    alarms.receive(machine.with_purpose("database_access"), request.auth, list_id, message)  # type: ignore[attr-defined]
    return 202, None


@router.post("/releases/{list_id}/entries/{uuid:indicator}/feedback", auth=Key("releases.read"), response=FeedbackOut)
def feedback(request: HttpRequest, list_id: str, indicator: UUID, body: FeedbackIn) -> FeedbackOut:
    """A recipient says how a match with an entry turned out. False positives of two providers suspend the entry."""
    centre = directory.the_centre()
    if centre is None:
        raise NotFound
    machine = directory.acting_for(centre, request.auth.reference, request.auth.name)  # type: ignore[attr-defined]
    suspended = votes.feedback(
        machine.with_purpose("data_quality"), request.auth, list_id, indicator, body.verdict, body.note  # type: ignore[attr-defined]
    )  # fmt: skip
    return FeedbackOut(suspended=suspended)


@router.post("/matches/{list_id}/{uuid:indicator}", auth=Key("reports.submit"), response=FeedbackOut)
def match(request: HttpRequest, list_id: str, indicator: UUID) -> HttpResponse:
    """A provider's desk says how a match turned out; the same idempotency key is answered the same way."""
    centre = directory.the_centre()
    if centre is None:
        raise NotFound
    sender: Actor = request.auth  # type: ignore[attr-defined]
    machine = directory.acting_for(centre, sender.reference, sender.name).with_purpose("data_quality")
    said = FeedbackIn.model_validate_json(request.body)

    def work() -> tuple[int, str]:
        suspended = votes.of_desk(machine, sender, list_id, indicator, said.verdict, said.note)
        return 200, FeedbackOut(suspended=suspended).model_dump_json()

    key = request.headers.get("Idempotency-Key", "")
    status, answer = inbox.once(machine, sender.organisation_id, key, request.body, work)
    return HttpResponse(answer, status=status, content_type="application/json")


@router.post("/match", auth=Key("matches.ask"), response=MatchesOut)
def match_digests(request: HttpRequest, body: DigestsIn) -> MatchesOut:
    """Whether digests are listed, for those who may not hold the list. No distances, answers of one length."""
    found = hosted.match(_as_centre(request), request.auth, [(one.kind, one.value) for one in body.digests])  # type: ignore[attr-defined]
    return MatchesOut(results=[ListedOut(match=int(one != hosted.NOTHING), entry=one) for one in found])


@router.post("/lookup/values", auth=Key("matches.ask"), response=PointsOut)
def lookup_values(request: HttpRequest, body: PointsIn) -> PointsOut:
    """Blinded points times the look-up's secret, with one proof (RFC 9497, VOPRF with ristretto255 and SHA-512)."""
    points, proof, key = hosted.evaluate(_as_centre(request), request.auth, body.points)  # type: ignore[attr-defined]
    return PointsOut(points=points, proof=proof, key=key)


@router.get("/lookup/set", auth=Key("matches.ask"))
def lookup_set(request: HttpRequest) -> HttpResponseBase:
    """The values of everything active, cut short and in order; looked through by the client itself."""
    known = request.headers.get("If-None-Match", "").strip('"')
    file, tag = hosted.values(_as_centre(request), request.auth, known)  # type: ignore[attr-defined]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-store"}
    if file is None:
        return HttpResponse(status=304, headers=headers)
    return FileResponse(file.open("rb"), content_type="application/octet-stream", headers=headers)


@router.post("/indicators", auth=Key("indicators.propose"), response={201: ProposedOut})
def propose(request: HttpRequest, body: ProposalIn) -> tuple[int, ProposedOut]:
    """Propose an item by its digests, computed where it lies."""
    given = [Given(h.kind, h.value, h.quality, h.hasher, h.structure, h.covers) for h in body.hashes]
    made = register.propose(
        _actor(request), given=given, media_type=body.media_type, classification=body.classification,
        reason=body.reason, series=body.series, film=_film(body.video, body.vpdq),
        told=Told(body.source, [Stated(one.country, one.illegal, one.norm) for one in body.legality]),
    )  # fmt: skip
    return 201, ProposedOut(id=made)


# Read by hand, since it may be missing. `DigestIn` stands in the document already, of `/match`.
_HELD = HeldIn.model_json_schema(ref_template="#/components/schemas/{model}")
del _HELD["$defs"]


@router.post(
    "/indicators/{uuid:indicator}/certifications",
    auth=Key("indicators.certify"),
    response={201: CertifiedOut},
    openapi_extra={"requestBody": {"content": {"application/json": {"schema": _HELD}}}},
)
def certify(request: HttpRequest, indicator: UUID) -> tuple[int, CertifiedOut]:
    """Stand behind an indicator as the second organisation; behind a video with what shows that one holds it."""
    held = None
    if request.body:
        if request.content_type != "application/json":
            raise NotJson
        said = HeldIn.model_validate_json(request.body)
        held = Held([Given(one.kind, one.value) for one in said.digests], _film(said.video, said.vpdq))
    return 201, CertifiedOut(active=register.certify(_actor(request), indicator, held))


def _film(video: dict[str, Any] | None, vpdq: list[str] | str | None) -> Film | None:
    if video is not None:
        return hash_line.frames_of(video)
    return hash_line.frames_of_vpdq(vpdq) if vpdq is not None else None


def _as_centre(request: HttpRequest) -> Actor:
    centre = directory.the_centre()
    if centre is None:
        raise NotFound
    machine = directory.acting_for(centre, request.auth.reference, request.auth.name)  # type: ignore[attr-defined]
    return machine.with_purpose("database_access")


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor.with_purpose("indicators")


def _part(request: HttpRequest, list_id: str, version: int | None, part: str) -> HttpResponse:
    centre = directory.the_centre()
    if centre is None:
        raise NotFound
    machine = directory.acting_for(centre, request.auth.reference, request.auth.name)  # type: ignore[attr-defined]
    data = fetching.for_recipient(
        machine.with_purpose("database_access"), request.auth, list_id, version, part  # type: ignore[attr-defined]
    )  # fmt: skip
    return _file(data, part)


def _passed(request: HttpRequest, owner: UUID, list_id: str, version: int | None, part: str) -> HttpResponse:
    return _file(foreign_releases.for_recipient(owner, request.auth, list_id, version, part), part)  # type: ignore[attr-defined]


def _file(data: bytes, part: str) -> HttpResponse:
    kind = "application/octet-stream" if part in ("snapshot", "changes", "removed") else "application/json"
    return HttpResponse(data, content_type=kind, headers={"Cache-Control": "no-store"})
