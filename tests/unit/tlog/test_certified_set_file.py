"""A certified set in a file has the root and the places of the one in memory, also after changes, at every depth."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.tlog.test_certified_set import CLOSE, value
from tutela.tlog.certified_set import NOTHING, CertifiedSet, check_absent, check_present, subtree
from tutela.tlog.certified_set_file import SetFile, SetFileDamagedError, write_set

SETS = st.sets(st.one_of(st.binary(min_size=32, max_size=32), CLOSE, st.integers(0, 300).map(value)), max_size=150)


def written(folder: Path, values: set[bytes], name: str = "set") -> SetFile:
    write_set(folder / name, np.array(sorted(values, key=lambda one: one[::-1]), dtype="S32"))
    return SetFile(folder / name)


@given(SETS, SETS, SETS)
def test_a_changed_set_is_the_set_made_anew(before: set[bytes], added: set[bytes], gone: set[bytes]) -> None:
    after = (before - gone) | added
    with tempfile.TemporaryDirectory() as name:
        base = written(Path(name), before)
        assert (base.root, len(base)) == (CertifiedSet.of(before).root, len(before))
        made, anew = base.changed(added, gone), CertifiedSet.of(after)
        assert (made.root, len(made)) == (anew.root, len(after))
        for one in [*sorted(before | added | gone)[:20], value(-1)]:
            place = made.place(one)
            assert place == anew.place(one)
            (check_present if one in after else check_absent)(made.root, one, place)
        both = base.changed(added).changed(added - gone, gone - added).changed(added)
        assert both.root == anew.root, "changed twice"
        made.write(Path(name) / "next")
        following = SetFile(Path(name) / "next")
        assert (following.root, len(following)) == (anew.root, len(after))
        assert (Path(name) / "next").read_bytes() == written(Path(name), after, "anew")._data[:]


def test_a_set_of_thousands_is_cut_and_changes_in_part() -> None:
    values = {value(n) for n in range(20_000)}
    with tempfile.TemporaryDirectory() as name:
        base = written(Path(name), values)
        assert base.depth == 9
        gone, added = {value(n) for n in range(0, 20_000, 101)}, {value(n) for n in range(20_000, 20_200)}
        made = base.changed(added, gone)
        assert made.root == CertifiedSet.of((values - gone) | added).root
        assert value(5) in base
        assert value(-5) not in base
        check_absent(made.root, value(-5), made.place(value(-5)))
        assert len(bytes(made.place(value(-5)))) < 1200


@given(st.sets(st.one_of(st.binary(min_size=32, max_size=32), CLOSE), max_size=40))
@settings(deadline=None)
def test_one_pass_from_the_left_gives_the_root_from_above(values: set[bytes]) -> None:
    assert subtree(sorted(values), 0) == CertifiedSet.of(values).root
    assert subtree([], 5) == NOTHING


def test_a_damaged_file_is_not_used() -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "set"
        written(Path(name), {value(n) for n in range(500)})
        whole = path.read_bytes()
        for data in (b"", whole[:40], whole[:-1], b"X" + whole[1:], whole[:12] + b"\xff" + whole[13:], whole[:90]):
            path.write_bytes(data)
            with pytest.raises(SetFileDamagedError):
                SetFile(path)
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        last = max(value(n) for n in range(500))
        with pytest.raises(SetFileDamagedError):
            SetFile(path).changed({last})
        with pytest.raises(ValueError, match="32 bytes"):
            SetFile(path).changed({b"x"})
