"""The age of the backup: what `tutela backup` recorded, on the doctor's list and on its page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings

from tests.support.cast import Cast
from tutela import clock
from tutela.app.runtime import doctor
from tutela.app.runtime.health import backup_age
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine


@pytest.fixture
def founder(cast: Cast) -> Actor:
    cast.centre  # noqa: B018 - a node has an organisation
    found = directory.founder()
    assert found
    return machine(found.id, "test")


def _backed_up(founder: Actor) -> None:
    with acting(founder):
        record(founder, "backup.written", "node", "all", size=1, recipients=0)


def _finding() -> tuple[bool, str]:
    found = next(one for one in doctor.examine() if one.name == "Backup")
    return found.fine, found.seen


def test_backup_is_fine_for_a_week_and_overdue_afterwards(founder: Actor) -> None:
    with clock.simulate(clock.now() + timedelta(days=400)):
        assert backup_age().overdue
        assert not _finding()[0]
        _backed_up(founder)
        assert backup_age().days == 0
        assert _finding()[0]
    with clock.simulate(clock.now() + timedelta(days=406)):
        assert not backup_age().overdue
    with clock.simulate(clock.now() + timedelta(days=409)):
        age = backup_age()
        assert age.overdue
        assert age.days == 9
        assert "days ago" in _finding()[1]


def test_setting_of_no_days_asks_for_no_backup(founder: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update={"backup_days": 0}))
    with clock.simulate(clock.now() + timedelta(days=4000)):
        assert not backup_age().overdue


def test_error_of_a_check_is_named_by_its_type_alone_on_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        """Broken."""
        raise OSError("postgresql://tutela:secret@db/x")

    monkeypatch.setattr(doctor, "CHECKS", (broken,))
    assert [one.seen for one in doctor.examine(errors=False)] == ["OSError"]
    assert "secret" in next(doctor.examine()).seen
