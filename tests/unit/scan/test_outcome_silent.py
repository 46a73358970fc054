"""Ways on which something could look clean that nobody looked at."""

from __future__ import annotations

import io
import json
import os
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.edge_centre import NOW
from tests.support.fakes.media import HasherPool
from tests.support.matching_lists import match_list
from tests.unit.edge.process.test_app import AUTH, LISTED, World
from tests.unit.edge.spool.test_unscanned import PLACE, Storage, rescanner, unscanned
from tests.unit.scan.test_scan import tarred, zipped
from tutela import clock
from tutela.edge.errors import FetchUnreadableError
from tutela.edge.fetch.http_client import Fetcher
from tutela.edge.spool.candidates import NamedItem
from tutela.scan import walk
from tutela.scan.journal import Journal
from tutela.scan.scan import Scan, in_lists
from tutela.scan.walk import FoundFile, Unread, files, read


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.simulate(NOW):
        yield


def scan(path: Path, journal: Path) -> Scan:
    with Journal(journal) as opened:
        work = Scan(HasherPool(), in_lists([match_list(5)]), journal=opened)
        list(work.run([str(path)]))
    return work


def test_a_folder_that_cannot_be_listed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "closed", "z"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.img").write_bytes(LISTED)
    real = os.scandir

    def scandir(path: Any) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(walk.os, "scandir", scandir)
    found = list(files([str(tmp_path)]))
    assert found == [f"{tmp_path}/a/x.img", f"{tmp_path}/closed", f"{tmp_path}/z/x.img"]
    (one,) = read(found[1])
    assert isinstance(one, Unread)
    assert (one.code, one.message) == ("unreadable", "the folder cannot be listed")


def test_bytes_under_the_name_of_a_folder_and_of_unknown_kinds_are_read(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("folder/", b"")
        archive.writestr("a.img/", LISTED)
    (tmp_path / "x.zip").write_bytes(out.getvalue())
    info = tarfile.TarInfo("b.img")
    info.size, info.type = len(LISTED), b"Z"
    packed = info.tobuf(tarfile.USTAR_FORMAT) + LISTED.ljust(512, b"\0") + bytes(1024)
    (tmp_path / "y.tar").write_bytes(packed)
    for name in ("x.zip", "y.tar"):
        (one,) = read(str(tmp_path / name))
        assert isinstance(one, FoundFile)
        assert one.data == LISTED


def test_a_tar_in_several_gzip_parts_is_read_to_its_end(tmp_path: Path) -> None:
    import gzip

    whole = tarred([("a.img", b"1" * 600), ("b.img", LISTED)])
    (tmp_path / "x.tgz").write_bytes(gzip.compress(whole[:700]) + gzip.compress(whole[700:]))
    assert [one.name.partition("!")[2] for one in read(str(tmp_path / "x.tgz"))] == ["a.img", "b.img"]


def test_a_scan_that_goes_on_ends_with_what_the_whole_scan_found(tmp_path: Path) -> None:
    (tmp_path / "items").mkdir()
    (tmp_path / "items" / "a.img").write_bytes(LISTED)
    (tmp_path / "items" / "b.zip").write_bytes(zipped([("x", b"1")])[:-9])
    first, second = (scan(tmp_path / "items", tmp_path / "journal").totals for _ in range(2))
    assert (first.skipped, first.any_match, first.any_unhashed) == (0, True, True)
    assert (second.skipped, second.any_match, second.any_unhashed) == (2, True, True)


def test_what_could_not_be_read_for_a_moment_is_read_when_the_scan_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.img").write_bytes(LISTED)
    real = walk.read

    def away(path: str, limits: Any = None) -> Iterator[FoundFile | Unread]:
        yield Unread(path, "unreadable", "Input/output error")

    monkeypatch.setattr("tutela.scan.scan.read", away)
    assert scan(tmp_path / "a.img", tmp_path / "journal").totals.any_unhashed
    monkeypatch.setattr("tutela.scan.scan.read", real)
    again = scan(tmp_path / "a.img", tmp_path / "journal").totals
    assert (again.skipped, again.matched, again.any_unhashed) == (0, 1, False)


def test_a_question_without_any_hash_is_refused(tmp_path: Path) -> None:
    made = World(tmp_path)
    answer = made.http.post("/v1/lookup", json={"items": [{"ref": "a"}]}, headers=AUTH)
    assert (answer.status_code, "at least one hash" in answer.text) == (422, True)


@pytest.mark.parametrize(
    "body", [{}, {"Type": "Notification", "Message": json.dumps({"Records": []})}, {"Records": []}, {"value": [{}]}]
)
def test_a_notification_that_names_nothing_is_refused(tmp_path: Path, body: dict[str, Any]) -> None:
    made = World(tmp_path)
    assert made.http.post("/v1/events/s3", json=body, headers=AUTH).status_code == 422
    test = made.http.post("/v1/events/s3", json={"Event": "s3:TestEvent"}, headers=AUTH)
    assert (test.status_code, test.json()["queued"]) == (202, 0)


def test_what_is_too_large_to_fetch_waits_for_a_person(tmp_path: Path) -> None:
    made, storage = World(tmp_path, FETCH_ORIGINS="https://media.example"), Storage()
    storage.refusal = FetchUnreadableError("too_large")
    made.unscanned.put([unscanned(NamedItem("a"), NOW, result=None, location=PLACE)])
    with clock.simulate(NOW + timedelta(seconds=1)):
        assert rescanner(made, storage).work()
    ((_, one),) = made.unscanned.aside()
    assert (one.item, one.location, one.reason) == ("a", PLACE, "too_large")
    page = made.http.get("/metrics").text
    assert 'rescans_total{outcome="not_decoded"} 1.0' in page
    assert 'not_decoded_total{code="too_large",policy="queue"} 1.0' in page


def test_an_object_that_is_too_large_is_not_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    from tutela.scan import object_store

    def fetch(address: str, most: int) -> bytes:
        raise object_store.ObjectUnreadableError("too_large", f"more than {most} bytes")

    monkeypatch.setattr(object_store, "fetch", fetch)
    with pytest.raises(FetchUnreadableError, match="too_large"):
        Fetcher(["s3://media"], [], 10).fetch("s3://media/a")
