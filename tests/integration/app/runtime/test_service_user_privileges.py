"""Web and worker get the runtime role's address and nothing else of the database."""

from __future__ import annotations

import json
import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.folders import open_folder
from tutela.app.runtime import embedded_postgres, node, postgres_binaries, service_user
from tutela.app.runtime import supervisor as runtime_supervisor
from tutela.app.runtime.embedded_postgres import Cluster
from tutela.app.runtime.postgres_binaries import DatabaseUnavailable
from tutela.app.runtime.supervisor import Child, Supervisor

ROOT = os.geteuid() == 0


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that another user can reach."""
    with open_folder() as found:
        yield found


def test_each_role_has_a_password_file_of_its_own(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    urls = {role: cluster.url(role) for role in embedded_postgres.ROLES}
    assert len(set(urls.values())) == len(embedded_postgres.ROLES)
    folder = tmp_path / embedded_postgres.PASSWORDS
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for role in embedded_postgres.ROLES:
        assert stat.S_IMODE((folder / role).stat().st_mode) == 0o600
        others = [one for one in embedded_postgres.ROLES if one != role]
        assert all((folder / one).read_text() not in urls[role] for one in others)


def test_the_one_file_of_before_is_split_and_gone(tmp_path: Path) -> None:
    known = {role: f"password-of-{role}" for role in embedded_postgres.ROLES}
    (tmp_path / embedded_postgres.LEGACY).write_text(json.dumps(known))
    cluster = Cluster(tmp_path)
    assert cluster.made
    assert all(known[role] in cluster.url(role) for role in embedded_postgres.ROLES)
    assert not (tmp_path / embedded_postgres.LEGACY).exists()


def test_passwords_that_somebody_else_laid_there_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(tmp_path)
    assert cluster.url("postgres")
    monkeypatch.setattr(embedded_postgres.os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(DatabaseUnavailable, match="another user"):
        cluster.url("postgres")


def _said_by(child: Child) -> None:
    """Run a child until it has written what it is to write."""
    supervisor = Supervisor([child], None, lambda _said: None)
    supervisor._start(child)
    assert child.running is not None
    child.running.wait(30)


def test_no_child_is_handed_what_it_does_not_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in runtime_supervisor.WITHHELD:
        monkeypatch.setenv(name, "withheld")
    out = tmp_path / "environment"
    command = [sys.executable, "-c", f"import json,os;open({str(out)!r},'w').write(json.dumps(dict(os.environ)))"]
    child = Child("web", command)
    cluster = Cluster(tmp_path)
    monkeypatch.setattr(service_user, "prepare", lambda *_: None)
    runtime_supervisor.as_user([child], cluster, tmp_path, "", lambda _said: None)
    _said_by(child)
    found = json.loads(out.read_text())
    assert found[runtime_supervisor.RUNTIME_URL] == cluster.url("tutela_app")
    assert not runtime_supervisor.WITHHELD & set(found)
    secrets = [(tmp_path / embedded_postgres.PASSWORDS / role).read_text() for role in ("postgres", "tutela_owner")]
    assert all(secret not in value for secret in secrets for value in found.values())
    assert len(found[runtime_supervisor.LIMIT_KEY]) == 64


def test_a_process_uses_the_address_that_it_was_handed_and_the_owner_its_own() -> None:
    asked = "from tutela.app import settings; print(settings.DATABASES['default']['USER'])"
    env = {**os.environ, runtime_supervisor.RUNTIME_URL: "postgresql://handed:x@/tutela?host=/tmp"}
    found = [
        subprocess.run(
            [sys.executable, "-c", asked], env={**env, "TUTELA_ROLE": role}, capture_output=True, text=True, check=True
        ).stdout.strip()
        for role in ("app", "owner")
    ]
    assert found == ["handed", "tutela_owner"]


def test_web_and_worker_run_as_a_user_who_reads_no_owners_password(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root; who is not has no other user to give them, and runs them as before."""
    if not ROOT:
        assert service_user.prepare(folder) is None
        return
    data, cluster = folder, Cluster(folder)
    cluster.url("postgres")
    (data / "kek.hex").write_text("key\n")
    (data / "kek.hex").chmod(0o600)
    monkeypatch.setattr(service_user, "_can_run", lambda *_: True)
    child = Child("worker", [])
    runtime_supervisor.as_user([child], cluster, data, "", lambda _said: None)
    assert child.user == service_user.USER
    out = data / "out"
    kept = embedded_postgres.PASSWORDS
    tried = f"id -un; cat kek.hex; cat {kept}/tutela_owner; ls {kept}; mv {kept} stolen; touch mine && echo made"
    child.command = ["/bin/sh", "-c", f"cd {data}; ({tried}) > {out} 2>/dev/null"]
    _said_by(child)
    assert out.read_text().split() == [service_user.USER, "key", "made"]
    assert (data / embedded_postgres.PASSWORDS / "tutela_owner").exists()
    assert service_user.handed_over(data)


