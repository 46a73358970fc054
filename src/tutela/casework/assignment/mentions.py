"""Mentions: `@` and the name of a colleague in a note. The longest name that fits counts, in any case of letters."""

from __future__ import annotations

from collections.abc import Iterable

from tutela.casework.assignment.colleagues import Colleague


def mentioned(text: str, people: Iterable[Colleague]) -> list[Colleague]:
    """The colleagues whose name follows an `@` in a text. Two people of one name are both meant."""
    names: dict[str, list[Colleague]] = {}
    for one in people:
        names.setdefault(" ".join(one.name.casefold().split()), []).append(one)
    longest_first = sorted((name for name in names if name), key=len, reverse=True)
    found: dict[str, Colleague] = {}
    for part in " ".join(text.casefold().split()).split("@")[1:]:
        name = next((one for one in longest_first if part.startswith(one) and _ends(part, len(one))), None)
        if name is not None:
            found |= {one.reference: one for one in names[name]}
    return [*found.values()]


def _ends(part: str, at: int) -> bool:
    """Whether a word ends at this place."""
    return len(part) == at or not part[at].isalnum()
