"""Files of a queue: portions are bounded, devices are asked once for each, and nothing of a portion is lost."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.faulty_reader import faulty_reader
from tests.support.triage_world import authorisation, ext4_image
from tutela.forensics.authorisation import load_authorisation
from tutela.forensics.case_folder.case import Case
from tutela.forensics.errors import SourceUnreadableError
from tutela.forensics.pipeline.file_queue import list_devices
from tutela.forensics.pipeline.read_files import FileReader
from tutela.forensics.pipeline.run import TriageRun
from tutela.forensics.pipeline.start import start_case
from tutela.forensics.sources import disk_image
from tutela.forensics.sources.source_file import SourceFile
from tutela.media import Digests, HasherPool, digest_bytes

NOW, MOST = datetime(2026, 11, 30, tzinfo=UTC), 6 << 20
KINDS = ("good", "good", "good", "damaged", "longer", "far longer")


@dataclass
class StubDevice:
    """Files whose locators say what comes: a number, and what is the matter with it."""

    asked: list[list[bytes]] = field(default_factory=list)
    closed: bool = False

    def list_files(self) -> Iterator[SourceFile]:
        """None."""
        return iter(())

    def read_file(self, locator: bytes, most: int) -> bytes:
        """As many bytes as the locator says, and more where it says so."""
        number, size, kind = json.loads(locator)
        if kind == "damaged":
            raise SourceUnreadableError
        more = {"longer": 10, "far longer": MOST}.get(kind, 0)
        return b"%08d" % number + bytes(min(size + more, most + 1))

    def read_files(self, locators: Sequence[bytes], most: int) -> Iterator[bytes | None]:
        """One by one."""
        self.asked.append(list(locators))
        for one in locators:
            try:
                yield self.read_file(one, most)
            except SourceUnreadableError:
                yield None

    def read_pieces(self, locator: bytes) -> Iterator[bytes]:
        """In two pieces."""
        data = self.read_file(locator, 1 << 30)
        yield data[:9]
        yield data[9:]

    def close(self) -> None:
        """Remember it."""
        self.closed = True


def rows(files: Sequence[tuple[int, int, str]]) -> Iterator[sqlite3.Row]:
    """Rows of the queue: a device, a size as it was listed, and what is the matter."""
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    query = "SELECT ? AS id, ? AS device, ? AS size, ? AS locator, 'stub' AS kind, ? AS device_path"
    for number, (device, size, kind) in enumerate(files):
        values = (number, device, size, json.dumps([number, size, kind]).encode(), str(device))
        yield connection.execute(query, values).fetchone()


def alone(device: StubDevice, file: sqlite3.Row) -> bytes | Digests | str:
    """The rule for one file."""
    try:
        data = device.read_file(file["locator"], 1 << 30)
    except SourceUnreadableError:
        return "unreadable"
    return data if max(file["size"], len(data)) <= MOST else digest_bytes(data)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.sampled_from([0, 1, 25_000, 25_000, 1 << 19, 5 << 20, MOST + 1]),
            st.sampled_from(KINDS),
        ),
        max_size=150,
    )
)
def test_files_come_in_their_order_as_one_by_one(files: list[tuple[int, int, str]]) -> None:
    devices = {str(number): StubDevice() for number in (1, 2)}

    def opener(_kind: str, path: str) -> StubDevice:
        if path not in devices:
            raise SourceUnreadableError
        return devices[path]

    with FileReader(opener, MOST) as reader:
        expected = iter(rows(files))
        for file, data in reader.read(rows(files)):
            wanted = next(expected)
            assert file["id"] == wanted["id"]
            known = devices.get(file["device_path"])
            assert data == (alone(known, wanted) if known else "unreadable")
        assert next(expected, None) is None
    for device in devices.values():
        assert all(len(one) <= 64 for one in device.asked)
        sizes = [[json.loads(locator)[1] for locator in one] for one in device.asked]
        assert all(sum(one) <= 4 << 20 or len(one) == 1 for one in sizes)
        assert device.closed or not device.asked


def test_a_portion_that_is_given_up_is_drawn_no_further() -> None:
    device, drawn = StubDevice(), list[int]()

    def queue() -> Iterator[sqlite3.Row]:
        for row in rows([(1, 10, "good")] * 1000):
            drawn.append(row["id"])
            yield row

    with FileReader(lambda *_: device, MOST) as reader:
        found = reader.read(queue())
        assert [next(found)[0]["id"] for _ in range(3)] == [0, 1, 2]
        found.close()
    assert len(drawn) <= 65
    assert len(device.asked) == 1
    assert device.closed


@pytest.fixture(scope="module")
def pool() -> Iterator[HasherPool]:
    with HasherPool(workers=1) as made:
        yield made


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[str], Case]]:
    """Cases of two images with 100 small files each, all listed. One file of each image has a fault."""
    cases, images = list[Case](), list[Path]()
    for name in ("phone", "card"):
        source = tmp_path / name
        (source / "lawyer").mkdir(parents=True)
        for number in range(100):
            (source / f"{number:02d}.txt").write_bytes(f"{name} {number}".encode() * (number + 1))
        (source / "lawyer" / "letter.txt").write_bytes(b"not to be read")
        images.append(ext4_image(tmp_path / f"{name}.img", source, 8))
    allowed = load_authorisation(authorisation(tmp_path / "authorisation.json", *images))

    def start(name: str) -> Case:
        cases.append(start_case(tmp_path / name, allowed, now=NOW, writable_source=True))
        list_devices(cases[-1])
        return cases[-1]

    yield start
    for case in cases:
        case.connection.close()


@pytest.mark.parametrize("fault", ["crash", "error"])
def test_a_run_over_two_images_loses_one_file_of_each(
    started: Callable[[str], Case], pool: HasherPool, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    case = started("case")
    locator = case.rows("SELECT locator FROM file WHERE path LIKE '%/50.txt' LIMIT 1")[0]["locator"]
    monkeypatch.setattr(disk_image, "_PROGRAM", faulty_reader(locator, fault))
    TriageRun(case, pool, quick_seconds=3600).run(complete=False)
    assert case.count("SELECT count(*) FROM quick") == 198
    TriageRun(case, pool).run()
    found = case.rows("SELECT name, not_examined, sha256 FROM item ORDER BY id")
    assert [row["name"] for row in found] == [
        row["path"] for row in case.rows("SELECT path FROM file WHERE outside = '' ORDER BY id")
    ]
    unread = {row["name"]: row["not_examined"] for row in found if not row["sha256"]}
    assert unread == {"volume 0/50.txt": "unreadable"}
    assert sum(not row["sha256"] for row in found) == 2
    assert not any("lawyer" in row["name"] for row in found)


def test_a_quick_pass_that_ends_inside_a_portion_goes_on_there(
    started: Callable[[str], Case], pool: HasherPool
) -> None:
    case, whole, counts = started("case"), started("whole"), list[int]()
    while not counts or counts[-1] < 200:
        ticks = iter(range(1_000_000))
        TriageRun(case, pool, quick_seconds=150, monotonic=lambda t=ticks: float(next(t))).run(complete=False)
        counts.append(case.count("SELECT count(*) FROM quick"))
        assert len(counts) == 1 or counts[-1] > counts[-2]
    assert len(counts) > 1, "the first pass must end before its files do"
    TriageRun(whole, pool, quick_seconds=3600).run(complete=False)
    query = "SELECT * FROM quick ORDER BY file"
    assert [tuple(row) for row in case.each(query)] == [tuple(row) for row in whole.each(query)]
