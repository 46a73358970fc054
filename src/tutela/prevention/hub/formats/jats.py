"""JATS, the format of publishers for articles, as XML. An article that declares entities is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from lxml import etree

from tutela.prevention.hub.formats import plain
from tutela.prevention.knowledge.studies import StudyInput


def read(text: str) -> list[StudyInput]:
    """Studies of a file with one article or many. Raises `ValueError`, `XMLSyntaxError`, `AttributeError`."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    root = etree.fromstring(text.encode(), parser)
    # Publishers name their DTD, which is not fetched. Entities of an article's own hide its text, or grow it.
    declared: Any = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _one in declared.iterentities()):
        raise ValueError("entities")
    return [_study(one) for one in root.iter("article")]


def _study(article: Any) -> StudyInput:
    meta = article.find("front/article-meta")
    year = _inside(meta, "pub-date/year")
    day, month = _inside(meta, "pub-date/day"), _inside(meta, "pub-date/month")
    return replace(
        plain.EMPTY,
        title=_inside(meta, "title-group/article-title")[: plain.LONGEST_TITLE],
        authors=plain.names(
            [
                f"{_inside(one, 'surname')} {_inside(one, 'given-names')}"
                for one in meta.iterfind("contrib-group/contrib[@contrib-type='author']/name")
            ]
        ),
        journal=_inside(article, "front/journal-meta//journal-title")[: plain.LONGEST_JOURNAL],
        abstract=_inside(meta, "abstract")[: plain.LONGEST_ABSTRACT],
        year=int(year) if year else None,
        published=date(int(year), int(month), int(day)) if year and month and day else None,
        doi=_inside(meta, "article-id[@pub-id-type='doi']")[:220],
        language=plain.language(article.get("{http://www.w3.org/XML/1998/namespace}lang")),
        funding=_inside(meta, "funding-group")[: plain.LONGEST_LINE],
        source="import:jats",
    )


def _inside(element: Any, path: str) -> str:
    found = element.find(path)
    return "" if found is None else " ".join("".join(found.itertext()).split())
