"""Row-level security, taken from the catalogue and from trying."""

from __future__ import annotations

import contextlib

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.utils import DatabaseError

from tests.support.cast import Cast
from tutela.events.models import Event, EventFacts, tenancy_of
from tutela.events.record import EventFilter, record, search
from tutela.events.tenant_guard import OutsideActing
from tutela.events.transaction import TwoTenants, acting

OF_A_SESSION = {"events_many", "feed_taken", "import_hash", "import_indicator"}
EXEMPT = {
    "organisations_organisation",
    "organisations_organisationstatus",
    "organisations_contact",
    "organisations_person",
    "organisations_personstatus",
    "organisations_rolegrant",
    "organisations_invitation",
    "organisations_apikey",
    "organisations_signingkey",
    "organisations_recipientkey",
    "organisations_approvalrule",
}


def test_every_tenant_table_has_forced_row_level_security_and_policies() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,"
            " (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) FROM pg_class c WHERE c.relkind = 'r'"
        )
        found = {name: (on, forced, policies) for name, on, forced, policies in cursor.fetchall()}
    tenant_tables = [m._meta.db_table for m in apps.get_models() if tenancy_of(m)]
    assert tenant_tables
    assert {t: found[t] for t in tenant_tables} == dict.fromkeys(tenant_tables, (True, True, 4))


def test_every_own_table_with_an_organisation_is_a_tenant_table_or_a_named_exemption() -> None:
    ours = [m for m in apps.get_models() if m.__module__.startswith("tutela.") and not tenancy_of(m)]
    unnamed = {m._meta.db_table for m in ours if {"organisation_id", "organisation"} & {f.name for f in m._meta.fields}}
    assert unnamed <= EXEMPT


def test_runtime_role_owns_nothing_and_cannot_bypass_row_level_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False, False)
        cursor.execute("SELECT relname, relpersistence, relkind FROM pg_class WHERE relowner = current_user::regrole")
        owned = cursor.fetchall()
    # But for what imports and the feed copy into, which ends with the session: each by its name.
    assert [name for name, lasts, _kind in owned if lasts != "t"] == []
    assert {name for name, _lasts, kind in owned if kind == "r"} <= OF_A_SESSION


def test_without_an_actor_no_row_of_any_tenant_is_visible(cast: Cast) -> None:
    with acting(cast.pixelpost):
        record(cast.pixelpost, "test.change", "thing", "1")
    assert _events_without_the_guard() == 0


def test_asking_a_tenant_table_outside_acting_fails_loudly(cast: Cast) -> None:
    with pytest.raises(OutsideActing, match="events_event is queried outside acting"):
        Event.objects.count()
    with pytest.raises(OutsideActing, match="events_event"):
        Event.objects.create(organisation_id=cast.pixelpost.organisation_id, kind="x", commitment=b"\0" * 32)


@pytest.mark.parametrize("verb", ["SELECT 1 FROM events_event", 'with x as (select * from "events_event") select 1'])
def test_the_guard_reads_plain_statements_too(verb: str) -> None:
    with pytest.raises(OutsideActing), connection.cursor() as cursor:
        cursor.execute(verb)


def _events_without_the_guard() -> int:
    """What PostgreSQL itself answers: our guard stands before row-level security, not in its place."""
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        return int(cursor.execute("SELECT count(*) FROM events_event").fetchone()[0])


def test_an_organisation_sees_its_own_events_alone(cast: Cast) -> None:
    for organisation in (cast.pixelpost, cast.other_provider):
        with acting(organisation):
            record(organisation, "test.change", "thing", organisation.organisation_name)
    with acting(cast.pixelpost):
        assert {e.organisation_id for e in search(cast.pixelpost, EventFilter(), limit=1000)} == {
            cast.pixelpost.organisation_id
        }


def test_an_auditor_sees_every_organisations_events(cast: Cast) -> None:
    with acting(cast.pixelpost):
        wanted = record(cast.pixelpost, "test.change", "thing", "2")
    with acting(cast.auditor):
        assert wanted in {e.id for e in search(cast.auditor, EventFilter(subject="thing:2"), limit=1000)}


def test_a_row_cannot_be_written_for_another_organisation(cast: Cast) -> None:
    other = cast.other_provider.organisation_id
    with pytest.raises(DatabaseError), acting(cast.pixelpost):
        Event.objects.create(organisation_id=other, kind="x", commitment=b"\0" * 32)


def test_one_transaction_has_one_tenant(cast: Cast) -> None:
    other = cast.other_provider
    with pytest.raises(TwoTenants), acting(cast.pixelpost), acting(other):
        pass


def test_the_next_transaction_of_a_connection_has_forgotten_the_tenant(cast: Cast) -> None:
    with acting(cast.pixelpost):
        record(cast.pixelpost, "test.change", "thing", "3")
    with transaction.atomic():
        assert _events_without_the_guard() == 0


@pytest.mark.parametrize(
    "verb", ["UPDATE events_event SET kind = 'x'", "DELETE FROM events_event", "TRUNCATE events_event"]
)
def test_no_event_can_be_changed_by_the_runtime_role(cast: Cast, verb: str) -> None:
    with acting(cast.pixelpost):
        record(cast.pixelpost, "test.change", "thing", "4")
    with pytest.raises(DatabaseError), acting(cast.pixelpost), connection.cursor() as cursor:
        cursor.execute(verb)


def test_a_change_that_fails_leaves_no_event(cast: Cast) -> None:
    with contextlib.suppress(ZeroDivisionError), acting(cast.pixelpost):
        record(cast.pixelpost, "test.change", "thing", "lost")
        _ = 1 / 0
    with acting(cast.pixelpost):
        assert search(cast.pixelpost, EventFilter(subject="thing:lost")) == []


def test_erased_facts_leave_the_event(cast: Cast) -> None:
    from tutela.events.record import erase_facts

    with acting(cast.pixelpost):
        event = record(cast.pixelpost, "test.change", "thing", "5", name="to be erased")
    with acting(cast.pixelpost):
        assert erase_facts(cast.pixelpost, event, "asked for by the person")
    with acting(cast.pixelpost):
        assert search(cast.pixelpost, EventFilter(subject="thing:5"))[0].facts is None
        assert not EventFacts.objects.filter(event_id=event).exists()
