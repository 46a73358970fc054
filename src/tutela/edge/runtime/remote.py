"""Matching at a remote Edge: hashes go out, matches come back; the pictures stay local."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from tutela.edge.errors import EdgeError, NoTrustedListError
from tutela.edge.runtime.lookup_query import MAX_FRAMES
from tutela.exchange.message.text_cleanup import whole_number
from tutela.exchange.report.candidate import CandidateMatch, FootageMatch
from tutela.matching import Family, Footage, Match, Segment
from tutela.media import FrameHash, Hashed, Refused, Window

_BUSY = frozenset({429, 503})
_PATIENCE = 30
_LONGEST_WAIT = 30.0


class EdgeUnreachableError(EdgeError):
    """The Edge did not answer."""

    code = "edge_unreachable"


class EdgeMatcher:
    """Asks `POST /v1/lookup`. Safe to share between threads."""

    def __init__(self, client: httpx.Client, wait: Callable[[float], object] = time.sleep) -> None:
        """`client` carries the Edge's address and a token of it; `wait` waits so many seconds for one that is busy."""
        self._client, self._wait = client, wait

    def __call__(self, result: Hashed | Refused) -> Sequence[Match]:
        """The matches. Raises EdgeUnreachableError or NoTrustedListError: no answer is never "no match"."""
        if result.digests is None:
            return ()
        answer = self._asked({"items": [_item(result)]})
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE and _title(answer) == NoTrustedListError.title:
            raise NoTrustedListError
        if answer.status_code != httpx.codes.OK:
            raise EdgeUnreachableError(f"Status {answer.status_code}.")
        return [_match(one) for one in answer.json()["items"][0]["matches"]]

    def lists(self) -> list[list[Any]]:
        """(id, version, number of entries) of each list of that Edge. Raises EdgeUnreachableError."""
        try:
            answer = self._client.get("/v1/lists").raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise EdgeUnreachableError(type(error).__name__) from None
        told = [[one.get("list_id"), one.get("version"), one.get("entries")] for one in answer["lists"]]
        return sorted(told, key=str)

    def _asked(self, question: dict[str, Any]) -> httpx.Response:
        """The answer; an Edge that has too much to do at once is asked again, as often as is patient."""
        for last in [False] * _PATIENCE + [True]:
            try:
                answer = self._client.post("/v1/lookup", json=question)
            except httpx.HTTPError as error:
                raise EdgeUnreachableError(type(error).__name__) from None
            if last or answer.status_code not in _BUSY or _title(answer) == NoTrustedListError.title:
                break
            given = answer.headers.get("retry-after", "1")
            self._wait(min(1.0 if (seconds := whole_number(given)) is None else float(seconds), _LONGEST_WAIT))
        return answer


def _title(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("title", ""))
    except (ValueError, AttributeError):
        return ""


def _item(result: Hashed | Refused) -> dict[str, Any]:
    digests = result.digests
    frames = result.frames if isinstance(result, Hashed) else ()
    looks = [_frame(frame) for frame in frames[:MAX_FRAMES]]
    known = {"md5": digests.md5, "sha1": digests.sha1, "sha256": digests.sha256} if digests else {}
    return {**known, "pdq": looks}


def _frame(frame: FrameHash) -> dict[str, Any]:
    windows = [_window(one) for one in frame.windows]
    return _query(frame) | {"windows": windows, "frame": frame.index, "time_ms": frame.time_ms}


def _window(window: Window) -> dict[str, Any]:
    guesses = {"restored": window.restored, "stretched": window.stretched}
    # An Edge of an earlier version does not know these fields.
    return _query(window) | {"part": window.part} | {name: True for name, is_so in guesses.items() if is_so}


def _query(look: FrameHash | Window) -> dict[str, Any]:
    return {
        "hash": look.variants[0].hex(),
        "quality": look.quality,
        "variants": [variant.hex() for variant in look.variants[1:]],
        "structures": [structure.hex() for structure in look.structures],
    }


def _match(value: dict[str, Any]) -> Match:
    one = CandidateMatch.model_validate(value)
    return Match(
        list_id=one.list_id,
        list_version=one.list_version,
        source=one.source_kind,
        entry_id=one.entry_id,
        rule=one.rule,
        families=tuple(Family(name) for name in one.families),
        weak=one.weak,
        corroborated=one.corroborated,
        distance=one.distance,
        variant=one.variant,
        frame=one.frame,
        by_window=one.by_window,
        footage=_footage(one.footage) if one.footage else None,
    )


def _footage(told: FootageMatch) -> Footage:
    segments = tuple(Segment(**one.model_dump()) for one in told.segments)
    return Footage(**told.model_dump(exclude={"segments"}), segments=segments)
