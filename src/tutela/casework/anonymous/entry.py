"""Message of an anonymous conversation, as people read it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from tutela.casework.models import Direction

# A hexadecimal digest, also in brackets, behind a label or at the end of a sentence. An address stays whole.
_HASH = re.compile(r"(?<![\w/.=&?%+~-])[0-9a-fA-F]{32,128}(?![\w/=&?%+~-]|\.\w)")


@dataclass(frozen=True)
class Entry:
    """A message as shown to people; `at` is an hour."""

    direction: str
    text: str = field(repr=False)
    at: datetime
    by_name: str = ""

    @property
    def of_person(self) -> bool:
        """Whether the anonymous person wrote it."""
        return self.direction == Direction.PERSON


def without_hashes(entry: Entry) -> Entry:
    """An entry as its person reads it: no hash is on the page of a person."""
    return replace(entry, text=_HASH.sub("…", entry.text))
