"""Certifications are signatures: of whom, about what, verifiable without the node; older ones say they have none."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from typer.testing import CliRunner

from tests.integration.indicators.register.test_register import CLASS, _propose, _scheme
from tests.support.cast import Cast
from tutela.app.cli import app
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import trusted_keys
from tutela.exchange.register.certification import CertificationsError, check
from tutela.indicators.imports import runner
from tutela.indicators.imports.lines import Defaults
from tutela.indicators.integrity import signing as integrity_signing
from tutela.indicators.models import Certification, Indicator
from tutela.indicators.register import certify, detail, search
from tutela.organisations.keys import signing

__all__ = ["_scheme"]


def _keys(*organisations: UUID) -> list[str]:
    return [
        one.public.hex()
        for organisation in organisations
        for one in signing.public_keys(organisation, integrity_signing.KEY_USE)
    ]


def _file(cast: Cast, indicator: UUID) -> dict[str, Any]:
    return integrity_signing.file_of(cast.centre, indicator)


def _dump(file: dict[str, Any]) -> bytes:
    return json.dumps(file).encode()


def test_who_proposes_and_who_certifies_signs(cast: Cast) -> None:
    sha256 = secrets.token_hex(32)
    made = _propose(cast.hotline_ie, sha256)
    certify.certify(cast.hotline_de, made)
    assert [one.signature for one in detail.load_detail(cast.centre, made).stands] == ["signed", "signed"]
    data = _dump(_file(cast, made))
    keys = trusted_keys(_keys(cast.hotline_ie.organisation_id, cast.hotline_de.organisation_id))
    found = check(data, keys, ("sha256", sha256))
    assert [(one.organisation, one.signed, one.known) for one in found] == [
        (cast.hotline_ie.organisation_name, True, True),
        (cast.hotline_de.organisation_name, True, True),
    ]
    assert sha256.encode() not in data
    with pytest.raises(CertificationsError, match="does not cover"):
        check(data, keys, ("sha256", secrets.token_hex(32)))
    with pytest.raises(CertificationsError, match="not trusted"):
        check(data, trusted_keys(_keys(cast.hotline_de.organisation_id)))


def test_another_round_class_or_item_is_another_act(cast: Cast) -> None:
    made, other = _propose(cast.hotline_ie), _propose(cast.hotline_ie)
    file, foreign = _file(cast, made), _file(cast, other)
    for change in (
        {**file, "indicator": foreign["indicator"]},
        {**file, "number": foreign["number"]},
        {**file, "certifications": foreign["certifications"]},
        {**file, "certifications": [{**file["certifications"][0], "round": 2}]},
        {**file, "certifications": [{**file["certifications"][0], "country": "FR"}]},
        {**file, "certifications": [{**file["certifications"][0], "organisation": "Somebody"}]},
    ):
        with pytest.raises(CertificationsError):
            check(_dump(change))
    for wrong in (b"", b"[]", b"{}", _dump({**file, "salt": "x"}), _dump({**file, "certifications": [{}]})):
        with pytest.raises(CertificationsError):
            check(wrong)


def test_every_flipped_bit_of_a_signature_or_an_act_is_found(cast: Cast) -> None:
    file = _file(cast, _propose(cast.hotline_ie))
    envelope = file["certifications"][0]["envelope"]
    for member in ("payload", "signature"):
        for at in range(0, len(envelope[member]) - 4, 7):
            text = envelope[member]
            other = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
            changed = {**file["certifications"][0], "envelope": {**envelope, member: other}}
            with pytest.raises(CertificationsError):
                check(_dump({**file, "certifications": [changed]}))


def test_older_rows_are_unsigned_and_say_so(cast: Cast, client: Client) -> None:
    made, actor = _propose(cast.hotline_ie), cast.hotline_de
    with acting(actor):
        Certification.objects.create(
            organisation_id=actor.organisation_id, indicator_id=made, country="DE", by="person:old", by_name="Old"
        )
    page = cast.client(cast.hotline_ie, "analyst").get(f"/desk/indicators/{made}/").content.decode()
    assert "unsigned: dates from before certifications were signed" in page
    found = check(_dump(_file(cast, made)))
    assert [one.signed for one in found] == [True, False]


def test_a_retired_key_stays_good_and_a_revoked_one_does_not(cast: Cast) -> None:
    hotline = cast.organisation("Hotline", "hotline", "IT")
    made = _propose(hotline)
    (first,) = signing.public_keys(hotline.organisation_id, integrity_signing.KEY_USE)
    signing.create_key(hotline, integrity_signing.KEY_USE)
    assert detail.load_detail(cast.centre, made).stands[0].signature == "signed"
    signing.revoke_key(hotline, first.key_id)
    assert detail.load_detail(cast.centre, made).stands[0].signature == "revoked"


def test_an_envelope_of_another_act_does_not_hold(cast: Cast) -> None:
    made, other, actor = _propose(cast.hotline_ie), _propose(cast.hotline_ie), cast.hotline_de
    with acting(actor):
        row = Indicator.objects.get(pk=other)
        stolen = integrity_signing.envelope(actor, row, 1, row.created_at)
        Certification.objects.create(
            organisation_id=actor.organisation_id, indicator_id=made, country="DE", by="x", by_name="X", envelope=stolen
        )
    assert [one.signature for one in detail.load_detail(cast.centre, made).stands] == ["signed", "broken"]


def test_imports_are_signed_too(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "list.jsonl"
    values = [secrets.token_hex(32) for _ in range(3)]
    lines = [json.dumps({"hashes": [{"kind": "sha256", "value": value}]}) for value in values]
    file.write_text("\n".join(lines) + "\n")
    report = runner.run(cast.hotline_ie, file, source="List", defaults=Defaults(classification=CLASS, reason="A"))
    assert report.accepted == len(values)
    for value in values:
        ((line,), _more) = search.list_indicators(cast.hotline_ie, search.RegisterFilter(text=value))
        assert check(_dump(_file(cast, line.id)), covers=("sha256", value))[0].signed
        assert detail.load_detail(cast.centre, line.id).stands[0].signature == "signed"


def test_the_page_and_the_command(cast: Cast, tmp_path: Path) -> None:
    sha256 = secrets.token_hex(32)
    made = _propose(cast.hotline_ie, sha256)
    path = f"/desk/indicators/{made}/certifications.json"
    assert Client().get(path).status_code == 302
    assert cast.client(cast.pixelpost, "reviewer").get(path).status_code == 404
    answer = cast.client(cast.hotline_de, "analyst").get(path)
    assert "certifications-I-" in answer["Content-Disposition"]
    file = tmp_path / "certifications.json"
    file.write_bytes(answer.content)
    (key,) = _keys(cast.hotline_ie.organisation_id)

    def run(*args: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["verify", "certification", str(file), *args])
        return done.exit_code, done.output

    assert run("--key", key, "--digest", f"sha256:{sha256}") == (
        0,
        f"{cast.hotline_ie.organisation_name} (IE), round 1: signed\nholds\n",
    )
    assert "compare the keys" in run()[1]
    assert run("--digest", f"sha256:{secrets.token_hex(32)}")[0] == 4
    assert run("--key", secrets.token_hex(32))[0] == 4
    file.write_text("{}")
    assert run()[0] == 4
