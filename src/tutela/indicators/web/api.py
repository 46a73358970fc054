"""Register API: proposals, certifications and matches of members' clients, and single-digest queries.

Endpoints for Edges are in `release_api`.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from tutela.events.actor import Actor
from tutela.indicators.errors import NotJson
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.hosted_matching import match as hosted_matching_match
from tutela.indicators.imports.schema import ItemIn, frames
from tutela.indicators.register import certify as register_certify
from tutela.indicators.register import match_feedback
from tutela.indicators.register import propose as register_propose
from tutela.indicators.register.proof_of_possession import PossessionProof
from tutela.indicators.web import release_api
from tutela.indicators.web.release_api import as_centre
from tutela.organisations.messages import inbox
from tutela.organisations.web.api_keys import Key

router = Router(tags=["Register"])
router.add_router("", release_api.router)


class ProposalIn(ItemIn):
    """Proposal; `video` is the `picture` of a line of `tutela hash`; or give `vpdq`.

    `video` contains the statements about a video and its frames.
    """

    media_type: str
    classification: str
    reason: str


class DigestIn(Schema):
    model_config = ConfigDict(extra="forbid")
    kind: Annotated[str, Field(pattern="^(md5|sha1|sha256)$")]
    value: Annotated[str, Field(max_length=64)]


class HeldIn(Schema):
    """Proof of possession of a video or an imported indicator: digests of one's own copy.

    Alternatives are a video's `picture` as `tutela hash` prints it, or the PDQ hash of an imported image that has no
    digest.
    """

    model_config = ConfigDict(extra="forbid")
    digests: Annotated[list[DigestIn], Field(max_length=3)] = []
    video: dict[str, Any] | None = None
    vpdq: list[str] | str | None = None
    pdq: Annotated[str, Field(pattern="^[0-9a-fA-F]{64}$")] | None = None

    def held(self) -> PossessionProof:
        """Return the proof of possession for `register.certify`. Raises `FramesNotRead`."""
        looks = [HashValue("pdq", self.pdq)] if self.pdq else []
        return PossessionProof(
            [*(HashValue(one.kind, one.value) for one in self.digests), *looks], frames(self.video, self.vpdq)
        )


class FeedbackIn(Schema):
    model_config = ConfigDict(extra="forbid")
    verdict: Annotated[str, Field(pattern="^(confirmed|false)$")]
    note: Annotated[str, Field(max_length=300)] = ""


class DigestsIn(Schema):
    model_config = ConfigDict(extra="forbid")
    digests: Annotated[list[DigestIn], Field(min_length=1, max_length=hosted_matching_match.MOST_AT_ONCE)]


class ListedOut(Schema):
    """Result for one digest: `match` is 1 or 0, `entry` zeros without a match. Every answer has the same length."""

    match: int
    entry: UUID


class MatchesOut(Schema):
    results: list[ListedOut]


class PointsIn(Schema):
    model_config = ConfigDict(extra="forbid")
    points: Annotated[
        list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=hosted_matching_match.MOST_AT_ONCE)
    ]


class PointsOut(Schema):
    points: list[str]
    proof: str
    key: str


class FeedbackOut(Schema):
    suspended: bool


class ProposedOut(Schema):
    id: UUID


class CertifiedOut(Schema):
    active: bool


@router.post("/releases/{list_id}/entries/{uuid:indicator}/feedback", auth=Key("releases.read"), response=FeedbackOut)
def feedback(request: HttpRequest, list_id: str, indicator: UUID, body: FeedbackIn) -> FeedbackOut:
    """Record a recipient's feedback on a match.

    False positives of two providers suspend the indicator.
    """
    machine = as_centre(request, "data_quality")
    suspended = match_feedback.feedback(machine, request.auth, list_id, indicator, body.verdict, body.note)  # type: ignore[attr-defined]
    return FeedbackOut(suspended=suspended)


@router.post("/matches/{list_id}/{uuid:indicator}", auth=Key("reports.submit"), response=FeedbackOut)
def match(request: HttpRequest, list_id: str, indicator: UUID) -> HttpResponse:
    """Record a provider's feedback on a match; the same idempotency key gets the same answer."""
    sender: Actor = request.auth  # type: ignore[attr-defined]
    machine = as_centre(request, "data_quality")
    said = FeedbackIn.model_validate_json(request.body)

    def work() -> tuple[int, str]:
        suspended = match_feedback.of_desk(machine, sender, list_id, indicator, said.verdict, said.note)
        return 200, FeedbackOut(suspended=suspended).model_dump_json()

    key = request.headers.get("Idempotency-Key", "")
    status, answer = inbox.once(machine, sender.organisation_id, key, request.body, work)
    return HttpResponse(answer, status=status, content_type="application/json")


@router.post("/match", auth=Key("matches.ask"), response=MatchesOut)
def match_digests(request: HttpRequest, body: DigestsIn) -> MatchesOut:
    """Whether digests are listed, for those who may not hold the list. No distances, answers of one length."""
    asked = [(one.kind, one.value) for one in body.digests]
    found = hosted_matching_match.match(as_centre(request), request.auth, asked)  # type: ignore[attr-defined]
    return MatchesOut(
        results=[ListedOut(match=int(one != hosted_matching_match.NO_INDICATOR), entry=one) for one in found]
    )


@router.post("/lookup/values", auth=Key("matches.ask"), response=PointsOut)
def lookup_values(request: HttpRequest, body: PointsIn) -> PointsOut:
    """Blinded points times the look-up's secret, with one proof (RFC 9497, VOPRF with ristretto255 and SHA-512)."""
    points, proof, key = hosted_matching_match.evaluate(as_centre(request), request.auth, body.points)  # type: ignore[attr-defined]
    return PointsOut(points=points, proof=proof, key=key)


@router.get("/lookup/set", auth=Key("matches.ask"))
def lookup_set(request: HttpRequest) -> HttpResponseBase:
    """The values of everything active, cut short and in order; looked through by the client itself."""
    known = request.headers.get("If-None-Match", "").strip('"')
    file, tag = hosted_matching_match.values(as_centre(request), request.auth, known)  # type: ignore[attr-defined]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-store"}
    if file is None:
        return HttpResponse(status=304, headers=headers)
    return FileResponse(file.open("rb"), content_type="application/octet-stream", headers=headers)


@router.post("/indicators", auth=Key("indicators.propose"), response={201: ProposedOut})
def propose(request: HttpRequest, body: ProposalIn) -> tuple[int, ProposedOut]:
    """Propose an item by its digests, computed where the file is stored."""
    made = register_propose.propose(
        _actor(request),
        given=body.given(),
        media_type=body.media_type,
        classification=body.classification,
        reason=body.reason,
        series=body.series,
        film=body.film(),
        told=body.told(),
    )
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
    """Certify an indicator as the second organisation.

    A video or an imported indicator needs proof of possession.
    """
    held = None
    if request.body:
        if request.content_type != "application/json":
            raise NotJson
        held = HeldIn.model_validate_json(request.body).held()
    return 201, CertifiedOut(active=register_certify.certify(_actor(request), indicator, held))


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor.with_purpose("indicators")
