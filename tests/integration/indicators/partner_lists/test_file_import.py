"""Lists as files: proposals and provider-source lists out of others' formats, and the register in them."""

from __future__ import annotations

import base64
import io
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.integration.indicators.register.test_register import CLASS, _active, _scheme
from tests.support import indicators_shown
from tests.support.cast import Cast
from tests.support.films import film
from tutela import clock
from tutela.app.cli import app
from tutela.events.actor import Actor
from tutela.events.errors import Conflict, Forbidden, Invalid, NotFound
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.exchange.hash_lists import mapped_columns, vics_reader
from tutela.exchange.hash_lists.entry import BrokenEntry, Listed
from tutela.exchange.hash_lists.mapped_columns import Mapping
from tutela.exchange.register.video_frames import as_vpdq
from tutela.indicators.access import grants
from tutela.indicators.errors import NoGrant
from tutela.indicators.imports import external_formats, runner
from tutela.indicators.imports.lines import BadLine, Defaults
from tutela.indicators.models import Indicator, PartnerEntry, PartnerPull, PartnerUndo
from tutela.indicators.partner_lists import entries as partner_lists_entries
from tutela.indicators.partner_lists import export, file_import, file_undo, previous_entries, subscriptions
from tutela.indicators.partner_lists.errors import FileChanged, ListReplaced, NothingToUndo, WouldShrink
from tutela.indicators.partner_lists.file_import import NamedList
from tutela.indicators.register import detail, propose
from tutela.indicators.release_files import version_files

__all__ = ["_scheme"]
DEFAULTS = Defaults(classification=CLASS, reason="Assessed abroad")


def _vics(path: Path, *media: dict[str, Any]) -> Path:
    model = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media"
    path.write_text(json.dumps({"@odata.context": model, "value": list(media)}), encoding="utf-8")
    return path


def _medium(**more: Any) -> dict[str, Any]:
    return {"MediaID": secrets.randbelow(10**9), "MD5": secrets.token_hex(16).upper(), "Category": 1, **more}


def _sha256(value: str) -> dict[str, Any]:
    return {"AlternativeHashes": [{"HashName": "SHA256", "HashValue": value}]}


def test_vics_as_proposals_names_what_it_leaves_out(cast: Cast, tmp_path: Path) -> None:
    value = secrets.token_hex(32)
    photo = base64.b64encode(bytes(144)).decode()
    file = _vics(
        tmp_path / "set.json",
        _medium(**_sha256(value), IsDistributed="true", PhotoDNA=photo, Mood="x"),
        _medium(),
        _medium(MD5="zz"),
    )
    bad = list[BadLine]()
    report = runner.run(cast.hotline_ie, file, source="Police", defaults=DEFAULTS, form="vics", bad=bad.append)
    assert (report.accepted, report.refused) == (1, 2)
    assert [(one.line, one.field) for one in bad] == [(2, "sha256"), (3, "md5")], "weak digests alone are no proposal"
    assert report.unmapped == [
        "Mood (1)",
        "photodna (1)",
        "number (2)",
        "distributed (1)",
        "classification vics-us:1 (2)",
    ]
    with acting(cast.hotline_ie):
        (made,) = Indicator.objects.filter(run_id=report.run_id)
    assert (made.source, made.classification) == ("Police", CLASS)


