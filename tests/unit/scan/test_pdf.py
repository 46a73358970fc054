"""Pictures inside other files: PDFs, by a confined process, and Office files, which are zips."""

from __future__ import annotations

import io
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfWriter

from tests.support.fakes.media import HasherPool
from tests.support.matching_lists import match_list
from tests.support.pictures import photos
from tests.unit.app.cli.test_exit_codes import run
from tests.unit.scan.test_scan import LISTED, zipped
from tutela.media import Code, Limits, Refused
from tutela.scan import pdf as scan_pdf
from tutela.scan import pdf_worker
from tutela.scan.archives import ArchiveRefusal
from tutela.scan.scan import Scan, ScanResult, in_lists
from tutela.scan.walk import FoundFile, Unread, WalkLimits, read

MOST = 1 << 24


def drawn(size: int = 64) -> Image.Image:
    return Image.effect_mandelbrot((size, size), (-2, -1.5, 1, 1.5), 50).convert("RGB")


def stream(about: bytes, data: bytes) -> bytes:
    return b"<<" + about + b"/Length %d>>stream\n" % len(data) + data + b"\nendstream"


def pdf(*objects: bytes, text: bytes = b"") -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<<>>>>"
    head = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, stream(b"", text)]
    numbered = (b"%d 0 obj" % number + one + b"endobj\n" for number, one in enumerate((*head, *objects), 1))
    return b"%PDF-1.7\n" + b"".join(numbered) + b"trailer<</Root 1 0 R/Size %d>>\n%%%%EOF\n" % (5 + len(objects))


def image(filter_: bytes, data: bytes, size: int = 64, space: bytes = b"/DeviceRGB") -> bytes:
    about = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace%s" % (size, size, space)
    return stream(about + (b"/Filter" + filter_ if filter_ else b""), data)


def encoded(kind: str) -> bytes:
    out = io.BytesIO()
    drawn().save(out, kind)
    return out.getvalue()


def taken(data: bytes) -> list[bytes | scan_pdf.LeftOut]:
    return list(scan_pdf.pictures(data, MOST))


def pixels(one: bytes | scan_pdf.LeftOut) -> bytes:
    assert isinstance(one, bytes)
    return Image.open(io.BytesIO(one)).convert("RGB").tobytes()


def test_a_jpeg_and_a_jpeg_2000_are_taken_out_as_they_stand() -> None:
    jpeg, jp2 = encoded("JPEG"), encoded("JPEG2000")
    packed = zlib.compress(jpeg)
    made = pdf(image(b"/DCTDecode", jpeg), image(b"/JPXDecode", jp2), image(b"[/FlateDecode/DCTDecode]", packed))
    assert taken(made) == [jpeg, jp2, jpeg]


def test_plain_and_packed_pixels_become_a_png_of_the_same_pixels() -> None:
    raw = drawn().tobytes()
    made = pdf(image(b"/FlateDecode", zlib.compress(raw)), image(b"", raw))
    assert [pixels(one) for one in taken(made)] == [raw, raw]


def test_a_picture_in_a_page_s_own_text_is_taken_out() -> None:
    raw = drawn(16).tobytes()
    text = b"q BI /W 16 /H 16 /CS /RGB /BPC 8 /F /AHx ID " + raw.hex().encode() + b"> EI Q"
    assert [pixels(one) for one in taken(pdf(text=text))] == [raw]


def test_pictures_in_forms_patterns_and_letters_are_taken_out() -> None:
    raw = drawn(16).tobytes()
    text = b"q BI /W 16 /H 16 /CS /RGB /BPC 8 /F /AHx ID " + raw.hex().encode() + b"> EI Q"
    form, tile = stream(b"/Subtype/Form", text), stream(b"/PatternType 1", text)
    font = b"<</Type/Font/Subtype/Type3/CharProcs<</a 6 0 R>>>>"
    assert [pixels(one) for one in taken(pdf(form))] == [raw]
    assert [pixels(one) for one in taken(pdf(tile))] == [raw]
    assert [pixels(one) for one in taken(pdf(font, stream(b"", text)))] == [raw]


def test_a_picture_of_a_later_generation_is_taken_out() -> None:
    jpeg = encoded("JPEG")
    made = pdf(image(b"/DCTDecode", jpeg)).replace(b"5 0 obj", b"5 3 obj")
    assert taken(made) == [jpeg]


