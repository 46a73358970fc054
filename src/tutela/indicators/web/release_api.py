"""Release API for Edges: the register's and redistributed lists, their grants and alerts."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.exchange.register.edge_alert import EdgeAlert
from tutela.exchange.register.release import GRANTED_UNTIL, IN_USE
from tutela.indicators.access import grants
from tutela.indicators.integrity import edge_alerts
from tutela.indicators.models import Grant
from tutela.indicators.partner_lists import releases
from tutela.indicators.releases import downloads
from tutela.organisations.people import directory
from tutela.organisations.web.api_keys import Key
from tutela.tlog.presence_proof import MOST_PROOFS

# Of a version that is told.
MOST_DIGITS = 16

router = Router(tags=["Register"])


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
            list_id=row.list_id,
            purpose=row.purpose,
            legal_basis=row.legal_basis,
            degree=row.degree,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            state=grants.state_of(row),
        )


class GrantsOut(Schema):
    grants: list[GrantOut]


@router.get("/releases/{list_id}/head", auth=Key("releases.read"))
def head(request: HttpRequest, list_id: str) -> HttpResponse:
    """The newest version and what was removed since, signed."""
    return _head(*downloads.head_for(as_centre(request), request.auth, list_id, _in_use(request)))  # type: ignore[attr-defined]


@router.get("/releases/{list_id}/grants", auth=Key("releases.read"), response=GrantsOut)
def own_grants(request: HttpRequest, list_id: str) -> GrantsOut:
    """Return the caller's grants of a list: the purpose, the degree, and the start and end of each."""
    found = grants.mine(as_centre(request), request.auth, list_id)  # type: ignore[attr-defined]
    return GrantsOut(grants=[GrantOut.of(one) for one in found])


@router.get("/releases/{list_id}/{int:version}/manifest", auth=Key("releases.read"))
def manifest(request: HttpRequest, list_id: str, version: int) -> HttpResponse:
    """Return the signed manifest of a version."""
    return _part(request, list_id, version, "manifest")


@router.get("/releases/{list_id}/{int:version}/snapshot", auth=Key("releases.read"))
def snapshot(request: HttpRequest, list_id: str, version: int) -> HttpResponse:
    """The snapshot of a version, in the engine's format."""
    return _part(request, list_id, version, "snapshot")


@router.get("/releases/{list_id}/{int:version}/changes", auth=Key("releases.read"))
def changes(request: HttpRequest, list_id: str, version: int) -> HttpResponse:
    """Return a version's changes to the snapshot that its manifest names, or the changes folded into its own."""
    return _part(request, list_id, version, "changes")


@router.get("/releases/{list_id}/{int:version}/proof", auth=Key("releases.read"))
def proof(request: HttpRequest, list_id: str, version: int) -> HttpResponse:
    """Return the proof that the public log names this release: a .tlog-proof whose extra is the log's entry."""
    return _part(request, list_id, version, "proof")


@router.get("/releases/{list_id}/{int:version}/presence/{entries}", auth=Key("releases.read"))
def presence(request: HttpRequest, list_id: str, version: int, entries: str) -> HttpResponse:
    """Return proofs that entries are in the version's certified set, for holders of the list: `ID.PART,ID.PART`, at
    most 32.

    A part is 16 hashes of an entry, by kind and value. Each hash has a proof of its value and its place.
    """
    chosen = _chosen(entries)
    return _file(downloads.presence_for(as_centre(request), request.auth, list_id, version, chosen), "presence")  # type: ignore[attr-defined]


@router.get("/releases/{list_id}/removed/{sha256}", auth=Key("releases.read"))
def removed(request: HttpRequest, list_id: str, sha256: str) -> HttpResponse:
    """Return the ids that a head removes, if they are too many for the head: 16 bytes each."""
    data = downloads.removed_for(as_centre(request), request.auth, list_id, sha256)  # type: ignore[attr-defined]
    return _file(data, "removed")


