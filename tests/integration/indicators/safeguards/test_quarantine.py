"""What looks unusual is held until a person at the Centre has looked: single proposals, and imports as a whole."""

from __future__ import annotations

import json
import random
import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, connections
from django.db.utils import IntegrityError
from procrastinate.contrib.django.models import ProcrastinateJob as Job

from tests.integration.indicators.register.test_register import CLASS, _propose, _scheme, _state
from tests.support import holds as open_holds
from tests.support import indicators_shown
from tests.support.cast import Cast
from tests.support.database import superuser
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.exchange.register.reason_codes import HoldReason
from tutela.indicators.hashes import anomalies, blind_index
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.imports import runner
from tutela.indicators.imports.lines import Defaults
from tutela.indicators.integrity import signing
from tutela.indicators.lifecycle import queries, signals
from tutela.indicators.models import Activation, Hold, HoldDecision, HoldKind, Indicator, IndicatorHash
from tutela.indicators.register import certify as register_certify
from tutela.indicators.register import detail, dispute, propose, search
from tutela.indicators.safeguards import hold_effects, hold_release, holds, quarantine
from tutela.indicators.safeguards.errors import HeldAsOutlier, ImportRefused

__all__ = ["_scheme"]
MADE_UP = f"{(1 << 200) - 1:064x}"


def _odd(actor: Actor) -> UUID:
    value = f"{(1 << 200) - 1 ^ secrets.randbits(20):064x}"
    given = [HashValue("sha256", secrets.token_hex(32)), HashValue("pdq", value, 90, "tutela-pdq/1")]
    return propose.propose(actor, given=given, media_type="image", classification=CLASS, reason="Assessed")


def _held(lead: Actor, indicator: UUID) -> UUID:
    return next(one.row.pk for one in hold_release.list_holds(lead) if one.row.indicator_id == indicator)


def _file(folder: Path, count: int, *, made_up: bool = False) -> Path:
    file = folder / f"{secrets.token_hex(4)}.jsonl"
    rows = [
        {
            "hashes": [
                {"kind": "sha256", "value": secrets.token_hex(32)},
                {"kind": "pdq", "value": secrets.token_hex(32), "quality": 55 if made_up else 95},
            ]
        }
        for _ in range(count)
    ]
    file.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    return file


def _import(actor: Actor, file: Path) -> UUID:
    defaults = Defaults(classification=CLASS, reason="Assessed abroad")
    return runner.run(actor, file, source="Police", defaults=defaults).run_id


def test_what_looks_made_up_is_held_and_an_alert(cast: Cast) -> None:
    lead, made = cast.actor(cast.centre, "lead"), _odd(cast.hotline_ie)
    assert _state(cast, made) == "proposed"
    with pytest.raises(HeldAsOutlier):
        register_certify.certify(cast.hotline_de, made)
    held = _held(lead, made)
    shown = next(one for one in hold_release.list_holds(lead) if one.row.pk == held)
    assert (shown.row.codes, shown.organisation.id, shown.count) == ("bits", cast.hotline_ie.organisation_id, 1)
    assert detail.load_detail(cast.hotline_ie, made).held is not None
    waiting = [
        line.id for line in search.list_indicators(cast.hotline_de, search.RegisterFilter(state="mine_to_certify"))[0]
    ]
    assert made not in waiting


def test_released_it_goes_its_way(cast: Cast) -> None:
    lead, made = cast.actor(cast.centre, "lead"), _odd(cast.hotline_ie)
    held = _held(lead, made)
    with pytest.raises(Invalid):
        hold_release.release(lead, held, accepted=True, reason=" ")
    assert hold_release.release(lead, held, accepted=True, reason="A drawing; the hotline showed its assessment") == 1
    assert register_certify.certify(cast.hotline_de, made)
    with pytest.raises(NotFound):
        hold_release.release(lead, held, accepted=False, reason="Once more")


