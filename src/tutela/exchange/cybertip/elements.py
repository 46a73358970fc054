"""Table of elements, read from `elements.txt`."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class ElementPart:
    """Child element or attribute: its name, how often it occurs, its type, and its rules beyond the schema."""

    name: str
    often: str
    type: str
    rules: tuple[str, ...] = ()


@dataclass
class Type:
    """A type: `shape` is sequence, all, choice, text, empty, one of, codes or pattern."""

    name: str
    shape: str
    of: str = ""
    rules: tuple[str, ...] = ()
    children: list[ElementPart] = field(default_factory=list)
    attributes: list[ElementPart] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


# Closed lists that may also be empty.
SHAPES_WITH_WORDS = ("one of", "codes")


@cache
def types() -> dict[str, Type]:
    """Every type by its name, in the order of the table."""
    found: dict[str, Type] = {}
    current: Type | None = None
    text = resources.files(__package__).joinpath("elements.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            current = _head(line)
            found[current.name] = current
        elif current is not None:
            _add(current, line.strip())
    return found


def _head(line: str) -> Type:
    name, _, said = line.partition(": ")
    if said in ("one of", "codes"):
        return Type(name, said)
    shape, *rest = said.split(" ")
    if shape == "pattern":
        return Type(name, shape, of=said.partition(" ")[2])
    return Type(name, shape, of=rest[0] if rest else "", rules=tuple(rest[1:]))


def _add(current: Type, line: str) -> None:
    if current.shape == "one of":
        current.words.append(line)
    elif current.shape == "codes":
        current.words += line.split()
    else:
        name, often, kind, *rules = line.split()
        part = ElementPart(name.removeprefix("@"), often, kind, tuple(rules))
        (current.attributes if name.startswith("@") else current.children).append(part)
