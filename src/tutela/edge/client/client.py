"""Python client of an Edge for an upload path, with one declared policy for an unreachable Edge.

    edge = EdgeClient("http://127.0.0.1:8620", token, policy="pass_and_queue", journal=Path("unscanned.jsonl"))
    answer = edge.scan(upload, item="upload-17", account="user-4")
    if answer.matches: ...

An answer with `scanned` false is not "no match". `status` states what was not done, `policy` what to do, and `held`
whether the upload must be held for a person.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tutela.edge.client.journal import keep, rescan
from tutela.edge.errors import EdgeAwayError, EdgeRefusedError, ItemRefusedError
from tutela.edge.runtime.settings import FailurePolicy, UndecodedPolicy
from tutela.scan.outcome import Status

URL, TOKEN = "TUTELA_EDGE_URL", "TUTELA_EDGE_TOKEN"
_DEFAULT_URL = "http://127.0.0.1:8620"
# Pictures that a person must check if they may not pass, and why, unless a refusal gives the reason.
_FOR_A_PERSON: dict[str, str] = {Status.NOT_DECODED: "incomplete", Status.NOT_COMPARED: "too flat"}
_ABOUT_THE_ITEM = frozenset({400, 413, 415, 422, 431})
_LATER = frozenset({408, 429, 500, 502, 503, 504, 507})


@dataclass(frozen=True, slots=True)
class EdgeAnswer:
    """Answer of an Edge about one item. `body` is the whole answer.

    `status` is `scanned`, `not_compared`, `not_decoded`, `not_a_picture`, `no_list`, or `edge_away` where no Edge
    answered. `policy` states how to treat an item that was not scanned, and is empty for others.
    """

    scanned: bool
    matches: tuple[dict[str, Any], ...] = ()
    candidate: dict[str, Any] | None = None
    queued: bool = False
    body: dict[str, Any] = field(default_factory=dict)
    status: str = ""
    policy: str = ""

    @property
    def held(self) -> bool:
        """Whether the upload is to wait for a person: it matched, or it was not scanned and may not pass."""
        return bool(self.matches) or (not self.scanned and self.policy == FailurePolicy.HOLD)


class EdgeClient:
    """Safe to share between threads; close it, or use it in a `with`."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        policy: FailurePolicy | str = FailurePolicy.HOLD,
        journal: Path | None = None,
        timeout: float = 10.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`journal` is where `pass_and_queue` keeps the items that no Edge has seen; it holds names and no hashes."""
        self.policy = FailurePolicy(policy)
        if self.policy is FailurePolicy.PASS_AND_QUEUE and journal is None:
            raise ValueError("pass_and_queue needs a journal: a file in which items are queued")
        self._journal = journal
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout, transport=transport)

    @classmethod
    def from_env(cls, **options: Any) -> Self:
        """Address and token out of `TUTELA_EDGE_URL` and `TUTELA_EDGE_TOKEN`."""
        return cls(os.environ.get(URL, _DEFAULT_URL), os.environ.get(TOKEN, ""), **options)

    def scan(
        self,
        data: bytes,
        *,
        item: str | None = None,
        account: str | None = None,
        service: str | None = None,
        channel: str | None = None,
        location: str | None = None,
        undecoded: UndecodedPolicy | str | None = None,
    ) -> EdgeAnswer:
        """Scan one upload. With `item`, your own reference, a match becomes a candidate.

        `undecoded`: what becomes of this upload if it is a picture that cannot be hashed; else the Edge's setting.

        Raises EdgeAwayError where the policy is to hold, EdgeRefusedError where the question itself is wrong.
        """
        names = {"item": item, "account": account, "service": service, "channel": channel, "location": location}
        names["undecoded"] = UndecodedPolicy(undecoded).value if undecoded else None
        headers = {f"X-Tutela-{name.title()}": value for name, value in names.items() if value is not None}
        try:
            return _answer(self._ask("POST", "/v1/scan", content=data, headers=headers))
        except EdgeAwayError:
            if self.policy is FailurePolicy.HOLD:
                raise
            queued = self.policy is FailurePolicy.PASS_AND_QUEUE and item is not None
            if self.policy is FailurePolicy.PASS_AND_QUEUE and not queued:
                raise
            if queued:
                self._keep({name: value for name, value in names.items() if value is not None})
            return EdgeAnswer(scanned=False, queued=queued, status="edge_away", policy=self.policy.value)

    def lookup(self, items: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
        """The matches of each item, given by its hashes as `POST /v1/lookup` takes them. Raises as `scan` on hold."""
        answer = self._ask("POST", "/v1/lookup", json={"items": list(items)})
        return [one["matches"] for one in answer["items"]]

    def lists(self) -> list[dict[str, Any]]:
        """The lists in use. Raises EdgeAwayError."""
        found: list[dict[str, Any]] = self._ask("GET", "/v1/lists")["lists"]
        return found

    def ready(self) -> bool:
        """Check whether the Edge is reachable and may be trusted now."""
        try:
            return self._http.get("/healthz/ready").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def rescan(self, fetch: Callable[[str], bytes | None]) -> int:
        """Scan the items in the journal; return how many are still pending. Call it from time to time.

        `fetch` returns the bytes of an item by your reference, or None if they are gone. An item leaves the journal
        once the Edge has scanned or queued it; a kill causes a duplicate scan at most. Scanning stops at the first item
        for which no Edge answers.

        Items that the Edge refuses for good, and torn lines, are moved to `<journal>.refused` with the reason. Uploads
        continue meanwhile; of two simultaneous calls, one does the work. Raises EdgeRefusedError if the Edge refuses
        the caller, for example its token; then nothing leaves the journal.
        """
        return 0 if self._journal is None else rescan(self._journal, lambda names: self._again(names, fetch))

    def close(self) -> None:
        """Give up the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _again(self, names: dict[str, str], fetch: Callable[[str], bytes | None]) -> None:
        data = fetch(names["item"])
        if data is None:
            return
        headers = {f"X-Tutela-{name.title()}": value for name, value in names.items()}
        answer = _answer(self._ask("POST", "/v1/scan", content=data, headers=headers))
        if answer.status in _FOR_A_PERSON and answer.held:
            code = (answer.body["refused"] or {}).get("code", _FOR_A_PERSON[answer.status])
            raise ItemRefusedError(f"The item could not be hashed and compared ({code}): check it.")
        if answer.status == Status.NO_LIST and not answer.queued:
            raise EdgeAwayError("The item passed, and nothing was stored.")

    def _ask(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, path, **given)
        except httpx.HTTPError as error:
            raise EdgeAwayError(type(error).__name__) from None
        if answer.status_code in _LATER:
            raise EdgeAwayError(f"Status {answer.status_code}.")
        if not answer.is_success:
            kind = ItemRefusedError if answer.status_code in _ABOUT_THE_ITEM else EdgeRefusedError
            raise kind(f"Status {answer.status_code}: {_reason(answer)}")
        found: dict[str, Any] = answer.json()
        return found

    def _keep(self, names: dict[str, str]) -> None:
        if self._journal is None:
            raise EdgeAwayError
        keep(self._journal, names)


def _answer(body: dict[str, Any]) -> EdgeAnswer:
    matches, candidate = tuple(body.get("matches", ())), body.get("candidate")
    scanned = bool(body["scanned"])
    # Older Edges send no status.
    status = str(body.get("status") or (Status.SCANNED if scanned else Status.NO_LIST))
    return EdgeAnswer(
        scanned, matches, candidate, bool(body.get("queued")), body, status, str(body.get("policy") or "")
    )


def _reason(answer: httpx.Response) -> str:
    try:
        errors = answer.json().get("errors") or [{}]
        return f"{errors[0].get('field', '')}: {errors[0].get('reason', '')}"[:300]
    except ValueError:
        return ""
