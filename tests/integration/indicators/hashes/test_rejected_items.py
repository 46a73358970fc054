"""What was judged not to be CSAM: neither it nor what looks like it is proposed again, unless the Centre clears it."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from uuid import UUID

import pytest
from django.db.utils import IntegrityError

from tests.integration.indicators.lifecycle.test_state_machine_rows import _insert
from tests.integration.indicators.register.test_register import CLASS, _scheme, _state
from tests.support.cast import Cast
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, NotFound
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.indicators.hashes import lawful_reference_loads, rejected_items
from tutela.indicators.hashes.errors import JudgedNotCsam, ResemblesLawful
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.imports import runner
from tutela.indicators.imports.lines import BadLine, Defaults
from tutela.indicators.register import certify, detail, dispute, propose

__all__ = ["_scheme"]


def _propose(actor: Actor, *given: HashValue) -> UUID:
    return propose.propose(actor, given=list(given), media_type="image", classification=CLASS, reason="Assessed")


def _sha256(value: str = "") -> HashValue:
    return HashValue("sha256", value or secrets.token_hex(32))


def _pdq(value: str) -> HashValue:
    return HashValue("pdq", value, 90)


def _flipped(value: str, bits: int) -> str:
    return f"{int(value, 16) ^ ((1 << bits) - 1) << 40:064x}"


def _judged(cast: Cast, *given: HashValue, ground: str = "not_csam", upheld: bool = True) -> UUID:
    made = _propose(cast.hotline_ie, *given)
    certify.certify(cast.hotline_de, made)
    dispute.dispute(cast.hotline_de, made, "A lawful picture", ground)
    dispute.decide(cast.centre, made, upheld=upheld, reason="Indeed")
    return made


def test_what_was_judged_is_not_proposed_again_and_says_which_hash_and_why(cast: Cast) -> None:
    sha256, md5, pdq = secrets.token_hex(32), secrets.token_hex(16), secrets.token_hex(32)
    number = detail.load_detail(
        cast.centre, _judged(cast, _sha256(sha256), HashValue("md5", md5), _pdq(pdq))
    ).line.number
    for given, field in (
        ([_sha256(sha256)], "sha256"),
        ([_sha256(), HashValue("md5", md5)], "md5"),
        ([_sha256(), _pdq(pdq)], "pdq"),
        ([_sha256(), _pdq(_flipped(pdq, 31))], "pdq"),
        ([_sha256(), HashValue("pdq", _flipped(pdq, 5), 90, covers=0.8)], "pdq"),
    ):
        with pytest.raises(JudgedNotCsam, match=number) as caught:
            _propose(cast.hotline_de, *given)
        assert caught.value.field == field
    _propose(cast.hotline_de, _sha256(), _pdq(_flipped(pdq, 32)))


def test_another_ground_or_a_dismissed_doubt_keeps_nobody_from_proposing(cast: Cast) -> None:
    sha256 = secrets.token_hex(32)
    _judged(cast, _sha256(sha256), ground="doubt")
    _propose(cast.hotline_ie, _sha256(sha256))
    other = _judged(cast, _sha256(), upheld=False)
    assert _state(cast, other) == "proposed"
    assert not detail.load_detail(cast.centre, other).refuted


def test_an_import_refuses_the_line_alone(cast: Cast, tmp_path: Path) -> None:
    sha256, pdq = secrets.token_hex(32), secrets.token_hex(32)
    _judged(cast, _sha256(sha256), _pdq(pdq))
    lines = [[_sha256(sha256)], [_sha256()], [_sha256(), _pdq(_flipped(pdq, 9))]]
    file = tmp_path / "list.jsonl"
    file.write_text(
        "".join(
            json.dumps({"hashes": [{"kind": g.kind, "value": g.value, "quality": g.quality} for g in line]}) + "\n"
            for line in lines
        )
    )
    bad, said = list[BadLine](), Defaults(classification=CLASS, reason="A")
    report = runner.run(cast.hotline_de, file, source="List", defaults=said, bad=bad.append)
    assert (report.accepted, report.refused) == (1, 2)
    assert [(one.line, one.field) for one in bad] == [(1, "sha256"), (3, "pdq")]
    assert all("judged not to be CSAM" in one.reason for one in bad)


def test_the_centre_clears_it_with_a_reason_and_a_round_of_its_own_follows(cast: Cast) -> None:
    sha256 = secrets.token_hex(32)
    made = _judged(cast, _sha256(sha256))
    path = f"/desk/indicators/{made}/clear/"
    hotline, lead = cast.client(cast.hotline_de, "analyst"), cast.client(cast.centre, "lead")
    assert hotline.post(path, {"reason": "x"}).status_code == 404
    assert "until the Centre clears it" in hotline.get(f"/desk/indicators/{made}/").content.decode()
    lead.post(path, {"reason": " "})
    assert "Enter a reason" in lead.get(f"/desk/indicators/{made}/").content.decode()
    lead.post(path, {"reason": "Two courts found otherwise"})
    page = lead.get(f"/desk/indicators/{made}/").content.decode()
    assert "Two courts found otherwise" in page
    assert 'action="' + path not in page
    again = _propose(cast.hotline_ie, _sha256(sha256))
    assert (_state(cast, made), _state(cast, again)) == ("revoked", "proposed")
    assert certify.certify(cast.hotline_de, again)
    with acting(cast.centre):
        assert "indicator.cleared" in {one.kind for one in timeline("indicator", made)}
    with pytest.raises(NotFound):
        rejected_items.clear(cast.actor(cast.centre, "lead"), made, "again")


def test_nobody_else_clears_it_not_by_sql_either(cast: Cast) -> None:
    made = _judged(cast, _sha256())
    with pytest.raises(Forbidden):
        rejected_items.clear(cast.actor(cast.hotline_de, "analyst"), made, "x")
    with pytest.raises(IntegrityError, match="Centre alone"):
        _insert(cast.hotline_de, "indicators_clearing", indicator_id=made, reason="x", by="attack", by_name="A")


def test_of_two_look_alikes_that_wait_the_other_does_not_become_active_once_one_is_judged(cast: Cast) -> None:
    pdq = secrets.token_hex(32)
    first = _propose(cast.hotline_ie, _sha256(), _pdq(pdq))
    other = _propose(cast.hotline_ie, _sha256(), _pdq(_flipped(pdq, 20)))
    certify.certify(cast.hotline_de, first)
    dispute.dispute(cast.hotline_de, first, "A lawful picture", "not_csam")
    dispute.decide(cast.centre, first, upheld=True, reason="Indeed")
    number = detail.load_detail(cast.centre, first).line.number
    with pytest.raises(JudgedNotCsam, match=number):
        certify.certify(cast.hotline_de, other)
    assert _state(cast, other) == "proposed"
    rejected_items.clear(cast.centre, first, "It was wrong")
    assert certify.certify(cast.hotline_de, other)


def test_what_a_lawful_hash_loaded_meanwhile_is_like_does_not_become_active(cast: Cast) -> None:
    sha256, pdq = secrets.token_hex(32), secrets.token_hex(32)
    exact, near = _propose(cast.hotline_ie, _sha256(sha256)), _propose(cast.hotline_ie, _sha256(), _pdq(pdq))
    lines = [f"sha256:{sha256}", f"pdq:{_flipped(pdq, 9)}"]
    loaded = lawful_reference_loads.load(
        cast.actor(cast.centre, "lead"), lines, source="An archive", licence="CC0"
    ).load
    for made in (exact, near):
        with pytest.raises(ResemblesLawful):
            certify.certify(cast.hotline_de, made)
        assert _state(cast, made) == "proposed"
    assert loaded is not None
    lawful_reference_loads.end(cast.actor(cast.centre, "lead"), loaded, "A mistake")
    assert certify.certify(cast.hotline_de, near)
