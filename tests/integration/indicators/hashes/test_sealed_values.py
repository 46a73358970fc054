"""A value that stands for a hash counts by the node's seal: what somebody wrote into the database is none."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from django.db.utils import ProgrammingError

from tests.integration.indicators.hashes.test_video_frames_register import propose as propose_video
from tests.integration.indicators.integrity.test_verification import _asker
from tests.integration.indicators.lifecycle.test_state_machine_rows import _as, _insert
from tests.integration.indicators.register.test_register import _active, _propose, _scheme
from tests.integration.indicators.releases.test_builder import holds
from tests.support.cast import Cast
from tests.support.database import superuser
from tests.support.films import film
from tests.support.register import release as publish
from tutela.events.transaction import acting
from tutela.exchange.register.canaries import canaries
from tutela.indicators.hashes import sealed_values, video_frames
from tutela.indicators.hashes.hash_lines import HashLine
from tutela.indicators.hosted_matching import match, private_lookup_set
from tutela.indicators.integrity import edge_alerts
from tutela.indicators.models import FilmValues, HashValue, IndicatorFilm, IndicatorHash, Release
from tutela.indicators.register import certify, revoke
from tutela.indicators.register.proof_of_possession import PossessionProof
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import certified_set
from tutela.indicators.releases import publish as releases_publish
from tutela.organisations.keys import signing
from tutela.tlog import voprf
from tutela.tlog.absence_proof import item_bytes
from tutela.tlog.private_lookup import ValueSet
from tutela.tlog.verify import Refused

__all__ = ["_scheme"]


@pytest.fixture(autouse=True)
def _own_files() -> Iterator[None]:
    shutil.rmtree(version_files.folder(), ignore_errors=True)
    yield
    shutil.rmtree(version_files.folder(), ignore_errors=True)


def key_of(cast: Cast, *, lookup: bool = False) -> str:
    with acting(cast.centre):
        secret = match._secret(cast.centre) if lookup else certified_set.secret_of(cast.centre)[0]
    return signing.key_id_of(secret.public)


def hash_of(cast: Cast, indicator: UUID, kind: str = "sha256") -> UUID:
    with acting(cast.centre):
        return IndicatorHash.objects.get(indicator=indicator, kind=kind).pk


def write(cast: Cast, of: UUID, value: bytes, key: str, seal: bytes | None = None, *, what: str = "hash") -> None:
    """As whoever has the runtime role, and none of the node's keys."""
    with acting(cast.centre):
        sealed_values.keep(
            cast.centre, key, [(of, value, seal or secrets.token_bytes(sealed_values.SEAL_BYTES))], of=what
        )


def proven_absent(cast: Cast, release: Release, kind: str, value: str) -> bool:
    with acting(cast.centre):
        made, secret = certified_set.set_of(cast.centre, release)
    try:
        certified_set.absence(made, secret, release.list_id, release.version, kind, value)
    except Refused:
        return False
    return True


@pytest.fixture(autouse=True)
def _answered(cast: Cast) -> None:
    for one in _alerts(cast):
        edge_alerts.answer(cast.actor(cast.centre, "lead"), one.alert.pk, "A test")


def _alerts(cast: Cast) -> list[edge_alerts.EdgeAlertView]:
    return edge_alerts.list_edge_alerts(cast.actor(cast.centre, "lead"), state="open", code="forged_value")[0]


def alerted(cast: Cast) -> int:
    return len(_alerts(cast))


def released(cast: Cast) -> Release:
    made = publish(cast.centre)
    assert made is not None
    holds(cast, made)
    return made


@pytest.mark.parametrize("anew", [True, False], ids=["of all rows", "of what changed"])
def test_what_somebody_wrote_for_a_hash_proves_no_absence(cast: Cast, anew: bool) -> None:
    if not anew:
        released(cast)
    digest = secrets.token_hex(32)
    made = _propose(cast.hotline_ie, digest)
    write(cast, hash_of(cast, made), secrets.token_bytes(32), key_of(cast))
    assert certify.certify(cast.hotline_de, made)
    release = released(cast)
    assert not proven_absent(cast, release, "sha256", digest)
    assert proven_absent(cast, release, "sha256", secrets.token_hex(32))
    assert alerted(cast) == 1
    revoke.revoke(cast.centre, made, "Erroneous")
    assert proven_absent(cast, released(cast), "sha256", digest)


