"""The life of an indicator, and what may never happen to one."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.utils import IntegrityError
from django.test import Client

from tests.support.cast import Cast
from tests.support.register import release as publish
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid
from tutela.events.models import EventFacts
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import Envelope, trusted_keys, verify
from tutela.exchange.register.release import (
    GRANTED_UNTIL,
    HEAD_CONTEXT,
    IN_USE,
    MANIFEST_CONTEXT,
    NO_GRANT,
    ReleaseHead,
    ReleaseManifest,
)
from tutela.indicators.access import grants
from tutela.indicators.hashes.errors import KnownItem
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.models import Activation, IndicatorHash, Polled
from tutela.indicators.register import certify, detail, dispute, propose, revoke
from tutela.indicators.register.errors import AlreadyCertified, AlreadyRevoked, NotCertifiable
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import downloads
from tutela.indicators.releases import head as releases_head
from tutela.indicators.releases import publish as releases_publish
from tutela.law import classification
from tutela.matching import Snapshot, folded
from tutela.organisations.keys import signing

CLASS = "eu-2011-93:known-material"


@pytest.fixture(autouse=True)
def _scheme(cast: Cast) -> None:
    value = {"value": "known-material", "label": "Material within Art. 2(c)"}
    scheme = {"code": "eu-2011-93", "title": "T", "version": "2011", "source": "Directive", "values": [value]}
    classification.import_scheme(cast.centre, scheme)


def _propose(actor: Actor, sha256: str | None = None) -> UUID:
    given = [
        HashValue("sha256", sha256 or secrets.token_hex(32)),
        HashValue("pdq", secrets.token_hex(32), 90, "tutela-pdq/1"),
    ]
    return propose.propose(actor, given=given, media_type="image", classification=CLASS, reason="Assessed")


def _active(cast: Cast, sha256: str | None = None) -> UUID:
    made = _propose(cast.hotline_ie, sha256)
    assert certify.certify(cast.hotline_de, made)
    return made


def _state(cast: Cast, indicator: UUID) -> str:
    return detail.load_detail(cast.hotline_ie, indicator).line.state


def test_an_indicator_is_active_once_two_countries_stand_behind_it(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    assert _state(cast, made) == "proposed"
    assert certify.certify(cast.hotline_de, made)
    assert _state(cast, made) == "active"


def test_a_second_organisation_of_the_same_country_is_not_enough(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    neighbour = cast.organisation("Garda", "authority", "IE")
    assert not certify.certify(neighbour, made)
    assert _state(cast, made) == "proposed"


def test_nobody_certifies_twice(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    with pytest.raises(AlreadyCertified):
        certify.certify(cast.hotline_ie, made)


def test_the_database_refuses_an_activation_without_two_countries(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    actor = cast.hotline_ie
    with pytest.raises(IntegrityError, match="two jurisdictions"), acting(actor):
        Activation.objects.create(organisation_id=actor.organisation_id, indicator_id=made, by="attack")


def test_a_dispute_suspends_until_the_centre_dismisses_it(cast: Cast) -> None:
    made = _active(cast)
    dispute.dispute(cast.hotline_de, made, "It shows something else")
    assert _state(cast, made) == "suspended"
    (row,) = detail.load_detail(cast.centre, made).disputes
    dispute.decide_dispute(cast.centre, row.id, upheld=False, reason="Assessed again")
    (decided,) = detail.load_detail(cast.centre, made).disputes
    assert (decided.decision.upheld, decided.decision.reason) == (False, "Assessed again")
    assert _state(cast, made) == "proposed", "nothing returns without a new round"
    assert not certify.certify(cast.hotline_ie, made)
    assert certify.certify(cast.hotline_de, made)
    assert _state(cast, made) == "active"


def test_an_upheld_dispute_revokes_for_good(cast: Cast) -> None:
    made = _active(cast)
    dispute.dispute(cast.hotline_de, made, "It shows something else")
    (row,) = detail.load_detail(cast.centre, made).disputes
    dispute.decide_dispute(cast.centre, row.id, upheld=True, reason="Indeed")
    assert _state(cast, made) == "revoked"
    with pytest.raises(NotCertifiable):
        certify.certify(cast.authority, made)
    with pytest.raises(AlreadyRevoked):
        revoke.revoke(cast.centre, made, "again")


def test_a_known_item_is_not_proposed_twice(cast: Cast) -> None:
    sha256 = secrets.token_hex(32)
    _propose(cast.hotline_ie, sha256)
    with pytest.raises(KnownItem):
        _propose(cast.hotline_de, sha256.upper())


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ([HashValue("sha256", "ab")], "sha256"),
        ([HashValue("sha256", "0" * 63 + "\n")], "sha256"),
        ([HashValue("pdq", "f" * 64, 49)], "pdq"),
        ([HashValue("pdq", "0" * 64, 90)], "pdq"),
        ([HashValue("pdq", "f" * 64, 90, structure="ab")], "structure"),
        ([HashValue("pdq", "f" * 64, 90, covers=0.63)], "covers"),
        ([HashValue("pdq", "f" * 64, 90, covers=float("nan"))], "covers"),
        ([HashValue("pdq", "f" * 64, 90, covers=0.9)], "sha256"),
        ([HashValue("md5", "a" * 32)], "sha256"),
        ([], "sha256"),
    ],
)
def test_a_hash_that_would_harm_the_register_is_refused_by_name(cast: Cast, given: list[HashValue], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        propose.propose(cast.hotline_ie, given=given, media_type="image", classification=CLASS, reason="x")
    assert caught.value.field == field


def test_an_auditor_reads_the_register_and_changes_nothing(cast: Cast) -> None:
    made = _active(cast)
    auditor = cast.actor(cast.auditor, "auditor")
    client = cast.client(cast.auditor, "auditor")
    number = detail.load_detail(auditor, made).line.number
    assert number in client.get("/desk/indicators/").content.decode()
    assert client.post(f"/desk/indicators/{made}/dispute/", {"reason": "x"}).status_code == 404


def test_a_provider_sees_nothing_of_the_register(cast: Cast) -> None:
    made = _active(cast)
    with pytest.raises(Forbidden):
        detail.load_detail(cast.pixelpost, made)
    with acting(cast.pixelpost):
        assert IndicatorHash.objects.count() == 0


def test_hashes_lie_encrypted(cast: Cast) -> None:
    sha256 = secrets.token_hex(32)
    made = _propose(cast.hotline_ie, sha256)
    with acting(cast.hotline_ie), connection.cursor() as cursor:
        cursor.execute("SELECT wrapped FROM indicators_indicatorhash WHERE indicator_id = %s", [made])
        assert all(bytes.fromhex(sha256) not in bytes(row[0]) for row in cursor.fetchall())


def _fetch(client: Client, headers: dict[str, str], part: str) -> bytes:
    answer = client.get(f"/api/v1/releases/{version_files.LIST_ID}/{part}", headers=headers)
    assert answer.status_code == 200, answer.content
    return answer.content


def _list(client: Client, headers: dict[str, str], manifest: ReleaseManifest) -> Snapshot:
    """The whole list of a version, as its recipient has it; each part is the one that the manifest names."""
    data = _fetch(client, headers, f"{manifest.base}/snapshot")
    assert (len(data), hashlib.sha256(data).hexdigest()) == (manifest.snapshot_size, manifest.snapshot_sha256)
    if manifest.changes is not None:
        changes = _fetch(client, headers, f"{manifest.version}/changes")
        assert (len(changes), hashlib.sha256(changes).hexdigest()) == (manifest.changes.size, manifest.changes.sha256)
        data = folded(Snapshot(data), Snapshot(changes))
    made = Snapshot(data)
    assert len(made) == manifest.entries
    return made


def _grant(cast: Cast, to: Actor | None = None) -> None:
    grants.give(
        cast.centre,
        (to or cast.pixelpost).organisation_id,
        list_id=version_files.LIST_ID,
        purpose="reporting",
        legal_basis="Art. 16(3) DSA",
        valid_to=clock.now() + timedelta(days=1),
    )


def test_every_access_to_a_release_is_on_record_polls_by_the_day(cast: Cast, client: Client) -> None:
    _active(cast)
    release = publish(cast.centre)
    assert release is not None
    _grant(cast)
    headers, today = cast.key(cast.pixelpost, "releases:read"), clock.now()

    def said(kind: str) -> list[dict[str, Any]]:
        with acting(cast.centre):
            rows = EventFacts.objects.filter(event__kind=kind).order_by("event__at", "event_id")
            facts = [json.loads(text) for text in rows.values_list("facts", flat=True)]
        return [one for one in facts if one["recipient"] == str(cast.pixelpost.organisation_id)]

    for _ in range(3):
        _fetch(client, headers, "head")
    assert len(said("release.polled")) == 1, "a poll a second would flood the log"
    with clock.simulate((today + timedelta(days=1)).replace(hour=0, minute=0, second=1)):
        _fetch(client, headers, "head")
    first, second = said("release.polled")
    assert "times" not in first
    assert (second["day"], second["times"]) == (today.date().isoformat(), 3)
    with acting(cast.centre):
        rows = Polled.objects.filter(recipient_id=cast.pixelpost.organisation_id).order_by("day")
        assert list(rows.values_list("times", flat=True)) == [3, 1]
    _fetch(client, headers, f"{release.version}/proof")
    assert len(said("release.proof_fetched")) == 1
    later = f"/api/v1/releases/{version_files.LIST_ID}/{release.version + 1}/proof"
    assert client.get(later, headers=headers).status_code == 404
    assert len(said("release.proof_fetched")) == 1


def test_a_head_says_until_when_the_grant_lasts_and_hears_which_version_is_used(cast: Cast, client: Client) -> None:
    _active(cast)
    release = publish(cast.centre)
    assert release is not None
    headers = cast.key(cast.pixelpost, "releases:read")
    address = f"/api/v1/releases/{version_files.LIST_ID}/head"
    refused = client.get(address, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (403, NO_GRANT)
    _grant(cast)
    for said, shown in (({}, release.version), ({IN_USE: str(release.version - 1)}, release.version - 1)):
        answer = client.get(address, headers=headers | said)
        with acting(cast.centre):
            grant = grants.current_grant(version_files.LIST_ID, cast.pixelpost.organisation_id)
            assert grant is not None
            assert datetime.fromisoformat(answer.headers[GRANTED_UNTIL]) == grant.valid_to
            (row,) = [one for one in downloads.recipients() if one.recipient_id == cast.pixelpost.organisation_id]
        assert row.version == shown
    for nonsense in ("-1", "1e3", "9" * 40, "\u0663"):
        assert client.get(address, headers=headers | {IN_USE: nonsense}).status_code == 200


def test_all_recipients_get_the_same_bytes(cast: Cast, client: Client) -> None:
    _active(cast)
    publish(cast.centre)
    _active(cast)
    release = publish(cast.centre)
    assert release is not None
    two = cast.other_provider
    for one in (cast.pixelpost, two):
        _grant(cast, one)
    keys = [cast.key(one, "releases:read") for one in (cast.pixelpost, two)]
    envelope = Envelope.from_bytes(_fetch(client, keys[0], f"{release.version}/manifest"))
    base = ReleaseManifest.from_bytes(envelope.payload).base
    parts = [f"{release.version}/{part}" for part in ("manifest", "proof", "changes")]
    for part in ("head", *parts, f"{base}/snapshot"):
        one, other = (_fetch(client, key, part) for key in keys)
        assert one == other, part
        assert one, part


def test_a_release_is_signed_and_lists_what_is_active(cast: Cast, client: Client) -> None:
    sha256 = secrets.token_hex(32)
    made = _active(cast, sha256)
    publish(cast.centre)
    _grant(cast)
    headers = cast.key(cast.pixelpost, "releases:read")
    keys = trusted_keys([k.public.hex() for k in signing.public_keys(cast.centre.organisation_id, "release")])

    def head() -> ReleaseHead:
        return ReleaseHead.from_bytes(verify(Envelope.from_bytes(_fetch(client, headers, "head")), HEAD_CONTEXT, keys))

    def listed(version: int) -> bool:
        envelope = Envelope.from_bytes(_fetch(client, headers, f"{version}/manifest"))
        manifest = ReleaseManifest.from_bytes(verify(envelope, MANIFEST_CONTEXT, keys))
        return bool(_list(client, headers, manifest).find("sha256", bytes.fromhex(sha256)))

    first = head()
    assert listed(first.version)
    revoke.revoke(cast.centre, made, "Erroneous")
    releases_head.refresh_head(cast.centre)
    later = head()
    assert made in later.removed
    assert later.sequence > first.sequence
    publish(cast.centre)
    newest = head()
    assert newest.version > first.version
    assert made not in newest.removed
    assert not listed(newest.version)


def test_a_release_is_sealed_on_disk(cast: Cast) -> None:
    sha256 = secrets.token_hex(32)
    _active(cast, sha256)
    release = releases_publish.publish(cast.centre)
    assert release
    found = [path.read_bytes() for path in version_files.folder().glob("*")]
    assert found
    assert not any(bytes.fromhex(sha256) in data for data in found)


def test_no_grant_no_list(cast: Cast, client: Client) -> None:
    _active(cast)
    publish(cast.centre)
    headers = cast.key(cast.other_provider, "releases:read")
    assert client.get(f"/api/v1/releases/{version_files.LIST_ID}/head", headers=headers).status_code == 403
    assert client.get(f"/api/v1/releases/{version_files.LIST_ID}/head").status_code == 401


def test_proposing_and_certifying_over_the_api(cast: Cast, client: Client) -> None:
    body = {
        "hashes": [{"kind": "sha256", "value": secrets.token_hex(32)}],
        "media_type": "image",
        "classification": CLASS,
        "reason": "Assessed",
    }
    made = client.post(
        "/api/v1/indicators", body, "application/json", headers=cast.key(cast.hotline_ie, "indicators:propose")
    )
    assert made.status_code == 201, made.content
    address = f"/api/v1/indicators/{made.json()['id']}/certifications"
    key = cast.key(cast.hotline_de, "indicators:certify")
    done = client.post(address, "", "application/json", headers=key)
    assert done.json() == {"active": True}
    assert client.post(address, "", "text/plain", headers=key).status_code == 409, "no body has no form"


def test_a_bad_proposal_names_field_and_reason(cast: Cast, client: Client) -> None:
    body = {
        "hashes": [{"kind": "sha256", "value": "zz"}],
        "media_type": "image",
        "classification": CLASS,
        "reason": "x",
    }
    answer = client.post(
        "/api/v1/indicators", body, "application/json", headers=cast.key(cast.hotline_ie, "indicators:propose")
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "sha256"
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_registers_pages_answer(cast: Cast) -> None:
    made = _active(cast)
    client = cast.client(cast.hotline_de, "analyst")
    for address in (
        "/desk/indicators/",
        "/desk/indicators/propose/",
        f"/desk/indicators/{made}/",
        "/desk/indicators/releases/",
    ):
        assert client.get(address).status_code == 200, address
    assert client.get(f"/desk/indicators/?text={secrets.token_hex(32)}").status_code == 200
    lead = cast.client(cast.centre, "lead")
    assert lead.post(f"/desk/indicators/{made}/revoke/", {"reason": "Erroneous"}).status_code == 302
    assert _state(cast, made) == "revoked"
