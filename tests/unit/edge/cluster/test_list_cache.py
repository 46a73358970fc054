"""What a machine keeps of a list: one file that every process maps, proved when it is opened, made anew if torn."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.support.matching_hashes import near_and_far, random_hashes
from tests.support.matching_lists import entry_id
from tutela import clock
from tutela.app.cli.offline import lists
from tutela.edge.cluster import list_cache as module
from tutela.edge.cluster.list_cache import CACHE_LIFETIME, Kept
from tutela.edge.errors import SourceError
from tutela.matching import HammingIndex, MatchList, Record, Snapshot, build_snapshot

SIZE = 4000


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("list") / "own.snapshot"
    hashes = random_hashes(np.random.default_rng(11), SIZE)
    build_snapshot((Record(entry_id(n), pdq=[(bytes(one).hex(), 90)]) for n, one in enumerate(hashes)), made)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "lists"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Where index files were written."""
    written, write = list[Path](), module.write_index
    monkeypatch.setattr(module, "write_index", lambda path, *a, **k: (written.append(path), write(path, *a, **k))[1])
    return written


def answers(index: HammingIndex, snapshot: Snapshot) -> list[object]:
    queries = near_and_far(np.random.default_rng(1), snapshot.pdq, 40)
    found = index.query(queries, 31)
    return [found.of(number) for number in range(40)]


HOST = """
import sys
from pathlib import Path
from tutela.edge.cluster.list_cache import Kept
from tutela.matching import Snapshot
snapshot = Snapshot.open(Path(sys.argv[1]))
index = Kept(Path(sys.argv[2])).index(snapshot)
mapped = {line.split()[4] for line in open("/proc/self/maps") if line.rstrip().endswith(".index")}
print(*mapped, len(index.query(snapshot.pdq[7:8], 0).ids), flush=True)
sys.stdin.read()
"""


def test_two_hosts_of_a_machine_map_one_file_that_was_made_once(path: Path, folder: Path) -> None:
    command = [sys.executable, "-c", HOST, str(path), str(folder)]
    hosts = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [host.stdout.readline().split() for host in hosts if host.stdout]
    (index,) = folder.iterdir()
    about = index.stat()
    assert said == [[str(about.st_ino), "1"]] * 2
    for host in hosts:
        host.communicate()
    # A later run on this machine maps the same file.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as again:
        assert again.communicate()[0].split() == [str(about.st_ino), "1"]
    assert about.st_mode & 0o077 == 0


def test_what_is_mapped_answers_as_what_is_built(path: Path, folder: Path, made: list[Path]) -> None:
    snapshot = Snapshot.open(path)
    first, second = (Kept(folder).index(snapshot) for _ in range(2))
    wanted = answers(HammingIndex(snapshot.pdq), snapshot)
    assert answers(first, snapshot) == answers(second, snapshot) == wanted
    assert len(made) == 1


@pytest.mark.parametrize("harm", ["cut", "edited", "emptied", "of another list", "no index"])
def test_a_torn_or_foreign_file_is_refused_and_made_anew(
    path: Path, folder: Path, made: list[Path], harm: str, tmp_path: Path
) -> None:
    snapshot = Snapshot.open(path)
    Kept(folder).index(snapshot)
    (file,) = folder.iterdir()
    whole = bytearray(file.read_bytes())
    match harm:
        case "cut":
            file.write_bytes(whole[:-100])
        case "edited":
            whole[5000] ^= 1
            file.write_bytes(whole)
        case "emptied":
            file.write_bytes(b"")
        case "of another list":
            build_snapshot([Record(entry_id(1), pdq=[("ab" * 32, 90)])], tmp_path / "other")
            other = Snapshot.open(tmp_path / "other")
            Kept(folder).index(other)
            (folder / f"{other.sha256}.index").replace(file)
        case _:
            file.write_bytes(b"PK" * 5000)
    before = len(made)
    assert answers(Kept(folder).index(snapshot), snapshot) == answers(HammingIndex(snapshot.pdq), snapshot)
    assert len(made) == before + 1
    Kept(folder).index(snapshot)
    assert len(made) == before + 1


def test_where_nothing_can_be_kept_a_process_builds_its_own(path: Path, tmp_path: Path, made: list[Path]) -> None:
    snapshot = Snapshot.open(path)
    (tmp_path / "file").write_text("")
    (tmp_path / "open").mkdir(mode=0o777)
    (tmp_path / "open").chmod(0o777)
    for folder in (tmp_path / "file" / "lists", tmp_path / "open"):
        assert len(Kept(folder).index(snapshot)) == SIZE
    assert made == []
    assert list((tmp_path / "open").iterdir()) == [], "others could put a file of theirs there"


def test_what_nobody_opens_for_a_month_goes_when_something_new_is_made(path: Path, folder: Path) -> None:
    kept = Kept(folder)
    kept.index(Snapshot.open(path))
    for name in ("old.index", "old.list", "used.index"):
        (folder / name).write_text("")
        before = (clock.now() - CACHE_LIFETIME - timedelta(days=1) * (name != "used.index")).timestamp() + 60
        os.utime(folder / name, (before, before))
    kept.snapshot([path], path.read_bytes)
    assert {one.name for one in folder.iterdir()} >= {"used.index", f"{Snapshot.open(path).sha256}.index"}
    assert not {one.name for one in folder.iterdir()} & {"old.index", "old.list"}


def test_a_list_of_hashes_is_read_once_and_mapped_from_then_on(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "own.pdq"
    source.write_text("".join(f"{bytes(one).hex()}\n" for one in random_hashes(np.random.default_rng(3), 50)))
    first = lists.load(source, (), Kept(folder))
    assert sorted(one.suffix for one in folder.iterdir()) == [".index", ".list"]
    with monkeypatch.context() as patch:
        patch.setattr(lists, "records", lambda _: pytest.fail("the files are parsed again"))
        again = lists.load(source, (), Kept(folder))
    assert again.snapshot.sha256 == first.snapshot.sha256 == lists.load(source).snapshot.sha256
    source.write_text("ab" * 32 + "\n")
    assert len(lists.load(source, (), Kept(folder))) == 1, "other files are another list"
    source.write_text("# nothing\n")
    with pytest.raises(SourceError, match="no usable hash"):
        lists.load(source, (), Kept(folder))


def test_the_driver_knows_its_lists_without_an_index(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = lists.load(path)
    monkeypatch.setattr(MatchList, "load", lambda *_, **__: pytest.fail("an index is made"))
    assert lists.opened(path, Kept(folder)).identity == ("own", 1, known.snapshot.sha256)
    assert not folder.exists()
