"""Videos in files and in lists of others: imported, proposed, passed on and exported with their frames."""

from __future__ import annotations

import io
import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.integration.indicators.register.test_register import CLASS, _scheme
from tests.support.cast import Cast
from tests.support.films import film, line
from tutela.app.cli import app
from tutela.edge.active_lists.hash_files import records
from tutela.events.transaction import acting
from tutela.exchange.hash_lists.entry import BrokenEntry, Listed
from tutela.exchange.hash_lists.mapped_columns import MappedReader, Mapping
from tutela.exchange.register.video_frames import Film, as_vpdq
from tutela.indicators.hashes import hash_lines, video_frames
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.imports import batches, external_formats, runner
from tutela.indicators.imports.lines import BadLine, Defaults
from tutela.indicators.models import ImportBatch, Indicator, IndicatorFilm, PartnerList
from tutela.indicators.partner_lists import entries, export, file_import, proposals, releases
from tutela.indicators.partner_lists.file_import import NamedList
from tutela.indicators.register import bulk_certification, certify, propose
from tutela.indicators.register.proof_of_possession import PossessionProof
from tutela.matching.files.records import VIDEO

__all__ = ["_scheme"]
DEFAULTS = Defaults(classification=CLASS, reason="Assessed")


def vpdq(one: Film) -> list[str]:
    found: list[str] = json.loads(as_vpdq(one))
    return found


def imported(cast: Cast, file: Path, *lines: str) -> tuple[runner.ImportReport, list[BadLine]]:
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    bad = list[BadLine]()
    return runner.run(cast.hotline_ie, file, source="Police", defaults=DEFAULTS, bad=bad.append), bad


def test_lines_of_videos_are_imported_with_their_frames(cast: Cast, tmp_path: Path) -> None:
    text, short, whole = line(12), line(3), film(9)
    wrong, again = json.loads(line()), json.loads(text)
    wrong["picture"]["frames"][2]["quality"] = 400
    again["digests"] = json.loads(line())["digests"]
    report, bad = imported(
        cast,
        tmp_path / "set.jsonl",
        text,
        short,
        json.dumps({"vpdq": vpdq(whole)}),
        json.dumps(wrong),
        json.dumps({"hashes": [], "vpdq": ["x"]}),
        json.dumps(again),
        json.dumps({"media_type": "image", "vpdq": vpdq(film())}),
    )
    assert (report.accepted, report.refused) == (2, 5)
    assert [(one.line, one.field) for one in bad] == [
        (2, "frames"),
        (4, "frames.2.quality"),
        (5, "vpdq"),
        (6, "hashes"),
        (7, "media_type"),
    ]
    with acting(cast.hotline_ie):
        made = list(Indicator.objects.filter(run_id=report.run_id))
        # Ids of one millisecond are in no order.
        rows = IndicatorFilm.objects.filter(indicator__in=made).order_by("-usable")
        frames = [video_frames.opened(one) for one in rows]
    assert {one.media_type for one in made} == {"video"}
    said = hash_lines.read(text)
    assert said.film is not None
    assert [one.name for one in frames] == [said.film.name, whole.__class__(frames[1].looks, 9.0).name]
    assert [one.pdq for one in frames[1].looks] == [one.pdq for one in whole.looks]
    digest = next(one.value for one in said.given if one.kind == "md5")
    refused = bulk_certification.certify(cast.hotline_de, report.run_id, digest)
    assert (refused.active, refused.refused[0][:22]) == (0, "None of these digests ")
    sha256 = next(one.value for one in said.given if one.kind == "sha256")
    assert bulk_certification.certify(cast.hotline_de, report.run_id, sha256).active == 1


def test_batches_end_where_frames_would_fill_the_memory(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "HASHES_AT_ONCE", 20)
    report, bad = imported(cast, tmp_path / "set.jsonl", *(line(8) for _ in range(7)))
    assert (report.accepted, bad) == (7, [])
    with acting(cast.hotline_ie):
        assert list(
            ImportBatch.objects.filter(run_id=report.run_id).order_by("lines").values_list("lines", flat=True)
        ) == [3, 6, 7]


def test_a_line_of_a_million_frames_is_refused_unread(cast: Cast, tmp_path: Path) -> None:
    report, bad = imported(cast, tmp_path / "set.jsonl", json.dumps({"vpdq": [f"{'a' * 64},90,0"] * 200_000}))
    assert (report.accepted, [(one.field, one.reason) for one in bad]) == (
        0,
        [("line", "must have at most 12,000,000 characters")],
    )