@router.get("/redistributed/{uuid:organisation}/{list_id}/removed/{sha256}", auth=Key("releases.read"))
def passed_removed(request: HttpRequest, organisation: UUID, list_id: str, sha256: str) -> HttpResponse:
    """Return the ids that the head of a redistributed list removes, as `removed`."""
    data = releases.removed_for(organisation, request.auth, list_id, sha256)  # type: ignore[attr-defined]
    return _file(data, "removed")


@router.get("/redistributed/{uuid:organisation}/{list_id}/head", auth=Key("releases.read"))
def passed_head(request: HttpRequest, organisation: UUID, list_id: str) -> HttpResponse:
    """The head of a list of another that an organisation passes on."""
    return _head(*releases.head_for(organisation, request.auth, list_id, _in_use(request)))  # type: ignore[attr-defined]


@router.get("/redistributed/{uuid:organisation}/{list_id}/{int:version}/manifest", auth=Key("releases.read"))
def passed_manifest(request: HttpRequest, organisation: UUID, list_id: str, version: int) -> HttpResponse:
    """The manifest of a version of one."""
    return _passed(request, organisation, list_id, version, "manifest")


@router.get("/redistributed/{uuid:organisation}/{list_id}/{int:version}/snapshot", auth=Key("releases.read"))
def passed_snapshot(request: HttpRequest, organisation: UUID, list_id: str, version: int) -> HttpResponse:
    """The snapshot of a version of one."""
    return _passed(request, organisation, list_id, version, "snapshot")


@router.post("/releases/{list_id}/alerts", auth=Key("releases.read"), response={202: None})
def alert(request: HttpRequest, list_id: str) -> tuple[int, None]:
    """Store an Edge's report of a rejected delivery (schema `edge-alert`).

    Duplicates are stored once.
    """
    machine, message = as_centre(request), EdgeAlert.from_bytes(request.body)
    edge_alerts.receive(machine, request.auth, list_id, message)  # type: ignore[attr-defined]
    return 202, None


def as_centre(request: HttpRequest, purpose: str = "database_access") -> Actor:
    """Return the Centre acting for the caller. Raises `NotFound` on a node without a Centre."""
    centre = directory.the_centre()
    if centre is None:
        raise NotFound
    machine = directory.acting_for(centre, request.auth.reference, request.auth.name)  # type: ignore[attr-defined]
    return machine.with_purpose(purpose)


def _chosen(text: str) -> list[tuple[UUID, int]]:
    """Parse names of entries; a malformed name matches none.

    Callers without rights therefore cannot tell a malformed name from an existing one.
    """
    found = [one.partition(".") for one in text.split(",")]
    try:
        chosen = [(UUID(entry), int(number)) for entry, _, number in found]
    except ValueError:
        return []
    return chosen if len(chosen) <= MOST_PROOFS and all(0 <= number < 10_000 for _entry, number in chosen) else []


def _in_use(request: HttpRequest) -> int | None:
    """Return the version that an Edge reports in use; None if missing or invalid."""
    said = request.headers.get(IN_USE, "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < MOST_DIGITS else None


def _head(data: bytes, until: datetime) -> HttpResponse:
    answer = _file(data, "head")
    answer.headers[GRANTED_UNTIL] = until.astimezone(UTC).isoformat()
    return answer


def _part(request: HttpRequest, list_id: str, version: int, part: str) -> HttpResponse:
    data = downloads.for_recipient(as_centre(request), request.auth, list_id, version, part)  # type: ignore[attr-defined]
    return _file(data, part)


def _passed(request: HttpRequest, owner: UUID, list_id: str, version: int, part: str) -> HttpResponse:
    return _file(releases.for_recipient(owner, request.auth, list_id, version, part), part)  # type: ignore[attr-defined]


def _file(data: bytes, part: str) -> HttpResponse:
    kind = "application/octet-stream" if part in ("snapshot", "changes", "removed") else "application/json"
    return HttpResponse(data, content_type=kind, headers={"Cache-Control": "no-store"})
