"""A node on a PostgreSQL server of one's own: what the README says, word for word, over TCP and with passwords."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.support.drills import ROOT, Installation, free_port, until
from tutela.app.runtime.embedded_postgres import Cluster

pytestmark = pytest.mark.slow


class Server:
    """The embedded binaries as a server apart: another folder, TCP alone, a superuser with a password."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._cluster = Cluster(folder)
        self._cluster.ensure()
        with psycopg.connect(self._cluster.url("postgres", "postgres"), autocommit=True) as db:
            for setting in ("listen_addresses = '127.0.0.1'", f"port = {self.port}"):
                db.execute(f"ALTER SYSTEM SET {setting}")
            # A server of somebody else's knows nothing of Tutela.
            db.execute("DROP DATABASE tutela")
            db.execute("DROP ROLE tutela_app")
            db.execute("DROP ROLE tutela_owner")
        self.password = self._cluster.url("postgres").split(":")[2].split("@")[0]
        self._cluster.stop()
        self._cluster._run("pg_ctl", "start", "-D", str(self._cluster._data), "-w", "-l", "/dev/null")

    def url(self, role: str, password: str, database: str = "tutela") -> str:
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        self._cluster.stop()


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    node = Installation()  # its folder can be entered by the database's own user
    made = Server(node.data)
    try:
        yield made
    finally:
        made.stop()
        node.stop()


@pytest.fixture
def node(server: Server) -> Iterator[Installation]:
    readme = (ROOT / "README.md").read_text()
    statements = re.search(r"```sql\n(CREATE ROLE.*?)```", readme, re.DOTALL)
    assert statements
    with psycopg.connect(server.url("postgres", server.password, "postgres"), autocommit=True) as db:
        for statement in statements[1].strip().splitlines():
            db.execute(statement)  # type: ignore[call-overload]
    within = re.search(r"```sql\n(REVOKE.*?)```", readme, re.DOTALL)
    assert within
    with psycopg.connect(server.url("postgres", server.password), autocommit=True) as db:
        db.execute(within[1])  # type: ignore[call-overload]
    made = Installation(
        TUTELA_OWNER_DATABASE_URL=server.url("tutela_owner", "one%20long%20secret"),
        DATABASE_URL=server.url("tutela_app", "another%20long%20secret"),
    )
    try:
        yield made
    finally:
        made.stop()


OF_ANOTHER = """
CREATE FUNCTION public.of_another() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
  $$ BEGIN RETURN NULL; END $$"""


def test_a_node_lives_on_a_server_of_ones_own(node: Installation, server: Server) -> None:
    # What stands in the same schema and is not ours, as an extension's functions do, is not ours to alter.
    with psycopg.connect(server.url("postgres", server.password), autocommit=True) as db:
        db.execute(OF_ANOTHER)
        migrated = node.cli("migrate")
        assert migrated.returncode == 0, migrated.stderr
        found = db.execute("SELECT proconfig FROM pg_proc WHERE proname = 'of_another'").fetchone()
        assert found == (None,)
    founded = node.cli(
        "setup",
        "--organisation",
        "Pixelpost",
        "--kind",
        "provider",
        "--country",
        "IE",
        "--email",
        "a@example.org",
        "--name",
        "Admin",
    )
    assert founded.returncode == 0, founded.stderr
    assert not (node.data / "postgres").exists(), "an embedded database was started all the same"
    node.serve()
    until("the node answers", lambda: _answers(node.url), 120)
    looked = node.cli("doctor")
    assert "tutela_app, superuser or bypass: (False, False)" in looked.stdout
    assert looked.returncode == 0, looked.stdout
    saved = node.cli("backup", str(node.data / "node.age"), TUTELA_BACKUP_PASSPHRASE="p" * 30)
    assert saved.returncode == 0, saved.stdout + saved.stderr
    verified = node.cli("verify")
    assert verified.returncode == 0, verified.stdout


def test_wrong_password_is_said_without_showing_it(node: Installation) -> None:
    node.env["DATABASE_URL"] = node.env["DATABASE_URL"].replace("another%20long", "mistyped-word")
    node.env["TUTELA_SECRET_KEY"] = "s" * 50
    looked = node.cli("doctor")
    assert looked.returncode == 1
    assert "password authentication failed" in looked.stdout
    assert "mistyped-word" not in looked.stdout + looked.stderr


def _answers(url: str) -> bool:
    try:
        return httpx.get(url + "/", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
