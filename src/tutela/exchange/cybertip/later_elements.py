"""Elements of a later format version: set aside before validation, kept as text, named in the answer.

Otherwise a client that is newer than this table would lose its whole report because of one element. Only an element
whose name the table does not know at that place is set aside. A known element that is out of order, repeated or
malformed is still refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from tutela.exchange.cybertip.elements import types
from tutela.exchange.message.text_cleanup import typed

# More than any version will add; a document with more is not of this format.
MOST_ELEMENTS = 200
_BELOW = ("sequence", "all", "choice")
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Later:
    """Element that was set aside: its path, and its contents as text."""

    path: str
    text: str


def set_aside(root: etree._Element) -> list[Later]:
    """Remove every unknown element from a document whose `root` has a known type."""
    return list(_set_aside(root, str(root.tag), str(root.tag)))


def _set_aside(element: etree._Element, path: str, kind: str) -> Iterator[Later]:
    known = types().get(kind)
    if known is None or known.shape not in _BELOW:
        return
    children = {part.name: part for part in known.children}
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


def _taken(parent: etree._Element, child: etree._Element, path: str) -> Later:
    said = [f"{name!s} {value!s}" for name, value in sorted(child.items())]
    for one in child.iter():
        said += [str(one.tag)] if one is not child and isinstance(one.tag, str) else []
        said += [one.text.strip()] if one.text and one.text.strip() else []
    parent.remove(child)
    return Later(path, typed(" ".join(said)))
