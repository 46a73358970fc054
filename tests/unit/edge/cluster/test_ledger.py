"""Whatever a kill leaves of output and ledger, a scan that goes on writes every batch exactly once."""

from __future__ import annotations

import errno
import gzip
import json
import os
import random
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.edge.cluster.batches import Batch, batches, named_in
from tutela.edge.cluster.ledger import Counts, Ledger, LedgerError, ListingChangedError, ScanTerms
from tutela.scan.errors import ScanError

TERMS = ScanTerms(3, [("own", 1, "ab" * 32)])


def opened(folder: Path, terms: ScanTerms = TERMS) -> Ledger:
    return Ledger(folder / "out.jsonl", folder / "out.ledger", terms)


def lines(batch: Batch) -> bytes:
    return "".join(json.dumps({"name": name}) + "\n" for name in batch.names).encode()


def finish(folder: Path, names: list[str]) -> list[str]:
    """Scan to the end, whatever lies in the folder; the names in the output."""
    with opened(folder) as ledger:
        for batch in batches(names, 3):
            if not ledger.is_done(batch):
                ledger.add(batch, lines(batch), Counts(items=len(batch.names)))
        assert ledger.counts.items == ledger.counts.objects == len(names)
    return [json.loads(line)["name"] for line in (folder / "out.jsonl").read_text().splitlines()]


