"""Figures of a case: what was examined, what was not and why, classes, lists, grades. For status and reports."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tutela.forensics.case_folder.case import Case
from tutela.forensics.case_folder.losses import CaseState, case_state, loss_counts
from tutela.forensics.grades.grade_book import GradeBook
from tutela.forensics.items.classes import ItemClass

# A licensed tool may have supplied values of some pictures only.
_WITHOUT_VALUE = """
SELECT count(DISTINCT sha256) FROM item
WHERE kind = 'picture' AND sha256 NOT IN (SELECT sha256 FROM supplied_photodna)
"""


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """Counts of one case. `outside` and `not_examined` are by reason, `losses` by device and reason."""

    complete: bool
    state: CaseState
    losses: dict[str, dict[str, int]]
    files: int
    files_done: int
    size: int
    items: int
    unique_items: int
    classes: dict[str, int]
    unique: dict[str, int]
    quick: dict[str, int]
    outside: dict[str, int]
    not_examined: dict[str, int]
    conflicts: int
    photodna_listed: int
    photodna_uncompared: int
    photodna_without_value: int
    withdrawn: int
    grades: dict[str, int]
    lists: list[dict[str, Any]] = field(default_factory=list)

    @property
    def lost(self) -> tuple[str, ...]:
        """What could not be read of each device, in words."""
        return tuple(
            f"{device}: {', '.join(f'{code.replace("_", " ")} {count}' for code, count in codes.items())}"
            for device, codes in self.losses.items()
        )

    @classmethod
    def of_case(cls, case: Case) -> CaseFigures:
        """Count a case."""
        outside = _by(case, "SELECT outside, count(*) FROM file WHERE outside <> '' GROUP BY outside ORDER BY outside")
        for code, count in _areas(case).items():
            if code.startswith("outside:"):
                name = code.removeprefix("outside:")
                outside[name] = outside.get(name, 0) + count
        listed, supplied = (
            case.count("SELECT count(*) FROM list_entry WHERE photodna IS NOT NULL"),
            case.count("SELECT count(*) FROM supplied_photodna"),
        )
        state = case_state(case)
        return cls(
            complete=state is CaseState.COMPLETE,
            state=state,
            losses=loss_counts(case),
            files=case.count("SELECT count(*) FROM file WHERE outside = ''"),
            files_done=case.count("SELECT count(*) FROM file WHERE outside = '' AND done = 1"),
            size=case.count("SELECT sum(size) FROM file WHERE outside = ''"),
            items=case.count("SELECT count(*) FROM item"),
            unique_items=case.count("SELECT count(DISTINCT nullif(sha256, '')) FROM item"),
            classes=_ordered(_by(case, "SELECT class, count(*) FROM item GROUP BY class")),
            unique=_ordered(_by(case, "SELECT class, count(DISTINCT sha256) FROM item GROUP BY class")),
            quick=_ordered(_by(case, "SELECT class, count(*) FROM quick GROUP BY class")),
            outside=dict(sorted(outside.items())),
            not_examined=_not_examined(case),
            conflicts=case.count("SELECT count(*) FROM item WHERE conflict = 1"),
            photodna_listed=listed,
            # Without supplied values there is nothing to compare an entry with.
            photodna_uncompared=0 if supplied else listed,
            photodna_without_value=case.count(_WITHOUT_VALUE),
            withdrawn=case.count("SELECT count(DISTINCT sha256) FROM withdrawn"),
            grades=dict(sorted(Counter(str(one.state) for one in GradeBook(case).all_grades()).items())),
            lists=[
                dict(row) for row in case.rows("SELECT id, role, name, version, sha256, entries, excluded FROM list")
            ],
        )


def _not_examined(case: Case) -> dict[str, int]:
    found = Counter(_by(case, "SELECT not_examined, count(*) FROM item WHERE not_examined <> '' GROUP BY not_examined"))
    found.update({code: count for code, count in _areas(case).items() if not code.startswith("outside:")})
    return dict(sorted(found.items()))


def _areas(case: Case) -> dict[str, int]:
    return _by(case, "SELECT code, count(*) FROM area GROUP BY code ORDER BY code")


def _by(case: Case, query: str) -> dict[str, int]:
    return {str(row[0]): int(row[1]) for row in case.each(query)}


def _ordered(found: dict[str, int]) -> dict[str, int]:
    return {str(one): found[one] for one in ItemClass if one in found}
