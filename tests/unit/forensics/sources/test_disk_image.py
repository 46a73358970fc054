"""Disk images: every container and file system gives the same files, and the reader is caged and replaceable."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from tests.support.triage_world import ext4_image, fat_image
from tutela.forensics.errors import SourceUnreadableError
from tutela.forensics.sources.disk_image import DiskImage, next_suffix, segments_of
from tutela.forensics.sources.source_file import SourceFile, UnreadArea

FILES = {"DCIM/one.jpg": b"first" * 999, "two.bin": bytes(range(256)) * 9000, "empty.txt": b""}
MOST = 1 << 24


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("source")
    for name, data in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(data)
    return root


def files_in(path: Path) -> dict[str, bytes]:
    image = DiskImage(path)
    try:
        listed = [one for one in image.list_files() if isinstance(one, SourceFile)]
        return {
            one.path.partition("/")[2]: image.read_file(one.locator, MOST)
            for one in listed
            if not one.path.partition("/")[2].startswith("$")
        }
    finally:
        image.close()


def call(*command: str | Path) -> None:
    subprocess.run(list(map(str, command)), check=True, capture_output=True)


@pytest.mark.parametrize("make", [ext4_image, fat_image])
def test_file_systems_give_their_files(source: Path, tmp_path: Path, make: object) -> None:
    image = make(tmp_path / "disk.img", source, 16)  # type: ignore[operator]
    before = hashlib.sha256(image.read_bytes()).hexdigest()
    assert files_in(image) == FILES
    assert hashlib.sha256(image.read_bytes()).hexdigest() == before, "the source is never written"


def test_ntfs_gives_its_files(source: Path, tmp_path: Path) -> None:
    image = tmp_path / "disk.raw"
    with image.open("wb") as file:
        file.truncate(8 << 20)
    call("/usr/sbin/mkntfs", "-F", "-q", image)
    call("/usr/sbin/ntfscp", "-f", image, source / "two.bin", "two.bin")
    found = files_in(image)
    assert {name: data for name, data in found.items() if name == "two.bin"} == {"two.bin": FILES["two.bin"]}


@pytest.mark.parametrize(("form", "ending"), [("vmdk", "vmdk"), ("vpc", "vhd")])
def test_virtual_disks_give_the_files_of_their_file_system(
    source: Path, tmp_path: Path, form: str, ending: str
) -> None:
    raw = ext4_image(tmp_path / "disk.img", source, 16)
    call("qemu-img", "convert", "-O", form, raw, tmp_path / f"disk.{ending}")
    assert files_in(tmp_path / f"disk.{ending}") == FILES


def test_an_expert_witness_image_in_segments_gives_its_files(source: Path, tmp_path: Path) -> None:
    raw = ext4_image(tmp_path / "disk.img", source, 16)
    call("ewfacquire", "-u", "-S", "4MiB", "-c", "none", "-t", tmp_path / "disk", raw)
    assert len(segments_of(tmp_path / "disk.E01")) > 1
    assert files_in(tmp_path / "disk.E01") == FILES


def test_a_raw_image_in_segments_gives_its_files(source: Path, tmp_path: Path) -> None:
    data = ext4_image(tmp_path / "disk.img", source, 16).read_bytes()
    for number in range(4):
        (tmp_path / f"part.{number + 1:03d}").write_bytes(data[number * (4 << 20) : (number + 1) * (4 << 20)])
    assert files_in(tmp_path / "part.001") == FILES


@pytest.mark.parametrize("data", [b"", b"x", bytes(4096), b"EVF\x09\x0d\x0a\xff\0" + bytes(600), b"KDMV" + bytes(2000)])
def test_what_is_no_image_is_an_area_or_an_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "disk.img").write_bytes(data)
    image = DiskImage(tmp_path / "disk.img")
    try:
        found = list(image.list_files())
    except SourceUnreadableError:
        found = []
    image.close()
    assert all(isinstance(one, UnreadArea) for one in found)


def test_an_encrypted_volume_is_counted(tmp_path: Path) -> None:
    (tmp_path / "disk.img").write_bytes(b"LUKS\xba\xbe\0\2" + bytes(1 << 20))
    image = DiskImage(tmp_path / "disk.img")
    assert [one.code for one in image.list_files() if isinstance(one, UnreadArea)] == ["encrypted"]
    image.close()


def test_a_reader_that_ended_is_replaced(source: Path, tmp_path: Path) -> None:
    image = DiskImage(ext4_image(tmp_path / "disk.img", source, 16))
    locators = {one.path: one.locator for one in image.list_files() if isinstance(one, SourceFile)}
    assert image._process is not None
    image._process.kill()
    image._process.wait()
    with pytest.raises(SourceUnreadableError):
        image.read_file(locators["volume 0/two.bin"], MOST)
    assert image.read_file(locators["volume 0/two.bin"], MOST) == FILES["two.bin"]
    image.close()


@pytest.mark.parametrize(
    ("name", "after"),
    [(".E01", ".E02"), (".E99", ".EAA"), (".EAZ", ".EBA"), (".EZZ", ".FAA"), (".001", ".002"), (".099", ".100")],
)
def test_segments_are_named_as_tools_name_them(name: str, after: str) -> None:
    assert next_suffix(name) == after
