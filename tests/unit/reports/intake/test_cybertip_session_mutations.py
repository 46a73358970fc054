"""Every element and attribute of the CyberTipline format's table, changed one at a time in a full document.

A changed document is refused by its code and its element, or it is in order by the schema that is served and becomes a
report. Whether the schema refuses is told here from the table alone, not by the program that writes the schema.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import TypeIs

import pytest
from lxml import etree

from tests.support.cybertips import NOW
from tutela.events.identifiers import uuid7
from tutela.exchange.cybertip import Code, Filed, FileSeen, canonical, read_details, read_tip, xsd
from tutela.exchange.cybertip.elements import ElementPart, Type, types
from tutela.exchange.cybertip.later_elements import set_aside
from tutela.reports.intake.cybertip_session import CybertipRefusal
from tutela.reports.intake.cybertip_submission import _read

PASSED = "2026-02-10T14:05:00Z"
# Texts of which a rule asks more than their type does.
TEXTS = {
    "email": "a@b.example",
    "emailAddress": "a@b.example",
    "ipAddress": "192.0.2.44",
    "phone": "470 00 00 00",
    "phoneNumber": "470 00 00 00",
    "priorCTReports": "7",
    "priorCTReport": "7",
    "countryCode": "BE",
    "country": "BE",
    "fileRelevance": "Reported",
    "age": "14",
    "approximateAge": "14",
    "port": "51544",
    "fileId": "0" * 32,
    "reenabledDate": "2026-02-11T14:05:00Z",
}
OF_TYPE = {
    "boolean": "true",
    "dateTime": PASSED,
    "date": "2000-01-01",
    "int": "7",
    "long": "7",
    "double": "1.5",
    "flag": "true",
    "phoneCountryCallingCode": "+32",
    "phoneExtension": "7",
}
_ALONE = {"espIdentifier"}


@dataclass(frozen=True)
class Document:
    """A root, by type the children that are left out because a rule allows them only without others, and what is
    changed in it: everything, or what the first document of its root has to leave out."""

    root: str
    without: dict[str, set[str]]
    only: frozenset[str] = frozenset()


DOCUMENTS = {
    "report": Document("report", {"report": {"batchedReport"}, "associatedAccount": {"dateOfBirth"}}),
    "report with a date of birth": Document(
        "report", {"report": {"batchedReport"}, "associatedAccount": {"approximateAge"}}, frozenset({"dateOfBirth"})
    ),
    "batched report": Document(
        "report",
        {
            "report": {"internetDetails", "lawEnforcement", "intendedRecipient", "victim", "additionalInfo"},
            "incidentSummary": {"escalateToHighPriority"},
            "personOrUserReported": {part.name for part in types()["personOrUserReported"].children} - _ALONE,
        },
        frozenset({"batchedReport"}),
    ),
    "fileDetails": Document("fileDetails", {"fileDetails": {"potentialMeme"}}),
    "fileDetails of a meme": Document(
        "fileDetails", {"fileDetails": {"fileAnnotations"}}, frozenset({"potentialMeme"})
    ),
}
SECRET = "☢ nothing of the kind"
WRONG = etree.Element("unheardOf")
CHANGES = ("dropped", "doubled", "moved", "renamed", "of a wrong type", "with an unknown attribute", "emptied")
# So many changes there are of elements, and of attributes: fewer, and the walk has lost its way.
LEAST, LEAST_OF_ATTRIBUTES = 1200, 60


@dataclass(frozen=True)
class Place:
    """An element of the full document, with what the table says of it and of the one around it."""

    path: str
    part: ElementPart
    inside: Type


def full(name: str) -> tuple[etree._Element, dict[etree._Element, Place]]:
    """The document with every element of the table, and where each of its kinds stands first."""
    said, places = DOCUMENTS[name], dict[etree._Element, Place]()
    root = etree.Element(said.root)
    _fill(root, types()[said.root], said, places)
    return root, places


def _fill(element: etree._Element, kind: Type, said: Document, places: dict[etree._Element, Place]) -> None:
    for attribute in kind.attributes:
        element.set(attribute.name, _text(attribute))
    for part in kind.children:
        if part.name in said.without.get(kind.name, ()):
            continue
        inner = types().get(part.type)
        # One of a choice alone belongs inside; the others follow in the same element again.
        each = [Type(inner.name, "choice", children=[one]) for one in inner.children] if _chosen(inner) else [inner]
        for one in each:
            child = etree.SubElement(element, part.name)
            if not any((place.inside.name, place.part) == (kind.name, part) for place in places.values()):
                places[child] = Place(root_path(child), part, kind)
            if one is None or not (one.children or one.shape == "empty"):
                child.text = _text(
                    ElementPart(part.name, "1", one.of, one.rules) if one and one.shape == "text" else part
                )
            if one is not None:
                _fill(child, one, said, places)


def _chosen(inner: Type | None) -> TypeIs[Type]:
    return inner is not None and inner.shape == "choice"


def root_path(element: etree._Element) -> str:
    return "/".join(str(one.tag) for one in [*[*element.iterancestors()][::-1], element])


def _text(part: ElementPart) -> str:
    if part.name in TEXTS or "url" in part.rules:
        return TEXTS.get(part.name, "https://provider.example/1")
    inner = types().get(part.type)
    if inner is not None and inner.words:
        return inner.words[0]
    return OF_TYPE.get(part.type, "word")


@cache
def served() -> etree.XMLSchema:
    """The schema as it is served, compiled apart from the receiver's own."""
    return etree.XMLSchema(etree.fromstring(xsd().encode()))


