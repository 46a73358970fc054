"""The chain finds what was changed; the owner of the database cannot change the past unseen."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from django.db.utils import DatabaseError

from tests.support.cast import AUDITOR, Cast
from tutela import clock
from tutela.accountability.chain import sequencer, verifier
from tutela.accountability.models import Entry
from tutela.app.runtime.embedded_postgres import Cluster
from tutela.events.models import EventFacts
from tutela.events.record import erase_facts, record
from tutela.events.transaction import acting
from tutela.organisations.keys import signing
from tutela.organisations.models import SigningKey


@contextmanager
def superuser() -> Iterator[psycopg.Connection[Any]]:
    """Somebody with every right, triggers switched off: the attacker that the verifier is for."""
    url = os.environ.get("TUTELA_TEST_SUPERUSER_URL") or Cluster(Path(os.environ["TUTELA_DATA"])).url("postgres")
    with psycopg.connect(url) as open_connection:
        open_connection.execute("SET session_replication_role = replica")
        yield open_connection
        open_connection.rollback()


def _three_events(cast: Cast) -> list[Any]:
    ids = []
    for number in range(3):
        with acting(cast.pixelpost):
            ids.append(record(cast.pixelpost, "test.change", "thing", str(number), number=number))
    return ids


def _sequenced(cast: Cast) -> list[Any]:
    cast.centre  # noqa: B018 - the Centre's key signs checkpoints
    ids = _three_events(cast)
    sequencer.sequence_all()
    return ids


def test_a_sound_chain_verifies_and_leaves_nothing_waiting(cast: Cast) -> None:
    _sequenced(cast)
    report = verifier.verify(AUDITOR)
    assert report.problems == []
    assert report.waiting == 0
    assert report.checkpoints >= 1


def test_an_open_transaction_does_not_let_later_events_pass(cast: Cast) -> None:
    """What commits later must not come before what is already sequenced."""
    with superuser() as slow:
        slow.execute("SELECT pg_current_xact_id()")
        ids = _three_events(cast)
        sequencer.sequence_all()
        assert not Entry.objects.filter(event_id__in=ids).exists()
    sequencer.sequence_all()
    assert Entry.objects.filter(event_id__in=ids).count() == 3


def test_erased_facts_still_verify(cast: Cast) -> None:
    ids = _sequenced(cast)
    with acting(cast.pixelpost):
        erase_facts(cast.pixelpost, ids[0], "asked for by the person")
    report = verifier.verify(AUDITOR)
    assert report.problems == []
    assert report.erased >= 1


def test_facts_that_are_gone_without_a_record_are_found(cast: Cast) -> None:
    ids = _sequenced(cast)
    with acting(cast.pixelpost):
        EventFacts.objects.filter(event_id=ids[0]).delete()
    assert [p for p in verifier.verify(AUDITOR).problems if "removed without a record" in p and str(ids[0]) in p]
    with acting(cast.pixelpost):
        record(cast.pixelpost, "facts.erased", "event", ids[0], reason="mended for the other tests")
    assert verifier.verify(AUDITOR).problems == []


def test_the_runtime_role_cannot_take_an_event_out_of_the_queue_or_write_the_chain(cast: Cast) -> None:
    _three_events(cast)
    for statement in (
        "DELETE FROM accountability_waiting_event",
        "INSERT INTO accountability_entry (position, event_id, leaf, head) VALUES (0, gen_random_uuid(), '', '')",
        "INSERT INTO accountability_publicleaf (position, entry, at) VALUES (-1, '', now())",
    ):
        with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(statement)


def test_an_event_that_lost_its_place_is_found(cast: Cast) -> None:
    ids = _three_events(cast)
    with superuser() as attacker:
        attacker.execute("DELETE FROM accountability_waiting_event WHERE event_id = %s", [ids[1]])
        attacker.commit()
    sequencer.sequence_all()
    assert f"event {ids[1]}: is missing from the chain and not pending" in verifier.verify(AUDITOR).problems
    with superuser() as mender:
        mender.execute(
            "INSERT INTO accountability_waiting_event SELECT id, xact FROM events_event WHERE id = %s", [ids[1]]
        )
        mender.commit()
    sequencer.sequence_all()
    assert verifier.verify(AUDITOR).problems == []


@pytest.mark.parametrize("content", [None, "", "no json\n"])
def test_a_file_that_holds_no_checkpoint_is_no_proof(cast: Cast, tmp_path: Path, content: str | None) -> None:
    _sequenced(cast)
    kept = tmp_path / "kept.jsonl"
    if content is not None:
        kept.write_text(content)
    with pytest.raises(verifier.NoCheckpoints):
        verifier.verify(AUDITOR, kept)
    kept.write_text(sequencer.checkpoint_file().read_text())
    assert verifier.verify(AUDITOR, kept).compared > 0


REORDERING = """UPDATE accountability_entry a SET event_id = b.event_id, leaf = b.leaf FROM accountability_entry b
    WHERE a.event_id = %(id)s AND b.position = a.position + 1"""
ATTACKS = {
    "an edited event": (
        "UPDATE events_event SET actor_name = actor_name, kind = 'other' WHERE id = %(id)s",
        "was edited",
    ),
    "another name for who acted": ("UPDATE events_event SET actor_name = 'Nobody' WHERE id = %(id)s", "was edited"),
    "edited facts": ("UPDATE events_eventfacts SET facts = '{}' WHERE event_id = %(id)s", "facts of event"),
    "a deleted event": ("DELETE FROM events_event WHERE id = %(id)s", "was deleted"),
    "a deleted entry": ("DELETE FROM accountability_entry WHERE event_id = %(id)s", "missing"),
    "a reordering": (REORDERING, "broken"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_the_verifier_finds(cast: Cast, name: str) -> None:
    """Each attack is made for real by a superuser, seen by the verifier, and undone."""
    statement, expected = ATTACKS[name]
    ids = _sequenced(cast)
    assert verifier.verify(AUDITOR).problems == []
    backup = _tables()
    with superuser() as attacker:
        if name == "a reordering":
            attacker.execute(
                "ALTER TABLE accountability_entry DROP CONSTRAINT IF EXISTS accountability_entry_event_id_key"
            )
        attacker.execute(statement, {"id": ids[1]})
        attacker.commit()
        problems = verifier.verify(AUDITOR).problems
        _restore(attacker, backup, name)
    assert any(expected in p for p in problems), problems
    assert verifier.verify(AUDITOR).problems == []


def test_a_chain_rewritten_whole_is_found_by_the_kept_checkpoint(cast: Cast, tmp_path: Path) -> None:
    """A superuser who rewrites every entry cannot rewrite the checkpoint that somebody kept."""
    _sequenced(cast)
    kept = tmp_path / "kept.jsonl"
    kept.write_text(sequencer.checkpoint_file().read_text())
    backup = _tables()
    with superuser() as attacker:
        attacker.execute("DELETE FROM accountability_checkpoint")
        attacker.execute("DELETE FROM accountability_entry")
        attacker.execute("DELETE FROM accountability_publicleaf")
        attacker.execute("INSERT INTO accountability_waiting_event SELECT id, xact FROM events_event")
        attacker.execute("UPDATE events_event SET kind = 'other' WHERE kind = 'test.change'")
        attacker.commit()
        sequencer.sequence_all()
        problems = verifier.verify(AUDITOR, kept).problems
        _restore(attacker, backup, "rewritten")
    assert any("differs from the signed checkpoint" in p or "two different heads" in p for p in problems)


def test_a_checkpoint_by_a_key_that_somebody_wrote_into_the_database_is_none(cast: Cast, tmp_path: Path) -> None:
    _sequenced(cast)
    private, newest = Ed25519PrivateKey.generate(), Entry.objects.order_by("-position")[0]
    public = private.public_key().public_bytes_raw()
    row = SigningKey.objects.create(
        organisation_id=cast.centre.organisation_id,
        use="checkpoint",
        key_id=signing.key_id_of(public),
        public=public,
        wrapped_private=b"",
        by="x",
        ended_at=clock.now(),
        ended_as="retired",
    )
    head = bytes(newest.head)
    signature = private.sign(sequencer.message(newest.position, head)).hex()
    line = {"position": newest.position, "head": head.hex(), "key": row.key_id, "signature": signature}
    kept = tmp_path / "kept.jsonl"
    kept.write_text(json.dumps(line))
    try:
        problems = verifier.verify(AUDITOR, kept).problems
    finally:
        row.delete()
    assert problems == [f"checkpoint {newest.position}: not signed by a known key"]


def test_the_runtime_role_cannot_touch_the_chain(cast: Cast) -> None:
    _sequenced(cast)
    for statement in ("UPDATE accountability_entry SET position = position", "DELETE FROM accountability_entry"):
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(statement)


def test_an_auditor_searches_and_verifies_on_pages(cast: Cast) -> None:
    client = cast.client(cast.auditor, "auditor")
    assert client.get("/desk/events/?kind=organisation").status_code == 200
    assert b"The chain is valid: no edit" in client.get("/desk/events/verify/?run=1").content
    exported = client.get("/desk/events/?kind=organisation&format=csv")
    assert exported.headers["Content-Type"].startswith("text/csv")


_TABLES = (
    "events_event",
    "events_eventfacts",
    "accountability_entry",
    "accountability_publicleaf",
    "accountability_checkpoint",
)


def _tables() -> dict[str, list[Any]]:
    with superuser() as reader:
        return {table: reader.execute(f"SELECT * FROM {table}").fetchall() for table in _TABLES}  # type: ignore[arg-type]


def _restore(attacker: psycopg.Connection[Any], backup: dict[str, list[Any]], name: str) -> None:
    sequencer.checkpoint_file().write_text("") if name == "rewritten" else None
    for table, rows in backup.items():
        attacker.execute(f"DELETE FROM {table}")  # type: ignore[arg-type]
        marks = ", ".join(["%s"] * len(rows[0])) if rows else ""
        with attacker.cursor() as cursor:
            if rows:
                cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # type: ignore[arg-type]
    attacker.commit()


def test_what_a_full_disk_kept_from_the_copy_is_written_later(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a line spoils nothing, and no checkpoint is missing beside the database."""
    file = sequencer.checkpoint_file()
    _sequenced(cast)
    before = file.read_bytes()
    monkeypatch.setattr(os, "fsync", _full)
    for _ in range(2):
        _three_events(cast)
        with pytest.raises(OSError, match="No space"):
            sequencer.sequence_all()
        assert file.read_bytes() == before
    monkeypatch.undo()
    with file.open("ab") as out:
        out.write(b'{"position": 9')
    _sequenced(cast)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(lines) == len(before.splitlines()) + 3
    positions = [line["position"] for line in lines]
    assert positions == sorted(set(positions))
    assert verifier.verify(AUDITOR).problems == []


