"""Activation checks: repeat the hash checks before an indicator becomes active.

A near-duplicate may have been judged not to be CSAM since the proposal, and a lawful image may have been loaded. Hashes
are checked like those of a proposal. Frames of a video can no longer be removed, so one refused frame is enough.
"""

from __future__ import annotations

from tutela.indicators.hashes import encryption, lawful_reference, rejected_items, video_frames
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.hashes.video_frames import Passed
from tutela.indicators.models import Indicator, IndicatorFilm, IndicatorHash
from tutela.indicators.safeguards.errors import FramesNotPassed


def refuse(row: Indicator) -> None:
    """Raises `JudgedNotCsam`, `ResemblesLawful`, for a video `FramesNotPassed`. Call inside `acting(actor)`."""
    rows = IndicatorHash.objects.filter(indicator=row)
    given = [HashValue(one.kind, encryption.plain(one)[1], one.quality) for one in rows]
    rejected_items.refuse(given)
    lawful_reference.refuse([(one.kind, one.value) for one in given])
    film = IndicatorFilm.objects.filter(indicator=row).first()
    if film is None:
        return
    left = video_frames.unjudged(Passed(video_frames.opened(film), film.told, film.flat))
    if left.lawful or left.judged:
        raise FramesNotPassed(count=left.lawful + left.judged)
