"""Files of other formats as studies: DOI metadata as JSON (Crossref, CSL), RIS, BibTeX, and JATS.

Only what the file says is taken; the design and the results stay with the curator. No address in a file is opened.
"""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree
from rispy.parser import ParseError

from tutela.prevention.errors import UnreadableImport
from tutela.prevention.hub.formats import doi_metadata, jats, references
from tutela.prevention.knowledge.studies import StudyInput

MOST_CHARACTERS = 2_000_000
MOST_STUDIES = 500
READERS: dict[str, Callable[[str], list[StudyInput]]] = {
    "doi": doi_metadata.read,
    "ris": references.read_ris,
    "bib": references.read_bibtex,
    "jats": jats.read,
}
# What a broken file raises in a reader, nested too deep and numbers without end among it.
_BROKEN = (
    *(ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError),
    *(etree.XMLSyntaxError, ParseError),
)


def read(kind: str, text: str) -> list[StudyInput]:
    """Studies of a file: `doi`, `ris`, `bib` or `jats`. Raises `UnreadableImport`."""
    reader = READERS.get(kind)
    if reader is None or len(text) > MOST_CHARACTERS:
        raise UnreadableImport(format=kind)
    try:
        found = reader(text)
    except _BROKEN as error:
        raise UnreadableImport(format=kind) from error
    found = [one for one in found if one.title][:MOST_STUDIES]
    if not found:
        raise UnreadableImport(format=kind)
    return found
