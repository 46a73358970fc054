"""Elements and attributes of a later format version: set aside before validation, kept as text, named in the answer.

Otherwise a client that is newer than this table would lose its whole report because of one element. Only an element or
attribute whose name the table does not know at that place is set aside. A known element that is out of order, repeated
or malformed is still refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from tutela.exchange.cybertip.elements import Type, types
from tutela.exchange.message.text_cleanup import typed

# More names than any version will add; a document with more is not of this format.
MOST_ELEMENTS = 200
_BELOW = ("sequence", "all", "choice")
_LONGEST_NAME = 80
# Where the schema is found says nothing of the report, and the validator passes over it.
_OF_THE_SCHEMA = tuple(
    f"{{http://www.w3.org/2001/XMLSchema-instance}}{name}" for name in ("schemaLocation", "noNamespaceSchemaLocation")
)
# What a public client calls an attribute of the format.
_SPELT = {"associatedAccount": {"accountType": "type"}}


@dataclass(frozen=True)
class Later:
    """Element or attribute (`@`) that was set aside: its path, and its contents as text."""

    path: str
    text: str


def set_aside(root: etree._Element) -> list[Later]:
    """Remove everything unknown from a document whose `root` has a known type."""
    return list(_set_aside(root, str(root.tag), str(root.tag)))


def names(later: list[Later] | tuple[Later, ...]) -> list[str]:
    """Each path once, in order."""
    return list(dict.fromkeys(one.path for one in later))


def _set_aside(element: etree._Element, path: str, kind: str) -> Iterator[Later]:
    known = types().get(kind, Type(kind, "text"))
    yield from _attributes(element, path, known)
    children = {part.name: part for part in known.children} if known.shape in _BELOW else {}
    for child in list(element):
        name = str(child.tag)
        below = f"{path}/{name[:_LONGEST_NAME]}"
        if name not in children:
            yield _taken(element, child, below)
            continue
        yield from (taken := list(_set_aside(child, below, children[name].type)))
        inner = types().get(children[name].type)
        chosen = inner is None or inner.shape != "choice" or len(child)
        if taken and not chosen and children[name].often != "1":
            # All that it held is of a later version: without it, nothing is chosen.
            element.remove(child)


def _attributes(element: etree._Element, path: str, known: Type) -> Iterator[Later]:
    allowed = {part.name: part for part in known.attributes}
    for spelt, name in _SPELT.get(known.name, {}).items():
        if name not in element.attrib and element.get(spelt) in types()[allowed[name].type].words:
            element.set(name, element.attrib.pop(spelt))
    for name in sorted(map(str, element.attrib)):
        if name not in allowed and name not in _OF_THE_SCHEMA:
            yield Later(f"{path}/@{name[:_LONGEST_NAME]}", typed(str(element.attrib.pop(name))))


def _taken(parent: etree._Element, child: etree._Element, path: str) -> Later:
    said = [f"{name!s} {value!s}" for name, value in sorted(child.items())]
    for one in child.iter():
        said += [str(one.tag)] if one is not child and isinstance(one.tag, str) else []
        said += [one.text.strip()] if one.text and one.text.strip() else []
        # What follows the element itself is removed with it.
        said += [one.tail.strip()] if one.tail and one.tail.strip() else []
    parent.remove(child)
    return Later(path, typed(" ".join(said)))