def test_what_a_picture_says_of_itself_may_stand_elsewhere() -> None:
    jpeg = encoded("JPEG")
    made = image(b" 7 0 R", jpeg).replace(b"/Subtype/Image", b"/Subtype 6 0 R")
    assert taken(pdf(made, b"/Image ", b"[8 0 R]", b"/DCTDecode ")) == [jpeg]


def test_an_object_that_cannot_be_read_is_said() -> None:
    jpeg = encoded("JPEG")
    bad, good = taken(pdf(b") ", image(b"/DCTDecode", jpeg)))
    assert isinstance(bad, scan_pdf.LeftOut)
    assert good == jpeg


def test_a_text_that_cannot_be_read_is_said_and_the_others_are_read() -> None:
    raw = drawn(16).tobytes()
    text = b"q BI /W 16 /H 16 /CS /RGB /BPC 8 /F /AHx ID " + raw.hex().encode() + b"> EI Q"
    bad, good = taken(pdf(stream(b"/Subtype/Form/Filter/Unknown", b"q Q"), text=text))
    assert isinstance(bad, scan_pdf.LeftOut)
    assert pixels(good) == raw


def test_a_pdf_that_opens_without_a_password_is_read_and_another_is_said() -> None:
    for password, fine in (("", True), ("secret", False)):
        out, written = io.BytesIO(), io.BytesIO()
        drawn().save(out, "PDF")
        writer = PdfWriter(clone_from=out)
        writer.encrypt(password, algorithm="RC4-128")
        writer.write(written)
        if fine:
            assert len(taken(written.getvalue())) == 1
        else:
            with pytest.raises(ArchiveRefusal, match="cannot be read"):
                taken(written.getvalue())


@pytest.mark.parametrize("text", ["feff0041", "fffe4100", "0041", "4100", "efbbbf41", "41"])
def test_a_text_in_any_encoding_beside_a_picture_leaves_it_readable(text: str) -> None:
    jpeg = encoded("JPEG")
    about = b"/DCTDecode/Alt<%s>" % text.encode()
    assert taken(pdf(image(about, jpeg))) == [jpeg]
    assert taken(pdf(image(b"/DCTDecode", jpeg)).replace(b"/Root", b"/ID[<%s>]/Root" % text.encode())) == [jpeg]
    drawn_beside = b"BT <%s> Tj ET q BI /W 1 /H 1 /CS /RGB /BPC 8 /F /AHx ID 010203> EI Q" % text.encode()
    (inline,) = taken(pdf(text=drawn_beside))
    assert pixels(inline) == bytes((1, 2, 3))


@pytest.mark.parametrize(
    "damaged", [b"<zz>", b"[1 2", b"@@@", b"nul", b"(abc", b"<<", b"1.2.3", b"9" * 30 + b" 0 R", b"/#zz"]
)
def test_a_picture_with_a_damaged_entry_is_read_or_said(damaged: bytes) -> None:
    jpeg = encoded("JPEG")
    bad, good = taken(pdf(image(b"/DCTDecode/Entry " + damaged, jpeg), image(b"/DCTDecode", jpeg)))
    assert isinstance(bad, scan_pdf.LeftOut) or bad.strip(b"\n") == jpeg
    assert good == jpeg


def test_a_stream_that_is_no_picture_and_a_word_in_a_text_are_not_said() -> None:
    jpeg = encoded("JPEG")
    page = stream(b"/Subtype/XML", b"<x/>")
    assert taken(pdf(image(b"/DCTDecode", jpeg), page, b"<</Note(a stream of words)>>")) == [jpeg]


def test_one_picture_that_cannot_be_taken_out_is_said_and_the_others_are() -> None:
    jpeg = encoded("JPEG")
    bad, good = taken(pdf(image(b"/FlateDecode", b"no zlib"), image(b"/DCTDecode", jpeg)))
    assert good == jpeg
    assert isinstance(bad, scan_pdf.LeftOut)


def test_what_takes_too_much_is_ended_and_said() -> None:
    bomb = zlib.compress(zlib.compress(bytes(1 << 30), 9), 9)
    try:
        found = taken(pdf(image(b"[/FlateDecode/FlateDecode]", bomb, 18_000)))
    except ArchiveRefusal as error:
        found = [scan_pdf.LeftOut(error.code)]
    assert all(isinstance(one, scan_pdf.LeftOut) for one in found)
    with pytest.raises(ArchiveRefusal, match="exceeded the limits"):
        list(scan_pdf.pictures(pdf(image(b"/DCTDecode", encoded("JPEG"))), MOST, seconds=0.001))
    with pytest.raises(ArchiveRefusal, match="more than 10 bytes"):
        list(scan_pdf.pictures(pdf(image(b"/DCTDecode", encoded("JPEG"))), 10))


