"""Several files of an image at once: the same answers as one by one, whatever one of them does to the reader."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.faulty_reader import FAULTS, faulty_reader
from tests.support.triage_world import ext4_image
from tutela.forensics.errors import SourceUnreadableError
from tutela.forensics.sources import disk_image
from tutela.forensics.sources.disk_image import DiskImage
from tutela.forensics.sources.folder import FolderSource
from tutela.forensics.sources.source_file import SourceFile, UnreadArea

FILES = {f"{number}.bin": bytes([number]) * (number * 9_000) for number in range(8)} | {"8.bin": bytes(3 << 20)}
MOST, MISSING = 1 << 24, json.dumps([0, 999_999, 1, 0, 10]).encode()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("image")
    (root / "source").mkdir()
    for name, data in FILES.items():
        (root / "source" / name).write_bytes(data)
    return ext4_image(root / "disk.img", root / "source", 16)


@pytest.fixture(scope="module")
def locators(path: Path) -> dict[str, bytes]:
    image = DiskImage(path)
    found = {one.path.partition("/")[2]: one.locator for one in image.list_files() if isinstance(one, SourceFile)}
    image.close()
    return {name: found[name] for name in FILES}


@pytest.fixture
def image(path: Path) -> Iterator[DiskImage]:
    made = DiskImage(path, read_seconds=1.0)
    yield made
    made.close()


def one_by_one(image: DiskImage, locators: list[bytes], most: int = MOST) -> list[bytes | None]:
    found = list[bytes | None]()
    for locator in locators:
        try:
            found.append(image.read_file(locator, most))
        except SourceUnreadableError:
            found.append(None)
    return found


@pytest.mark.parametrize(("fault", "place"), [*((one, 4) for one in FAULTS), ("crash", 0), ("crash", 8), ("hang", 8)])
def test_a_file_that_ends_its_reader_is_unreadable_alone(
    image: DiskImage, locators: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, fault: str, place: int
) -> None:
    monkeypatch.setattr(disk_image, "_PROGRAM", faulty_reader(locators[f"{place}.bin"], fault))
    expected: dict[str, bytes | None] = dict(FILES)
    # A reader may read more than it listed, up to what it was asked for.
    expected[f"{place}.bin"] = bytes((1 << 20) + 77) if fault == "longer than it was listed" else None
    found = list(image.read_files(list(locators.values()), MOST))
    assert dict(zip(FILES, found, strict=True)) == expected
    assert one_by_one(image, list(locators.values())) == found


def test_a_reader_that_ended_before_it_was_asked_costs_one_file(image: DiskImage, locators: dict[str, bytes]) -> None:
    image.read_file(locators["1.bin"], MOST)
    assert image._process is not None
    image._process.kill()
    image._process.wait()
    assert list(image.read_files(list(locators.values()), MOST)) == [None, *list(FILES.values())[1:]]


def test_an_image_that_cannot_be_read_gives_no_file(tmp_path: Path) -> None:
    (tmp_path / "disk.E01").write_bytes(b"EVF\x09\x0d\x0a\xff\0" + bytes(600))
    image = DiskImage(tmp_path / "disk.E01")
    assert list(image.read_files([MISSING] * 3, MOST)) == [None] * 3
    image.close()


@pytest.mark.parametrize("taken", [0, 1, 5, 9])
def test_files_of_an_image_that_is_closed_are_unreadable(
    image: DiskImage, locators: dict[str, bytes], taken: int
) -> None:
    reading = image.read_files(list(locators.values()), MOST)
    assert [next(reading) for _ in range(taken)] == list(FILES.values())[:taken]
    process = image._process
    image.close()
    assert list(reading) == [None] * (len(FILES) - taken)
    assert image._process is None
    assert process is None or process.returncode is not None


def test_an_answer_that_is_given_up_ends_its_reader_and_a_whole_one_does_not(
    image: DiskImage, locators: dict[str, bytes]
) -> None:
    wanted = list(locators.values())
    for taken in (3, 9):
        reading = image.read_files(wanted, MOST)
        assert [next(reading) for _ in range(taken)] == list(FILES.values())[:taken]
        reading.close()  # type: ignore[attr-defined]
        assert (image._process is None) == (taken < 9)
        assert one_by_one(image, wanted) == list(FILES.values())


def test_answers_of_two_questions_are_never_mixed(image: DiskImage, locators: dict[str, bytes]) -> None:
    wanted, contents = list(locators.values()), list(FILES.values())
    one, other = image.read_files(wanted, MOST), image.read_files(wanted[::-1], MOST)
    for data, again in zip(contents, contents[::-1], strict=True):
        # The file whose answer the other question cut is unreadable.
        assert next(one) in (data, None)
        assert next(other) in (again, None)
    assert one_by_one(image, wanted) == contents


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chosen=st.lists(st.integers(0, 9), max_size=30),
    most=st.sampled_from([0, 1, 8_999, 9_000, 30_000, MOST]),
)
def test_any_files_at_once_are_as_one_by_one(
    image: DiskImage, locators: dict[str, bytes], chosen: list[int], most: int
) -> None:
    wanted = [[*locators.values(), MISSING][number] for number in chosen]
    assert list(image.read_files(wanted, most)) == one_by_one(image, wanted, most)


def test_a_folder_gives_several_files_too(path: Path) -> None:
    source = FolderSource(path.parent / "source")
    wanted = [name.encode() for name in FILES]
    assert list(source.read_files([*wanted, b"missing", wanted[0]], MOST)) == [*FILES.values(), None, FILES["0.bin"]]


def test_a_reader_that_lists_nonsense_leaves_an_unreadable_area(
    image: DiskImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = """
import os, sys; sys.path.insert(0, sys.argv.pop(1))
from tutela.forensics.sources import image_worker as w
w.ImageReader.list_entries = lambda self: iter([(w.FILE, {"path": 7}), (w.FILE, {"path": "later"})])
os._exit(w.main(sys.argv))
"""
    monkeypatch.setattr(disk_image, "_PROGRAM", program)
    assert list(image.list_files()) == [UnreadArea("", "unreadable")]