def test_refused_it_is_revoked_and_its_digest_free_again(cast: Cast) -> None:
    lead = cast.actor(cast.centre, "lead")
    value = secrets.token_hex(32)
    given = [HashValue("sha256", value), HashValue("pdq", MADE_UP, 90, "x")]
    made = propose.propose(cast.hotline_ie, given=given, media_type="image", classification=CLASS, reason="Assessed")
    hold_release.release(lead, _held(lead, made), accepted=False, reason="Nobody assessed this")
    assert _state(cast, made) == "revoked"
    with acting(lead):
        kinds = list(Event.objects.filter(subject_id=str(made)).values_list("kind", flat=True))
    assert "indicator.revoked" in kinds
    assert propose.propose(
        cast.hotline_de, given=[HashValue("sha256", value)], media_type="image", classification=CLASS, reason="Assessed"
    )


def test_only_the_centre_decides(cast: Cast) -> None:
    lead, made = cast.actor(cast.centre, "lead"), _odd(cast.hotline_ie)
    held = _held(lead, made)
    member = cast.actor(cast.hotline_ie, "analyst")
    with pytest.raises(Forbidden):
        hold_release.release(member, held, accepted=True, reason="It is fine")
    with pytest.raises(IntegrityError, match="Centre alone"), acting(member):
        HoldDecision.objects.create(
            organisation_id=member.organisation_id, hold_id=held, accepted=True, reason="x", by="x"
        )
    with pytest.raises(IntegrityError, match="outlier"), acting(member):
        Activation.objects.create(organisation_id=member.organisation_id, indicator_id=made, by="attack")


def test_a_crowd_around_one_picture_is_held_and_the_first_of_it_are_not(cast: Cast) -> None:
    base, made = int(secrets.token_hex(32), 16), list[UUID]()
    _key, chosen_of = blind_index._sketching(__import__("django.conf").conf.settings.BLIND_KEY)
    sketched = chosen_of(range(255, -1, -1))
    others = [bit for bit in range(256) if bit not in sketched]
    for number in range(anomalies.CROWD + 1):
        given = [HashValue("pdq", f"{base ^ (1 << others[number]):064x}", 90, "tutela-pdq/1")]
        made.append(
            propose.propose(cast.hotline_ie, given=given, media_type="image", classification=CLASS, reason="Assessed")
        )
    assert [detail.load_detail(cast.hotline_ie, one).held is not None for one in made] == [False] * anomalies.CROWD + [
        True
    ]
    register_certify.certify(cast.hotline_de, made[0])


def _cut(actor: Actor, whole: int, parts: list[int]) -> UUID:
    """A picture of which so many windows are proposed with it."""
    looks = [HashValue("pdq", f"{whole:064x}", 90, "tutela-pdq/1")]
    looks += [HashValue("pdq", f"{part:064x}", 90, "tutela-pdq/1", covers=0.8) for part in parts]
    given = [HashValue("sha256", secrets.token_hex(32)), *looks]
    return propose.propose(actor, given=given, media_type="image", classification=CLASS, reason="Assessed")


# The same draws in every run: no verdict rests on chance.
DRAWN = random.Random(20261128)