def test_a_mapping_reads_anybodys_columns(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "theirs.csv"
    file.write_text(f"Prüfsumme;Klasse;Fremd\n{secrets.token_hex(32)};A;x\n", encoding="utf-8")
    plan = Mapping(
        columns={"Prüfsumme": "sha256", "Klasse": "classification"},
        values={"classification": {"A": CLASS}},
        separator=";",
    )
    report = runner.run(cast.hotline_ie, file, source="Police", defaults=Defaults(reason="Assessed"), mapping=plan)
    assert (report.accepted, report.refused, report.unmapped) == (1, 0, ["Fremd (1)"])


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_the_register_wrote_is_imported_without_a_mapping(cast: Cast, tmp_path: Path, form: str) -> None:
    _active(cast)
    text, _writer = _export(cast.centre, form)
    entries = list(mapped_columns.MappedReader(Mapping(), lines_of_json=form == "jsonl").read(io.StringIO(text)))
    file, bad = tmp_path / f"ours.{form}", list[BadLine]()
    file.write_text(text, encoding="utf-8")
    trial = runner.run(cast.hotline_ie, file, source="An export", defaults=DEFAULTS, dry_run=True, bad=bad.append)
    assert trial.lines == len(entries) == len(bad), "each is read, and is in the register already"
    assert all("already has this digest" in one.reason or "already has these frames" in one.reason for one in bad), bad
    rows = [
        Listed(
            f"T-{n}",
            {"sha256": (secrets.token_hex(32), secrets.token_hex(32)), "pdq": (secrets.token_hex(32),)},
            "image",
            70,
            CLASS,
            "S-1",
            "Seen",
        )
        for n in range(2)
    ]
    with file.open("w", encoding="utf-8") as out:
        mapped_columns.MappedWriter(lines_of_json=form == "jsonl").write(out, rows)
    report = runner.run(cast.hotline_ie, file, source="An export", defaults=DEFAULTS)
    assert (report.accepted, report.refused, report.unmapped) == (2, 0, ["number (2)"])
    with acting(cast.hotline_ie):
        made = Indicator.objects.filter(run_id=report.run_id)
        assert {(one.classification, one.series, one.reason) for one in made} == {(CLASS, "S-1", "Seen")}
        assert [one.hashes.count() for one in made] == [3, 3]


@pytest.fixture
def lead(cast: Cast) -> Actor:
    return cast.actor(cast.pixelpost, "lead")


def _load(
    actor: Actor, file: Path, named: NamedList, bad: list[BrokenEntry] | None = None, *, shrink: bool = True
) -> Any:
    told = bad.append if bad is not None else lambda _: None
    with file.open(encoding="utf-8", newline="") as opened:
        return file_import.load(actor, named, _reading(opened), allow_shrink=shrink, bad=told)


def _reading(opened: Any) -> Callable[[], Iterator[Listed | BrokenEntry]]:
    def read() -> Iterator[Listed | BrokenEntry]:
        opened.seek(0)
        return external_formats.entries(external_formats.source("vics"), opened)

    return read


def test_a_file_is_a_provider_source_list_and_the_next_one_replaces_it(
    cast: Cast, lead: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_import, "ENTRIES_AT_ONCE", 2)
    name, media = f"vic-{secrets.token_hex(3)}", [_medium(VictimIdentified="true") for _ in range(5)]
    named, bad = NamedList(name, "Project VIC", "csam", "Agreement"), list[BrokenEntry]()
    first = _load(lead, _vics(tmp_path / "a.json", *media, _medium(MD5="zz")), named, bad)
    assert (first.added, first.broken, len(bad)) == (5, 1, 1)
    second = _load(lead, _vics(tmp_path / "b.json", *media[:2], _medium()), NamedList(name))
    assert (second.added, second.changed, second.withdrawn) == (1, 2, 3)
    (shown,) = [one for one in subscriptions.list_subscriptions(lead) if one.row.list_id == name]
    assert (shown.live, shown.withdrawn, shown.late) == (3, 3, False)
    with acting(lead):
        kept = {one.first("md5"): one for _id, one in partner_lists_entries.listed(lead, name)}
        assert not Indicator.objects.exists(), "a provider sees no indicator, and none was made"
    assert kept[media[0]["MD5"].lower()].facts["victim_identified"] is True
    with acting(cast.actor(cast.other_provider, "lead")):
        assert not PartnerEntry.objects.filter(list__list_id=name).exists()


def test_what_a_file_of_a_list_needs(cast: Cast, lead: Actor, tmp_path: Path) -> None:
    file, name = _vics(tmp_path / "a.json", _medium()), f"vic-{secrets.token_hex(3)}"
    with pytest.raises(Invalid) as refused:
        _load(lead, file, NamedList(name, "Project VIC"))
    assert refused.value.field == "legal_basis"
    with pytest.raises(Forbidden):
        _load(cast.actor(cast.pixelpost, "reviewer"), file, NamedList(name, "Project VIC", "csam", "Agreement"))
    with pytest.raises(Invalid):
        _load(lead, file, NamedList("eu-register", "Project VIC", "csam", "Agreement"))
    _load(lead, file, NamedList(name, "Project VIC", "csam", "Agreement"))
    with pytest.raises(Conflict):
        _load(cast.actor(cast.other_provider, "lead"), file, NamedList(name, "Project VIC", "csam", "Agreement"))
    (row,) = [one.row for one in subscriptions.list_subscriptions(lead) if one.row.list_id == name]
    with pytest.raises(NotFound):
        subscriptions.pull_now(lead, row.pk)


def _live(actor: Actor, name: str) -> dict[str, dict[str, tuple[str, ...]]]:
    with acting(actor):
        return {one.key: one.hashes for _id, one in partner_lists_entries.listed(actor, name)}


@pytest.fixture
def five(lead: Actor, tmp_path: Path) -> tuple[str, list[dict[str, Any]]]:
    name, media = f"vic-{secrets.token_hex(3)}", [_medium() for _ in range(5)]
    _load(lead, _vics(tmp_path / "first.json", *media), NamedList(name, "Project VIC", "csam", "Agreement"))
    return name, media


@pytest.mark.parametrize("damage", ["empty", "cut off", "another format", "nothing of use", "no entries"])
def test_a_damaged_file_erases_no_list(
    lead: Actor, tmp_path: Path, five: tuple[str, list[dict[str, Any]]], damage: str
) -> None:
    (name, media), file = five, tmp_path / "next.json"
    whole = _vics(file, *media).read_text()
    text = {
        "empty": "",
        "cut off": whole[: len(whole) * 2 // 3],
        "another format": "md5,category\nab,1\n",
        "nothing of use": whole.replace("MD5", "Other"),
        "no entries": _vics(file).read_text(),
    }[damage]
    file.write_text(text)
    before = _live(lead, name)
    with pytest.raises(Invalid) as refused:
        _load(lead, file, NamedList(name), shrink=False)
    assert refused.value.field == "file"
    assert _live(lead, name) == before
    with acting(lead):
        assert PartnerPull.objects.filter(list__list_id=name).count() == 1, "nothing was begun"


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_file_that_ends_in_half_a_line_withdraws_nothing(lead: Actor, tmp_path: Path, form: str) -> None:
    name = f"cut-{secrets.token_hex(4)}"
    writer = mapped_columns.MappedWriter(lines_of_json=form == "jsonl")
    text = io.StringIO()
    writer.write(text, [Listed(f"K-{n}", {"md5": (secrets.token_hex(16),)}, reason="Assessed") for n in range(20)])
    file = tmp_path / f"list.{form}"

    def load(body: str, *, source: str = "") -> PartnerPull:
        file.write_text(body)

        def read() -> Iterator[Listed | BrokenEntry]:
            return external_formats.entries(external_formats.source(form), io.StringIO(file.read_text(), newline=""))

        return file_import.load(lead, NamedList(name, source, "csam", source), read, allow_shrink=True)

    assert load(text.getvalue(), source="Agreement").added == 20
    before = _live(lead, name)
    with pytest.raises(Invalid, match="no line end"):
        load(text.getvalue()[:-3])
    assert _live(lead, name) == before


def test_a_file_that_drops_much_of_a_list_is_refused_unless_it_is_allowed(
    lead: Actor, tmp_path: Path, five: tuple[str, list[dict[str, Any]]]
) -> None:
    name, media = five
    before, file = _live(lead, name), _vics(tmp_path / "next.json", media[0])
    with pytest.raises(WouldShrink, match="would withdraw 4 of 5"):
        _load(lead, file, NamedList(name), shrink=False)
    assert _live(lead, name) == before
    assert _load(lead, file, NamedList(name)).withdrawn == 4
    _load(lead, _vics(tmp_path / "more.json", media[0], _medium()), NamedList(name), shrink=False)


def test_a_replacement_can_be_undone_and_so_can_the_undo(
    cast: Cast, lead: Actor, tmp_path: Path, five: tuple[str, list[dict[str, Any]]]
) -> None:
    name, media = five
    (row,) = [one.row for one in subscriptions.list_subscriptions(lead) if one.row.list_id == name]
    before = _live(lead, name)
    _load(lead, _vics(tmp_path / "next.json", media[0], _medium()), NamedList(name))
    after = _live(lead, name)
    client = cast.client(cast.pixelpost, "lead")
    assert "Undo newest file" in client.get(f"/desk/partner-lists/{row.pk}/").content.decode()
    assert cast.client(cast.pixelpost, "reviewer").post(f"/desk/partner-lists/{row.pk}/undo/").status_code == 404
    assert cast.client(cast.other_provider, "lead").post(f"/desk/partner-lists/{row.pk}/undo/").status_code == 404
    assert _live(lead, name) == after
    client.post(f"/desk/partner-lists/{row.pk}/undo/")
    assert _live(lead, name) == before
    file_undo.undo(lead, row.pk)
    assert _live(lead, name) == after
    with acting(lead):
        assert Event.objects.filter(kind="partner_list.undone", subject_id=str(row.pk)).count() == 2
    with clock.simulate(clock.now() + timedelta(days=31)), acting(lead):
        assert previous_entries.erase_old() > 0
    with pytest.raises(NothingToUndo):
        file_undo.undo(lead, row.pk)


def test_an_undo_that_is_cut_off_finds_what_it_needs_again(
    lead: Actor, tmp_path: Path, five: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, media = five
    (row,) = [one.row for one in subscriptions.list_subscriptions(lead) if one.row.list_id == name]
    before = _live(lead, name)
    _load(lead, _vics(tmp_path / "next.json", media[0], _medium()), NamedList(name))

    def cut_off(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(file_import, "_store", cut_off)
        with pytest.raises(RuntimeError):
            file_undo.undo(lead, row.pk)
    file_undo.undo(lead, row.pk)
    assert _live(lead, name) == before


def test_what_is_kept_for_an_undo_is_sealed_and_goes_with_the_list(
    lead: Actor, tmp_path: Path, five: tuple[str, list[dict[str, Any]]]
) -> None:
    name, media = five
    _load(lead, _vics(tmp_path / "next.json", *media, _medium()), NamedList(name))
    with acting(lead):
        kept = list(PartnerUndo.objects.filter(list__list_id=name))
        assert kept
        assert not any(media[0]["MD5"].lower().encode() in bytes(one.sealed) for one in kept)
        row = kept[0].list
    subscriptions.end(lead, row.pk, "Over")
    with acting(lead):
        assert not PartnerUndo.objects.filter(list=row).exists()


def test_a_dry_run_into_a_list_writes_nothing(cast: Cast, lead: Actor, tmp_path: Path, five: Any) -> None:
    (name, media), new = five, f"vic-{secrets.token_hex(3)}"
    file, before = _vics(tmp_path / "next.json", *media[:2], _medium()), _live(lead, name)
    common = [
        "import",
        str(file),
        "--organisation",
        cast.pixelpost.organisation_name,
        "--source",
        "Project VIC",
        "--format",
        "vics",
        "--legal-basis",
        "Agreement",
        "--dry-run",
        "--into",
    ]
    done = CliRunner().invoke(app, [*common, name])
    assert done.exit_code == 0, done.output
    assert "1 new, 3 of 5 withdrawn, 0 refused; nothing was written" in done.output
    assert _live(lead, name) == before
    done = CliRunner().invoke(app, [*common, new])
    assert "3 new, 0 of 0 withdrawn" in done.output
    assert not [one for one in subscriptions.list_subscriptions(lead) if one.row.list_id == new], "no list was created"


def test_an_export_that_fails_leaves_the_earlier_file(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "list.jsonl"
    file.write_text("the last good export")
    done = CliRunner().invoke(app, ["export", str(file), "--organisation", cast.other_provider.organisation_name])
    assert done.exit_code == 2, done.output
    assert file.read_text() == "the last good export"
    assert [one.name for one in tmp_path.iterdir()] == ["list.jsonl"]


def _export(actor: Actor, form: str, list_id: str = version_files.LIST_ID, **more: Any) -> tuple[str, Any]:
    out, writer = io.StringIO(), export.sink(form, actor.organisation_name, **more)
    export.export(actor, list_id, out, writer, form)
    return out.getvalue(), writer


@pytest.mark.parametrize("form", export.FORMATS)
def test_the_register_leaves_in_every_format_with_a_grant_and_an_event(cast: Cast, form: str) -> None:
    value = secrets.token_hex(32)
    _active(cast, value)
    provider = cast.pixelpost
    with pytest.raises(NoGrant):
        _export(provider, form)
    grants.give(
        cast.centre,
        provider.organisation_id,
        list_id=version_files.LIST_ID,
        purpose="reporting",
        legal_basis="DSA",
        valid_to=clock.now() + timedelta(days=1),
    )
    text, writer = _export(provider, form)
    assert (value in text) == (form in ("csv", "jsonl", "stix"))
    assert export.REASONS_NOT_EXPORTED in writer.left.names
    assert len(writer.left.names) > 1 or form in ("csv", "jsonl", "stix")
    with acting(cast.centre):
        assert Event.objects.filter(kind="list.exported").order_by("-at").first() is not None


def test_windows_structures_and_the_source_leave_with_the_register_or_are_counted(cast: Cast, tmp_path: Path) -> None:
    looks = [secrets.token_hex(32) for _ in range(4)]
    hashes = [
        {"kind": "pdq", "value": looks[0], "quality": 90, "hasher": "tutela-pdq/2", "structure": looks[1]},
        {"kind": "pdq", "value": looks[2], "quality": 80, "hasher": "tutela-pdq/2", "covers": 0.8},
        {"kind": "sha256", "value": looks[3]},
        {"kind": "md5", "value": secrets.token_hex(16)},
    ]
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"hashes": hashes}) + "\n")
    run = runner.run(cast.hotline_ie, file, source="National list", defaults=DEFAULTS)
    with acting(cast.hotline_ie):
        (made,) = Indicator.objects.filter(run_id=run.run_id)
    indicators_shown.certify(cast.hotline_de, made.id)
    text, _writer = _export(cast.centre, "jsonl")
    (line,) = [json.loads(one) for one in text.splitlines() if made.number in one]
    assert (line["pdq"], line["window"], line["structure"]) == (looks[0], looks[2], looks[0] + looks[1])
    assert (line["facts"], line["quality"]) == ({"source": "National list"}, 80)
    counted = {"icse": {"window", "structure", "source"}, "hma": {"window of images", "structure of images"}}
    for form, names in counted.items():
        assert names <= set(_export(cast.centre, form)[1].left.names)


def test_a_list_of_another_goes_out_as_it_came_in(cast: Cast, lead: Actor, tmp_path: Path) -> None:
    name, medium = f"vic-{secrets.token_hex(3)}", _medium(IsDistributed=True, Series="S", MediaSize=488)
    _load(lead, _vics(tmp_path / "a.json", medium), NamedList(name, "Project VIC", "csam", "Agreement"))
    text, _writer = _export(lead, "vics-2.0", name, profile="US")
    (again,) = vics_reader.VicsReader().read(io.StringIO(text))
    assert isinstance(again, Listed)
    assert (again.first("md5"), again.series, again.classification) == (medium["MD5"].lower(), "S", "vics-us:1")
    assert (again.facts["distributed"], again.facts["size"], again.key) == (True, 488, str(medium["MediaID"]))
    with pytest.raises(NotFound):
        _export(cast.actor(cast.other_provider, "lead"), "csv", name)


def test_the_commands(cast: Cast, lead: Actor, tmp_path: Path) -> None:
    name, medium = f"vic-{secrets.token_hex(3)}", _medium(Mood="x")
    file, out = _vics(tmp_path / "a.json", medium, _medium(MD5="zz")), tmp_path / "out.json"

    def run(*args: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, list(args))
        return done.exit_code, done.output

    shared = ["import", str(file), "--format", "vics", "--organisation", lead.organisation_name, "--source", "VIC"]
    assert run(*shared, "--into", name)[0] == 2, "the first file names the basis"
    code, said = run(*shared, "--into", name, "--legal-basis", "Agreement")
    assert code == 3, said
    assert "line 2: md5: must be 32 hexadecimal digits" in said
    assert "unknown field: Mood (1)" in said
    assert "1 new, 0 changed, 0 withdrawn, 1 refused" in said
    shared = ["export", str(out), "--organisation", lead.organisation_name, "--list", name, "--format"]
    lost = "".join(f"not exported, icse has no field for it: {name} (1)\n" for name in ("classification", "time"))
    assert run(*shared, "icse") == (0, f"{lost}1 written\n")
    assert out.stat().st_mode & 0o777 == 0o600
    assert medium["MD5"] in out.read_text()
    assert run(*shared, "fax")[0] == 2
    assert run(*shared, "vics-2.0", "--category", "x")[0] == 2
    assert run("export", str(out), "--organisation", "Nobody at all")[0] == 2


def test_an_import_knows_frames_that_are_in_the_register_and_of_an_earlier_line(cast: Cast, tmp_path: Path) -> None:
    whole, other = film(12), film(9)
    made = propose.propose(
        cast.hotline_ie, given=[], media_type="video", classification=CLASS, reason="Assessed", film=whole
    )
    number = detail.load_detail(cast.hotline_ie, made).line.number
    again = replace(other, looks=tuple(replace(one, time_ms=one.time_ms + 7) for one in other.looks))
    file, bad = tmp_path / "videos.jsonl", list[BadLine]()
    rows = [
        Listed(f"V-{n}", {"vpdq": (as_vpdq(one),)}, "video", None, CLASS, "", "Seen")
        for n, one in enumerate((whole, other, again))
    ]
    with file.open("w", encoding="utf-8") as out:
        mapped_columns.MappedWriter(lines_of_json=True).write(out, rows)
    report = runner.run(cast.hotline_ie, file, source="A list", defaults=DEFAULTS, bad=bad.append)
    assert (report.accepted, report.refused) == (1, 2)
    told = {one.line: (one.field, one.reason) for one in bad}
    assert told == {
        1: ("frames", f"{number} already has these frames; certify it instead"),
        3: ("frames", "an earlier line has these frames"),
    }


def test_of_two_who_replace_a_list_the_later_one_goes_on(
    lead: Actor, tmp_path: Path, five: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_import, "ENTRIES_AT_ONCE", 1)
    name, media = five
    before, mine, theirs = _live(lead, name), _medium(), _medium()
    (row,) = [one.row for one in subscriptions.list_subscriptions(lead) if one.row.list_id == name]
    second = _vics(tmp_path / "second.json", theirs, media[0])
    later = iter([lambda: _load(lead, second, NamedList(name))])

    def other(_made: PartnerPull) -> None:
        for one in later:
            one()

    with pytest.raises(ListReplaced), _vics(tmp_path / "first.json", mine, media[0]).open() as opened:
        file_import.load(lead, NamedList(name), _reading(opened), allow_shrink=True, told=other)
    with acting(lead):
        live = set(PartnerEntry.objects.filter(list=row, withdrawn_at=None).values_list("key", flat=True))
    assert len(live) == 2
    file_undo.undo(lead, row.pk)
    assert _live(lead, name) == before, "what was before either of them"


def test_what_was_planned_of_a_list_that_is_another_by_now_is_not_done(
    lead: Actor, tmp_path: Path, five: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, media = five
    (row,) = [one.row for one in subscriptions.list_subscriptions(lead) if one.row.list_id == name]
    _load(lead, _vics(tmp_path / "a.json", *media, _medium()), NamedList(name))
    planned = file_import._planned

    def undone_meanwhile(*given: Any) -> Any:
        found = planned(*given)
        file_undo.undo(lead, row.pk)
        return found

    monkeypatch.setattr(file_import, "_planned", undone_meanwhile)
    with pytest.raises(ListReplaced):
        _load(lead, _vics(tmp_path / "b.json", *media, _medium()), NamedList(name))


@pytest.mark.parametrize("second", ["another", "longer", "shorter"])
def test_a_file_that_changes_while_it_is_read_withdraws_nothing(
    lead: Actor, tmp_path: Path, five: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch, second: str
) -> None:
    monkeypatch.setattr(file_import, "ENTRIES_AT_ONCE", 2)
    name, media = five
    (row,) = [one.row for one in subscriptions.list_subscriptions(lead) if one.row.list_id == name]
    mine = [media[0], _medium(), _medium(), _medium()]
    changed = {"another": [*mine[:3], _medium()], "longer": [*mine, _medium()], "shorter": mine[:2]}[second]
    files = iter([_vics(tmp_path / "a.json", *mine), _vics(tmp_path / "b.json", *changed)])

    def read() -> list[Listed | BrokenEntry]:
        with next(files).open() as opened:
            return list(_reading(opened)())

    with pytest.raises(FileChanged):
        file_import.load(lead, NamedList(name), read, allow_shrink=True)
    with acting(lead):
        there = PartnerEntry.objects.filter(list=row)
        assert not there.exclude(withdrawn_at=None).exists()
        assert there.count() <= len(media) + len(mine)