def test_the_value_of_a_canary_stops_no_release(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    with acting(cast.centre):
        secret, key = certified_set.secret_of(cast.centre)
    point = secret.value(item_bytes("sha256", canaries()[0]["sha256"]))
    write(cast, hash_of(cast, made), point, key)
    assert certify.certify(cast.hotline_de, made)
    released(cast)


def test_a_sealed_value_counts_for_its_own_item_alone(cast: Cast) -> None:
    first, digest = _active(cast), secrets.token_hex(32)
    released(cast)
    with acting(cast.centre):
        row = HashValue.objects.get(hash=hash_of(cast, first), key_id=key_of(cast))
    made = _propose(cast.hotline_ie, digest)
    write(cast, hash_of(cast, made), bytes(row.value), row.key_id, bytes(row.seal))
    assert certify.certify(cast.hotline_de, made)
    assert not proven_absent(cast, released(cast), "sha256", digest)


def test_what_is_written_over_a_value_that_counts_is_computed_again(cast: Cast) -> None:
    digest = secrets.token_hex(32)
    made = _active(cast, digest)
    released(cast)
    write(cast, hash_of(cast, made), secrets.token_bytes(32), key_of(cast))
    assert not proven_absent(cast, released_of_all(cast), "sha256", digest)
    revoke.revoke(cast.centre, made, "Erroneous")
    assert proven_absent(cast, released(cast), "sha256", digest)


def released_of_all(cast: Cast) -> Release:
    shutil.rmtree(version_files.folder())
    made = releases_publish.republish(cast.centre)
    assert made is not None
    holds(cast, made)
    return made


def test_values_from_before_there_were_seals_are_computed_anew_with_the_next_release(cast: Cast) -> None:
    digest = secrets.token_hex(32)
    made = _active(cast, digest)
    released(cast)
    with psycopg.connect(superuser(), autocommit=True) as owner:
        owner.execute("UPDATE indicators_hashvalue SET seal = ''")
        owner.execute(
            "UPDATE indicators_hashvalue SET value = %s WHERE hash_id = %s",
            [secrets.token_bytes(32), hash_of(cast, made)],
        )
    _active(cast)
    release = publish(cast.centre)
    assert holds(cast, release).changes is None, "of all rows, once"
    assert release is not None
    assert not proven_absent(cast, release, "sha256", digest)
    assert not alerted(cast), "nobody forged what was never sealed"
    _active(cast)
    assert holds(cast, publish(cast.centre)).changes is not None


def test_the_frames_of_a_video_have_sealed_values_too(cast: Cast) -> None:
    whole = film(12)
    made = propose_video(cast, HashLine([], whole))
    with acting(cast.centre):
        row = IndicatorFilm.objects.get(indicator=made)
        wrong = video_frames.values(film(12), certified_set.secret_of(cast.centre)[0].value)
    write(cast, row.pk, wrong, key_of(cast), what="film")
    assert certify.certify(cast.hotline_de, made, PossessionProof((), whole))
    release = released(cast)
    assert not proven_absent(cast, release, "pdq", whole.looks[0].pdq.hex())
    with acting(cast.centre):
        kept = FilmValues.objects.get(film=row, key_id=key_of(cast))
        assert sealed_values.film_holds(kept.key_id, video_frames.opened(row), bytes(kept.values), bytes(kept.seal))


def test_nobody_writes_values_but_by_the_function(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    given = {"key_id": key_of(cast), "seal": bytes(16)}
    with pytest.raises(ProgrammingError, match="permission denied"):
        _insert(cast.centre, "indicators_hashvalue", hash_id=hash_of(cast, made), value=bytes(32), **given)
    with pytest.raises(ProgrammingError, match="permission denied"), _as(cast.centre) as run:
        run("UPDATE indicators_filmvalues SET seal = ''", [])


@pytest.mark.parametrize("anew", [True, False], ids=["of all rows", "of what changed"])
def test_the_private_look_up_takes_no_value_that_somebody_wrote(cast: Cast, anew: bool) -> None:
    asker, digest = _asker(cast), secrets.token_hex(32)
    match.values(cast.centre, asker)
    made = _propose(cast.hotline_ie, digest)
    write(cast, hash_of(cast, made), secrets.token_bytes(32), key_of(cast, lookup=True))
    assert certify.certify(cast.hotline_de, made)
    if anew:
        private_lookup_set.forget(cast.centre)
    assert listed(cast, digest)
    assert alerted(cast) == 1
    write(cast, hash_of(cast, made), secrets.token_bytes(32), key_of(cast, lookup=True))
    revoke.revoke(cast.centre, made, "Erroneous")
    assert not listed(cast, digest), "what leaves is known by its own value"


def listed(cast: Cast, digest: str) -> bool:
    file, _tag = match.values(cast.centre, _asker(cast))
    assert file is not None
    with acting(cast.centre):
        secret = match._secret(cast.centre)
    return ValueSet.parse(file.read_bytes()).holds(voprf.value(secret, item_bytes("sha256", digest)))
