"""Hashes and matches of an item as JSON: output of the command and answer of an Edge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tutela.exchange.register.release import SourceKind
from tutela.exchange.report.candidate import CandidateMatch, FootageMatch
from tutela.matching import Footage, Match
from tutela.media import HASHER_ID, FrameHash, Hashed, Refused


def as_json(matches: Sequence[Match]) -> list[dict[str, Any]]:
    """Matches as they are answered; the strongest first within a list."""
    return [candidate_match(match).model_dump(mode="json", exclude_none=True) for match in matches]


def described(result: Hashed | Refused, *, listed: bool = False) -> dict[str, Any]:
    """Serialise the hasher's result for an answer; `listed` adds the values of which a list entry is made."""
    d = result.digests
    digests = {"md5": d.md5, "sha1": d.sha1, "sha256": d.sha256, "size": d.size} if d else None
    if isinstance(result, Refused):
        refused = {"code": str(result.code), "message": result.message}
        return {"digests": digests, "picture": None, "refused": refused}
    frames = [_frame_as_json(frame, listed=listed) for frame in result.frames]
    picture = {
        "format": result.format,
        "width": result.width,
        "height": result.height,
        "video": result.video.as_json() if result.video else None,
        "frames": frames,
        "hasher": HASHER_ID,
        "notes": list(result.notes),
        "matchable": result.matchable,
    }
    return {"digests": digests, "picture": picture, "refused": None}


def _frame_as_json(frame: FrameHash, *, listed: bool) -> dict[str, Any]:
    basic = {"index": frame.index, "time_ms": frame.time_ms, "pdq": frame.pdq.hex(), "quality": frame.quality}
    if not listed:
        return basic
    structure = frame.structures[0].hex() if frame.structures else None
    return basic | {"structure": structure, "windows": [window.as_json() for window in frame.windows]}


def candidate_match(match: Match) -> CandidateMatch:
    """A match as sent; a match with a provider list states that it is not in the register."""
    return CandidateMatch(
        list_id=match.list_id,
        list_version=match.list_version,
        entry_id=match.entry_id,
        source_kind=match.source,
        in_public_register=match.source == SourceKind.REGISTER,
        rule=match.rule,
        families=tuple(match.families),
        weak=match.weak,
        corroborated=match.corroborated,
        distance=match.distance,
        variant=match.variant,
        frame=match.frame,
        by_window=match.by_window,
        footage=_footage(match.footage) if match.footage else None,
    )


def _footage(found: Footage) -> FootageMatch:
    compared = None if found.compared_percent is None else math.ceil(found.compared_percent)
    rounded = {"query_percent": math.ceil(found.query_percent), "compared_percent": compared}
    return FootageMatch(**asdict(found) | rounded)
