"""No list rests on its queue alone: whoever empties one withholds nothing, and is noticed."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from django.db.utils import ProgrammingError

from tests.integration.indicators.integrity.test_verification import _asker
from tests.integration.indicators.lifecycle.test_state_machine_rows import _as
from tests.integration.indicators.register.test_register import _active, _scheme
from tests.integration.indicators.releases.test_builder import holds, manifest, removed
from tests.support.cast import Cast
from tests.support.database import superuser
from tests.support.register import release as publish
from tutela.events.transaction import acting
from tutela.indicators import reconcile
from tutela.indicators.feed import change_feed
from tutela.indicators.hosted_matching import match, private_lookup_set
from tutela.indicators.integrity import edge_alerts
from tutela.indicators.models import EdgeAlert, FeedEntry, ReleaseWaiting, Revocation
from tutela.indicators.register import revoke
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import head as releases_head
from tutela.indicators.releases import publish as releases_publish
from tutela.indicators.releases import version_contents
from tutela.tlog import voprf
from tutela.tlog.absence_proof import item_bytes
from tutela.tlog.private_lookup import ValueSet

__all__ = ["_scheme"]
QUEUES = ("releasewaiting", "feedwaiting", "lookupwaiting")


@pytest.fixture(autouse=True)
def _own_files(cast: Cast) -> Iterator[None]:
    shutil.rmtree(version_files.folder(), ignore_errors=True)
    for one in _alerts(cast):
        edge_alerts.answer(cast.actor(cast.centre, "lead"), one.alert.pk, "A test")
    yield
    shutil.rmtree(version_files.folder(), ignore_errors=True)


def _alerts(cast: Cast) -> list[edge_alerts.EdgeAlertView]:
    return edge_alerts.list_edge_alerts(cast.actor(cast.centre, "lead"), state="open", code="overlooked")[0]


def emptied(table: str) -> None:
    with psycopg.connect(superuser(), autocommit=True) as owner:
        owner.execute(f"DELETE FROM indicators_{table}")


def head_removes(cast: Cast, made: UUID) -> bool:
    head = releases_head.refresh_head(cast.centre)
    assert head is not None
    return made in removed(head.envelope)


@pytest.mark.parametrize("table", QUEUES)
@pytest.mark.parametrize(
    "sql",
    ["DELETE FROM {}", "UPDATE {} SET id = id + 1", "INSERT INTO {} (indicator_id) VALUES (gen_random_uuid())"],
)
def test_direct_sql_changes_no_queue(cast: Cast, table: str, sql: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), _as(cast.centre) as run:
        run(sql.format(f"indicators_{table}"), [])


def test_nobody_who_empties_the_queue_withholds_a_removal(cast: Cast) -> None:
    made, kept = _active(cast), _active(cast)
    base = holds(cast, publish(cast.centre)).version
    revoke.revoke(cast.centre, made, "Erroneous")
    with acting(cast.centre):
        numbers = list(ReleaseWaiting.objects.values_list("pk", flat=True))
    with _as(cast.centre) as run:
        run("SELECT indicators_release_noted(%s, %s)", [numbers, base])
        run("SELECT indicators_release_forget(%s)", [base])
    with acting(cast.centre):
        assert not ReleaseWaiting.objects.filter(indicator_id=made).exists()
    assert head_removes(cast, made)
    assert not head_removes(cast, kept)
    said = holds(cast, publish(cast.centre))
    assert said.changes is not None
    assert len(_alerts(cast)) == 1


def test_nothing_is_noted_for_a_version_that_is_not_there(cast: Cast) -> None:
    made = _active(cast)
    publish(cast.centre)
    revoke.revoke(cast.centre, made, "Erroneous")
    with _as(cast.centre) as run:
        run("SELECT indicators_release_noted(%s, %s)", [[one.pk for one in waiting(cast)], 9_000_000])
    assert made in {one.indicator_id for one in waiting(cast)}


def waiting(cast: Cast) -> list[ReleaseWaiting]:
    with acting(cast.centre):
        return list(ReleaseWaiting.objects.filter(version=None))


def test_what_became_active_and_was_withheld_comes_within_the_hour(cast: Cast) -> None:
    _active(cast)
    publish(cast.centre)
    made = _active(cast)
    emptied("releasewaiting")
    assert releases_publish.publish(cast.centre) is None
    assert reconcile.restore_missing(cast.centre) >= 1
    said = holds(cast, publish(cast.centre))
    assert not head_removes(cast, made)
    assert len(_alerts(cast)) == 1
    with acting(cast.centre):
        assert version_contents.overlooked(said) == []


def test_what_ceased_without_a_row_of_its_own_is_found_too(cast: Cast) -> None:
    made = _active(cast)
    publish(cast.centre)
    with psycopg.connect(superuser(), autocommit=True) as owner:
        owner.execute("UPDATE indicators_indicatornow SET state = 'proposed' WHERE indicator_id = %s", [made])
    emptied("releasewaiting")
    assert not head_removes(cast, made)
    assert reconcile.restore_missing(cast.centre) >= 1
    assert head_removes(cast, made)
    assert len(_alerts(cast)) == 1
    with psycopg.connect(superuser(), autocommit=True) as owner:
        owner.execute("UPDATE indicators_indicatornow SET state = 'active' WHERE indicator_id = %s", [made])


def test_a_list_of_which_the_queue_knows_is_no_alert(cast: Cast) -> None:
    first, second = _active(cast), _active(cast)
    row = publish(cast.centre)
    assert row is not None
    revoke.suspend(cast.centre, first, "Doubtful")
    _active(cast)
    with acting(cast.centre):
        assert version_contents.overlooked(manifest(row)) == []
    later = publish(cast.centre)
    assert later is not None
    revoke.revoke(cast.centre, second, "Erroneous")
    with acting(cast.centre):
        assert version_contents.overlooked(manifest(later)) == []
    publish(cast.centre)
    assert not _alerts(cast)


def test_what_the_private_look_up_was_not_told_leaves_it_within_the_hour(cast: Cast) -> None:
    asker, digest, other = _asker(cast), secrets.token_hex(32), secrets.token_hex(32)
    made, _kept = _active(cast, digest), _active(cast, other)
    match.values(cast.centre, asker)
    revoke.revoke(cast.centre, made, "Erroneous")
    with _as(cast.centre) as run:
        run("SELECT indicators_lookup_noted(ARRAY(SELECT id FROM indicators_lookupwaiting))", [])
    assert [listed(cast, one) for one in (digest, other)] == [True, True]
    with acting(cast.centre):
        secret = match._secret(cast.centre)
        ended = {made, _kept}
    assert private_lookup_set.overlooked(cast.centre, secret, ended) == {made}
    assert reconcile.restore_missing(cast.centre) >= 1
    assert [listed(cast, one) for one in (digest, other)] == [False, True]
    assert len(_alerts(cast)) == 1
    assert private_lookup_set.overlooked(cast.centre, secret, ended) == set()


def listed(cast: Cast, digest: str) -> bool:
    file, _tag = match.values(cast.centre, _asker(cast))
    assert file is not None
    with acting(cast.centre):
        secret = match._secret(cast.centre)
    return ValueSet.parse(file.read_bytes()).holds(voprf.value(secret, item_bytes("sha256", digest)))


def test_what_the_feed_was_not_told_has_its_time_within_the_hour(cast: Cast) -> None:
    made = _active(cast)
    with acting(cast.centre):
        change_feed.stamp_waiting(cast.centre)
    revoke.revoke(cast.centre, made, "Erroneous")
    with acting(cast.centre):
        assert change_feed.overlooked([made]) == [], "it waits"
    with _as(cast.centre) as run:
        run("SELECT indicators_feed_take()", [])
    _stamped(made, "now() - interval '1 minute'")
    with acting(cast.centre):
        change_feed.stamp_waiting(cast.centre)
        assert change_feed.overlooked([made]) == [made]
    reconcile.restore_missing(cast.centre)
    with acting(cast.centre):
        change_feed.stamp_waiting(cast.centre)
        assert change_feed.overlooked([made]) == []
        ended = Revocation.objects.get(indicator=made).created_at
        assert FeedEntry.objects.get(indicator=made).stamp >= ended


def test_a_time_that_has_not_come_is_an_alert_and_nothing_to_put_back(cast: Cast) -> None:
    made = _active(cast)
    revoke.revoke(cast.centre, made, "Erroneous")
    with acting(cast.centre):
        change_feed.stamp_waiting(cast.centre)
    _stamped(made, "now() + interval '1 hour'")
    with acting(cast.centre):
        assert change_feed.overlooked([made]) == []
        assert change_feed.ahead() > 0
    reconcile.restore_missing(cast.centre)
    reconcile.restore_missing(cast.centre)
    with acting(cast.centre):
        assert EdgeAlert.objects.filter(code="feed_ahead", answer__isnull=True).count() == 1
    _stamped(made, "now()")


def _stamped(made: UUID, when: str) -> None:
    with psycopg.connect(superuser(), autocommit=True) as owner:
        owner.execute(f"UPDATE indicators_feedentry SET stamp = {when} WHERE indicator_id = %s", [made])
