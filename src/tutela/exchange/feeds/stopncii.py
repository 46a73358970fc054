"""StopNCII's API, version 1, as a feed: hashes of adults' intimate images, made on their own devices.

A record is the complete current state of a hash. *Withdrawn* and *Deleted* mean that the hash must be removed. The
status may be the record's own or that of every one of its cases. A token is short-lived; if one is refused, the set is
read again from the start.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tutela.exchange.feeds.feed import Batch, EntryFeedback, Failed, FeedItem, Request, Sending
from tutela.exchange.message.timestamps import LAST

STALE = 30 * 24 * 60 * 60
BEGINNING = 10
PAGE = 800
GONE = frozenset({"Withdrawn", "Deleted"})
KNOWN = {"ImagePDQ": ("image", "pdq", 64), "VideoMD5": ("video", "md5", 32)}
_FORGOTTEN = (400, 404, 410)
type _Word = Annotated[str, Field(max_length=100)]


class _Loose(BaseModel):
    model_config = ConfigDict(extra="allow")


class _Opinion(_Loose):
    source: _Word = ""
    said: Annotated[_Word, Field(alias="feedbackValue")] = ""
    tags: Annotated[list[_Word], Field(max_length=50)] = []


class _Record(_Loose):
    at: Annotated[int, Field(alias="lastModtimestamp", ge=0, lt=int(LAST.timestamp()))]
    kind: Annotated[_Word, Field(alias="signalType")]
    value: Annotated[str, Field(alias="hashValue", min_length=1, max_length=600_000)]
    status: Annotated[_Word, Field(alias="hashStatus")]
    # An empty list where there is none.
    cases: Annotated[dict[str, _Word] | list[Any], Field(alias="caseNumbers")] = {}
    opinions: Annotated[list[_Opinion], Field(alias="CSPFeedbacks", max_length=1000)] = []


class _Answer(_Loose):
    token: Annotated[str, Field(max_length=4000)] | None = Field(None, alias="nextPageToken")
    until: Annotated[int, Field(alias="nextSetTimestamp", ge=0, lt=2**40)]
    more: Annotated[bool, Field(alias="hasMoreRecords")]
    records: Annotated[list[Any], Field(alias="hashRecords", max_length=20_000)]


class StopNcii:
    """The state: since when, the token of the next page, whether all of it is being read, when it was last."""

    def headers(self, username: str, secret: str, *, sending: bool = False) -> dict[str, str]:
        """The secret are the keys `fetch,subscription`, a third one for what is sent where that differs."""
        keys = [*secret.split(","), "", ""][:3]
        fetch, subscription = (keys[2] or keys[0] if sending else keys[0]), keys[1]
        return {"x-functions-key": fetch, "Ocp-Apim-Subscription-Key": subscription, "Accept": "application/json"}

    def begin(self, state: str) -> str:
        """Continue where the last reading ended."""
        return json.dumps({**json.loads(state), "done": False}) if state else ""

    def ask(self, state: str, now: datetime) -> Request | None:
        """The next page; where the last reading is older than 30 days, everything again."""
        since, token, done = _state(state, now)
        if done and not token:
            return None
        query = {"startTimestamp": since, "pageSize": PAGE, **({"nextPageToken": token} if token else {})}
        return Request(f"/FetchHashes?{urlencode(query)}", fresh=since == BEGINNING and not token)

    def read(self, state: str, asked: Request, status: int, body: bytes, now: datetime) -> Batch:
        """The records of a page. Raises `Failed`."""
        since, token, _done = _state(state, now)
        if token and status in _FORGOTTEN:
            return Batch([], _text(state, since, "", done=False))
        if status != 200:
            raise Failed(f"HTTP {status}")
        try:
            answer = _Answer.model_validate_json(body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise Failed(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        if answer.more and not answer.token:
            raise Failed("nextPageToken: missing, although more records exist")
        items, broken, unknown = list[FeedItem](), list[str](), set[str]()
        for number, record in enumerate(answer.records):
            item = _item(record, number, broken, unknown)
            if item is not None:
                items.append(item)
        if answer.more:
            kept = _text(state, since, answer.token or "", done=False)
        else:
            kept = _text(state, max(answer.until, since), "", done=True, at=int(now.timestamp()))
        whole = since == BEGINNING and not answer.more
        return Batch(items, kept, tuple(broken), tuple(sorted(unknown)), whole)

    def kinds(self, media_type: str) -> tuple[str, ...]:
        """The kinds of hash in a record: one for each media type."""
        return ("pdq",) if media_type == "image" else ("md5",)

    def reasons(self, kind: str) -> str:
        """Reasons of the service for a vote; it defines none, so empty."""
        return ""

    def sending(self, said: EntryFeedback) -> Sending:
        """The request that reports one hash as blocked, or as reviewed and not blocked."""
        value = "Blocked" if said.right else "NotBlocked"
        body = {"count": 1, "hashFeedbacks": [{"hashValue": said.value, "feedbackValue": value, "tags": []}]}
        return Sending("POST", "/SubmitFeedback", "application/json", json.dumps(body).encode())


def submission(values: Sequence[tuple[str, str]], at: datetime) -> Sending:
    """Hashes of one's own, (media type, value), as records that were reviewed and blocked. Raises `Failed`."""
    records = list[dict[str, Any]]()
    for media, value in values:
        kind, digits = {"image": ("ImagePDQ", 64), "video": ("VideoMD5", 32)}[media]
        if not re.fullmatch(f"[0-9a-f]{{{digits}}}", value):
            raise Failed(f"hashValue: must be {digits} hexadecimal digits")
        opinion = {"feedbackValue": "Blocked", "tags": []}
        records.append(
            {"lastModtimestamp": int(at.timestamp()), "signalType": kind, "hashValue": value, "CSPFeedbacks": [opinion]}
        )
    body = json.dumps({"count": len(records), "hashRecords": records}).encode()
    return Sending("POST", "/SubmitHashes", "application/json", body)