def test_the_reader_is_confined_before_the_first_byte() -> None:
    program = (
        "import sys; from tutela.scan import pdf_worker as p; from tutela.media.sandbox import cage\n"
        "tried = lambda: [(p.PICTURE, repr(cage.try_to_escape()).encode())]\n"
        "p._pictures = lambda data: tried() if data == b'%PDF-' else []\n"
        "p.main(['', sys.argv[1]])"
    )
    limits = Limits().to_text()
    done = subprocess.run([sys.executable, "-c", program, limits], input=b"%PDF-", capture_output=True, check=True)
    kind, length = pdf_worker.HEADER.unpack(done.stdout[: pdf_worker.HEADER.size])
    assert (kind, b"False" in done.stdout[: length + 5]) == (pdf_worker.PICTURE, False)


def scanned(path: Path, *, inside_too: bool = True) -> list[ScanResult]:
    return list(Scan(HasherPool(), in_lists([match_list(5)]), limits=WalkLimits(inside=inside_too)).run([str(path)]))


def test_a_scan_hashes_each_picture_of_a_pdf_as_a_member(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(image(b"/DCTDecode", LISTED), image(b"/FlateDecode", b"no zlib")))
    whole, first, second = scanned(path)
    assert [one.name for one in (whole, first, second)] == [str(path), f"{path}!image 1", f"{path}!image 2"]
    assert (bool(whole.matches), bool(first.matches)) == (False, True)
    assert (whole.unhashed, first.unhashed, second.unhashed) == (False, False, True)
    assert [one.name for one in scanned(path, inside_too=False)] == [str(path)]
    (tmp_path / "b.zip").write_bytes(zipped([("in.pdf", path.read_bytes())]))
    assert f"{tmp_path}/b.zip!in.pdf!image 1" in [one.name for one in scanned(tmp_path / "b.zip")]


@pytest.mark.parametrize("code", [Code.CORRUPT, Code.UNSUPPORTED])
def test_a_broken_picture_that_is_a_pdf_besides_is_unhashed(code: Code) -> None:
    assert ScanResult("a", 1, Refused(None, code, ""), opened=True).unhashed == (code is Code.CORRUPT)


def test_a_pdf_that_cannot_be_read_is_said_and_one_without_pictures_is_not(tmp_path: Path) -> None:
    limits = WalkLimits(inside=True)
    (tmp_path / "no.pdf").write_bytes(pdf())
    assert [type(one) for one in read(str(tmp_path / "no.pdf"), limits)] == [FoundFile]
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7\nnothing")
    _, bad = read(str(tmp_path / "bad.pdf"), limits)
    assert isinstance(bad, Unread)
    assert bad.code == "damaged"
    (tmp_path / "long.pdf").write_bytes(pdf(*[image(b"/DCTDecode", LISTED)] * 3))
    *_, last = read(str(tmp_path / "long.pdf"), WalkLimits(inside=True, max_members=2))
    assert isinstance(last, Unread)
    assert last.code == "members"


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.pptx", "a.odt"])
def test_the_pictures_of_an_office_file_are_hashed(tmp_path: Path, name: str) -> None:
    media = {"d": "word", "x": "xl", "p": "ppt", "o": "Pictures"}[name[2]]
    (tmp_path / name).write_bytes(zipped([("content.xml", b"<a/>"), (f"{media}/media/image1.jpeg", LISTED)]))
    found = [one for one in scanned(tmp_path / name, inside_too=False) if one.matches]
    assert [one.name for one in found] == [f"{tmp_path / name}!{media}/media/image1.jpeg"]


def test_the_command_finds_a_listed_photograph_in_a_pdf(tmp_path: Path) -> None:
    photo = next(path for path in photos() if path.suffix == ".jpg")
    (tmp_path / "hashes.jsonl").write_text(run("hash", photo).stdout)
    built = run("index", "build", tmp_path / "hashes.jsonl", "-o", tmp_path / "list", "--list-id", "mine")
    assert built.exit_code == 0, built.output
    Image.open(photo).convert("RGB").save(tmp_path / "a.pdf", "PDF")
    args = ("scan", tmp_path / "a.pdf", "--list", tmp_path / "list")
    assert run(*args).exit_code == 3, "a PDF that is not opened is not scanned"
    done = run(*args, "--inside")
    assert (done.exit_code, "!image 1" in done.stdout) == (1, True)
