from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from tests.support.fakes.media import HasherPool, picture
from tests.support.matching_lists import digests, entry_id, flipped, pdq
from tutela.app.cli import app
from tutela.app.cli.offline import edge as edge_command
from tutela.app.cli.offline import hash_files
from tutela.app.cli.offline import scan as scan_command
from tutela.matching import Snapshot


@pytest.fixture(autouse=True)
def _fake_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    for command in (scan_command, hash_files):
        monkeypatch.setattr(command, "HasherPool", HasherPool)


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    records: list[Any] = [
        {"entry_id": str(entry_id(i)), "sha256": digests(i).sha256, "pdq": [{"hash": pdq(i).hex(), "quality": 90}]}
        for i in range(3)
    ]
    lines = [*map(json.dumps, records), "{broken", json.dumps({"entry_id": "x"}), "5"]
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n")
    done = run("index", "build", tmp_path / "in.jsonl", "-o", tmp_path / "list", "--list-id", "mine")
    assert done.exit_code == 3
    assert "record 3, entry_id: not a UUID" in done.output
    (tmp_path / "items").mkdir()
    (tmp_path / "items" / "a.img").write_bytes(picture(flipped(pdq(1), [7])))
    (tmp_path / "items" / "b.img").write_bytes(picture(pdq(50)))
    return tmp_path


def test_a_scan_ends_with_what_it_found(folder: Path) -> None:
    found = run("scan", folder / "items", "--list", folder / "list", "-o", folder / "out.jsonl")
    assert found.exit_code == 1, found.output
    first, second = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    assert (first["matches"][0]["list_id"], first["matches"][0]["in_public_register"]) == ("mine", False)
    assert second["matches"] == []
    assert run("scan", folder / "items" / "b.img", "--list", folder / "list").exit_code == 0
    assert run("scan", folder / "absent", "--list", folder / "list").exit_code == 3
    assert run("scan", folder / "items").exit_code == 2


def test_a_damaged_or_absent_list_is_not_trusted(folder: Path) -> None:
    snapshot = folder / "list" / "snapshot"
    assert run("index", "info", folder / "list").exit_code == 0
    snapshot.write_bytes(snapshot.read_bytes()[:-1])
    for command in (("scan", folder / "items", "--list", folder / "list"), ("index", "info", snapshot)):
        done = run(*command)
        assert done.exit_code == 4
        assert "shorter or longer" in done.output
        assert "Traceback" not in done.output
    assert run("scan", folder / "items", "--list", folder / "nothing").exit_code == 4


@pytest.mark.parametrize("format_", ["csv", "html"])
def test_formats_and_resumption(folder: Path, format_: str) -> None:
    args = ("scan", folder / "items", "--list", folder / "list", "--format", format_, "-o", folder / "out")
    assert run(*args, "--resume", folder / "journal").exit_code == 1
    (folder / "items" / "c.img").write_bytes(picture(pdq(2)))
    assert run(*args, "--resume", folder / "journal").exit_code == 1
    text = (folder / "out").read_text()
    assert text.count("name,size") == (1 if format_ == "csv" else 0)
    if format_ == "csv":
        assert [line.split(",")[0].rsplit("/")[-1] for line in text.splitlines()] == ["name", "a.img", "b.img", "c.img"]


def test_single_hashes_are_looked_up(folder: Path) -> None:
    lists = ("--list", folder / "list")
    assert run("match", digests(2).sha256.upper(), *lists).exit_code == 1
    assert run("match", digests(9).md5, *lists).exit_code == 0
    near = run("match", flipped(pdq(0), [1, 2]).hex(), "--quality", 80, *lists)
    assert json.loads(near.stdout)[0]["distance"] == 2
    for wrong in ("abc", "zz" * 16, digests(1).sha256 + " "):
        assert run("match", wrong, *lists).exit_code == 2


def test_csv_lists_build_a_bare_snapshot(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(f"entry_id,pdq,quality\n{entry_id(0)},{pdq(0).hex()},70\n")
    assert run("index", "build", tmp_path / "in.csv", "-o", tmp_path / "My List.snap").exit_code == 0
    assert len(Snapshot.open(tmp_path / "My List.snap")) == 1
    assert run("match", pdq(0).hex(), "--quality", 60, "--list", tmp_path / "My List.snap").exit_code == 1


def test_a_file_of_hashes_is_a_list_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "entitled.txt").write_text(f"# from a hotline\n{pdq(0).hex()}\n{digests(1).md5}\n")
    for listed in (tmp_path / "entitled.txt", tmp_path):
        assert run("match", pdq(0).hex(), "--quality", 60, "--list", listed).exit_code == 1
        assert run("match", digests(1).md5, "--list", listed).exit_code == 1
    (tmp_path / "entitled.txt").write_text("nothing\n")
    assert run("match", digests(1).md5, "--list", tmp_path).exit_code == 4


