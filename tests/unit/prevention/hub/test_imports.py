"""Files of other formats are read as they are, and broken ones are refused."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.prevention.errors import UnreadableImport
from tutela.prevention.hub import imports

CROSSREF = json.dumps(
    {
        "message": {
            "DOI": "10.1000/182",
            "title": ["A trial of <i>lighthouses</i>"],
            "author": [{"family": "Robin", "given": "A"}, {"name": "Harbour Group"}],
            "container-title": ["Journal of Harbours"],
            "issued": {"date-parts": [[2024, 3, 1]]},
            "abstract": "<jats:p>Calm sea.</jats:p>",
            "updated-by": [{"type": "retraction", "DOI": "10.1000/181"}],
        }
    }
)
RIS = """TY  - JOUR
TI  - A trial of lighthouses
AU  - Robin, A
AU  - Marin, B
PY  - 2023/05/01
JO  - Journal of Harbours
DO  - 10.1000/183
ER  -
TY  - GEN
TI  - A second one
UR  - https://reports.example/2
ER  -
"""
BIBTEX = r"""@string{harbours = "Journal of Harbours"}
@article{one, title = {A trial of {L}ighthouses in M{\"u}nster}, author = {Robin, A and Marin, B},
  journal = harbours, year = 2023, doi = {10.1000/185}}
@misc{two, title = "A second one", url = {https://reports.example/2}}
"""
JATS = """<?xml version="1.0"?><article><front><journal-meta>
<journal-title-group>
<journal-title>Harbours</journal-title></journal-title-group></journal-meta><article-meta>
<article-id pub-id-type="doi">10.1000/184</article-id><title-group>
<article-title>A <italic>calm</italic> trial</article-title></title-group><contrib-group>
<contrib contrib-type="author"><name><surname>Robin</surname><given-names>A</given-names></name></contrib>
</contrib-group>
<pub-date><day>2</day><month>4</month><year>2022</year></pub-date></article-meta></front></article>"""
# An entity that names a file is never resolved, and a file that declares one is refused.
ENTITY = """<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><article><front><article-meta><title-group>
<article-title>&x;</article-title></title-group></article-meta></front></article>"""


def test_doi_metadata_gives_a_study_and_its_retraction() -> None:
    (found,) = imports.read("doi", CROSSREF)
    assert (found.doi, found.title, found.year) == ("10.1000/182", "A trial of lighthouses", 2024)
    assert list(found.authors) == ["Robin A", "Harbour Group"]
    assert (found.status, found.abstract, found.checked) == ("retracted", "Calm sea.", False)


def test_ris_gives_each_record() -> None:
    first, second = imports.read("ris", RIS)
    assert (first.doi, first.year, list(first.authors)) == ("10.1000/183", 2023, ["Robin, A", "Marin, B"])
    assert (second.doi, second.publication) == ("", "https://reports.example/2")


def test_bibtex_gives_each_entry_with_its_letters() -> None:
    first, second = imports.read("bib", BIBTEX)
    assert (first.doi, first.year, list(first.authors)) == ("10.1000/185", 2023, ["Robin, A", "Marin, B"])
    assert (first.title, first.journal) == ("A trial of Lighthouses in Münster", "Journal of Harbours")
    assert (second.doi, second.publication) == ("", "https://reports.example/2")


def test_a_notice_of_retraction_is_read_as_the_work_that_it_retracts() -> None:
    notice = {"DOI": "10.1000/900", "title": "Retraction", "update-to": [{"type": "retraction", "DOI": "10.1000/182"}]}
    (found,) = imports.read("doi", json.dumps(notice))
    assert (found.doi, found.status) == ("10.1000/182", "retracted")
    (corrected,) = imports.read("doi", json.dumps(notice | {"update-to": [{"type": "correction", "DOI": "10.1/1"}]}))
    assert (corrected.doi, corrected.status) == ("10.1000/900", "published")


def test_what_no_database_takes_is_left_out() -> None:
    (found,) = imports.read("doi", '{"DOI": "10.1000/182", "title": "Calm\\u0000 \\ud800sea", "language": "e\\u0000"}')
    assert (found.title, found.language) == ("Calm sea", "en")


def test_brackets_without_end_are_read_once() -> None:
    (found,) = imports.read("doi", json.dumps({"title": "Calm sea", "abstract": "<" * 1_000_000}))
    assert len(found.abstract) == 10_000


def test_jats_gives_the_front_of_an_article() -> None:
    (found,) = imports.read("jats", JATS)
    assert (found.doi, found.title, found.journal) == ("10.1000/184", "A calm trial", "Harbours")
    assert str(found.published) == "2022-04-02"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("doi", "{"),
        ("doi", "[1, 2]"),
        ("doi", "{}"),
        ("doi", "[" * 100_000),
        ("doi", '{"title": "Calm", "issued": {"date-parts": [[1e400]]}}'),
        ("doi", '{"title": "Calm", "issued": {"date-parts": [[99999999999999999999, 1, 1]]}}'),
        ("ris", "no record"),
        ("ris", "TY  - JOUR\nER  - "),
        ("bib", "@article{one, title = {no end"),
        ("bib", "@comment{nothing}"),
        ("jats", "<article>"),
        ("jats", "<html/>"),
        ("jats", ENTITY),
        ("csv", "a,b"),
    ],
)
def test_a_broken_file_is_refused(kind: str, text: str) -> None:
    with pytest.raises(UnreadableImport):
        imports.read(kind, text)


@given(st.sampled_from(["doi", "ris", "bib", "jats"]), st.text(max_size=200))
def test_any_text_is_read_or_refused(kind: str, text: str) -> None:
    with suppress(UnreadableImport):
        assert imports.read(kind, text)
