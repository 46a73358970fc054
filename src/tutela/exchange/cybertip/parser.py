"""Read a submitted document as hostile input: size limit, no entities, then the schema and the rules.

1. At most `MOST_BYTES` bytes; no document type, so no entity is ever declared; nothing is fetched.
2. Elements and attributes that the table does not know are set aside as those of a later version (`later_elements`).
3. A document that is not well formed raises `Malformed`. A breach of the schema or the rules raises `BrokenElement`.
   The error names the element and the reason, and repeats nothing that was submitted.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from tutela.exchange.cybertip.later_elements import MOST_ELEMENTS, Later, names, set_aside
from tutela.exchange.cybertip.schema import validator
from tutela.exchange.cybertip.validation_rules import problem_of_details, problem_of_report
from tutela.exchange.message.xml_documents import DocumentTypeError, NotXmlError, root_of

# Bytes of a document. What is longer is no report: files go another way.
MOST_BYTES = 4 << 20
_lock = threading.Lock()


class Malformed(Exception):
    """The document is not exactly one well-formed XML document, or has a document type."""


class BrokenElement(Exception):
    """An element breaks the schema or a rule; the message names the place and the reason."""


@dataclass(frozen=True)
class Tip:
    """A `<report>` that is in order; `later` is what was set aside of it."""

    root: etree._Element
    later: tuple[Later, ...] = ()

    @property
    def batched(self) -> bool:
        return self.root.find("batchedReport") is not None


@dataclass(frozen=True)
class Details:
    """A `<fileDetails>` that is in order; `later` is what was set aside of it."""

    root: etree._Element
    report: int
    file: str
    later: tuple[Later, ...] = ()


def read_tip(data: bytes, now: datetime, *, sending: bool = False) -> Tip:
    """A report. Raises `Malformed` or `BrokenElement`.

    `sending`: nothing is accepted that the documentation forbids, and nothing that is not known.
    """
    root, later = _document(data, "report", sending=sending)
    if problem := problem_of_report(root, now, sending=sending):
        raise BrokenElement(problem)
    return Tip(root, later)


def read_details(data: bytes, now: datetime, *, batched: bool = False, sending: bool = False) -> Details:
    """The details of a file, likewise. Raises `Malformed` or `BrokenElement`."""
    root, later = _document(data, "fileDetails", sending=sending)
    if problem := problem_of_details(root, now, batched=batched, sending=sending):
        raise BrokenElement(problem)
    number, file = int(root.findtext("reportId", "").strip()), " ".join(root.findtext("fileId", "").split())
    return Details(root, number, file, later)


def _document(data: bytes, name: str, *, sending: bool) -> tuple[etree._Element, tuple[Later, ...]]:
    if len(data) > MOST_BYTES:
        raise BrokenElement(f"the document has more than {MOST_BYTES} bytes")
    try:
        root = root_of(data)
    except (NotXmlError, DocumentTypeError) as error:
        raise Malformed(str(error)) from None
    if root.tag != name:
        raise BrokenElement(f"the root is not <{name}>, without a namespace")
    later = () if sending else tuple(set_aside(root))
    if len(names(later)) > MOST_ELEMENTS:
        raise BrokenElement(f"more than {MOST_ELEMENTS} unknown elements")
    with _lock:
        schema = validator()
        if not schema.validate(root):
            raise BrokenElement(_first(schema.error_log))
    return root, later


_REASONS = {
    "SCHEMAV_ELEMENT_CONTENT": "the element is missing, unknown or out of order",
    "SCHEMAV_CVC_ENUMERATION_VALID": "not one of the allowed values",
    "SCHEMAV_CVC_PATTERN_VALID": "not in the required form",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "not of the required type",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "unknown attribute",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "attribute missing",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "text is not allowed here",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": "content is not allowed here",
}


def _first(log: etree._ListErrorLog) -> str:
    """Place and reason, without the value, which the validator's own message repeats."""
    entries = list(log)
    if not entries:
        return "not valid by the schema"
    entry = entries[0]
    path = (entry.path or "").strip("/").replace("[1]", "")
    return f"{path}: {_REASONS.get(entry.type_name, 'not valid by the schema')}"
