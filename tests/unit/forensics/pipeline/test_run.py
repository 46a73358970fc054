"""A run: planted hits are found by every version, the period is obeyed, withdrawn entries flag old cases."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.pictures import photos
from tests.support.triage_world import PROFILE, authorisation, camera_exif, edited, picture, vics_row
from tutela.forensics.authorisation import load_authorisation
from tutela.forensics.case_folder.case import Case
from tutela.forensics.errors import (
    CaseChangedError,
    CaseExistsError,
    ListUnreadableError,
    SourceUnreadableError,
    WritableSourceError,
)
from tutela.forensics.exports.figures import CaseFigures
from tutela.forensics.lists.photodna import add_supplied_values
from tutela.forensics.lists.reference_list import ListRole, add_list, read_records
from tutela.forensics.pipeline.recheck import flag_withdrawn
from tutela.forensics.pipeline.run import TriageRun
from tutela.forensics.pipeline.start import start_case, starting_case
from tutela.matching import Snapshot, snapshot_bytes
from tutela.media import HasherPool, digest_bytes

NOW = datetime(2026, 11, 30, tzinfo=UTC)
# Hashes that the first version of this program made of the photographs: no later one may lose a hit.
PLANTED = Path(__file__).parents[3] / "golden" / "triage_planted.json"


@pytest.fixture(scope="module")
def pool() -> Iterator[HasherPool]:
    with HasherPool(workers=2) as made:
        yield made


def vics(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"@odata.context": PROFILE, "value": [{"MediaID": 1, **row} for row in rows]}))
    return path


def started(root: Path, files: dict[str, bytes], known: Path | None = None, **changes: Any) -> Case:
    source = root / "source"
    for name, data in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(data)
    allowed = load_authorisation(authorisation(root / "authorisation.json", source, **changes))
    case = start_case(root / "case", allowed, now=NOW, writable_source=True)
    if known:
        add_list(case, ListRole.KNOWN, known)
    return case


def classes(case: Case) -> dict[str, str]:
    return {row["name"]: row["class"] for row in case.rows("SELECT name, class FROM item")}


def test_no_version_loses_a_planted_hit(tmp_path: Path, pool: HasherPool) -> None:
    planted = json.loads(PLANTED.read_text())
    by_name = {path.name: path.read_bytes() for path in photos()}
    files = {f"exact/{row['name']}": by_name[row["name"]] for row in planted}
    # An edit loses digests and keeps the look.
    files |= {f"near/{row['name']}.jpg": edited(by_name[row["name"]]) for row in planted}
    rows = [
        {"MD5": row["md5"], "Category": 1, "AlternativeHashes": [{"HashName": "PDQ", "HashValue": row["pdq"]}]}
        for row in planted
    ]
    with started(tmp_path, files, vics(tmp_path / "known.json", *rows)) as case:
        TriageRun(case, pool).run()
        found = classes(case)
    assert set(planted[0]) == {"name", "md5", "pdq"}
    assert {found[f"exact/{row['name']}"] for row in planted} == {"known"}
    assert {found[f"near/{row['name']}.jpg"] for row in planted} == {"near_known"}


def test_a_file_outside_the_period_is_not_opened(tmp_path: Path, pool: HasherPool) -> None:
    case = started(tmp_path, {"old.png": picture(1), "new.png": picture(2)}, period={"from": "2026-01-01"})
    for name, day in (("old.png", "2025-06-01"), ("new.png", "2026-06-01")):
        moment = datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
        os.utime(tmp_path / "source" / name, (moment, moment))
    before = (tmp_path / "source" / "old.png").stat().st_atime_ns
    with case:
        TriageRun(case, pool).run()
        figures = CaseFigures.of_case(case)
        assert set(classes(case)) == {"new.png"}
    assert figures.outside == {"period": 1}
    assert (tmp_path / "source" / "old.png").stat().st_atime_ns == before


def test_an_unknown_picture_by_the_camera_of_a_listed_one_is_of_the_same_series(
    tmp_path: Path, pool: HasherPool
) -> None:
    listed = picture(1, form="JPEG", exif=camera_exif("2026:10:01 12:00:00"))
    files = {
        "listed.jpg": listed,
        "soon.jpg": picture(2, form="JPEG", exif=camera_exif("2026:10:01 12:30:00")),
        "late.jpg": picture(3, form="JPEG", exif=camera_exif("2026:10:02 12:30:00")),
        "another.jpg": picture(4, form="JPEG", exif=camera_exif("2026:10:01 12:30:00", serial="SN-2")),
    }
    with started(tmp_path, files, vics(tmp_path / "known.json", vics_row(listed, category=1))) as case:
        TriageRun(case, pool).run()
        found = classes(case)
    assert found == {
        "listed.jpg": "known",
        "soon.jpg": "same_series",
        "late.jpg": "unknown",
        "another.jpg": "unknown",
    }


def test_an_entry_that_was_withdrawn_flags_the_old_case(tmp_path: Path, pool: HasherPool) -> None:
    one, two = picture(1), picture(2)
    rows = [vics_row(one, category=1), vics_row(two, category=1)]
    with started(tmp_path, {"1.png": one, "2.png": two}, vics(tmp_path / "known.json", *rows)) as case:
        TriageRun(case, pool).run()
        for kept, flagged in ((rows, 0), (rows[:1], 1), (rows, 0)):
            newer = Snapshot(snapshot_bytes(read_records(vics(tmp_path / "newer.json", *kept)))[0])
            assert flag_withdrawn(case, 1, newer, at=NOW) == flagged
            assert CaseFigures.of_case(case).withdrawn == flagged


def test_an_entry_that_got_a_stronger_digest_is_not_withdrawn(tmp_path: Path, pool: HasherPool) -> None:
    data = picture(1)
    with started(tmp_path, {"1.png": data}, vics(tmp_path / "known.json", vics_row(data, category=1))) as case:
        TriageRun(case, pool).run()
        stronger = vics_row(data, category=1)
        stronger["AlternativeHashes"] = [{"HashName": "SHA256", "HashValue": digest_bytes(data).sha256}]
        newer = Snapshot(snapshot_bytes(read_records(vics(tmp_path / "newer.json", stronger)))[0])
        assert flag_withdrawn(case, 1, newer, at=NOW) == 0


def test_photodna_finds_by_supplied_values_and_counts_what_had_none(tmp_path: Path, pool: HasherPool) -> None:
    data, value = picture(1), bytes(range(144))
    row = {"MD5": "AB" * 16, "Category": 1, "PhotoDNA": base64.b64encode(value).decode()}
    known = vics(tmp_path / "known.json", row)
    with started(tmp_path, {"1.png": data}, known) as case:
        assert CaseFigures.of_case(case).photodna_uncompared == 1
        (tmp_path / "values.csv").write_text(f"sha256,photodna\n{digest_bytes(data).sha256},{value.hex()}\n")
        add_supplied_values(case, tmp_path / "values.csv")
        TriageRun(case, pool).run()
        assert classes(case) == {"1.png": "near_known"}
        figures = CaseFigures.of_case(case)
        assert (figures.photodna_uncompared, figures.photodna_without_value) == (0, 0)


def test_pictures_without_a_photodna_value_are_counted(tmp_path: Path, pool: HasherPool) -> None:
    with started(tmp_path, {"1.png": picture(1), "copy.png": picture(1), "2.png": picture(2)}) as case:
        digest = digest_bytes(picture(2)).sha256
        (tmp_path / "values.csv").write_text(f"sha256,photodna\n{digest},{bytes(range(144)).hex()}\n")
        add_supplied_values(case, tmp_path / "values.csv")
        TriageRun(case, pool).run()
        assert CaseFigures.of_case(case).photodna_without_value == 1


def test_a_quick_pass_goes_on_where_the_last_one_ended(tmp_path: Path, pool: HasherPool) -> None:
    with started(tmp_path, {f"{number}.txt": bytes([number]) for number in range(6)}) as case:
        for expected in (2, 4, 6):
            ticks = iter(range(1000))
            TriageRun(case, pool, quick_seconds=5, monotonic=lambda t=ticks: float(next(t))).run(complete=False)
            assert case.count("SELECT count(*) FROM quick") == expected


def test_a_list_that_was_exchanged_ends_the_run(tmp_path: Path, pool: HasherPool) -> None:
    data = picture(1)
    with started(tmp_path, {"1.png": data}, vics(tmp_path / "known.json", vics_row(data, category=1))) as case:
        other = snapshot_bytes(read_records(vics(tmp_path / "other.json", vics_row(picture(2), category=1))))[0]
        (case.folder / "lists" / "1.list").write_bytes(other)
        with pytest.raises(CaseChangedError):
            TriageRun(case, pool).run()


def test_a_file_that_is_too_long_is_counted(tmp_path: Path, pool: HasherPool) -> None:
    with started(tmp_path, {"1.png": picture(1)}) as case:
        TriageRun(case, pool, most_file_bytes=1000).run()
        assert CaseFigures.of_case(case).not_examined == {"too_large": 1}


def test_a_case_begins_only_where_it_may(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    allowed = load_authorisation(authorisation(tmp_path / "a.json", source))
    with pytest.raises(WritableSourceError):
        start_case(tmp_path / "case", allowed, now=NOW)
    with pytest.raises(SourceUnreadableError):
        start_case(source / "case", allowed, now=NOW, writable_source=True)
    start_case(tmp_path / "case", allowed, now=NOW, writable_source=True).connection.close()
    with pytest.raises(CaseExistsError):
        start_case(tmp_path / "case", allowed, now=NOW, writable_source=True)


def test_a_case_stands_once_all_its_lists_were_taken(tmp_path: Path) -> None:
    source, lists = tmp_path / "source", tmp_path / "lists"
    source.mkdir()
    lists.mkdir()
    (lists / "broken.json").write_text('{"@odata.context": "')
    allowed = load_authorisation(authorisation(tmp_path / "a.json", source))
    cases = tmp_path / "cases"
    cases.mkdir()
    with (
        pytest.raises(ListUnreadableError),
        starting_case(cases / "one", allowed, now=NOW, writable_source=True) as case,
    ):
        add_list(case, ListRole.KNOWN, lists / "broken.json")
    assert list(cases.iterdir()) == []
    with starting_case(cases / "one", allowed, now=NOW, writable_source=True) as case:
        add_list(case, ListRole.KNOWN, vics(lists / "known.json", vics_row(picture(1), category=1)))
        assert not (cases / "one").exists()
    assert [one.name for one in cases.iterdir()] == ["one"]
    with Case(cases / "one") as case:
        assert case.count("SELECT count(*) FROM list") == 1
    with pytest.raises(CaseExistsError), starting_case(cases / "one", allowed, now=NOW, writable_source=True):
        pass


def test_an_image_that_is_not_the_seized_one_is_refused(tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    image.write_bytes(bytes(4096))
    device = {"label": "one", "path": str(image), "sha256": "0" * 64}
    allowed = load_authorisation(authorisation(tmp_path / "a.json", devices=[device]))
    with pytest.raises(CaseChangedError):
        start_case(tmp_path / "case", allowed, now=NOW)