@pytest.mark.parametrize("taken", [1, 40, 200])
def test_a_disk_that_takes_a_part_of_a_line_leaves_no_part_of_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    """A short write, and nothing more: what was not taken is not written once more when the file is closed."""
    file = sequencer.checkpoint_file()
    _sequenced(cast)
    before, opened = file.read_bytes(), open

    def nearly_full(*given: Any, **how: Any) -> Any:
        out = opened(*given, **how)
        return Short(out, taken) if given[0] == file else out

    monkeypatch.setattr(sequencer, "open", nearly_full, raising=False)
    _three_events(cast)
    with pytest.raises(OSError, match="No space"):
        sequencer.sequence_all()
    monkeypatch.undo()
    assert file.read_bytes() == before
    _sequenced(cast)
    assert verifier.verify(AUDITOR).problems == []


class Short:
    """A file on a disk with little room."""

    def __init__(self, out: Any, room: int) -> None:
        self._out, self._room = out, room

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()

    def write(self, data: bytes) -> int:
        if not self._room:
            raise OSError(errno.ENOSPC, "No space left on device")
        done = self._out.write(data[: self._room])
        self._room -= done
        return int(done)


def _full(_file: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_only_ones_own_events_are_read_to_verify_the_chain(cast: Cast) -> None:
    """The chain is one and its hashes are for all; what an event says is for its organisation and for auditors."""
    _sequenced(cast)
    stranger = cast.organisation("Chatterbox", "provider", "FR")
    report = verifier.verify(stranger)
    assert report.problems == []
    assert report.hidden >= 3
    with acting(stranger), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accountability_read(0, 100000)")
        rows = cursor.fetchall()
        names = [one.name for one in cursor.description or ()]
    others = [dict(zip(names, row, strict=True)) for row in rows if not row[names.index("shown")]]
    assert others
    secret = ("at", "kind", "actor", "actor_name", "organisation", "subject_id", "committed", "salt", "facts")
    assert not any(one[name] for one in others for name in secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accountability_read(0, 100000) WHERE facts IS NOT NULL")
        assert cursor.fetchone() == (0,), "without an organisation nothing is shown"
    assert verifier.verify(AUDITOR).hidden == 0
