"""What is active and looks like what became lawful or was judged later: the Centre hears of it, once."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator

import pytest

from tests.integration.indicators.hashes.test_rejected_items import _flipped, _judged, _pdq, _propose, _sha256
from tests.integration.indicators.register.test_register import _scheme
from tests.support.cast import Cast
from tests.support.register import release as publish
from tutela.indicators.hashes import lawful_reference_loads
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.integrity import edge_alerts
from tutela.indicators.register import certify, detail
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import recheck

__all__ = ["_scheme"]


@pytest.fixture(autouse=True)
def _own_files(cast: Cast) -> Iterator[None]:
    shutil.rmtree(version_files.folder(), ignore_errors=True)
    publish(cast.centre)
    answered(cast)
    # What other tests left active is told before.
    recheck.tell(cast.centre)
    answered(cast)
    yield
    shutil.rmtree(version_files.folder(), ignore_errors=True)


def told(cast: Cast) -> list[str]:
    found = edge_alerts.list_edge_alerts(cast.actor(cast.centre, "lead"), state="open", code=recheck.CODE)[0]
    return [str(one.alert.values["numbers"]) for one in found]


def answered(cast: Cast) -> None:
    for one in edge_alerts.list_edge_alerts(cast.actor(cast.centre, "lead"), state="open", code=recheck.CODE)[0]:
        edge_alerts.answer(cast.actor(cast.centre, "lead"), one.alert.pk, "Looked at")


def active(cast: Cast, *given: HashValue) -> str:
    made = _propose(cast.hotline_ie, *given)
    assert certify.certify(cast.hotline_de, made)
    publish(cast.centre)
    return detail.load_detail(cast.centre, made).line.number


def test_what_a_lawful_picture_loaded_later_is_like_is_told_once(cast: Cast) -> None:
    lead, (look, file) = cast.actor(cast.centre, "lead"), (secrets.token_hex(32), secrets.token_hex(32))
    near, same, other = active(cast, _sha256(), _pdq(look)), active(cast, _sha256(file)), active(cast, _sha256())
    assert recheck.tell(cast.centre) == 0
    lines = [f"pdq:{_flipped(look, 20)}", f"sha256:{file}"]
    load = lawful_reference_loads.load(lead, lines, source="A test", licence="CC0").load
    try:
        assert recheck.tell(cast.centre) == 2
        (words,) = told(cast)
        assert near in words
        assert same in words
        assert other not in words
        assert recheck.tell(cast.centre) == 0
        answered(cast)
        assert recheck.tell(cast.centre) == 0
        lawful_reference_loads.load(lead, [f"pdq:{secrets.token_hex(32)}"], source="Another", licence="CC0")
        assert (recheck.tell(cast.centre), told(cast)) == (0, []), "people decided, and are not asked again"
    finally:
        assert load is not None
        lawful_reference_loads.end(lead, load, "The test is over")


def test_what_looks_like_what_is_judged_later_is_told_and_waits_while_an_alert_is_open(cast: Cast) -> None:
    first, second = secrets.token_hex(32), secrets.token_hex(32)
    number = active(cast, _sha256(), _pdq(_flipped(first, 12)))
    later = active(cast, _sha256(), _pdq(_flipped(second, 12)))
    _judged(cast, _sha256(), _pdq(first))
    assert recheck.tell(cast.centre) == 1
    assert number in told(cast)[0]
    _judged(cast, _sha256(), _pdq(second))
    assert recheck.tell(cast.centre) == 0, "one alert of the kind at a time"
    answered(cast)
    assert recheck.tell(cast.centre) == 1
    assert told(cast) == [later]


def test_what_became_active_beside_a_judgement_is_found_in_the_next_version(cast: Cast) -> None:
    look = secrets.token_hex(32)
    made = _propose(cast.hotline_ie, _sha256(), _pdq(_flipped(look, 9)))
    assert certify.certify(cast.hotline_de, made)
    _judged(cast, _sha256(), _pdq(look))
    assert recheck.tell(cast.centre) == 0, "no version has it yet"
    publish(cast.centre)
    assert recheck.tell(cast.centre) == 1
    assert detail.load_detail(cast.centre, made).line.number in told(cast)[0]


def test_lost_files_stop_nothing(cast: Cast) -> None:
    _judged(cast, _sha256(), _pdq(secrets.token_hex(32)))
    shutil.rmtree(version_files.folder())
    assert recheck.tell(cast.centre) == 0
