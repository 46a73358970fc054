"""Pseudonyms of safeguarded children, made from an authority's own references before they leave.

An authority uses the same reference for the same child in every referral (a file number, never a name). Only a keyed
hash of the reference leaves the node. The Centre can tell that two outcomes are about one child, and learns nothing
about the child.
"""

from __future__ import annotations

import hmac
from uuid import UUID

from django.conf import settings

from tutela.events.errors import Invalid
from tutela.exchange.referral.outcome import MOST_CHILDREN

MOST_CHARACTERS = 100


def pseudonyms(organisation_id: UUID, text: str) -> tuple[str, ...]:
    """The pseudonyms of references, one a line, each once and in no telling order. Raises `Invalid`."""
    lines = {" ".join(line.split()).casefold() for line in text.splitlines() if line.strip()}
    if len(lines) > MOST_CHILDREN or any(len(line) > MOST_CHARACTERS for line in lines):
        raise Invalid(
            "Enter at most {most} references, one per line, each with at most {longest} characters.",
            field="children",
            most=MOST_CHILDREN,
            longest=MOST_CHARACTERS,
        )
    key = hmac.digest(settings.BLIND_KEY, b"safeguarded-child/1" + organisation_id.bytes, "sha256")
    return tuple(sorted(hmac.digest(key, line.encode(), "sha256").hex()[:32] for line in lines))