def read(text: str) -> list[Listed | BrokenEntry]:
    return list(MappedReader(Mapping(), lines_of_json=True).read(io.StringIO(text)))


def test_anybodys_lines_may_hold_frames() -> None:
    told = vpdq(film())
    (one, other, broken) = read(
        json.dumps({"key": "a", "vpdq": told})
        + "\n"
        + json.dumps({"vpdq": json.dumps(told), "md5": "ab" * 16})
        + "\n"
        + json.dumps({"vpdq": ["x"]})
        + "\n"
    )
    assert isinstance(one, Listed)
    assert isinstance(other, Listed)
    assert isinstance(broken, BrokenEntry)
    assert one.hashes["vpdq"] == other.hashes["vpdq"] == (json.dumps(told),)
    assert (one.media_type, other.key) == ("video", "md5:" + "ab" * 16)
    assert (broken.field, broken.reason[:8]) == ("vpdq", "Frame 1:")


def test_a_list_of_others_keeps_frames_passes_them_on_and_proposes_them(cast: Cast, tmp_path: Path) -> None:
    lead, whole = cast.actor(cast.hotline_ie, "analyst", "admin"), film(9)
    name = f"abroad-{secrets.token_hex(3)}"
    file = tmp_path / "theirs.jsonl"
    file.write_text(json.dumps({"key": "film-1", "vpdq": vpdq(whole), "sha256": "ab" * 32}) + "\n", encoding="utf-8")
    with file.open(encoding="utf-8") as opened:
        found = list(external_formats.entries(external_formats.source("jsonl"), opened))
    file_import.load(lead, NamedList(name, "Abroad", "csam", "Agreement"), lambda: found)
    with acting(lead):
        row = PartnerList.objects.get(list_id=name)
        ((entry, one),) = entries.listed(lead, name)
        (record,) = releases._records(lead, row)
    assert (record.entry_id, record.flags, record.sha256) == (entry, VIDEO, ("ab" * 32,))
    assert [value for value, *_ in record.pdq] == [look.pdq.hex() for look in whole.looks]
    run = proposals.propose(lead, row.pk, [], classification=CLASS, reason="Assessed")
    with acting(lead):
        asked = proposals.PartnerProposing.objects.get(run_id=run)
    proposals.run_proposals(lead.organisation_id, asked.pk)
    with acting(lead):
        made = Indicator.objects.get(run_id=run)
        assert (made.media_type, made.source, made.film.usable) == ("video", "Abroad", 9)
    assert one.media_type == "video"


def exported(cast: Cast, form: str) -> tuple[str, dict[str, int]]:
    out, writer = io.StringIO(), export.sink(form, "Centre")
    export.export(cast.centre, "eu-register", out, writer, form)
    return out.getvalue(), writer.left.names


def test_the_register_is_exported_with_frames_where_the_format_can_say_them(cast: Cast, tmp_path: Path) -> None:
    sha256, whole = secrets.token_hex(32), film(9)
    given: list[Any] = [HashValue("sha256", sha256)]
    made = propose.propose(
        cast.hotline_ie, given=given, media_type="video", classification=CLASS, reason="x", film=whole
    )
    assert certify.certify(cast.hotline_de, made, PossessionProof(given))
    text, _ = exported(cast, "jsonl")
    (mine,) = [one for one in text.splitlines() if sha256 in one]
    assert json.loads(json.loads(mine)["vpdq"]) == vpdq(whole)
    (tmp_path / "ours.jsonl").write_text(mine + "\n")
    (record,) = records(tmp_path / "ours.jsonl")
    assert (record.sha256, len(record.pdq), record.flags) == ((sha256,), 9, VIDEO)
    assert f"vpdq {as_vpdq(whole)}\n" in exported(cast, "hma")[0]
    for form in ("csv", "icse", "stix"):
        assert whole.looks[0].pdq.hex() not in exported(cast, form)[0]
    assert exported(cast, "csv")[1]["vpdq"] >= 1


def test_the_command_imports_a_film(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "film.jsonl"
    file.write_text(line(8) + "\n")
    name = cast.hotline_ie.organisation_name
    told = ("import", str(file), "--organisation", name, "--source", "Own", "--classification", CLASS, "--reason", "x")
    done = CliRunner().invoke(app, told)
    assert done.exit_code == 0, done.output
    assert "1 proposed, 0 refused" in done.output