def _item(record: object, number: int, broken: list[str], unknown: set[str]) -> FeedItem | None:
    try:
        one = _Record.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        broken.append(f"record {number}: {'.'.join(map(str, first['loc']))}: {first['msg']}")
        return None
    unknown.update(one.model_extra or {})
    media, kind, digits = KNOWN.get(one.kind, ("image", one.kind, 0))
    if not digits:
        unknown.add(f"signalType {one.kind}")
    elif not re.fullmatch(f"[0-9a-f]{{{digits}}}", one.value.lower()):
        broken.append(f"record {number}: hashValue: must be {digits} hexadecimal digits")
        return None
    at = datetime.fromtimestamp(one.at, UTC)
    named = one.value.lower() if digits else hashlib.sha256(one.value.encode()).hexdigest()
    key = f"{one.kind}:{named}"
    cases = list(one.cases.values()) if isinstance(one.cases, dict) else []
    if one.status in GONE or (cases and all(case in GONE for case in cases)):
        return FeedItem(key, media, at, withdrawn=True)
    content = {
        "hashes": {kind: one.value.lower() if digits else one.value},
        "status": one.status,
        "cases": one.cases if isinstance(one.cases, dict) else {},
        "opinions": [{"source": o.source, "said": o.said, "tags": o.tags} for o in one.opinions],
    }
    return FeedItem(key, media, at, False, {name: value for name, value in content.items() if value})


def _state(state: str, now: datetime) -> tuple[int, str, bool]:
    said = json.loads(state) if state else {}
    if said.get("at") and int(now.timestamp()) - said["at"] > STALE and not said.get("token"):
        return BEGINNING, "", False
    return said.get("since", BEGINNING), said.get("token", ""), said.get("done", False)


def _text(state: str, since: int, token: str, *, done: bool, at: int = 0) -> str:
    before = json.loads(state).get("at", 0) if state else 0
    return json.dumps({"since": since, "token": token, "done": done, "at": at or before})