def judged(root: etree._Element) -> CybertipRefusal | None:
    """What the receiver says of a document. Raises for what would be an error 500, or refused once it was taken."""
    body, filed = etree.tostring(root), Filed(uuid7(), 10**12, "Pixelpost", NOW)
    try:
        if root.tag == "fileDetails":
            details = _read(lambda: read_details(body, NOW)).root
            seen = FileSeen("ab" * 16, "a.jpg", 10, "1" * 32, "2" * 40, "3" * 64, details)
            canonical(full("report")[0], [seen], filed)
        else:
            canonical(_read(lambda: read_tip(body, NOW)).root, [], filed)
    except CybertipRefusal as refused:
        return refused
    return None


def _dropped(one: etree._Element) -> None:
    _around(one).remove(one)


def _doubled(one: etree._Element) -> None:
    one.addnext(copy.deepcopy(one))


def _moved(one: etree._Element) -> None:
    """To the end of what it stands in, or to its beginning where it is the last."""
    around = _around(one)
    if around[-1] is one:
        around.insert(0, one)
    else:
        around.append(one)


def _renamed(one: etree._Element) -> None:
    one.tag = "unheardOf"


def _wrong(one: etree._Element) -> None:
    """Words where elements, numbers or words of a list belong, and an element where any words are right."""
    if len(one) or _strict(one):
        one.text = SECRET
    else:
        one.append(copy.deepcopy(WRONG))


def _attribute(one: etree._Element) -> None:
    one.set("unheardOf", SECRET)


def _emptied(one: etree._Element) -> None:
    for child in list(one):
        one.remove(child)
    one.text = None


MAKE: dict[str, Callable[[etree._Element], None]] = dict(
    zip(CHANGES, (_dropped, _doubled, _moved, _renamed, _wrong, _attribute, _emptied), strict=True)
)


def _around(one: etree._Element) -> etree._Element:
    around = one.getparent()
    assert around is not None
    return around


def _strict(one: etree._Element) -> bool:
    try:
        served().assertValid(_only(one))
    except (etree.DocumentInvalid, AssertionError):
        return True
    return False


def _only(one: etree._Element) -> etree._Element:
    """Its document with the words in it that belong nowhere."""
    root = copy.deepcopy(one.getroottree().getroot())
    found = root.find(one.getroottree().getelementpath(one))
    assert found is not None
    found.text = SECRET
    return root


def expected(change: str, place: Place, siblings: list[str]) -> bool | None:
    """Whether the table alone says that the schema refuses; None where it depends on more than what stands beside.

    `siblings` are the names around the element once it is changed.
    """
    often, others = place.part.often, siblings.count(place.part.name)
    if place.inside.shape == "choice":
        return None if change == "emptied" else change != "moved"
    match change:
        case "dropped":
            return often in ("1", "+") and not others
        case "doubled":
            return often in ("1", "?")
        case "moved":
            order = [part.name for part in place.inside.children]
            return place.inside.shape == "sequence" and siblings != sorted(siblings, key=order.index)
        case "emptied":
            return None
        case _:
            return True


