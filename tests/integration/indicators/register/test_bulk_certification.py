"""Imports as their certifiers see them: what one's organisation holds is certified, and nothing else of it."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.test import Client

from tests.integration.indicators.register.test_register import CLASS, _scheme
from tests.support.cast import Cast
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.transaction import acting
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.imports import runner
from tutela.indicators.imports.lines import Defaults
from tutela.indicators.lifecycle.queries import with_state
from tutela.indicators.register import bulk_certification, certify
from tutela.indicators.register.errors import NotTheSameItem
from tutela.indicators.register.proof_of_possession import PossessionProof

__all__ = ["_scheme"]


def _imported(actor: Actor, folder: Path, count: int) -> tuple[UUID, list[str]]:
    values = [secrets.token_hex(32) for _ in range(count)]
    file = folder / f"{secrets.token_hex(4)}.csv"
    file.write_text("sha256\n" + "\n".join(values) + "\n", encoding="utf-8")
    defaults = Defaults(classification=CLASS, reason="Assessed")
    return runner.run(actor, file, source="Police", defaults=defaults).run_id, values


def test_what_is_held_is_certified_one_by_one_and_the_rest_is_not_touched(cast: Cast, tmp_path: Path) -> None:
    run, values = _imported(cast.hotline_ie, tmp_path, 4)
    text = f"{values[0].upper()}\n {values[1]}\n{values[1]}\n{secrets.token_hex(16)}\n"
    done = bulk_certification.certify(cast.hotline_de, run, text)
    assert (len(done.certified), done.active, done.unknown, done.refused) == (2, 2, 1, [])
    again = bulk_certification.certify(cast.hotline_de, run, values[0])
    assert (again.certified, len(again.refused)) == ([], 1)
    with acting(cast.hotline_de):
        states = sorted(with_state().filter(run_id=run).values_list("state", flat=True))
    assert states == ["active", "active", "proposed", "proposed"]


def test_proven_certifications_take_effect_at_once_and_their_reverse_is_offered(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "UNDO_SECONDS", 10)
    run, values = _imported(cast.hotline_ie, tmp_path, 3)
    browser = cast.client(cast.hotline_de, "analyst")
    page = browser.post(f"/desk/indicators/imports/{run}/", {"digests": "\n".join(values[:2])}).content.decode()
    assert "2 certified" in page
    assert "Undo all" not in page
    certified = re.findall(r'name="entry" value="([^"]+)"', page)
    assert len(certified) == 2
    sent = {"act": "dispute", "entry": certified, "reason": "The wrong folder"}
    assert "The wrong folder" in browser.post("/desk/indicators/bulk/", sent).content.decode()
    monkeypatch.setattr(settings, "UNDO_SECONDS", 0)
    assert "2 of 2 done" in browser.post("/desk/indicators/bulk/", {**sent, "sure": "1"}).content.decode()
    with acting(cast.hotline_de):
        states = sorted(with_state().filter(run_id=run).values_list("state", flat=True))
    assert states == ["proposed", "suspended", "suspended"]


def test_a_digest_of_another_import_is_no_digest_of_this(cast: Cast, tmp_path: Path) -> None:
    first, _values = _imported(cast.hotline_ie, tmp_path, 1)
    _second, others = _imported(cast.hotline_ie, tmp_path, 1)
    assert bulk_certification.certify(cast.hotline_de, first, others[0]).unknown == 1


def test_what_is_no_digest_or_too_much_is_refused_with_its_line(cast: Cast, tmp_path: Path) -> None:
    run, values = _imported(cast.hotline_ie, tmp_path, 1)
    for text, why in ((f"{values[0]}\nzz", "Line 2"), ("", "1 to"), ("a" * 64 + "\n" + "b\n" * 600, "Line 2")):
        with pytest.raises(Invalid, match=why):
            bulk_certification.certify(cast.hotline_de, run, text)
    with pytest.raises(NotFound):
        bulk_certification.certify(cast.hotline_de, uuid4(), values[0])
    with pytest.raises(Forbidden):
        bulk_certification.certify(cast.actor(cast.centre, "lead"), run, values[0])


def test_the_pages_list_it_and_certify(cast: Cast, tmp_path: Path) -> None:
    run, values = _imported(cast.hotline_ie, tmp_path, 2)
    other = cast.client(cast.hotline_de, "analyst")
    assert str(run) in other.get("/desk/indicators/imports/").content.decode()
    page = other.post(f"/desk/indicators/imports/{run}/", {"digests": values[0]}, follow=True).content.decode()
    assert "1 certified, 1 of them now active" in page
    mine = cast.client(cast.hotline_ie, "analyst").get(f"/desk/indicators/imports/{run}/").content.decode()
    assert "Certify indicators" not in mine
    assert cast.client(cast.pixelpost, "lead").get("/desk/indicators/imports/").status_code == 404


def _entries(cast: Cast, run: UUID) -> list[UUID]:
    with acting(cast.hotline_de):
        return list(with_state().filter(run_id=run).order_by("pk").values_list("pk", flat=True))


def test_a_machine_certifies_nothing_of_an_import_without_a_digest(cast: Cast, client: Client, tmp_path: Path) -> None:
    run, (value,) = _imported(cast.hotline_ie, tmp_path, 1)
    (made,) = _entries(cast, run)
    address, key = f"/api/v1/indicators/{made}/certifications", cast.key(cast.hotline_de, "indicators:certify")
    other = {"digests": [{"kind": "sha256", "value": secrets.token_hex(32)}]}
    for body in (None, {}, other, {"pdq": value}):
        sent = json.dumps(body) if body is not None else ""
        answer = client.post(address, sent, "application/json", headers=key)
        assert answer.status_code == 422, answer.content
        assert "digests" in answer.content.decode()
    body = {"digests": [{"kind": "sha256", "value": value.upper()}]}
    answer = client.post(address, json.dumps(body), "application/json", headers=key)
    assert (answer.status_code, answer.json()) == (201, {"active": True})


def test_a_digest_that_can_be_forged_shows_nothing_where_the_entry_has_a_better_one(cast: Cast, tmp_path: Path) -> None:
    both, old = (secrets.token_hex(32), secrets.token_hex(16)), secrets.token_hex(16)
    file = tmp_path / "md5.csv"
    look = f"{secrets.token_hex(32)},90"
    file.write_text(f"sha256,md5,pdq,quality\n{both[0]},{both[1]},,\n,{old},{look}\n", encoding="utf-8")
    defaults = Defaults(classification=CLASS, reason="Assessed")
    run = runner.run(cast.hotline_ie, file, source="Police", defaults=defaults).run_id
    done = bulk_certification.certify(cast.hotline_de, run, f"{both[1]}\n{old}")
    assert (len(done.certified), len(done.refused)) == (1, 1)
    assert "SHA-256" in str(done.refused[0])
    assert bulk_certification.certify(cast.hotline_de, run, both[0]).certified


def test_an_entrys_page_asks_for_a_digest_and_does_not_say_it(cast: Cast, tmp_path: Path) -> None:
    run, (value,) = _imported(cast.hotline_ie, tmp_path, 1)
    (made,) = _entries(cast, run)
    address, browser = f"/desk/indicators/{made}/", cast.client(cast.hotline_de, "analyst")
    page = browser.get(address).content.decode()
    assert 'name="held"' in page
    assert value not in page
    assert "This indicator was imported" in browser.post(f"{address}certify/", follow=True).content.decode()
    done = browser.post(f"{address}certify/", {"held": value}, follow=True).content.decode()
    assert "The indicator is active" in done
    assert value in browser.get(address).content.decode()


def test_an_entry_without_a_digest_takes_a_look_at_ones_own_copy(cast: Cast, tmp_path: Path) -> None:
    look = secrets.token_hex(32)
    file = tmp_path / "looks.csv"
    file.write_text(f"pdq,quality\n{look},90\n", encoding="utf-8")
    run = runner.run(
        cast.hotline_ie, file, source="Police", defaults=Defaults(classification=CLASS, reason="Assessed")
    ).run_id
    (made,) = _entries(cast, run)
    for far in (HashValue("sha256", look), HashValue("pdq", secrets.token_hex(32), 90)):
        with pytest.raises(NotTheSameItem):
            certify.certify(cast.hotline_de, made, PossessionProof([far]))
    near = f"{int(look, 16) ^ 0xFFF:064x}"
    assert certify.certify(cast.hotline_de, made, PossessionProof([HashValue("pdq", near, 90)]))