def _flipped(value: int, many: int) -> int:
    """The same hash with so many bits changed, as many to ones as to zeros."""
    ones = [bit for bit in range(256) if value >> bit & 1]
    zeros = [bit for bit in range(256) if not value >> bit & 1]
    for bit in DRAWN.sample(ones, many // 2) + DRAWN.sample(zeros, many - many // 2):
        value ^= 1 << bit
    return value


def test_windows_that_no_picture_has_are_held_too(cast: Cast, tmp_path: Path) -> None:
    def codes(made: UUID) -> str:
        found = detail.load_detail(cast.hotline_ie, made).held
        return found.codes if found else ""

    whole = int(secrets.token_hex(32), 16)
    assert codes(_cut(cast.hotline_ie, whole, [_flipped(whole, 40) for _ in range(5)])) == ""
    whole = int(secrets.token_hex(32), 16)
    assert codes(_cut(cast.hotline_ie, whole, [_flipped(whole, 40), int(MADE_UP, 16)])) == "bits"
    whole = int(secrets.token_hex(32), 16)
    assert codes(_cut(cast.hotline_ie, whole, [_flipped(whole, 40) for _ in range(6)])) == "parts"
    aim = int(secrets.token_hex(32), 16)
    made = [_cut(cast.hotline_ie, _flipped(aim, 60), [aim]) for _ in range(anomalies.CROWD + 1)]
    assert [codes(one) for one in made] == [""] * anomalies.CROWD + ["crowded"]
    lead, file = cast.actor(cast.centre, "lead"), tmp_path / "cut.jsonl"
    rows = [
        {
            "hashes": [
                {"kind": "pdq", "value": secrets.token_hex(32), "quality": 90},
                *({"kind": "pdq", "value": value, "quality": 90, "covers": 0.8} for value in values),
            ]
        }
        for values in ([MADE_UP], [secrets.token_hex(32) for _ in range(6)])
    ]
    file.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    run = _import(cast.hotline_ie, file)
    (held,) = [one for one in hold_release.list_holds(lead) if one.row.run_id == run]
    assert held.row.codes == "bits parts"


def test_an_odd_import_is_held_as_a_whole_and_a_usual_one_is_not(cast: Cast, tmp_path: Path) -> None:
    lead = cast.actor(cast.centre, "lead")
    usual = _import(cast.hotline_ie, _file(tmp_path, 60))
    odd = _import(cast.hotline_ie, _file(tmp_path, 60, made_up=True))
    with acting(lead):
        good, bad = (Indicator.objects.filter(run_id=run).first() for run in (usual, odd))
    assert good is not None
    assert bad is not None
    assert indicators_shown.certify(cast.hotline_de, good.pk)
    with pytest.raises(HeldAsOutlier):
        indicators_shown.certify(cast.hotline_de, bad.pk)
    (held,) = [one for one in hold_release.list_holds(lead) if one.row.run_id == odd]
    assert (held.row.codes, held.count) == ("flat", 60)
    assert hold_release.release(lead, held.row.pk, accepted=False, reason="Drawn from a game") == 60
    assert _state(cast, bad.pk) == "revoked"
    assert _state(cast, good.pk) == "active"


def test_an_import_unlike_all_before_is_held(cast: Cast, tmp_path: Path) -> None:
    owner, lead = cast.hotline_ie, cast.actor(cast.centre, "lead")
    for _ in range(anomalies.BATCHES):
        _import(owner, _file(tmp_path, 3))
    rows = "\n".join(f"{secrets.token_hex(32)},95" for _ in range(60))
    (tmp_path / "bare.csv").write_text(f"pdq,quality\n{rows}\n", encoding="utf-8")
    run = _import(owner, tmp_path / "bare.csv")
    (held,) = [one for one in hold_release.list_holds(lead) if one.row.run_id == run]
    assert held.row.codes == "bare"


def test_hashes_of_before_get_their_sketch(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    with acting(cast.hotline_ie):
        rows = IndicatorHash.objects.filter(indicator=made, kind="pdq")
        before = rows.get().sketch
    with psycopg.connect(superuser(), autocommit=True) as owner:
        owner.execute("ALTER TABLE indicators_indicatorhash DISABLE TRIGGER USER")
        owner.execute("UPDATE indicators_indicatorhash SET sketch = NULL WHERE indicator_id = %s", [made])
        owner.execute("ALTER TABLE indicators_indicatorhash ENABLE TRIGGER USER")
    blind_index.fill_sketches(cast.hotline_ie)
    with acting(cast.hotline_ie):
        assert rows.get().sketch == before is not None


def test_the_desk_shows_it_and_decides(cast: Cast) -> None:
    made = _odd(cast.hotline_ie)
    lead = cast.client(cast.centre, "lead")
    held = _held(cast.actor(cast.centre, "lead"), made)
    page = lead.get("/desk/indicators/alerts/").content.decode()
    assert "Unusual proposals" in page
    assert str(held) in page
    sent = {"reason": "It was shown to us", "decision": "accept"}
    assert lead.post(f"/desk/indicators/alerts/holds/{held}/", sent).status_code == 302
    assert str(held) not in lead.get("/desk/indicators/alerts/").content.decode()
    assert cast.client(cast.hotline_ie, "analyst").post(f"/desk/indicators/alerts/holds/{held}/").status_code == 404


@pytest.mark.parametrize("what", ["'import', NULL", "'bundle', gen_random_uuid()"])
def test_the_database_takes_no_hold_of_nothing_or_of_an_unknown_kind(cast: Cast, what: str) -> None:
    with pytest.raises(IntegrityError), acting(cast.hotline_ie), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO indicators_hold (id, organisation_id, created_at, reasons, kind, subject_id)"
            f" VALUES (gen_random_uuid(), %s, now(), '[]', {what})",
            [cast.hotline_ie.organisation_id],
        )


def test_a_proposal_is_held_once(cast: Cast) -> None:
    made = _odd(cast.hotline_ie)
    with acting(cast.hotline_ie):
        holds.place(cast.hotline_ie, HoldKind.INDICATOR, made, [anomalies.Odd(HoldReason.FLAT)])
    assert [one.codes for one in open_holds.open_of(cast.centre, made)] == ["bits"]


class Late:
    """An import of which one entry was active before its second batch made it odd."""

    def __init__(self, cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cast, self.lead = cast, cast.actor(cast.centre, "lead")
        monkeypatch.setattr(runner, "LINES_AT_ONCE", 60)
        file = folder / "late.jsonl"
        parts = [_file(folder, 60), _file(folder, 60, made_up=True)]
        file.write_text("".join(one.read_text(encoding="utf-8") for one in parts), encoding="utf-8")
        self.active: UUID | None = None
        self.told = list[UUID]()
        monkeypatch.setattr(signals, "_on_revoked", [*signals._on_revoked, lambda _a, one, _r: self.told.append(one)])
        defaults = Defaults(classification=CLASS, reason="Assessed abroad")
        done = runner.run(cast.hotline_ie, file, source="Police", defaults=defaults, told=self._certify)
        self.run = done.run_id
        (self.held,) = [one.row.pk for one in hold_release.list_holds(self.lead) if one.row.run_id == self.run]

    def _certify(self, report: runner.ImportReport) -> None:
        if self.active is None:
            with acting(self.lead):
                self.active = self.ids(report.run_id)[0]
            assert indicators_shown.certify(self.cast.hotline_de, self.active)

    def ids(self, run: UUID) -> list[UUID]:
        with acting(self.lead):
            return list(Indicator.objects.filter(run_id=run).order_by("pk").values_list("pk", flat=True))

    def work(self) -> None:
        hold_effects.run_effects(self.cast.centre, self.held)

    def states(self) -> Counter[str]:
        with acting(self.lead):
            return Counter(queries.with_state().filter(run_id=self.run).values_list("state", flat=True))

    def now(self) -> Counter[str]:
        with acting(self.lead):
            return Counter(queries.with_now().filter(run_id=self.run).values_list("state", flat=True))


@pytest.fixture
def late(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Late:
    return Late(cast, tmp_path, monkeypatch)


def test_what_was_active_when_a_hold_begins_is_stopped(late: Late) -> None:
    assert late.states() == {"active": 1, "proposed": 119}
    with acting(late.lead):
        ordered = Job.objects.filter(task_name="indicators.apply_hold", args__hold_id=str(late.held))
        assert ordered.count() == 1, "ordered with the hold"
    late.work()
    assert late.states() == late.now() == {"suspended": 1, "proposed": 119}
    late.work()
    assert late.states() == {"suspended": 1, "proposed": 119}, "a job that comes twice does nothing"


@pytest.mark.parametrize("stopped", [True, False])
def test_a_refused_import_tells_of_what_was_active_and_of_nothing_else(late: Late, stopped: bool) -> None:
    if stopped:
        late.work()
    assert hold_release.release(late.lead, late.held, accepted=False, reason="Nobody assessed it") == 120
    assert late.states() == late.now() == {"revoked": 120}
    assert late.told == [late.active]
    with acting(late.lead):
        event = Event.objects.filter(subject_id=str(late.active), kind="indicator.revoked")
        assert event.count() == 1


def test_a_released_import_needs_a_new_round_of_what_the_hold_had_stopped(late: Late) -> None:
    late.work()
    hold_release.release(late.lead, late.held, accepted=True, reason="They showed us how they assessed it")
    assert late.states() == late.now() == {"proposed": 120}
    assert late.active is not None
    assert not indicators_shown.certify(late.cast.hotline_ie, late.active)
    assert indicators_shown.certify(late.cast.hotline_de, late.active)


def test_a_release_decides_no_doubt_that_somebody_has_besides(late: Late) -> None:
    late.work()
    assert late.active is not None
    dispute.dispute(late.cast.hotline_de, late.active, "It shows something else")
    hold_release.release(late.lead, late.held, accepted=True, reason="They showed us how they assessed it")
    assert late.states() == {"suspended": 1, "proposed": 119}


def test_a_large_refusal_is_one_part_and_a_job_for_the_rest(late: Late, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold_effects, "INDICATORS_AT_ONCE", 50)
    with acting(late.lead):
        jobs = Job.objects.filter(task_name="indicators.apply_hold", args__hold_id=str(late.held))
        before = jobs.count()
    assert hold_release.release(late.lead, late.held, accepted=False, reason="Nobody assessed it") == 120
    assert late.states()["revoked"] == 50
    with acting(late.lead):
        assert (before, jobs.count()) == (1, 2), "the hold's own, and one for what is left"
    with pytest.raises(HeldAsOutlier):
        indicators_shown.certify(late.cast.hotline_de, late.ids(late.run)[-1])
    parts, part = list[tuple[UUID | None, int]](), hold_effects.part

    def killed(centre: Actor, row: Hold, after: UUID | None = None) -> tuple[UUID | None, int]:
        if len(parts) == 2:
            raise KeyboardInterrupt
        parts.append(part(centre, row, after))
        return parts[-1]

    monkeypatch.setattr(hold_effects, "part", killed)
    with pytest.raises(KeyboardInterrupt):
        late.work()
    monkeypatch.setattr(hold_effects, "part", part)
    assert late.states()["revoked"] == 100
    late.work()
    assert late.states() == late.now() == {"revoked": 120}
    assert late.told == [late.active]


def test_a_certification_under_way_when_the_hold_begins_is_waited_for(
    late: Late, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked, go = Signal(), Signal()
    other = late.ids(late.run)[1]
    # It looked before there was a hold.
    monkeypatch.setattr(holds, "is_held", lambda *_: False)
    envelope = signing.envelope

    def slow(*given: Any) -> bytes:
        checked.set()
        assert go.wait(20)
        return envelope(*given)

    monkeypatch.setattr(signing, "envelope", slow)
    failed = list[BaseException]()

    def certify() -> None:
        try:
            indicators_shown.certify(late.cast.hotline_de, other)
        except IntegrityError as error:
            failed.append(error)
        connections.close_all()

    def work() -> None:
        late.work()
        connections.close_all()

    certifying, working = Thread(target=certify), Thread(target=work)
    certifying.start()
    assert checked.wait(20)
    working.start()
    working.join(1)
    assert working.is_alive(), "it waits until the certification has ended"
    go.set()
    certifying.join()
    working.join()
    assert failed, "and the database refuses what the certification did not see"
    assert late.states() == {"suspended": 1, "proposed": 119}


def test_the_start_page_does_not_look_through_what_is_held(late: Late) -> None:
    late.work()
    examined = _examined(late.cast.hotline_de, late.cast.hotline_ie)
    made = propose.propose(
        late.cast.hotline_ie,
        given=[HashValue("sha256", secrets.token_hex(32))],
        media_type="image",
        classification=CLASS,
        reason="Assessed",
    )
    assert _examined(late.cast.hotline_de, late.cast.hotline_ie) == examined + 1
    assert examined < 20, "of 120 that are held"
    assert made in [
        line.id
        for line in search.list_indicators(late.cast.hotline_de, search.RegisterFilter(state="mine_to_certify"))[0]
    ]
    hold_release.release(late.lead, late.held, accepted=True, reason="They showed us how they assessed it")
    assert _examined(late.cast.hotline_de, late.cast.hotline_ie) == examined + 121


def _examined(actor: Actor, other: Actor) -> int:
    """How many proposals of another organisation the question of the start page takes from the index."""
    asked = {"me": actor.organisation_id, "most": search.COUNTED, "looked": search.LOOKED}
    with acting(actor), queries.in_index_order(), connection.cursor() as cursor:
        one = queries._TO_CERTIFY.replace("organisation_id <> %(me)s", "organisation_id = %(other)s", 1)
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {one}", {**asked, "other": other.organisation_id})
        (row,) = cursor.fetchone()
        return sum(_rows(json.loads(row) if isinstance(row, str) else row))


def _rows(plan: Any) -> Iterator[int]:
    if isinstance(plan, list):
        for one in plan:
            yield from _rows(one)
    elif isinstance(plan, dict):
        if plan.get("Relation Name") == "indicators_indicatornow":
            gone = sum(value for name, value in plan.items() if name.startswith("Rows Removed"))
            yield round((plan["Actual Rows"] + gone) * plan["Actual Loops"])
        for value in plan.values():
            yield from _rows(value)


def test_the_start_page_looks_at_no_more_of_one_organisation_than_it_says(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    neighbour = cast.organisation("Garda", "authority", "IE")
    made = [_propose(cast.hotline_ie) for _ in range(5)]
    for one in made[1:]:
        register_certify.certify(neighbour, one)
    assert search.waiting_for(neighbour) >= 1
    assert search.waiting_is_all(neighbour, 1)
    monkeypatch.setattr(search, "LOOKED", 3)
    before = search.waiting_for(neighbour)
    register_certify.certify(neighbour, made[0])
    assert search.waiting_for(neighbour) == before, "it lies behind what the neighbour has certified"
    assert not search.waiting_is_all(neighbour, before)


def test_what_is_open_is_shown_before_what_was_decided(cast: Cast, late: Late) -> None:
    member, one = cast.hotline_ie, late.ids(late.run)[3]
    with acting(member):
        alone = holds.place(member, HoldKind.INDICATOR, one, [anomalies.Odd(HoldReason.BITS, {"count": 60})])
    hold_release.release(late.lead, late.held, accepted=True, reason="Shown to us")
    found = detail.load_detail(member, one).held
    assert found is not None
    assert found.pk == alone.pk
    with pytest.raises(HeldAsOutlier):
        register_certify.certify(cast.hotline_de, one)


def _going_on(
    cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch, odd: tuple[bool, bool], *, accepted: bool
) -> UUID:
    """An import of two batches, each odd or not, the first of which the Centre decides while the second is read."""
    monkeypatch.setattr(runner, "LINES_AT_ONCE", 60)
    file, lead, decided = folder / "on.jsonl", cast.actor(cast.centre, "lead"), list[UUID]()
    parts = [_file(folder, 60, made_up=one) for one in odd]
    file.write_text("".join(one.read_text(encoding="utf-8") for one in parts), encoding="utf-8")

    def decide(report: runner.ImportReport) -> None:
        if not decided:
            decided.append(report.run_id)
            (held_now,) = [one.row.pk for one in hold_release.list_holds(lead) if one.row.run_id == report.run_id]
            hold_release.release(lead, held_now, accepted=accepted, reason="Looked at")

    try:
        runner.run(
            cast.hotline_ie, file, source="Police", defaults=Defaults(classification=CLASS, reason="x"), told=decide
        )
    except ImportRefused:
        assert not accepted
    return decided[0]


def _ids(actor: Actor, run: UUID) -> list[UUID]:
    with acting(actor):
        return list(Indicator.objects.filter(run_id=run).order_by("created_at", "pk").values_list("pk", flat=True))


def test_a_refused_import_goes_no_further(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = _going_on(cast, tmp_path, monkeypatch, (True, False), accepted=False)
    assert {_state(cast, one) for one in _ids(cast.hotline_ie, run)} == {"revoked"}
    assert len(_ids(cast.hotline_ie, run)) == 60, "nothing of the second batch"
    with pytest.raises(ImportRefused):
        runner.run(
            cast.hotline_ie,
            tmp_path / "on.jsonl",
            source="Police",
            defaults=Defaults(classification=CLASS, reason="x"),
        )


def test_an_import_that_goes_on_after_a_release_is_held_again_where_it_is_odd(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = cast.actor(cast.centre, "lead")
    run = _going_on(cast, tmp_path, monkeypatch, (True, True), accepted=True)
    (again,) = [one for one in hold_release.list_holds(lead) if one.row.run_id == run]
    assert again.count == 120
    for one in (_ids(lead, run)[0], _ids(lead, run)[-1]):
        with pytest.raises(HeldAsOutlier):
            indicators_shown.certify(cast.hotline_de, one)
    hold_release.release(lead, again.row.pk, accepted=True, reason="This too")
    assert indicators_shown.certify(cast.hotline_de, _ids(lead, run)[-1])


def test_an_import_that_goes_on_as_usual_stays_released(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _going_on(cast, tmp_path, monkeypatch, (True, False), accepted=True)
    assert indicators_shown.certify(cast.hotline_de, _ids(cast.hotline_ie, run)[-1])


def test_what_was_released_for_its_size_is_not_held_for_it_again(cast: Cast, tmp_path: Path) -> None:
    lead, run = cast.actor(cast.centre, "lead"), _import(cast.hotline_ie, _file(tmp_path, 3))

    def hold(code: str) -> list[UUID]:
        with acting(cast.hotline_ie):
            quarantine.hold_run(cast.hotline_ie, run, [anomalies.Odd(HoldReason(code))])
        return [one.row.pk for one in hold_release.list_holds(lead) if one.row.run_id == run]

    (first,) = hold("proposals_per_hour")
    assert hold("bits") == [first], "held already"
    hold_release.release(lead, first, accepted=True, reason="It is large")
    assert hold("proposals_per_hour") == []
    assert len(hold("bits")) == 1


def test_a_decision_waits_for_the_batch_that_is_being_written(late: Late) -> None:
    begun, go = Signal(), Signal()

    def write() -> None:
        with acting(late.cast.hotline_ie), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tutela.import'))")
            begun.set()
            assert go.wait(20)
        connections.close_all()

    def decide() -> None:
        hold_release.release(late.lead, late.held, accepted=False, reason="Nobody assessed it")
        connections.close_all()

    writing, deciding = Thread(target=write), Thread(target=decide)
    writing.start()
    assert begun.wait(20)
    deciding.start()
    deciding.join(0.5)
    assert deciding.is_alive()
    go.set()
    writing.join()
    deciding.join()
    assert late.states() == {"revoked": 120}


def test_whether_something_is_held_is_asked_of_an_index_each(cast: Cast) -> None:
    with acting(cast.hotline_de), queries.in_index_order(), connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'indicators_is_held'")
        body = cursor.fetchone()[0].replace("= one", "= gen_random_uuid()").replace("= run", "= gen_random_uuid()")
        # As if there were thousands.
        cursor.execute("SET LOCAL enable_seqscan = off")
        asked = body.replace("gen_random_uuid()", f"'{cast.hotline_de.organisation_id}'")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {asked}")
        (row,) = cursor.fetchone()
    scans = list(_scans(json.loads(row) if isinstance(row, str) else row))
    assert len(scans) == 2
    assert all("Index Cond" in one for one in scans), scans


def _scans(plan: Any) -> Iterator[dict[str, Any]]:
    for one in plan if isinstance(plan, list) else plan.values() if isinstance(plan, dict) else ():
        yield from _scans(one)
    if isinstance(plan, dict) and plan.get("Relation Name") == "indicators_hold":
        yield plan
