"""Evidence for log entries on heads, releases, policies and lawful images (`accountability/backing`).

1. Head: each field as in the head of that number, signed by a currently valid key of the Centre.
2. Release: each field as in its manifest and its stored data of the certified set, and only for its own event.
3. Policy: a valid one with all of its signatures, and only for the first event of the Centre that announces it.
4. Reference of lawful images: no signature exists, so the entry must match the stored load or end.

Any other entry that claims to be one of these becomes a bare commitment in the log, with an alert on the Centre's desk.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tutela.accountability.public_log import signed_evidence
from tutela.accountability.public_log.signed_evidence import EvidenceState
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.record import record
from tutela.events.sql import run_statements
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.signed_envelope import Envelope, verify
from tutela.exchange.register.reason_codes import AlertDetail
from tutela.exchange.register.release import HEAD_CONTEXT, MANIFEST_CONTEXT, ReleaseHead, ReleaseManifest
from tutela.indicators.integrity import edge_alerts
from tutela.indicators.lifecycle import policy
from tutela.indicators.models import EdgeAlert, Head, ReferenceEnd, ReferenceLoad, Release
from tutela.organisations.keys import signing
from tutela.organisations.people import directory

# An alert about the log has this value in place of a list.
LOG = "public-log"
CODE = "unbacked"
_ANNOUNCED = "SELECT id FROM events_event WHERE organisation_id = %s AND kind = 'policy.announced'"


def connect() -> None:
    """Subscribe to what the log is to say."""
    signed_evidence.on_told("release.head", _head)
    signed_evidence.on_told("release.published", _release)
    signed_evidence.on_told("policy.announced", _policy)
    signed_evidence.on_told("reference.loaded", _loaded)
    signed_evidence.on_told("reference.ended", _ended)
    signed_evidence.on_unbacked(_alert)


def _head(event_id: UUID, told: dict[str, Any]) -> EvidenceState:
    with acting(centre := _centre()):
        kept = Head.objects.filter(list_id=str(told.get("list"))).order_by("sequence")
        row, oldest = kept.filter(sequence=_number(told, "sequence")).first(), kept.first()
    if row is None:
        # A log that lacked its witnesses for days comes to heads that are deleted: a later one counts.
        gone = oldest is not None and _number(told, "sequence") < oldest.sequence
        return EvidenceState.OVERTAKEN if gone else EvidenceState.NOTHING
    head = _signed(centre, bytes(row.envelope), HEAD_CONTEXT, ReleaseHead)
    if head is None:
        return EvidenceState.NOTHING
    return _same(
        told,
        list=head.list_id,
        version=head.version,
        sequence=head.sequence,
        removed=head.removes,
        head=head.fingerprint(),
    )


def _release(event_id: UUID, told: dict[str, Any]) -> EvidenceState:
    with acting(centre := _centre()):
        row = Release.objects.filter(event_id=event_id).first()
    manifest = _signed(centre, bytes(row.manifest), MANIFEST_CONTEXT, ReleaseManifest) if row else None
    if row is None or manifest is None or (row.list_id, row.version) != (manifest.list_id, manifest.version):
        return EvidenceState.NOTHING
    secrets = [one.public.hex() for one in signing.own_keys("values") if one.organisation_id == centre.organisation_id]
    if told.get("values_key") not in secrets:
        return EvidenceState.NOTHING
    return _same(
        told,
        list=manifest.list_id,
        version=manifest.version,
        entries=manifest.entries,
        hashes=manifest.hashes,
        sha256=manifest.snapshot_sha256,
        changes=manifest.changes.sha256 if manifest.changes else "",
        manifest=manifest.fingerprint(),
        values=bytes(row.values_root or b"").hex(),
        values_key=told["values_key"],
    )


def _policy(event_id: UUID, told: dict[str, Any]) -> EvidenceState:
    if told not in [_announced(one) for one in policy.versions()]:
        return EvidenceState.NOTHING
    with acting(centre := _centre()):
        (rows,) = run_statements([(_ANNOUNCED, [centre.organisation_id])])
    # A second announcement of the same policy would create two of one number, and verifiers would refuse both.
    return (
        EvidenceState.SIGNED
        if signed_evidence.first([one for (one,) in rows], told) == event_id
        else EvidenceState.NOTHING
    )


def _announced(one: policy.Version) -> dict[str, Any]:
    """The facts of the event that announced a policy."""
    said = one.policy
    return {
        "version": said.version,
        "policy": said.fingerprint(),
        "binds_from": said.binds_from.isoformat(),
        "categories": list(said.categories),
        "signed": len(one.signed_by),
    }


def _loaded(event_id: UUID, told: dict[str, Any]) -> EvidenceState:
    with acting(_centre()):
        rows = list(ReferenceLoad.objects.filter(set_sha256=str(told.get("set"))))
    words = ({"source": row.source, "licence": row.licence, "added": row.added, "set": row.set_sha256} for row in rows)
    return _counted(told, list(words))


def _ended(event_id: UUID, told: dict[str, Any]) -> EvidenceState:
    with acting(_centre()):
        rows = list(ReferenceEnd.objects.filter(set_sha256=str(told.get("set"))).select_related("load"))
    return _counted(told, [{"removed": row.load.added, "set": row.set_sha256} for row in rows])


def _counted(told: dict[str, Any], kept: list[dict[str, Any]]) -> EvidenceState:
    """Return `SIGNED` if a stored row has the same facts.

    The hash count of the whole reference is not stored, so any integer passes.
    """
    known = {name: value for name, value in told.items() if name != "entries"}
    return EvidenceState.SIGNED if known in kept and type(told.get("entries")) is int else EvidenceState.NOTHING


def _same(told: dict[str, Any], **signed: Any) -> EvidenceState:
    return EvidenceState.SIGNED if told == signed else EvidenceState.NOTHING


def _signed[M: (ReleaseHead, ReleaseManifest)](centre: Actor, data: bytes, context: str, model: type[M]) -> M | None:
    """Return the content that a valid key of the Centre signed; None if none did."""
    own = [one for one in signing.own_keys("release") if one.organisation_id == centre.organisation_id]
    keys = {one.key_id: Ed25519PublicKey.from_public_bytes(one.public) for one in own}
    try:
        return model.from_bytes(verify(Envelope.from_bytes(data), context, keys))
    except (ExchangeError, ValueError, RecursionError):
        return None


def _number(told: dict[str, Any], name: str) -> int:
    """A number of the size that a column has; 0 for anything else, which no head has."""
    value = told.get(name)
    return value if type(value) is int and 0 < value < 1 << 63 else 0


def _alert(event_id: UUID, kind: str) -> None:
    """Raise an alert on the Centre's desk, once per event.

    Many such events must not fill the desk; the node's log names each.
    """
    with acting(centre := _centre()):
        if EdgeAlert.objects.filter(code=CODE, answer__isnull=True).count() >= edge_alerts.MOST_OPEN:
            return
        detail = AlertDetail.UNBACKED if kind else AlertDetail.UNREADABLE
        values: dict[str, str | int] = {"event": str(event_id), "kind": kind}
        row = edge_alerts.own(centre, CODE, detail, values, about=LOG, alert_id=event_id)
        if insert_ignore(row):
            record(centre, "log.unbacked", "alert", row.pk, event=event_id, of=kind)


def _centre() -> Actor:
    centre = directory.the_centre()
    assert centre is not None, "only a Centre has a log"
    return directory.acting_for(centre, "system:log", "Public log")