def test_who_cannot_run_the_program_is_no_user_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_user, "_can_run", lambda *_: False)
    said, child = list[str](), Child("web", ["x", "--port", "80"])
    runtime_supervisor.as_user([child], Cluster(tmp_path), tmp_path, "", said.append)
    assert child.user is None
    assert bool(said) == ROOT
    monkeypatch.setattr(service_user, "prepare", lambda *_: "tutela")
    runtime_supervisor.as_user([child], Cluster(tmp_path), tmp_path, "", said.append)
    assert child.user is None, "a low port is root's"
    child.command[-1] = "8000"
    runtime_supervisor.as_user([child], Cluster(tmp_path), tmp_path, "", said.append)
    assert child.user == "tutela"


def test_nothing_is_handed_over_through_a_link_or_a_second_name(tmp_path: Path) -> None:
    """The user may exchange what it owns for a link at any moment; root follows none."""
    if os.geteuid() != 0:
        return
    postgres_binaries.make_user(service_user.USER)
    outside, data = tmp_path / "outside", tmp_path / "data"
    outside.mkdir()
    data.mkdir()
    (outside / "shadow").write_text("x")
    (outside / "hosts").write_text("x")
    (data / "log").symlink_to(outside)
    (data / "own").mkdir()
    (data / "own" / "link").symlink_to(outside / "shadow")
    os.link(outside / "hosts", data / "own" / "hosts")
    os.link(outside / "hosts", data / "hosts")
    (data / "own" / "file").write_text("x")
    service_user.hand_over(data)
    assert {(outside / name).stat().st_uid for name in ("shadow", "hosts")} == {0}
    assert (data / "own" / "file").stat().st_uid == pwd.getpwnam(service_user.USER).pw_uid


def test_an_interpreter_that_root_alone_can_enter_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        return
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    (hidden / "python").symlink_to(sys.executable)
    monkeypatch.setattr(service_user.sys, "executable", str(hidden / "python"))
    assert service_user.prepare(tmp_path / "data") is None


@pytest.mark.parametrize("mark", ["kek.hex", embedded_postgres.PASSWORDS, embedded_postgres.LEGACY])
def test_root_touches_nothing_of_an_installation_of_somebody_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    """Its database runs as that user: handed over in part, neither could start it."""
    if not ROOT:
        Cluster(folder).url("postgres")
        monkeypatch.setattr(service_user.os, "geteuid", lambda: os.getuid() + 1)
        with pytest.raises(DatabaseUnavailable, match="sudo -u"):
            service_user.refuse_anothers(folder)
        return
    other = pwd.getpwnam("nobody")
    (folder / "postgres" / "data").mkdir(parents=True)
    (folder / mark).touch()
    for one in (folder, *folder.rglob("*")):
        os.chown(one, other.pw_uid, other.pw_gid)
    monkeypatch.setenv("TUTELA_DATA", str(folder))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    before = {one: (one.stat().st_uid, one.stat().st_mode) for one in (folder, *folder.rglob("*"))}
    with pytest.raises(DatabaseUnavailable, match="sudo -u nobody tutela"):
        node.prepare()
    assert {one: (one.stat().st_uid, one.stat().st_mode) for one in (folder, *folder.rglob("*"))} == before
    os.chown(folder, 0, 0)
    if mark != "kek.hex":
        os.chown(folder / mark, 0, 0)
    service_user.refuse_anothers(folder)
    if mark != "kek.hex":
        monkeypatch.setattr(service_user.os, "geteuid", lambda: other.pw_uid)
        with pytest.raises(DatabaseUnavailable, match="sudo -u root tutela"):
            service_user.refuse_anothers(folder)
