"""What a desk says of its subjects: how long one opening lasts, who may see and set the terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class ExposureRule:
    """How one desk counts openings. `read` and `lead` are the permissions to read subjects and to set the terms."""

    subject_kind: str
    # To open a subject again within this time is the same opening.
    same_opening: timedelta
    read: str
    lead: str = ""
    # Whether decisions rest on openings: then they are never deleted.
    kept: bool = False
