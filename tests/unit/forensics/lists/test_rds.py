"""NSRL's reference data sets: CSV of version 2, SQLite of version 3, and what is neither."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tutela.forensics.errors import ListUnreadableError
from tutela.forensics.lists.rds import rds_records

SHA1, MD5, SHA256 = "a" * 40, "b" * 32, "c" * 64


def test_version_2_is_csv(tmp_path: Path) -> None:
    path = tmp_path / "NSRLFile.txt"
    path.write_text(f'"SHA-1","MD5","CRC32","FileName"\n"{SHA1.upper()}","{MD5}","0","a ""name"""\n"bad","","0","x"\n')
    first, second = rds_records(path)
    assert (first.sha1, first.md5, first.sha256) == ((SHA1.upper(),), (MD5,), ())
    assert (second.sha1, second.md5, second.sha256) == ((), (), ())


def test_a_csv_that_ends_in_half_a_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "NSRLFile.txt"
    path.write_text(f'"SHA-1","MD5"\n"{SHA1}","{MD5}"\n"{SHA1[:9]}')
    with pytest.raises(ListUnreadableError, match="no line end"):
        list(rds_records(path))


def test_version_3_is_sqlite_and_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "rds.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE VERSION (version TEXT)")
        database.execute("CREATE TABLE METADATA (sha256 TEXT, sha1 TEXT, md5 TEXT, file_name TEXT)")
        database.execute("INSERT INTO METADATA VALUES (?, ?, ?, 'a')", (SHA256, SHA1, MD5))
        database.commit()
    before = path.read_bytes()
    (found,) = rds_records(path)
    assert (found.sha256, found.sha1, found.md5) == ((SHA256,), (SHA1,), (MD5,))
    assert path.read_bytes() == before


@pytest.mark.parametrize("data", [b"", b"one,two\n1,2\n", b"SQLite format 3\0" + bytes(200), b"\xff\xfe"])
def test_another_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(ListUnreadableError):
        list(rds_records(tmp_path / "file"))
