"""What looks unusual is held until a person at the Centre has looked: single proposals, and imports as a whole."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.db.utils import IntegrityError

from tests.cast import Cast
from tests.integration.indicators.test_register import CLASS, _propose, _scheme, _state
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.models import Event
from tutela.indicators import dossier, hashes, importing, outliers, quarantine, register
from tutela.indicators.errors import HeldAsOutlier
from tutela.indicators.hashes import Given
from tutela.indicators.import_lines import Defaults
from tutela.indicators.models import Activation, Indicator, IndicatorHash, QuarantineDecision

__all__ = ["_scheme"]
MADE_UP = f"{(1 << 200) - 1:064x}"


def _odd(actor: Actor) -> UUID:
    value = f"{(1 << 200) - 1 ^ secrets.randbits(20):064x}"
    given = [Given("sha256", secrets.token_hex(32)), Given("pdq", value, 90, "tutela-pdq/1")]
    return register.propose(actor, given=given, media_type="image", classification=CLASS, reason="Assessed")


def _held(lead: Actor, indicator: UUID) -> UUID:
    return next(one.row.pk for one in quarantine.open_ones(lead) if one.row.indicator_id == indicator)


def _file(folder: Path, count: int, *, made_up: bool = False) -> Path:
    file = folder / f"{secrets.token_hex(4)}.jsonl"
    rows = [
        {"hashes": [{"kind": "sha256", "value": secrets.token_hex(32)},
                    {"kind": "pdq", "value": secrets.token_hex(32), "quality": 55 if made_up else 95}]}
        for _ in range(count)
    ]  # fmt: skip
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return file


def _import(actor: Actor, file: Path) -> UUID:
    defaults = Defaults(classification=CLASS, reason="Assessed abroad")
    return importing.run(actor, file, source="Police", defaults=defaults).run_id


def test_what_looks_made_up_is_held_and_an_alarm(cast: Cast) -> None:
    lead, made = cast.actor(cast.centre, "lead"), _odd(cast.hotline_ie)
    assert _state(cast, made) == "proposed"
    with pytest.raises(HeldAsOutlier):
        register.certify(cast.hotline_de, made)
    held = _held(lead, made)
    shown = next(one for one in quarantine.open_ones(lead) if one.row.pk == held)
    assert (shown.row.codes, shown.proposer.id, shown.count) == ("bits", cast.hotline_ie.organisation_id, 1)
    assert dossier.of(cast.hotline_ie, made).held is not None
    waiting = [line.id for line in dossier.listing(cast.hotline_de, state="mine_to_certify")[0]]
    assert made not in waiting


def test_released_it_goes_its_way(cast: Cast) -> None:
    lead, made = cast.actor(cast.centre, "lead"), _odd(cast.hotline_ie)
    held = _held(lead, made)
    with pytest.raises(Invalid):
        quarantine.decide(lead, held, released=True, reason=" ")
    assert quarantine.decide(lead, held, released=True, reason="A drawing; the hotline showed its assessment") == 1
    assert register.certify(cast.hotline_de, made)
    with pytest.raises(NotFound):
        quarantine.decide(lead, held, released=False, reason="Once more")


def test_refused_it_is_revoked_and_its_digest_free_again(cast: Cast) -> None:
    lead = cast.actor(cast.centre, "lead")
    value = secrets.token_hex(32)
    given = [Given("sha256", value), Given("pdq", MADE_UP, 90, "x")]
    made = register.propose(cast.hotline_ie, given=given, media_type="image", classification=CLASS, reason="Assessed")
    quarantine.decide(lead, _held(lead, made), released=False, reason="Nobody assessed this")
    assert _state(cast, made) == "revoked"
    with acting(lead):
        kinds = list(Event.objects.filter(subject_id=str(made)).values_list("kind", flat=True))
    assert "indicator.revoked" in kinds
    assert register.propose(
        cast.hotline_de, given=[Given("sha256", value)], media_type="image", classification=CLASS, reason="Assessed"
    )


def test_only_the_centre_decides(cast: Cast) -> None:
    lead, made = cast.actor(cast.centre, "lead"), _odd(cast.hotline_ie)
    held = _held(lead, made)
    member = cast.actor(cast.hotline_ie, "analyst")
    with pytest.raises(Forbidden):
        quarantine.decide(member, held, released=True, reason="It is fine")
    with pytest.raises(IntegrityError, match="Centre alone"), acting(member):
        QuarantineDecision.objects.create(
            organisation_id=member.organisation_id, quarantine_id=held, released=True, reason="x", by="x"
        )
    with pytest.raises(IntegrityError, match="outlier"), acting(member):
        Activation.objects.create(organisation_id=member.organisation_id, indicator_id=made, by="attack")


def test_a_crowd_around_one_picture_is_held_and_the_first_of_it_are_not(cast: Cast) -> None:
    base, made = int(secrets.token_hex(32), 16), list[UUID]()
    _key, sketched = hashes._sketching(__import__("django.conf").conf.settings.BLIND_KEY)
    others = [bit for bit in range(256) if bit not in sketched]
    for number in range(outliers.CROWD + 1):
        given = [Given("pdq", f"{base ^ (1 << others[number]):064x}", 90, "tutela-pdq/1")]
        made.append(
            register.propose(cast.hotline_ie, given=given, media_type="image", classification=CLASS, reason="Assessed")
        )
    assert [dossier.of(cast.hotline_ie, one).held is not None for one in made] == [False] * outliers.CROWD + [True]
    register.certify(cast.hotline_de, made[0])


def test_an_odd_import_is_held_as_a_whole_and_a_usual_one_is_not(cast: Cast, tmp_path: Path) -> None:
    lead = cast.actor(cast.centre, "lead")
    usual = _import(cast.hotline_ie, _file(tmp_path, 60))
    odd = _import(cast.hotline_ie, _file(tmp_path, 60, made_up=True))
    with acting(lead):
        good, bad = (Indicator.objects.filter(run_id=run).first() for run in (usual, odd))
    assert good is not None
    assert bad is not None
    assert register.certify(cast.hotline_de, good.pk)
    with pytest.raises(HeldAsOutlier):
        register.certify(cast.hotline_de, bad.pk)
    (held,) = [one for one in quarantine.open_ones(lead) if one.row.run_id == odd]
    assert (held.row.codes, held.count) == ("flat", 60)
    assert quarantine.decide(lead, held.row.pk, released=False, reason="Drawn from a game") == 60
    assert _state(cast, bad.pk) == "revoked"
    assert _state(cast, good.pk) == "active"


def test_an_import_unlike_all_before_is_held(cast: Cast, tmp_path: Path) -> None:
    owner, lead = cast.hotline_ie, cast.actor(cast.centre, "lead")
    for _ in range(outliers.BATCHES):
        _import(owner, _file(tmp_path, 3))
    rows = "\n".join(f"{secrets.token_hex(32)},95" for _ in range(60))
    (tmp_path / "bare.csv").write_text(f"pdq,quality\n{rows}\n", encoding="utf-8")
    run = _import(owner, tmp_path / "bare.csv")
    (held,) = [one for one in quarantine.open_ones(lead) if one.row.run_id == run]
    assert held.row.codes == "bare"


def test_hashes_of_before_get_their_sketch(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    with acting(cast.hotline_ie):
        rows = IndicatorHash.objects.filter(indicator=made, kind="pdq")
        before = rows.get().sketch
        rows.update(sketch=None)
    hashes.fill_sketches(cast.hotline_ie)
    with acting(cast.hotline_ie):
        assert rows.get().sketch == before is not None


def test_the_desk_shows_it_and_decides(cast: Cast) -> None:
    made = _odd(cast.hotline_ie)
    lead = cast.client(cast.centre, "lead")
    held = _held(cast.actor(cast.centre, "lead"), made)
    page = lead.get("/desk/indicators/alarms/").content.decode()
    assert "Unusual proposals" in page
    assert str(held) in page
    sent = {"reason": "It was shown to us", "decision": "release"}
    assert lead.post(f"/desk/indicators/quarantine/{held}/", sent).status_code == 302
    assert str(held) not in lead.get("/desk/indicators/alarms/").content.decode()
    assert cast.client(cast.hotline_ie, "analyst").post(f"/desk/indicators/quarantine/{held}/").status_code == 404


def test_the_database_takes_no_quarantine_of_nothing(cast: Cast) -> None:
    with pytest.raises(IntegrityError), acting(cast.hotline_ie), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO indicators_quarantine (id, organisation_id, created_at, codes, detail)"
            " VALUES (gen_random_uuid(), %s, now(), 'x', 'x')",
            [cast.hotline_ie.organisation_id],
        )
