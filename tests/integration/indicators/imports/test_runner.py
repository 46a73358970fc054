"""Imports in bulk: every line its own indicator, event and entry, or a reason; a run that is cut off goes on."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.indicators.register.test_register import CLASS, _active, _scheme, _state
from tests.support import indicators_shown
from tests.support.cast import Cast
from tutela.accountability.chain import sequencer
from tutela.accountability.chain.verifier import verify
from tutela.accountability.models import Entry, PublicLeaf
from tutela.events.errors import Forbidden, Invalid
from tutela.events.identifiers import uuid7
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.exchange.hash_lists.mapped_columns import Mapping
from tutela.exchange.message.signed_envelope import Envelope
from tutela.indicators.hashes import encryption
from tutela.indicators.hashes.errors import KnownItem
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.imports import batches, runner, writer
from tutela.indicators.imports.lines import BadLine, Defaults, LineReader, Proposal
from tutela.indicators.integrity import signing
from tutela.indicators.models import Certification, ImportBatch, Indicator, IndicatorHash
from tutela.indicators.register import bulk_certification, propose, revoke
from tutela.organisations.keys import envelope_encryption

__all__ = ["_scheme"]
DEFAULTS = Defaults(classification=CLASS, reason="Assessed abroad")


def _line(**change: Any) -> str:
    return json.dumps({"hashes": [{"kind": "sha256", "value": secrets.token_hex(32)}], **change})


def _file(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def _run(cast: Cast, file: Path, **more: Any) -> tuple[runner.ImportReport, list[BadLine]]:
    bad = list[BadLine]()
    report = runner.run(
        cast.hotline_ie, file, source="National list", defaults=more.pop("defaults", DEFAULTS), bad=bad.append, **more
    )
    return report, bad


def _made(cast: Cast, run_id: UUID) -> list[Indicator]:
    with acting(cast.hotline_ie):
        return list(Indicator.objects.filter(run_id=run_id).order_by("id"))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(runner, "LINES_AT_ONCE", 3)
    return


@pytest.mark.parametrize(
    ("name", "body", "form"),
    [
        ("a.jsonl", _line() + "\n" + _line(), ""),
        ("a.csv", f"sha256,reason\n{'ab' * 32},A\n{'cd' * 32},Asses", ""),
        ("a.csv", f'sha256,reason\n{"ab" * 32},A\n{"cd" * 32},"A\n', ""),
        (
            "a.json",
            '{"type": "bundle", "objects": [{"type": "file", "hashes": {"SHA-256": "' + "ab" * 32 + '"}},',
            "stix",
        ),
    ],
)
def test_nothing_is_imported_of_a_file_that_is_cut_off(
    cast: Cast, small: None, tmp_path: Path, name: str, body: str, form: str
) -> None:
    (tmp_path / name).write_text(body)
    with acting(cast.hotline_ie):
        before = Indicator.objects.count()
    with pytest.raises(Invalid) as refused:
        _run(cast, tmp_path / name, form=form)
    assert refused.value.field == "file"
    with acting(cast.hotline_ie):
        assert Indicator.objects.count() == before


def test_every_line_is_an_indicator_with_its_own_event_and_entry(cast: Cast, small: None, tmp_path: Path) -> None:
    lines = [_line(series=f"S-{n}") for n in range(8)]
    told = list[int]()
    report, bad = _run(cast, _file(tmp_path / "a.jsonl", *lines), told=lambda so_far: told.append(so_far.lines))
    assert (report.accepted, report.refused, bad, told) == (8, 0, [], [3, 6, 8])
    made = _made(cast, report.run_id)
    assert {(one.source, one.series) for one in made} == {("National list", f"S-{n}") for n in range(8)}
    assert {_state(cast, one.id) for one in made} == {"proposed"}, "nothing that is imported is active by itself"
    sequencer.sequence_all()
    with acting(cast.hotline_ie):
        events = list(Event.objects.filter(kind="indicator.proposed", subject_id__in=[str(one.id) for one in made]))
    assert len(events) == 8
    ids = [one.id for one in events]
    assert Entry.objects.filter(event_id__in=ids).count() == PublicLeaf.objects.filter(event_id__in=ids).count() == 8
    assert not [problem for problem in verify().problems if any(str(one) in problem for one in ids)]
    assert indicators_shown.certify(cast.hotline_de, made[0].id), "others stand behind it as behind any other"


def test_a_bad_line_says_its_field_and_stops_no_other(cast: Cast, small: None, tmp_path: Path) -> None:
    known = secrets.token_hex(32)
    _active(cast, known)
    twin = secrets.token_hex(32)
    lines = [
        _line(),
        "{",
        "[]",
        _line(hashes=[{"kind": "sha256", "value": "zz"}]),
        _line(hashes=[{"kind": "sha256", "value": known}]),
        _line(classification="no:such"),
        _line(media_type="song"),
        _line(surprise=1),
        _line(hashes=[{"kind": "sha256", "value": twin}]),
        _line(hashes=[{"kind": "sha256", "value": twin}]),
        _line(hashes=[{"kind": "pdq", "value": "f" * 64, "quality": 9}]),
        "x" * 20_001,
        _line(),
        _line(reason="a\0b"),
        _line(series="\ud800"),
    ]
    report, bad = _run(cast, _file(tmp_path / "a.jsonl", *lines))
    assert (report.accepted, report.refused) == (3, 12)
    fields = {one.line: one.field for one in bad}
    assert fields == {
        2: "line",
        3: "",
        4: "sha256",
        5: "hashes",
        6: "classification",
        7: "media_type",
        8: "surprise",
        10: "hashes",
        11: "pdq",
        12: "line",
        14: "reason",
        15: "series",
    }


def test_a_dry_run_says_the_same_and_writes_nothing(cast: Cast, small: None, tmp_path: Path) -> None:
    file = _file(tmp_path / "a.jsonl", _line(), "{", _line())
    report, bad = _run(cast, file, dry_run=True)
    assert (report.accepted, len(bad)) == (2, 1)
    assert not _made(cast, report.run_id)
    again, bad_again = _run(cast, file)
    assert (again.accepted, again.skipped, bad_again) == (2, 0, bad)


class Cut(BaseException):
    """The process ends here."""


def test_a_run_that_is_cut_off_goes_on_where_it_was(cast: Cast, small: None, tmp_path: Path) -> None:
    file = _file(tmp_path / "a.jsonl", *[_line() for _ in range(10)])

    def cut(report: runner.ImportReport) -> None:
        if report.lines >= 6:
            raise Cut

    with pytest.raises(Cut):
        _run(cast, file, told=cut)
    report, _bad = _run(cast, file)
    assert report.skipped in (6, 9)
    assert report.accepted == 10 - report.skipped
    assert len(_made(cast, report.run_id)) == 10, "nothing lost, nothing doubled"
    done, _bad = _run(cast, file)
    assert (done.accepted, done.skipped) == (0, 10)
    with acting(cast.hotline_ie):
        assert sum(ImportBatch.objects.filter(run_id=report.run_id).values_list("accepted", flat=True)) == 10


def test_the_same_file_asked_for_otherwise_is_another_import(cast: Cast, small: None, tmp_path: Path) -> None:
    file = _file(tmp_path / "a.jsonl", *[_line() for _ in range(5)])
    wrong, bad = _run(cast, file, defaults=Defaults(classification="no:such", reason="Assessed"))
    assert (wrong.accepted, wrong.refused, len(bad)) == (0, 5, 5)
    right, bad = _run(cast, file)
    assert (right.accepted, right.skipped, bad) == (5, 0, [])
    other, _bad = _run(cast, file, mapping=Mapping(columns={"x": ""}))
    assert (other.accepted, other.skipped) == (0, 0), "a mapping reads other columns"
    again = runner.run(cast.hotline_ie, file, source="Another list", defaults=DEFAULTS)
    assert (again.accepted, again.refused, again.skipped) == (0, 5, 0), "known, under whatever source"


def test_what_was_refused_is_tried_again_and_counted_once(cast: Cast, small: None, tmp_path: Path) -> None:
    known = [secrets.token_hex(32) for _ in range(2)]
    made = [_active(cast, one) for one in known]
    taken = [_line(hashes=[{"kind": "sha256", "value": one}]) for one in known]
    file = _file(tmp_path / "a.jsonl", _line(), taken[0], _line(), "{", taken[1], _line())
    first, _bad = _run(cast, file)
    assert (first.accepted, first.refused) == (3, 3)
    second, bad = _run(cast, file)
    assert (second.accepted, second.skipped, second.again, [one.line for one in bad]) == (0, 3, 3, [2, 4, 5])
    revoke.revoke(cast.actor(cast.centre, "lead"), made[0], "Entered by mistake")
    third, bad = _run(cast, file)
    assert (third.accepted, third.skipped, third.again, [one.line for one in bad]) == (1, 3, 3, [4, 5])
    fourth, _bad = _run(cast, file)
    assert (fourth.accepted, fourth.skipped, fourth.again) == (0, 4, 2)
    (run,) = [one for one in bulk_certification.runs(cast.hotline_ie)[0] if one.id == first.run_id]
    assert (run.accepted, run.refused) == (4, 2)


def test_an_attempt_that_is_cut_off_goes_on_as_well(cast: Cast, small: None, tmp_path: Path) -> None:
    file = _file(tmp_path / "a.jsonl", *(one for _ in range(6) for one in ("{", _line())))

    def cut(report: runner.ImportReport) -> None:
        raise Cut

    with pytest.raises(Cut):
        _run(cast, file, told=cut)
    with pytest.raises(Cut):
        _run(cast, file, told=cut)
    done, bad = _run(cast, file)
    assert len(_made(cast, done.run_id)) == 6
    assert [one.line for one in bad] == [1, 3, 5, 7, 9, 11]
    last, _bad = _run(cast, file)
    assert (last.accepted, last.skipped, last.again) == (0, 6, 6)


def test_csv_with_its_unmapped_columns_named(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    rows = [
        f"{secrets.token_hex(32)},,80,{CLASS},x,7",
        f"{secrets.token_hex(32)},{'5a' * 32},ninety,{CLASS},x,7",
        "a,b",
    ]
    file.write_text("sha256,pdq,quality,classification,reason,colour\n" + "\n".join(rows) + "\n")
    report, bad = _run(cast, file, defaults=Defaults())
    assert report.unmapped == ["colour"]
    assert (report.accepted, [(one.line, one.field) for one in bad]) == (1, [(2, "quality"), (3, "line")])


def test_a_number_of_thousands_of_digits_stops_no_import(cast: Cast, tmp_path: Path) -> None:
    file, long = tmp_path / "a.csv", "9" * 5000
    rows = [f"{secrets.token_hex(32)},{'5a' * 32},{long}", f"{secrets.token_hex(32)},,80"]
    file.write_text("sha256,pdq,quality\n" + "\n".join(rows) + "\n")
    report, bad = _run(cast, file)
    assert (report.accepted, [(one.line, one.field) for one in bad]) == (1, [(1, "quality")])
    digest = json.dumps({"hashes": [{"kind": "sha256", "value": secrets.token_hex(32)}]})
    lines = [digest[:-3] + f', "quality": {long}' + digest[-3:], _line()]
    report, bad = _run(cast, _file(tmp_path / "a.jsonl", *lines))
    assert (report.accepted, [(one.line, one.field) for one in bad]) == (1, [(1, "line")])


def test_lines_of_the_hasher_are_read_as_they_are(cast: Cast, tmp_path: Path) -> None:
    digests = {"md5": secrets.token_hex(16), "sha1": secrets.token_hex(20), "sha256": secrets.token_hex(32)}
    frame = {"pdq": secrets.token_hex(32), "quality": 90}
    line = json.dumps({"digests": digests, "picture": {"frames": [frame], "hasher": "tutela-pdq/2"}, "path": "a.jpg"})
    report, bad = _run(cast, _file(tmp_path / "a.jsonl", line))
    assert (report.accepted, bad) == (1, [])
    with pytest.raises(KnownItem):
        propose.propose(
            cast.hotline_de,
            given=[HashValue("md5", digests["md5"]), HashValue("sha256", digests["sha256"])],
            media_type="image",
            classification=CLASS,
            reason="x",
        )


def test_only_a_member_imports_and_says_whose_list_it_is(cast: Cast, tmp_path: Path) -> None:
    file = _file(tmp_path / "a.jsonl", _line())
    with pytest.raises(Forbidden):
        runner.run(cast.pixelpost, file, source="x", defaults=DEFAULTS)
    with pytest.raises(Invalid, match="source"):
        runner.run(cast.hotline_ie, file, source=" ", defaults=DEFAULTS)


@given(st.lists(st.text(max_size=60) | st.just(_line()) | st.just('{"digests": {}}'), max_size=6), st.booleans())
def test_whatever_a_file_holds_each_line_is_read_or_refused(lines: list[str], as_csv: bool) -> None:
    reader = LineReader(as_csv, DEFAULTS, lambda _: "")
    for one in reader.read(lines):
        assert isinstance(one, Proposal | BadLine)


def test_a_number_that_is_drawn_twice_is_drawn_again(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = writer.case_number("I")
    drawn = iter([taken, taken, taken, *(writer.case_number("I") for _ in range(9))])
    for module in (batches, writer):
        monkeypatch.setattr(module, "case_number", lambda _: next(drawn))
    first, _bad = _run(cast, _file(tmp_path / "a.jsonl", _line(), _line()))
    second, _bad = _run(cast, _file(tmp_path / "b.jsonl", _line(), _line()))
    made = [one for report in (first, second) for one in _made(cast, report.run_id)]
    numbers = [one.number for one in made]
    assert len(set(numbers)) == len(numbers) == 4
    assert taken in numbers
    with acting(cast.hotline_ie):
        for one in made:
            row = Certification.objects.get(indicator=one)
            assert signing.state(row) == "signed"
            act = json.loads(Envelope.from_bytes(bytes(row.envelope or b"")).payload)
            assert (act["number"], act["indicator"]) == (one.number, str(one.pk)), "signed under the number that it has"


def test_a_batch_that_was_sealed_before_its_key_was_retired_is_sealed_anew(cast: Cast, tmp_path: Path) -> None:
    """Whoever revokes a data key looks at what is written, and waits for who is writing: never at what is prepared."""
    lines = [_line() for _ in range(3)]
    with _file(tmp_path / "a.jsonl", *lines).open() as opened:
        read = list(runner.reader_of(opened, "jsonl", None, DEFAULTS).read(opened))
    write = writer.Writing(cast.hotline_ie, uuid7(), "0" * 64, "National list", False)
    made = batches.prepared(read, runner.signer_of(write))
    before = envelope_encryption.current_id()
    envelope_encryption.keyset().add()
    assert envelope_encryption.current_id() != before
    write.batch(made)
    with acting(cast.hotline_ie):
        rows = list(IndicatorHash.objects.filter(indicator__run_id=write.run_id))
        assert {bytes(row.wrapped)[: envelope_encryption.ID] for row in rows} == {envelope_encryption.current_id()}
        assert {encryption.opened(row) for row in rows} == {json.loads(one)["hashes"][0]["value"] for one in lines}
