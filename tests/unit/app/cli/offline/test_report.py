"""`tutela report`: a new report is valid, has the digests of files, and a bad one is refused by field and reason."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from PIL import Image

from tests.unit.app.cli.test_exit_codes import run
from tutela.exchange.report.report import Report

OURS = ("--provider", "Pixelpost", "--contact", "desk@pixelpost.example")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    Image.effect_mandelbrot((128, 96), (-2, -1.5, 1, 1.5), 50).convert("RGB").save(path)
    return path


def test_a_new_report_is_valid_and_has_the_digests_of_its_files(picture: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    done = run("report", "new", picture, *OURS, "-o", out)
    assert done.exit_code == 0, done.output
    report = Report.from_bytes(out.read_bytes())
    assert report.provider.name == "Pixelpost"
    (item,) = report.items
    assert item.sha256 == hashlib.sha256(picture.read_bytes()).hexdigest()
    assert len(item.pdq) == 1
    checked = run("report", "check", out)
    assert checked.exit_code == 0, checked.output
    assert "locations: " in checked.output
    assert "confirmation: " in checked.output, "nobody said that a person viewed it"
    assert report.confirmation is None
    assert report.issuance.signatory == "Pixelpost"


@pytest.mark.parametrize("kind", ["known", "new", "solicitation"])
def test_a_skeleton_of_each_kind_is_valid(kind: str) -> None:
    done = run("report", "new", *OURS, "--confirmed-by", "Reviewer 7", "--kind", kind)
    assert Report.from_bytes(done.output.encode()).kinds == (kind,)


@pytest.mark.parametrize("kind", ["new", "solicitation"])
def test_what_needs_a_person_is_not_written_without_one(kind: str) -> None:
    done = run("report", "new", *OURS, "--kind", kind)
    assert (done.exit_code, "--confirmed-by" in done.output) == (2, True)


def test_who_viewed_the_items_is_written_only_if_somebody_is_named() -> None:
    report = Report.from_bytes(run("report", "new", *OURS, "--confirmed-by", "Reviewer 7").output.encode())
    assert report.confirmation is not None
    assert (report.confirmation.confirmed_by, report.confirmation.how) == ("Reviewer 7", "viewed")


def test_a_placeholder_is_neither_written_nor_checked_as_testimony(tmp_path: Path) -> None:
    assert run("report", "new").exit_code == 2
    done = run("report", "new", "--provider", "Your organisation", "--contact", "desk@example.org")
    assert (done.exit_code, "provider.name: replace the placeholder" in done.output) == (2, True)
    assert run("report", "new", *OURS, "--confirmed-by", "the person who viewed it").exit_code == 2
    body = json.loads(run("report", "new", *OURS, "--confirmed-by", "Reviewer 7").output)
    body["confirmation"]["confirmed_by"] = "The person who viewed it"
    body["issuance"]["signatory"] = "<TODO>"
    (tmp_path / "report.json").write_text(json.dumps(body))
    done = run("report", "check", tmp_path / "report.json")
    assert done.exit_code == 2
    for path in ("confirmation.confirmed_by", "issuance.signatory"):
        assert f"{path}: replace the placeholder" in done.output


def test_what_is_wrong_is_named(tmp_path: Path, picture: Path) -> None:
    assert run("report", "new", *OURS, "--kind", "rumour").exit_code == 2
    assert run("report", "new", *OURS, tmp_path / "nowhere.jpg").exit_code != 0
    body = json.loads(run("report", "new", *OURS).output)
    (tmp_path / "bad.json").write_text(json.dumps(body | {"language": "English!"}))
    done = run("report", "check", tmp_path / "bad.json")
    assert (done.exit_code, "language: " in done.output) == (2, True)
    (tmp_path / "bad.json").write_bytes(b"\xff\xfe no json")
    assert run("report", "check", tmp_path / "bad.json").exit_code == 2
    assert run("report", "check", picture).exit_code == 2
