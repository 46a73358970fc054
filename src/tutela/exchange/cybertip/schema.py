"""XML schema, generated from the table of elements, and its validator."""

from __future__ import annotations

from functools import cache
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from tutela.exchange.cybertip.elements import SHAPES_WITH_WORDS, ElementPart, Type, types

ROOTS = ("report", "fileDetails")
PLAIN = ("string", "boolean", "dateTime", "date", "int", "long", "double", "token")
_OFTEN = {
    "1": "",
    "?": ' minOccurs="0"',
    "*": ' minOccurs="0" maxOccurs="unbounded"',
    "+": ' maxOccurs="unbounded"',
}
# A presence flag: empty, or the word true.
_FLAG = (
    '<xs:simpleType name="flag"><xs:restriction base="xs:string">'
    '<xs:enumeration value=""/><xs:enumeration value="true"/></xs:restriction></xs:simpleType>'
)
_ANSWERS = """
<xs:element name="reportResponse"><xs:complexType><xs:sequence>
<xs:element name="responseCode" type="xs:int"/><xs:element name="responseDescription" type="xs:string"/>
<xs:element name="reportId" type="xs:long" minOccurs="0"/><xs:element name="fileId" type="xs:token" minOccurs="0"/>
<xs:element name="hash" type="xs:token" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>
<xs:element name="reportDoneResponse"><xs:complexType><xs:sequence>
<xs:element name="responseCode" type="xs:int"/><xs:element name="reportId" type="xs:long"/>
<xs:element name="files"><xs:complexType><xs:sequence>
<xs:element name="fileId" type="xs:string" minOccurs="0" maxOccurs="unbounded"/>
</xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
"""


@cache
def xsd() -> str:
    """The schema: both documents and both answers, without a namespace."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">',
        *(f'<xs:element name="{root}" type="{root}"/>' for root in ROOTS),
        _ANSWERS.strip(),
        _FLAG,
        *(_type(one) for one in types().values()),
        "</xs:schema>",
    ]
    return "\n".join(parts) + "\n"


@cache
def validator() -> etree.XMLSchema:
    """The compiled schema. Its `validate` is used by one thread at a time."""
    return etree.XMLSchema(etree.fromstring(xsd().encode()))


def _type(one: Type) -> str:
    name = quoteattr(one.name)
    if one.shape in SHAPES_WITH_WORDS or one.shape == "pattern":
        restricted = f'<xs:restriction base="xs:string">{_facets(one)}</xs:restriction>'
        return f"<xs:simpleType name={name}>{restricted}</xs:simpleType>"
    attributes = "".join(_attribute(part) for part in one.attributes)
    if one.shape == "text":
        inner = (
            f'<xs:simpleContent><xs:extension base="{_named(one.of)}">{attributes}</xs:extension></xs:simpleContent>'
        )
    elif one.shape == "empty":
        inner = attributes
    elif one.name == "fileDetails":
        inner = f"<xs:sequence>{_file_details(one)}</xs:sequence>{attributes}"
    else:
        once = one.shape == "choice"
        children = "".join(_element(part, once=once) for part in one.children)
        inner = f"<xs:{one.shape}>{children}</xs:{one.shape}>{attributes}"
    return f"<xs:complexType name={name}>{inner}</xs:complexType>"


def _facets(one: Type) -> str:
    if one.shape == "pattern":
        return f"<xs:pattern value={quoteattr(one.of)}/>"
    words = ["", *one.words] if one.shape == "codes" else one.words
    return "".join(f"<xs:enumeration value={quoteattr(word)}/>" for word in words)


def _file_details(one: Type) -> str:
    """A file has annotations or is a potential meme by the older element, never both."""
    either = ("potentialMeme", "fileAnnotations")
    out = []
    for part in one.children:
        if part.name == either[0]:
            both = "".join(_element(p, once=True) for p in one.children if p.name in either)
            out.append(f'<xs:choice minOccurs="0">{both}</xs:choice>')
        elif part.name not in either:
            out.append(_element(part))
    return "".join(out)


def _element(part: ElementPart, *, once: bool = False) -> str:
    often = "" if once else _OFTEN[part.often]
    return f'<xs:element name="{escape(part.name)}" type="{_named(part.type)}"{often}/>'


def _attribute(part: ElementPart) -> str:
    use = ' use="required"' if part.often == "1" else ""
    return f'<xs:attribute name="{escape(part.name)}" type="{_named(part.type)}"{use}/>'


def _named(kind: str) -> str:
    return f"xs:{kind}" if kind in PLAIN else kind
