"""The rule by which figures of a release are withheld. Publication and recomputation apply the same.

1. A count of 1 to 4 of persons, or of what stands for one person each, is withheld. A zero is shown.
2. A change of 1 to 4 since any earlier release of the same period is withheld.
3. The whole of a withheld part is withheld: with the other parts it would give the part away.
4. A whole is withheld also where it is 1 to 4 more than a shown part: their difference is a count of few persons.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from tutela.casework.disclosure.rules import LEAST_PERSONS
from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.definition import Value
from tutela.observatory.operations import vintages


def withheld(
    values: Mapping[str, int], earlier: Sequence[Mapping[str, Value]] = (), before: Collection[str] = ()
) -> frozenset[str]:
    """Definitions of which the value is withheld.

    `earlier` has what each earlier release of the period showed, `before` what is withheld already.
    """
    persons = {name: value for name, value in values.items() if catalogue.definition(name).tells_of_persons}
    found = {*before, *(name for name, value in persons.items() if is_few(value))}
    for shown in earlier:
        found |= set(vintages.withheld(shown, persons, LEAST_PERSONS))
    while more := {whole for part, whole in _pairs(persons) if whole not in found and _reveals(persons, part, found)}:
        found |= more
    return frozenset(found)


def is_few(value: int) -> bool:
    """Return true for a count of persons that is not shown."""
    return 0 < value < LEAST_PERSONS


def gives_away(shown: Mapping[str, int], hidden: frozenset[str]) -> list[str]:
    """Definitions that are shown although the rule withholds them, as far as a reader of a release can tell."""
    persons = {name: value for name, value in shown.items() if catalogue.definition(name).tells_of_persons}
    few = [name for name, value in persons.items() if is_few(value)]
    parts = {**dict.fromkeys(hidden, 0), **persons}
    return few + [whole for part, whole in _pairs(parts) if whole in persons and _reveals(parts, part, hidden)]


def _pairs(values: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Every part with its whole, if both are there."""
    for part in values:
        whole = catalogue.definition(part).part_of
        if whole in values:
            yield part, whole


def _reveals(values: Mapping[str, int], part: str, hidden: Collection[str]) -> bool:
    """Whether a shown whole would tell a few persons next to this part."""
    return part in hidden or is_few(values[catalogue.definition(part).part_of] - values[part])