def test_hashing_and_version_need_no_list(folder: Path) -> None:
    done = run("hash", folder / "items")
    assert [json.loads(line)["picture"]["frames"][0]["quality"] for line in done.stdout.splitlines()] == [90, 90]
    assert run("version").exit_code == 0


def test_the_second_pass_without_its_decoder_names_the_extra(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_command, "second_available", lambda: False)
    done = run("scan", folder / "items", "--list", folder / "list", "--windows", "second")
    assert (done.exit_code, "tutela[second-pass]" in done.output) == (2, True)


def test_a_silent_edge_is_said_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TUTELA_EDGE_TOKEN", raising=False)
    unsaid = run("scan", folder / "items", "--edge", "http://127.0.0.1:1")
    assert (unsaid.exit_code, "TUTELA_EDGE_TOKEN" in unsaid.output) == (2, True)
    monkeypatch.setenv("TUTELA_EDGE_TOKEN", "a-token-of-at-least-24-characters")
    assert run("scan", folder / "items", "--edge", "http://127.0.0.1:1").exit_code == 5
    assert run("edge", "status", "http://127.0.0.1:1").exit_code == 5
    answer = httpx.Response(503, json={"ready": False}, request=httpx.Request("GET", "http://edge"))
    monkeypatch.setattr(edge_command.httpx, "get", lambda *_, **__: answer)
    assert run("edge", "status").exit_code == 4
    assert run("edge", "serve").exit_code == 2


def test_what_is_no_picture_is_no_entry_and_an_empty_list_is_not_written(folder: Path) -> None:
    items = folder / "other"
    items.mkdir()
    (items / "CREDITS.md").write_text("# Not a picture\n")
    (items / "empty.jpg").write_bytes(b"")
    (folder / "other.jsonl").write_text(run("hash", items).stdout)
    done = run("index", "build", folder / "other.jsonl", "-o", folder / "none", "--list-id", "none")
    assert done.exit_code == 2
    assert "no usable hash" in done.output
    assert not (folder / "none").exists()


def test_a_pipe_in_a_folder_is_named_and_not_waited_for(folder: Path) -> None:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    done = run("hash", pipe)
    assert "not a regular file" in done.output


def test_a_taken_port_is_said_in_one_line(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run("witness", "init", tmp_path / "w", "--name", "w.example")
        said = run("witness", "serve", tmp_path / "w", "--port", str(port))
        assert said.exit_code == 2
        assert f"127.0.0.1:{port} cannot be used" in said.output


def test_what_hash_writes_builds_a_list_that_finds_the_same_items(folder: Path) -> None:
    hashed = run("hash", folder / "items")
    (folder / "hashes.jsonl").write_text(hashed.stdout)
    done = run("index", "build", folder / "hashes.jsonl", "-o", folder / "own", "--list-id", "own")
    assert done.exit_code == 0, done.output
    again = run("scan", folder / "items", "--list", folder / "own")
    assert again.exit_code == 1
    assert again.stdout.count('"rule": "exact-sha256"') == 2


def test_a_scan_tells_how_many_items_it_could_not_hash(folder: Path) -> None:
    (folder / "items" / "c.img").write_bytes(b"no picture")
    found = run("scan", folder / "items", "--list", folder / "list", "-o", folder / "out.jsonl")
    assert "1 of 3 items have no perceptual hash: " in found.stderr
    assert "no perceptual hash" not in run("scan", folder / "items" / "b.img", "--list", folder / "list").output


def test_what_was_not_examined_is_said_last_also_where_something_matched(folder: Path) -> None:
    args = ("scan", folder / "items", "--list", folder / "list", "-o", folder / "out.jsonl", "--resume", folder / "j")
    (folder / "items" / "broken.zip").write_bytes(b"PK\3\4 broken")
    (folder / "items" / "note.txt").write_bytes(b"text")
    found = run(*args)
    assert found.exit_code == 1
    last = " ".join(found.stderr.splitlines()[-1:])
    assert f"NOT EXAMINED: 1 items could not be read or hashed, the first: {folder}/items/broken.zip" in last
    assert "NOT EXAMINED: some items could not be read or hashed in an earlier run" in run(*args).stderr
    (folder / "items" / "broken.zip").unlink()
    assert "NOT EXAMINED" not in run(*args[:-2]).stderr


def test_a_reader_that_ends_early_is_no_failure(folder: Path) -> None:
    nobody, pipe = os.pipe()
    os.close(nobody)
    command = [sys.executable, "-m", "tutela.app.cli", "match", "--list", str(folder / "list"), digests(1).sha256]
    ended = subprocess.run(command, stdout=pipe, stderr=subprocess.PIPE, text=True, check=False)
    os.close(pipe)
    assert (ended.returncode, ended.stderr) == (141, "")
