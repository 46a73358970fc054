"""Archives that are made to cost memory, that hide behind something else, or that are not opened at all."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import resource
import subprocess
import sys
import tarfile
import zipfile
import zlib
from itertools import count
from pathlib import Path

import pytest

from tests.support.fakes.media import HasherPool
from tests.unit.scan.test_scan import LISTED, codes, tarred, zipped
from tutela.media.sandbox.warm_up_samples import VIDEO
from tutela.scan import budget
from tutela.scan.scan import Scan
from tutela.scan.walk import FoundFile, Unread, WalkLimits, read

_MIB = 1 << 20


def names(path: Path) -> list[str]:
    return [one.name.removeprefix(f"{path}") for one in read(str(path)) if isinstance(one, FoundFile)]


def _special(kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo("@")
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def huge_header(kind: bytes) -> bytes:
    """1.4 MB of .tgz whose one header says that a name of 1.4 GB follows."""
    head, zeros = gzip.compress(_special(kind, 1400 * _MIB)), gzip.compress(bytes(100 * _MIB), 6)
    return head + 14 * zeros + gzip.compress(tarred([("a.img", LISTED)]))


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_a_header_of_a_gigabyte_is_refused_in_little_memory(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "x.tgz"
    path.write_bytes(huge_header(kind))
    assert path.stat().st_size < 2 * _MIB
    program = (
        "import sys; from tutela.scan.walk import read; "
        "print([(one.code, one.message) if hasattr(one, 'code') else one.name for one in read(sys.argv[1])])"
    )

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (512 * _MIB, 512 * _MIB))

    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=bounded,
        env={"OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "'header'" in done.stdout


def test_headers_that_are_no_member_are_counted_too(tmp_path: Path) -> None:
    folders = io.BytesIO()
    with tarfile.open(fileobj=folders, mode="w:gz") as archive:
        for number in range(50):
            info = tarfile.TarInfo(f"f{number}")
            info.type = tarfile.DIRTYPE
            archive.addfile(info)
    assert codes(folders.getvalue(), tmp_path, "x.tgz", max_members=10) == ["members"]
    assert codes(folders.getvalue(), tmp_path, "x.tgz", max_members=20) == ["no_members"]


def test_names_as_long_as_paths_may_be_are_read(tmp_path: Path) -> None:
    long = "/".join(["n" * 200] * 19)
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz", format=form) as archive:
            info = tarfile.TarInfo(long)
            info.size = len(LISTED)
            archive.addfile(info, io.BytesIO(LISTED))
        (tmp_path / "x.tgz").write_bytes(out.getvalue())
        assert names(tmp_path / "x.tgz") == [f"!{long}"]


def test_maps_of_holes_are_refused(tmp_path: Path) -> None:
    old = tarfile.TarInfo("a")
    old.type, old.size = tarfile.GNUTYPE_SPARSE, 0
    assert codes(old.tobuf(tarfile.GNU_FORMAT) + bytes(1024), tmp_path, "x.tar") == ["header"]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("a")
        info.size, info.pax_headers = 512, {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "a"}
        archive.addfile(info, io.BytesIO(bytes(512)))
    assert codes(out.getvalue(), tmp_path, "x.tar") == ["header"]


def test_the_directory_of_a_zip_is_bounded(tmp_path: Path) -> None:
    many = zipped([(f"{number:0100}", b"") for number in range(20)])
    assert codes(many, tmp_path, max_directory_bytes=1000) == ["members"]
    assert codes(b"JPEG" + many, tmp_path, max_directory_bytes=1000) == ["ok", "members"]
    assert codes(many, tmp_path) == ["ok"] * 20


def test_a_zip_behind_something_else_is_opened_and_that_is_hashed_too(tmp_path: Path) -> None:
    inner = zipped([("in.img", LISTED)])
    for number, before in enumerate((b"#!/bin/sh\n", LISTED, bytes(4096), VIDEO)):
        path = tmp_path / f"x{number}.jpg"
        path.write_bytes(before + inner)
        assert names(path) == ["", "!in.img"]
        nested = tmp_path / f"y{number}.zip"
        nested.write_bytes(zipped([("a.jpg", before + inner)]))
        assert names(nested) == ["!a.jpg", "!a.jpg!in.img"]
    (tmp_path / "no.jpg").write_bytes(LISTED + b"PK\5\6" + bytes(30))
    assert names(tmp_path / "no.jpg") == [""], "what no program opens as a zip is none"


def overlapping(count: int) -> bytes:
    """A zip with so many further entries that all begin where the first one does."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.img", LISTED)
        archive.writestr("b.img", LISTED + b"other")
        first = archive.infolist()[0]
        archive.filelist.extend([first] * count)
    return out.getvalue()


