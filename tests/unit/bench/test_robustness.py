"""What the robustness bench counts: each edit in a class, a promise for the worst of them, the peer by equal rules."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))

import edits
import false_pairs
import robustness
import subjects

from tests.support.pictures import landscape, texture


def found(name: str, ours: int, eight: int, of: int = 10) -> list[robustness.Found]:
    return [robustness.Found(name, one < ours, False, 99, 31 if one < eight else 99, one < ours) for one in range(of)]


def test_every_edit_is_in_a_class_and_every_promise_is_of_one() -> None:
    assert {edit for names in edits.CLASSES.values() for edit in names} == set(edits.EDITS)
    assert set(edits.TARGETS) < set(edits.CLASSES)
    assert set(edits.WANTED) < set(edits.CLASSES) - set(edits.TARGETS)
    assert set(edits.CLASSES) - set(edits.TARGETS) - set(edits.WANTED) > edits.REPORTED


def test_edit_that_pdq_finds_more_often_is_counted_at_the_budget_alone() -> None:
    by_edit = {"same": found("same", 5, 5), "worse": found("worse", 4, 5), "better": found("better", 6, 5)}
    assert robustness.worse(by_edit, 31) == ["worse"]
    assert robustness.worse(by_edit, 30) == []


def test_class_is_held_to_its_promise_by_its_worst_edit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines: list[tuple[object, ...]] = []
    both = ("one", "other")
    monkeypatch.setattr(robustness, "CLASSES", {"recall_crop10": both, "recall_tone": both, "recall_overlay": both})
    monkeypatch.setattr(robustness, "figure", lambda *given: lines.append(given))
    robustness.classes({"one": found("one", 9, 0), "other": found("other", 5, 5)}, 31)
    assert [(name, value, target) for name, value, _, target, *_ in lines] == [
        ("recall_crop10", 0.7, ">=0.90"),
        ("recall_crop10_worst", 0.5, ">=0.90"),
        ("recall_tone", 0.7, "none"),
        ("recall_tone_worst", 0.5, "none"),
        ("recall_overlay", 0.7, ">=0.70"),
        ("recall_overlay_first_pass", 0.7, "none"),
        ("recall_overlay_plain_list", 0.0, "none"),
        ("recall_overlay_worst", 0.5, "none"),
    ]
    printed = capsys.readouterr().out
    assert "recall_crop10_worst: other" in printed
    assert "recall_tone_worst: " not in printed, "where nothing is promised, no name says what escapes"


def written(folder: Path) -> list[subjects.Subject]:
    """A picture, the same one turned by a quarter, and another."""
    first = Image.fromarray(texture(1, 320, 320))
    pictures = (first, first.transpose(Image.Transpose.ROTATE_90), Image.fromarray(landscape(4, 320, 320)))
    made = []
    for number, picture in enumerate(pictures):
        picture.save(folder / f"{number}.png")
        one = subjects.subject(folder / f"{number}.png")
        assert one is not None
        made.append(one)
    return made


def test_repetitions_are_left_out_and_what_pdq_alone_calls_alike_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = written(tmp_path)
    assert subjects.distinct(some) == ([some[0], some[2]], 0)
    monkeypatch.setattr(subjects, "same", lambda *given: False)
    assert subjects.distinct(some) == (some, 1)


def test_same_content_is_no_false_pair_of_ours_and_none_of_the_peers_however_it_lies(tmp_path: Path) -> None:
    some = written(tmp_path)
    seen = false_pairs.false_pairs(some, robustness.ready(subjects.list_of(some)))
    assert seen.same == {(0, 1), (1, 0)}
    assert (seen.pairs, seen.candidates, seen.by_whole, seen.corroborated) == (4, 0, 0, 0)
    without = false_pairs.FalsePairs(6, 0, 0, 0, frozenset())
    for before in (seen, without):
        assert false_pairs.equal_budget(some, before) == false_pairs.WIDEST


def test_other_content_counts_for_both_and_the_list_says_what_is_corroborated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = written(tmp_path)
    monkeypatch.setattr(false_pairs, "same", lambda *given: False)
    seen = false_pairs.false_pairs(some, robustness.ready(subjects.list_of(some)))
    assert (seen.pairs, seen.candidates, seen.by_whole, seen.corroborated) == (6, 2, 2, 2)
    assert (seen.twos, seen.corroborated_twos) == (1, 1), "two pictures seen from both sides are one observation"
    assert seen.most(1) == pytest.approx(4.744 / 3, abs=1e-3)
    assert false_pairs.equal_budget(some, seen) == false_pairs.WIDEST
    assert false_pairs.equal_budget(some, false_pairs.FalsePairs(6, 1, 1, 1, frozenset())) == subjects.RADIUS
