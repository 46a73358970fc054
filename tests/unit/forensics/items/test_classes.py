"""Classes: exact before near, a benign list overrides nothing, and a near item is never known."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.forensics.items.classes import ItemClass, ItemKind, ListHit, judge_item
from tutela.forensics.lists.reference_list import ListRole

CATEGORIES = {"vics-be:1": "be:1", "vics-be:8": ""}


def hit(role: ListRole, *, exact: bool, category: str = "") -> ListHit:
    return ListHit(role, 1, UUID(int=1), "rule", exact, category)


HITS = st.lists(
    st.builds(
        hit, st.sampled_from(ListRole), exact=st.booleans(), category=st.sampled_from(["", "vics-be:1", "vics-be:8"])
    )
)


@pytest.mark.parametrize(
    ("hits", "found", "conflict"),
    [
        ([hit(ListRole.KNOWN, exact=True, category="vics-be:1")], ItemClass.KNOWN, False),
        ([hit(ListRole.KNOWN, exact=True, category="vics-be:8")], ItemClass.KNOWN_ELSEWHERE, False),
        ([hit(ListRole.ELSEWHERE, exact=True)], ItemClass.KNOWN_ELSEWHERE, False),
        ([hit(ListRole.KNOWN, exact=False)], ItemClass.NEAR_KNOWN, False),
        ([hit(ListRole.IGNORABLE, exact=True)], ItemClass.IGNORABLE, False),
        ([hit(ListRole.IGNORABLE, exact=True), hit(ListRole.KNOWN, exact=False)], ItemClass.NEAR_KNOWN, True),
        ([], ItemClass.UNKNOWN, False),
    ],
)
def test_the_first_rule_that_applies_names_the_class(hits: list[ListHit], found: ItemClass, conflict: bool) -> None:
    judged = judge_item(ItemKind.PICTURE, hits, CATEGORIES)
    assert (judged.item_class, judged.conflict) == (found, conflict)


@given(HITS)
def test_only_an_exact_copy_of_a_certified_entry_is_known(hits: list[ListHit]) -> None:
    exact = any(one.exact and one.role is ListRole.KNOWN and one.category != "vics-be:8" for one in hits)
    assert (judge_item(ItemKind.PICTURE, hits, CATEGORIES).item_class is ItemClass.KNOWN) == exact


@given(HITS, st.sampled_from(ItemKind))
def test_a_lawful_list_never_hides_a_hit(hits: list[ListHit], kind: ItemKind) -> None:
    without = [one for one in hits if one.role is not ListRole.IGNORABLE]
    judged = judge_item(kind, hits, CATEGORIES)
    if without:
        assert judged.item_class is judge_item(kind, without, CATEGORIES).item_class
    assert judged.item_class is not ItemClass.IGNORABLE or not without