def test_of_entries_that_share_their_bytes_one_is_examined_and_each_other_is_named(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(overlapping(5000))
    results = list(Scan(HasherPool(), lambda _: []).run([str(path)]))
    assert [one.name.removeprefix(str(path)) for one in results[:2]] == ["!a.img", "!b.img"]
    assert not any(one.unread for one in results[:2])
    told = {(one.name.removeprefix(str(path)), one.refusal, one.unhashed) for one in results[2:]}
    assert told == {("!a.img", ("overlap", "the member shares its bytes with another and is not examined"), True)}
    assert len(results) == 5002
    # Not those of objects that earlier tests left.
    assert not [one for one in recwarn.list if "Overlapped" in str(one.message)]


def test_an_entry_behind_a_broken_one_at_its_place_is_examined(tmp_path: Path) -> None:
    whole = bytearray(overlapping(1))
    # The first entry of the directory states another checksum than the bytes have.
    place = whole.index(b"PK\x01\x02")
    whole[place + 16 : place + 20] = bytes(4)
    assert codes(bytes(whole), tmp_path) == ["damaged", "ok", "ok"]


def test_a_container_has_one_budget_of_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = zipped([(f"{number}.img", LISTED) for number in range(20)])
    path = tmp_path / "x.zip"
    path.write_bytes(zipped([("1.zip", inner), ("2.zip", inner)]))
    ticks = count()
    # Hashing each item takes a second.
    monkeypatch.setattr(budget, "monotonic", lambda: float(next(ticks)))
    limits = WalkLimits(max_seconds=2, max_seconds_per_mib=0)
    work = Scan(HasherPool(), lambda _: [], jobs=1, limits=limits)
    results = list(work.run([str(path)]))
    assert 3 <= sum(one.unread is None for one in results) < 20
    assert [(one.name, one.unread.code) for one in results if one.unread] == [
        (f"{path}!1.zip", "budget"),
        (str(path), "budget"),
    ]
    assert work.totals.any_unhashed
    path.write_bytes(inner)
    work = Scan(HasherPool(), lambda _: [], jobs=1)
    assert not any(one.unread for one in work.run([str(path)]))


@pytest.mark.parametrize("length", [b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff", b"\x89\x13\x57\x9b"])
def test_bytes_of_a_picture_that_look_like_the_end_of_an_archive_are_none(tmp_path: Path, length: bytes) -> None:
    """Of fifty thousand files some have them by chance, with any length of a directory behind."""
    by_chance = LISTED + b"PK\5\6" + bytes(8) + length + bytes(30)
    assert codes(by_chance, tmp_path) == ["ok"]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_is_known_by_its_bytes_and_not_by_its_name(tmp_path: Path, mode: str) -> None:
    (tmp_path / "upload").write_bytes(tarred([("a.img", LISTED)], mode))
    assert names(tmp_path / "upload") == ["!a.img"]


def test_a_tar_of_before_there_was_a_magic_is_opened(tmp_path: Path) -> None:
    header = bytearray(tarfile.TarInfo("a.img").tobuf(tarfile.USTAR_FORMAT))
    header[124:136] = b"%011o\0" % len(LISTED)
    header[257:265] = bytes(8)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "old").write_bytes(bytes(header) + LISTED.ljust(512, b"\0") + bytes(1024))
    assert names(tmp_path / "old") == ["!a.img"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_file_is_opened(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    (tmp_path / "a.img.gz").write_bytes(pack(LISTED))
    (found,) = read(str(tmp_path / "a.img.gz"))
    assert isinstance(found, FoundFile)
    assert (found.name, found.data) == (f"{tmp_path}/a.img.gz!a.img", LISTED)
    (tmp_path / "bomb.gz").write_bytes(pack(bytes(4 * _MIB)))
    (refused,) = read(str(tmp_path / "bomb.gz"), WalkLimits(max_ratio=10))
    assert isinstance(refused, Unread)
    assert refused.code == "ratio"
    (tmp_path / "torn.gz").write_bytes(pack(zlib.compress(bytes(range(256)) * 99))[:40])
    (torn,) = read(str(tmp_path / "torn.gz"))
    assert isinstance(torn, Unread)
    assert torn.code == "damaged"


@pytest.mark.parametrize("start", [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x01\0", b"\x28\xb5\x2f\xfd", b"MSCF"])
def test_an_archive_that_is_not_opened_says_so(tmp_path: Path, start: bytes) -> None:
    assert codes(start + bytes(600), tmp_path, "x") == ["unopened"]
