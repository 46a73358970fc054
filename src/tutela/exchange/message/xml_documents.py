"""Parse XML of others safely: a document may fetch, expand or define nothing. Write XML of ours."""

from __future__ import annotations

from lxml import etree


class NotXmlError(ValueError):
    """The text is not an XML document. `line` is the line of the error, or 0."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}" if line else "no document")
        self.line = line


class DocumentTypeError(ValueError):
    """A document type is not accepted."""


def root_of(data: bytes) -> etree._Element:
    """The root; the caller has seen to its size. Raises `NotXmlError`, `DocumentTypeError`."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise NotXmlError(getattr(error, "lineno", None) or 0) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentTypeError("a document type is not accepted")
    return root


def document_bytes(root: etree._Element) -> bytes:
    """The document in UTF-8, with a declaration that it stands alone."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))
