"""What a newcomer does wrong ends in one line that says how to do it right: no traceback, nothing half done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.drills import Installation
from tutela.detection.notices.sentences import TEXTS_FOLDER

SETUP = {
    "--organisation": "Pixelpost",
    "--kind": "provider",
    "--country": "IE",
    "--email": "a@example.org",
    "--name": "Admin",
}


@pytest.fixture(scope="module")
def node() -> Iterator[Installation]:
    made = Installation()
    try:
        yield made
    finally:
        made.stop()


def _setup(node: Installation, **changes: str) -> tuple[int, str]:
    given = SETUP | {f"--{name}": value for name, value in changes.items()}
    done = node.cli("setup", *(word for pair in given.items() for word in pair))
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("kind", "police", "kind: Choose one of: provider, hotline"),
        ("country", "Germany", "country: The country must be two capital letters of ISO 3166-1, such as DE."),
        ("email", "a", "email: Enter a valid e-mail address."),
        ("organisation", "x" * 161, "name: The name must have 1 to 160 characters."),
    ],
)
def test_a_wrong_answer_at_setup_names_the_field_and_founds_nothing(
    node: Installation, field: str, value: str, told: str
) -> None:
    code, said = _setup(node, **{field: value})
    assert code == 2
    assert told in said
    assert "Traceback" not in said
    assert not (node.data / "postgres").exists(), "no database is made for what cannot be founded"


def test_founding_twice_says_so() -> None:
    node = Installation()
    try:
        node.migrate()
        assert _setup(node)[0] == 0
        assert _setup(node, email="b@example.org") == (
            2,
            "tutela: name: An organisation with this name already exists.\n",
        )
    finally:
        node.stop()


@pytest.mark.parametrize(
    ("command", "env", "code", "told"),
    [
        (["demo", "walk"], {}, 2, "run `make demo` first"),
        (["serve"], {"TUTELA_LISTEN": "nonsense"}, 2, "TUTELA_LISTEN: must be an address and a port"),
        (["doctor"], {"TUTELA_PUBLIC_URL": "desk.example"}, 1, "TUTELA_PUBLIC_URL: must be an address that"),
        (["doctor"], {"TUTELA_DATBASE_URL": "x"}, 1, "BAD Settings: TUTELA_DATBASE_URL is not a setting"),
        (["serve"], {"TUTELA_USER_TEXTS": "/nowhere"}, 2, "TUTELA_USER_TEXTS: must be the path of an existing folder"),
        (["serve"], {"TUTELA_TIME_ZONE": "Berlin"}, 2, "TUTELA_TIME_ZONE: must be a time zone"),
        (["verify"], {"DATABASE_URL": "postgresql://x:y@127.0.0.1:1/z"}, 2, "set TUTELA_OWNER_DATABASE_URL"),
        (
            ["verify"],
            dict.fromkeys(("DATABASE_URL", "TUTELA_OWNER_DATABASE_URL"), "postgresql://x:y@127.0.0.1:1/z"),
            5,
            "the database does not answer: ",
        ),
        (["scan", "--list", "/proc/self", "/"], {}, 4, "`tutela index build --list-id` makes a list"),
        (["edge", "serve"], {"TUTELA_EDGE_PROVIDER_LISTS": "/"}, 2, "set TUTELA_EDGE_TOKENS"),
        (
            ["edge", "serve"],
            {"TUTELA_EDGE_PROVIDER_LISTS": "/nowhere", "TUTELA_EDGE_TOKENS": "t" * 24},
            4,
            "/nowhere: No such file or directory",
        ),
        (["restore", "/nowhere.age"], {"TUTELA_BACKUP_PASSPHRASE": "p" * 20}, 2, "a restore never overwrites"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_ends_in_one_line(
    node: Installation, command: list[str], env: dict[str, str], code: int, told: str
) -> None:
    done = node.cli(*command, **env)
    said = done.stdout + done.stderr
    assert told in said
    assert done.returncode == code
    assert "Traceback" not in said


def test_a_failure_of_our_own_is_no_match_and_shows_no_internals(node: Installation, tmp_path: Path) -> None:
    """Scripts read 1 as "something matched"; Python's own end after an exception is 1 as well."""
    broken = tmp_path / "sitecustomize.py"
    broken.write_text(
        "import tutela.app.cli.offline.scan as s\n"
        "def boom(*a, **k): raise RuntimeError('secret')\ns.lists.load = boom\n"
    )
    done = node.cli("scan", "--list", "/", "/", PYTHONPATH=str(tmp_path))
    assert done.returncode == 70
    assert done.stderr == "tutela: failed with RuntimeError; TUTELA_DEBUG=1 shows where\n"


def test_hashing_an_empty_folder_says_that_nothing_was_there(node: Installation, tmp_path: Path) -> None:
    done = node.cli("hash", str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no file to hash\n")


@pytest.mark.parametrize(("command", "code"), [("serve", 2), ("doctor", 1)])
def test_a_wrong_file_of_texts_stops_the_start_and_is_named_with_its_key(
    node: Installation, tmp_path: Path, command: str, code: int
) -> None:
    ours = (TEXTS_FOLDER / "de.toml").read_text()
    (tmp_path / "de.toml").write_text(ours.replace("Am {day} haben", "Wir haben"))
    done = node.cli(command, TUTELA_USER_TEXTS=str(tmp_path))
    assert done.returncode == code
    assert "TUTELA_USER_TEXTS: de.toml: adult.reported: must contain {day}" in done.stdout + done.stderr


def test_doctor_counts_texts_of_ones_own_and_those_that_nobody_checked(node: Installation, tmp_path: Path) -> None:
    (tmp_path / "de.toml").write_text(
        (TEXTS_FOLDER / "de.toml").read_text().replace('read_by = ""', 'read_by = "Legal"')
    )
    said = node.cli("doctor", TUTELA_USER_TEXTS=str(tmp_path)).stdout
    assert "ok  Texts for users: 24 languages, 1 of them your own; 22 not reviewed by a speaker of the language" in said