def changed_in(name: str) -> Iterator[tuple[Place, Callable[[], etree._Element]]]:
    """Each place that is to be changed, and what gives its element in a fresh copy of the document."""
    root, places = full(name)
    tree, only = root.getroottree(), DOCUMENTS[name].only

    def fresh(path: str) -> etree._Element:
        found = copy.deepcopy(root).find(path)
        assert found is not None
        return found

    for element, place in places.items():
        if not only or place.part.name in only:
            yield place, partial(fresh, tree.getelementpath(element))


def elements(name: str) -> Iterator[tuple[str, str, etree._Element, bool | None]]:
    """Every element changed in every way: the way, where, the document, and whether the schema refuses."""
    for place, fresh in changed_in(name):
        for change in CHANGES:
            element = fresh()
            around = _around(element)
            MAKE[change](element)
            root = around.getroottree().getroot()
            yield change, place.path, root, expected(change, place, [str(one.tag) for one in around])


def attributes(name: str) -> Iterator[tuple[str, str, etree._Element, bool | None]]:
    """Every attribute dropped, renamed and of a wrong type, as `elements`."""
    for place, fresh in changed_in(name):
        for part in types()[place.part.type].attributes if place.part.type in types() else ():
            for change in ("dropped", "renamed", "of a wrong type"):
                element = fresh()
                value = element.attrib.pop(part.name)
                if change != "dropped":
                    element.set("unheardOf" if change == "renamed" else part.name, _swapped(change, value))
                refused = {"dropped": part.often == "1", "renamed": True}.get(change, part.type != "string")
                yield change, f"{place.path}/@{part.name}", element.getroottree().getroot(), refused


def _swapped(change: str, value: str) -> str:
    return value if change == "renamed" else SECRET


def check(what: str, changed: etree._Element, schema_refuses: bool | None) -> bool:
    """Whether it was refused, as it must be; a refusal has its code and names an element and none of the values."""
    fits = bool(served().validate(changed))
    assert schema_refuses is None or fits is not schema_refuses, (what, served().error_log)
    refused = judged(changed)
    if refused is None:
        assert fits or _fits_without_later_elements(changed), f"{what}: taken against the schema"
        return False
    assert refused.code is Code.VALIDATION_FAILED, what
    assert re.match(rf"{changed.tag}(/@?\w+(\[\d+\])?)*: \w", refused.said), (what, refused.said)
    assert SECRET not in refused.said, what
    assert len(refused.said) < 300, what
    return True


def _fits_without_later_elements(changed: etree._Element) -> bool:
    """Whether the schema takes what is left once elements of a later version, which are kept as text, are set aside."""
    root = copy.deepcopy(changed)
    later = set_aside(root)
    assert all(one.path.endswith(("/unheardOf", "/@unheardOf")) for one in later), later
    return bool(later) and bool(served().validate(root))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_full_document_is_taken(name: str) -> None:
    root, _places = full(name)
    assert judged(root) is None, judged(root)


def test_no_element_of_the_table_is_missed() -> None:
    there = {(place.inside.name, place.part.name) for name in DOCUMENTS for place, _ in changed_in(name)}
    wanted = {
        (one.name, part.name) for root in ("report", "fileDetails") for one in _below(root) for part in one.children
    }
    assert there == wanted
    assert {kind for kind, _ in wanted} == {one.name for one in types().values() if one.children}


def _below(name: str) -> Iterator[Type]:
    yield types()[name]
    for part in types()[name].children:
        if part.type in types():
            yield from _below(part.type)


def test_every_element_changed_in_every_way_is_refused_by_its_name_or_in_order() -> None:
    counted, refused = Counter[str](), Counter[str]()
    for name in DOCUMENTS:
        for change, where, changed, schema_refuses in elements(name):
            counted[change] += 1
            refused[change] += check(f"{name}: {where} {change}", changed, schema_refuses)
    assert counted.total() >= LEAST, counted
    assert set(refused) == set(CHANGES)


def test_every_attribute_changed_in_every_way_is_refused_by_its_name_or_in_order() -> None:
    found = [(f"{one}: {two[1]} {two[0]}", *two[2:]) for one in DOCUMENTS for two in attributes(one)]
    refused = [check(*one) for one in found]
    assert len(refused) >= LEAST_OF_ATTRIBUTES
    assert any(refused)
