"""Forms with files: whole, in any pieces, cut, too large, and none at all."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from itertools import batched

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.message.multipart import MOST_HEADER_BYTES, FileIn, FormUnreadableError, is_form, read

KIND = "multipart/form-data; boundary=zq0"
PART = b'--zq0\r\nContent-Disposition: form-data; name="id"\r\n\r\n457\r\n'
FILE = b'--zq0\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\na landscape\r\n'
END = b"--zq0--\r\n"


class Told:
    """What a reader was told, in order."""

    def __init__(self) -> None:
        self.parts: list[list[object]] = []
        self.whole = 0

    def begin(self, name: str, filename: str | None) -> None:
        self.parts.append([name, filename, b""])

    def data(self, piece: bytes) -> None:
        self.parts[-1][2] += piece  # type: ignore[operator]

    def end(self) -> None:
        self.whole += 1


def told(body: bytes, kind: str = KIND, pieces: int = 1 << 20, most: int = 9) -> Told:
    found = Told()
    read(kind, [bytes(one) for one in batched(body, pieces)], found, most_parts=most)
    return found


@given(st.integers(1, 300))
def test_a_form_is_the_same_in_any_pieces(pieces: int) -> None:
    found = told(PART + FILE + END, pieces=pieces)
    assert found.parts == [["id", None, b"457"], ["file", "a.jpg", b"a landscape"]]
    assert found.whole == 2


@pytest.mark.parametrize("cut", range(len(PART + FILE) + 7))
def test_a_form_that_is_cut_is_refused(cut: int) -> None:
    with pytest.raises(FormUnreadableError):
        told((PART + FILE + END)[:cut])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (PART * 10 + END, "more than 9 parts"),
        (PART.replace(b"\r\n\r\n", (b"\r\nX: " + b"x" * 3000) * 3 + b"\r\n\r\n") + END, "headers of a part"),
        (PART.replace(b'name="id"', b"x" * MOST_HEADER_BYTES) + END, "format"),
        (PART.replace(b'; name="id"', b"") + END, "no name"),
        (PART.replace(b"form-data", b"attachment") + END, "no name"),
        (b"no form at all", "format"),
        (b"", "ends early"),
    ],
)
def test_another_form_is_refused_with_the_reason(body: bytes, said: str) -> None:
    with pytest.raises(FormUnreadableError, match=said):
        told(body)


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data", "multipart/mixed; boundary=zq0", "\u20ac"])
def test_a_body_that_does_not_say_that_it_is_a_form_is_refused(kind: str) -> None:
    with pytest.raises(FormUnreadableError, match="boundary"):
        told(PART + END, kind)
    assert is_form(KIND)


def test_what_a_receiver_raises_comes_out() -> None:
    class Full(Told):
        def data(self, piece: bytes) -> None:
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        read(KIND, [PART + END], Full(), most_parts=9)


@given(st.binary(max_size=300), st.text(max_size=90))
def test_no_bytes_break_it_otherwise(body: bytes, kind: str) -> None:
    for said in (KIND, kind, f"multipart/form-data; boundary={kind}"):
        for data in (body, b"--zq0\r\n" + body, PART + body):
            with contextlib.suppress(FormUnreadableError):
                told(data, said)


def file_in(body: bytes, pieces: int = 7) -> tuple[dict[str, str], str | None, bytes]:
    found = FileIn(KIND, (bytes(one) for one in batched(body, pieces)))
    return found.fields, found.name, b"".join(found.pieces())


@given(st.integers(1, 300))
def test_the_fields_are_there_before_the_file_is_asked_for(pieces: int) -> None:
    seen = 0

    def counted() -> Iterator[bytes]:
        nonlocal seen
        for one in batched(PART + FILE + END, pieces):
            seen += len(one)
            yield bytes(one)

    found = FileIn(KIND, counted())
    assert (found.fields, found.name) == ({"id": "457"}, "a.jpg")
    assert seen <= len(PART) + FILE.index(b"a landscape") + pieces
    assert b"".join(found.pieces()) == b"a landscape"


@pytest.mark.parametrize("body", [FILE + PART + END, FILE + FILE + END, FILE.replace(b'"file"', b'"other"') + END])
def test_a_file_that_is_not_the_last_part_or_has_another_name_is_refused(body: bytes) -> None:
    with pytest.raises(FormUnreadableError, match="last part"):
        file_in(body)


def test_a_form_without_a_file_has_fields_alone_and_a_long_field_is_refused() -> None:
    assert file_in(PART + END) == ({"id": "457"}, None, b"")
    with pytest.raises(FormUnreadableError, match="too long"):
        file_in(PART.replace(b"457", b"4" * 999) + END)


@given(st.integers(1, 40), st.integers(0, len(PART + FILE) + 6))
def test_a_cut_file_is_never_taken_for_a_whole_one(pieces: int, cut: int) -> None:
    with pytest.raises(FormUnreadableError):
        file_in((PART + FILE + END)[:cut], pieces)


def _encoded(how: bytes) -> bytes:
    return PART.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: " + how + b"\r\n\r\n") + END


@pytest.mark.parametrize("how", [b"binary", b"8bit", b"7bit", b"Binary "])
def test_transfer_encodings_that_change_nothing_are_read(how: bytes) -> None:
    assert told(_encoded(how)).parts == [["id", None, b"457"]]


@pytest.mark.parametrize("how", [b"base64", b"quoted-printable", b"gzip", b"x-unknown"])
def test_other_transfer_encodings_are_refused_and_not_taken_for_the_bytes(how: bytes) -> None:
    with pytest.raises(FormUnreadableError, match="encoded for transfer"):
        told(_encoded(how))


def test_a_header_and_a_field_that_are_there_twice_are_refused() -> None:
    line = b'Content-Disposition: form-data; name="id"\r\n'
    with pytest.raises(FormUnreadableError, match="header twice"):
        told(PART.replace(line, line + line.replace(b"id", b"other")) + END)
    with pytest.raises(FormUnreadableError, match="occurs twice"):
        FileIn(KIND, [PART + PART + FILE + END])
