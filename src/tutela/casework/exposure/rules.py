"""Rule of a desk: how long one opening lasts, and who may see and set the terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class ExposureRule:
    """Rule by which a desk counts openings.

    `read` and `lead` are the permissions to read subjects and to set the terms.
    """

    subject_kind: str
    # Looks at a subject within this time are one opening.
    same_opening: timedelta
    read: str
    lead: str = ""
    # Openings are never deleted, because decisions rest on them.
    kept: bool = False
