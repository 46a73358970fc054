"""How much an organisation may import in a day: what goes beyond is held until the Centre has looked."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db.utils import IntegrityError

from tests.integration.indicators.register.test_register import CLASS, _scheme
from tests.support import holds, indicators_shown
from tests.support.cast import Cast
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.indicators.imports import runner
from tutela.indicators.imports.lines import Defaults
from tutela.indicators.models import ImportAllowance, Indicator
from tutela.indicators.safeguards import hold_release, import_quotas
from tutela.indicators.safeguards.errors import HeldAsOutlier

__all__ = ["_scheme"]


@pytest.fixture
def member(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """One that nobody has imported for; four entries a day are usual."""
    monkeypatch.setattr(import_quotas, "DEFAULT_QUOTA", 4)
    return cast.organisation(f"Hotline {secrets.token_hex(3)}", "hotline", "FR")


def _import(actor: Actor, folder: Path, count: int) -> runner.ImportReport:
    file = folder / f"{secrets.token_hex(4)}.jsonl"
    rows = [{"hashes": [{"kind": "sha256", "value": secrets.token_hex(32)}]} for _ in range(count)]
    file.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    return runner.run(actor, file, source="Police", defaults=Defaults(classification=CLASS, reason="Assessed"))


def _first(actor: Actor, run: UUID) -> UUID:
    with acting(actor):
        return Indicator.objects.filter(run_id=run).order_by("id")[0].pk


def test_the_first_large_file_of_a_new_organisation_is_held_with_an_alert(
    cast: Cast, member: Actor, tmp_path: Path
) -> None:
    lead = cast.actor(cast.centre, "lead")
    report = _import(member, tmp_path, 5)
    assert (report.accepted, report.held) == (5, True)
    with pytest.raises(HeldAsOutlier):
        indicators_shown.certify(cast.hotline_de, _first(member, report.run_id))
    (alert,) = holds.open_of(lead, report.run_id)
    assert (alert.codes, holds.text(alert)) == (
        "size",
        "5 entries by this import and others within 24 hours; the Centre allows 4 per day",
    )
    hold_release.release(lead, alert.pk, accepted=True, reason="Their yearly collection")
    assert indicators_shown.certify(cast.hotline_de, _first(member, report.run_id))


def test_many_small_files_count_together_and_another_day_anew(cast: Cast, member: Actor, tmp_path: Path) -> None:
    assert [_import(member, tmp_path, 2).held for _ in range(3)] == [False, False, True]
    with clock.simulate(clock.now() + timedelta(days=1, minutes=1)):
        assert not _import(member, tmp_path, 4).held


def test_the_centre_allows_a_large_one_beforehand_and_less_than_is_usual(
    cast: Cast, member: Actor, tmp_path: Path
) -> None:
    lead, until = cast.actor(cast.centre, "lead"), clock.now() + timedelta(days=2)
    who = member.organisation_id
    import_quotas.allow(lead, who, entries=12, until=until, reason="The collection of 2025")
    assert not _import(member, tmp_path, 9).held
    with clock.simulate(clock.now() + timedelta(days=3)):
        assert _import(member, tmp_path, 5).held, "the word has ended"
        import_quotas.allow(lead, who, entries=0, until=clock.now() + timedelta(days=1), reason="Under review")
        assert _import(member, tmp_path, 1).held


def test_what_an_allowance_needs(cast: Cast, member: Actor) -> None:
    lead, until = cast.actor(cast.centre, "lead"), clock.now() + timedelta(days=1)
    for change, field in (
        ({"entries": -1}, "entries"),
        ({"until": clock.now()}, "days"),
        ({"reason": " "}, "reason"),
    ):
        said = {"entries": 5, "until": until, "reason": "Announced", **change}
        with pytest.raises(Invalid) as refused:
            import_quotas.allow(lead, member.organisation_id, **said)  # type: ignore[arg-type]
        assert refused.value.field == field
    with pytest.raises(Invalid):
        import_quotas.allow(lead, cast.pixelpost.organisation_id, entries=5, until=until, reason="x")
    with pytest.raises(Forbidden):
        import_quotas.allow(member, member.organisation_id, entries=5, until=until, reason="x")
    with pytest.raises(IntegrityError, match="Centre alone"), acting(member):
        ImportAllowance.objects.create(
            organisation_id=member.organisation_id,
            allowed_id=member.organisation_id,
            entries=10**6,
            valid_to=until,
            reason="x",
            by="attack",
            by_name="x",
        )


def test_the_desk_allows_and_shows_it(cast: Cast, member: Actor) -> None:
    lead = cast.client(cast.centre, "lead")
    sent = {
        "organisation": str(member.organisation_id),
        "entries": "77777",
        "days": "3",
        "reason": "Announced by phone",
    }
    assert lead.post("/desk/indicators/alerts/imports/", sent).status_code == 302
    page = lead.get("/desk/indicators/alerts/imports/", {"find": member.organisation_name}).content.decode()
    assert "77777" in page or "77,777" in page
    assert "Announced by phone" in page
    with acting(cast.centre):
        assert import_quotas.quota_of(member.organisation_id) == 77_777
    wrong = lead.post("/desk/indicators/alerts/imports/", {**sent, "reason": ""})
    assert wrong.status_code == 200
    assert cast.client(member, "analyst").get("/desk/indicators/alerts/imports/").status_code == 404