@given(names=st.lists(st.text(max_size=8), max_size=40), data=st.data())
def test_a_scan_that_was_cut_anywhere_ends_with_every_name_once(names: list[str], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        order = data.draw(st.permutations(list(batches(names, 3))))
        with opened(folder) as ledger:
            for batch in order[: data.draw(st.integers(0, len(order)))]:
                ledger.add(batch, lines(batch), Counts(items=len(batch.names)))
        # The kill: the ledger ends anywhere, and the output has everything that the ledger says, and perhaps more.
        book = (folder / "out.ledger").read_bytes()
        (folder / "out.ledger").write_bytes(book[: data.draw(st.integers(0, len(book)))])
        with (folder / "out.jsonl").open("ab") as out:
            out.write(data.draw(st.binary(max_size=20)))
        assert sorted(finish(folder, names)) == sorted(names)


def test_the_counts_of_earlier_runs_are_part_of_the_whole(tmp_path: Path) -> None:
    one, two = batches([*"abcd"], 3)
    with opened(tmp_path) as ledger:
        ledger.add(one, b"x\n", Counts(3, 30, 1, 1, 0))
    with opened(tmp_path) as ledger:
        ledger.add(two, b"y\n" * 6, Counts(6, 5, 0, 0, 0))
        assert ledger.counts == Counts(9, 35, 1, 1, 0, objects=4)
        assert len(ledger) == 2


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_a_ledger_from_before_objects_were_counted_goes_on_and_counts_them(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    """Batches of 3, 3 and 1 names; two in the second and the one in the third are archives of four."""
    made, items = [*batches("abcdefg", 3)], (3, 9, 4)
    with (tmp_path / "out.ledger").open("w") as book:
        book.write(json.dumps(TERMS.as_json()) + "\n")
        for done, number in enumerate(order[:2], 1):
            counts = {"items": items[number], "bytes": 1, "matched": 0, "refused": 0, "unread": 0}
            book.write(json.dumps([number, made[number].digest, counts, done]) + "\n")
    (tmp_path / "out.jsonl").write_bytes(b"xx")
    for _ in range(2):  # the second time nothing is left to do
        with opened(tmp_path) as ledger:
            for batch in made:
                if not ledger.is_done(batch):
                    ledger.add(batch, b"x", Counts(items=items[batch.number]))
            assert (ledger.counts.objects, ledger.counts.items) == (7, 16)
    assert (tmp_path / "out.jsonl").read_bytes() == b"xxx"


def test_a_listing_that_changed_is_refused(tmp_path: Path) -> None:
    (one,) = batches("abc", 3)
    with opened(tmp_path) as ledger:
        ledger.add(one, b"x\n", Counts())
    with opened(tmp_path) as ledger, pytest.raises(LedgerError, match="Batch 0 has other names"):
        ledger.is_done(Batch(0, ("a", "b", "x")))


def test_a_bucket_that_gained_a_name_before_the_place_is_told_what_to_do(tmp_path: Path) -> None:
    names = [f"{number:03d}" for number in range(30)]
    with opened(tmp_path) as ledger:
        for batch in [*batches(names, 3)][:6]:
            ledger.add(batch, lines(batch), Counts(3))
    with opened(tmp_path) as ledger, pytest.raises(ListingChangedError) as caught:
        list(map(ledger.is_done, batches(sorted([*names, "007a"]), 3)))
    assert "Batch 2 has other names" in str(caught.value)
    for advice in ("--from", "start again", "--output"):
        assert advice in str(caught.value)
    assert sorted(finish(tmp_path, [*names, "zzz"])) == [*names, "zzz"], "behind the place a name may come"


def test_what_is_done_is_asked_in_any_order(tmp_path: Path) -> None:
    made = [*batches([str(number) for number in range(60)], 3)]
    with opened(tmp_path) as ledger:
        for batch in [*made[9:3:-1], *made[12:]]:
            ledger.add(batch, lines(batch), Counts(3))
    with opened(tmp_path) as ledger:
        assert len(ledger) == 14
        for _ in range(2):
            assert [batch.number for batch in made if ledger.is_done(batch)] == [*range(4, 10), *range(12, 20)]
        assert all(map(ledger.is_done, reversed(made[12:])))


def test_a_ledger_of_any_length_is_gone_through_in_the_memory_of_what_overtook(tmp_path: Path) -> None:
    """Two million bytes of entries: hosts end their batches a little out of order."""
    names = [f"s3://b/{number:06d}" for number in range(60_000)]
    made, rng = [*batches(names, 3)], random.Random(3)
    order = sorted(range(len(made) - 8), key=lambda number: number + rng.randrange(64))
    (tmp_path / "out.jsonl").write_bytes(bytes(len(order)))
    with (tmp_path / "out.ledger").open("w") as book:
        book.write(json.dumps(TERMS.as_json()) + "\n")
        for length, number in enumerate(order, 1):
            counts = {"items": 3, "bytes": 1, "matched": 0, "refused": 0, "unread": 0}
            book.write(json.dumps([number, made[number].digest, counts, length]) + "\n")
    size = (tmp_path / "out.ledger").stat().st_size
    tracemalloc.start()
    try:
        with opened(tmp_path) as ledger:
            todo = [batch.number for batch in made if not ledger.is_done(batch)]
            assert ledger.counts.items == 3 * len(order)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert todo == [*range(len(made) - 8, len(made))]
    assert peak < size // 10, f"{peak} bytes for a ledger of {size}"


@pytest.mark.parametrize("terms", [ScanTerms(4, TERMS.lists), ScanTerms(3, [("own", 2, "ab" * 32)]), ScanTerms(3, [])])
def test_another_list_or_batch_size_is_refused(tmp_path: Path, terms: ScanTerms) -> None:
    with opened(tmp_path):
        pass
    with pytest.raises(LedgerError, match="started with other"):
        opened(tmp_path, terms).__enter__()


def test_two_drivers_do_not_write_one_output(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(LedgerError, match="Another scan writes"):
        opened(tmp_path).__enter__()


def test_an_output_that_lost_lines_is_refused(tmp_path: Path) -> None:
    (one,) = batches("abc", 3)
    with opened(tmp_path) as ledger:
        ledger.add(one, b"xyz\n", Counts())
    (tmp_path / "out.jsonl").write_bytes(b"x")
    with pytest.raises(LedgerError, match="shorter than its ledger states"):
        opened(tmp_path).__enter__()


def test_an_output_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_bytes(b"results of last year\n")
    with pytest.raises(LedgerError, match="has content, but no ledger"):
        opened(tmp_path).__enter__()
    assert (tmp_path / "out.jsonl").read_bytes() == b"results of last year\n"
    assert not (tmp_path / "out.ledger").exists()


@pytest.mark.parametrize("content", [b"5\n", b"not json\n", b'{"a": 1}\n', b"\xff\xfe\n", b"garbage without an end"])
def test_another_file_is_no_ledger_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "out.ledger").write_bytes(content)
    with pytest.raises(LedgerError):
        opened(tmp_path).__enter__()
    assert (tmp_path / "out.ledger").read_bytes() == content


def test_a_full_disk_leaves_the_batch_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = batches("abc", 3)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with opened(tmp_path) as ledger:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync", full)
            with pytest.raises(OSError, match="No space left"):
                ledger.add(one, b"lost\n", Counts(3))
        assert not ledger.is_done(one)
        assert ledger.counts == Counts()
    assert finish(tmp_path, [*"abc"]) == [*"abc"]


def test_a_listing_is_read_as_a_stream_packed_or_not(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("a b\n\nc\r\nd\x0be\u2028f")
    with gzip.open(tmp_path / "names.gz", "wt") as file:
        file.write("a b\n\nc\r\nd\x0be\u2028f")
    assert list(named_in(tmp_path / "names.txt")) == ["a b", "c", "d\x0be\u2028f"]
    assert list(named_in(tmp_path / "names.gz")) == ["a b", "c", "d\x0be\u2028f"]


@pytest.mark.parametrize(("name", "content"), [("x.txt", b"\xff"), ("x.gz", b"no gzip"), ("x.gz", b"\x1f\x8b\x08")])
def test_a_listing_that_is_none_says_so(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ScanError, match="cannot be read"):
        list(named_in(tmp_path / name))
    with pytest.raises(ScanError, match="cannot be read"):
        list(named_in(tmp_path / "absent"))
