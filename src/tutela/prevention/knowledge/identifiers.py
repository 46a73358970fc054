"""Identifiers of studies: DOI and numbers of registries, in one form each."""

from __future__ import annotations

import re

from tutela.prevention.errors import BadDoi, BadRegistration, NoIdentifier

DOI = re.compile(r"10\.\d{4,9}/\S{1,180}")
# ClinicalTrials.gov, ISRCTN, EU registers, PROSPERO, ANZCTR, DRKS, AEA; OSF names by letters.
REGISTRATION = re.compile(
    r"NCT\d{8}|ISRCTN\d{8}|20\d{2}-\d{6}-\d{2}(?:-\d{2})?|CRD\d{11}|ACTRN\d{14}|DRKS\d{8}|AEARCTR-\d{7}|osf\.io/[a-z0-9]{5}"
)
PREFIXES = ("https://doi.org/", "http://doi.org/", "https://dx.doi.org/", "http://dx.doi.org/", "doi:")


def plain_doi(text: str) -> str:
    """A DOI in lower case without an address before it; empty for empty text. Raises `BadDoi`."""
    found = text.strip()
    for prefix in PREFIXES:
        if found.lower().startswith(prefix):
            found = found[len(prefix) :].strip()
    if found and not DOI.fullmatch(found):
        raise BadDoi
    return found.lower()


def plain_registration(text: str) -> str:
    """A number of a registry as it prints it; empty for empty text. Raises `BadRegistration`."""
    found = text.strip()
    if found and not REGISTRATION.fullmatch(found):
        raise BadRegistration
    return found


def require_one(doi: str, registration: str, publication: str) -> None:
    """Raise `NoIdentifier` if nothing says which study is meant."""
    if not (doi or registration or publication.strip()):
        raise NoIdentifier
