"""The log's keys: one that is revoked ends nothing, and one that the Centre does not hold is none."""

from __future__ import annotations

import os
import secrets

import pytest
from django.db import connection
from django.test import Client

from tests.integration.accountability.public_log.test_log import Answering, _published, witnesses
from tests.integration.indicators.register.test_register import _active, _scheme
from tests.support.cast import Cast
from tests.support.register import log
from tests.support.register import release as publish
from tutela.accountability.chain import sequencer
from tutela.accountability.public_log import log as public_log_log
from tutela.accountability.public_log import publish as public_log_publish
from tutela.accountability.public_log import status
from tutela.exchange.message.signed_envelope import Envelope
from tutela.exchange.register.release import ReleaseHead
from tutela.indicators.register import revoke
from tutela.indicators.releases import head as releases_head
from tutela.organisations.keys import signing
from tutela.organisations.models import SigningKey
from tutela.tlog.policy import Policy
from tutela.tlog.verify import Refused, open_note

__all__ = ["_scheme", "witnesses"]


def _revoked(cast: Cast) -> str:
    """What `tutela keys revoke` does with the log's key; the id of the one that was revoked."""
    centre = cast.centre
    old = next(one for one in signing.public_keys(centre.organisation_id, "log") if one.state == "current")
    signing.revoke_key(centre, old.key_id)
    signing.create_key(centre, "log")
    return old.key_id


def test_a_removal_arrives_after_the_log_key_was_revoked(cast: Cast, client: Client) -> None:
    made = _active(cast)
    publish(cast.centre)
    _revoked(cast)
    revoke.revoke(cast.centre, made, "Erroneous")
    head = releases_head.refresh_head(cast.centre)
    assert head is not None
    assert made in ReleaseHead.from_bytes(Envelope.from_bytes(bytes(head.envelope)).payload).removed
    assert client.get("/log/").status_code == 200
    log()
    Policy.parse(public_log_log.policy_text()).open(client.get("/log/checkpoint").content)


def test_the_tree_that_a_revoked_key_signed_is_signed_by_the_new_one(cast: Cast, witnesses: list[Answering]) -> None:
    _active(cast)
    sequencer.sequence_all()
    _published(witnesses)
    note = (public_log_log.folder() / "checkpoint").read_bytes()
    _revoked(cast)
    trusted = Policy.parse(public_log_log.policy_text())
    with pytest.raises(Refused):
        trusted.open(note)
    _published(witnesses)
    checkpoint, _ = trusted.open((public_log_log.folder() / "checkpoint").read_bytes())
    assert checkpoint.size >= public_log_log.open_log().published().size  # type: ignore[union-attr]


def test_what_waits_for_witnesses_is_signed_by_the_new_key_too(cast: Cast, witnesses: list[Answering]) -> None:
    _active(cast)
    sequencer.sequence_all()
    witnesses[0].away = True
    assert _published(witnesses).lacking == "both"
    waiting = public_log_log.open_log().pending()  # type: ignore[union-attr]
    _revoked(cast)
    witnesses[0].away = False
    # One of them was told of the new key alone, the other of the old one alone.
    (witnesses[0].store.folder / "logs").unlink()
    witnesses[0].know()
    public_log_publish.publish()
    note = (public_log_log.folder() / "checkpoint").read_bytes()
    checkpoint, _ = Policy.parse(public_log_log.policy_text()).open(note)
    assert checkpoint == waiting
    assert status.state() is not None


def _row(cast: Cast, public: bytes, organisation: object, wrapped: bytes = b"") -> str:
    key = secrets.token_hex(32)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO organisations_signingkey (id, organisation_id, use, key_id, public, wrapped_private, by, at,"
            " ended_at, ended_by, ended_as)"
            " VALUES (gen_random_uuid(), %s, 'log', %s, %s, %s, 'x', now(), now(), 'x', 'retired')",
            [organisation, key, public, wrapped],
        )
    return key


def test_a_key_that_somebody_wrote_beside_the_logs_own_is_in_no_policy_and_stops_no_reader(
    cast: Cast, client: Client
) -> None:
    _active(cast)
    log()
    before = client.get("/log/policy").content
    theirs = signing.create_key(cast.hotline_ie, "log")
    made = [
        _row(cast, os.urandom(32), cast.centre.organisation_id),
        _row(cast, b"no key", cast.centre.organisation_id),
        _row(cast, os.urandom(32), cast.pixelpost.organisation_id, os.urandom(60)),
    ]
    try:
        assert client.get("/log/policy").content == before
        assert theirs.public not in [key.public for key in public_log_log.known_keys()]
        assert client.get("/log/").status_code == 200
        _active(cast)
        log()
        open_note(client.get("/log/checkpoint").content, public_log_log.known_keys())
    finally:
        SigningKey.objects.filter(key_id__in=[*made, theirs.key_id]).delete()
