"""Typed client of a Centre's API for providers: check, file and retract reports, and ask for their status.

    with CentreClient("https://centre.example", key) as centre:
        checked = centre.check(report)
        receipt = centre.submit(report)

Each call that creates something has an idempotency key, derived from the message unless it is given. A call that got no
answer, or 503, is repeated with the same key, so nothing is filed twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import httpx

from tutela.exchange.message.problem import Problem
from tutela.exchange.report.batch import BatchAnswer, SignedReceipt
from tutela.exchange.report.precheck_answer import Checked
from tutela.exchange.report.report import Report
from tutela.exchange.report.retraction import Retraction

ATTEMPTS = 4
_SECONDS, _LONGEST_WAIT = 30.0, 60.0


class ApiError(Exception):
    """The node refused a call: `problem` has the status, and each wrong field with its reason."""

    def __init__(self, problem: Problem) -> None:
        fields = "; ".join(f"{one.field}: {one.reason}" for one in problem.errors)
        super().__init__(fields or problem.detail or problem.title)
        self.problem = problem


class CentreClient:
    """A provider's connection to a Centre, closed by `with` or `close`."""

    def __init__(
        self,
        address: str,
        key: str,
        *,
        transport: httpx.BaseTransport | None = None,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        """`address` of the Centre's node; `key`: an API key with the scope `reports:submit`."""
        self._wait = wait
        self._http = httpx.Client(
            base_url=f"{address.rstrip('/')}/api/v1/",
            headers={"Authorization": f"Bearer {key}"},
            timeout=_SECONDS,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def check(self, report: Report) -> Checked:
        """Check a report; nothing is stored. Raises `ApiError`, httpx.TransportError."""
        return Checked.from_bytes(self._post("reports/check", report.to_bytes()))

    def submit(self, report: Report, *, key: str = "") -> SignedReceipt:
        """File a report; returns the receipt that the Centre signed after commit. Raises as `check`.

        `key` is the idempotency key; by default the report's id.
        """
        return SignedReceipt.from_bytes(self._post("reports", report.to_bytes(), key or str(report.report_id)))

    def submit_batch(self, reports: Sequence[Report]) -> BatchAnswer:
        """File 1 to 100 reports; the answer has a result for each, in their order. Raises as `check`."""
        body = b"[" + b",".join(one.to_bytes() for one in reports) + b"]"
        return BatchAnswer.from_bytes(self._post("reports/batch", body, allowed=(200, 422)))

    def retract(self, report_id: UUID, reason: str) -> None:
        """Declare that a report was filed in error. The Centre decides. Raises as `check`."""
        message = Retraction(report_id=report_id, reason=reason)
        self._post("retractions", message.to_bytes(), f"retraction-{report_id}")

    def status(self, report_id: UUID) -> dict[str, Any]:
        """Status of an own report, with all notices. Raises as `check`; the problem of an unknown report is 404."""
        answer = self._answered(lambda: self._http.get(f"reports/{report_id}"), (200,))
        found: dict[str, Any] = answer.json()
        return found

    def _post(self, path: str, body: bytes, key: str = "", allowed: tuple[int, ...] = (200, 201, 202)) -> bytes:
        headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        return self._answered(lambda: self._http.post(path, content=body, headers=headers), allowed).content

    def _answered(self, ask: Callable[[], httpx.Response], allowed: tuple[int, ...]) -> httpx.Response:
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                answer = ask()
            except httpx.TransportError:
                if last:
                    raise
                self._wait(2.0**attempt)
                continue
            if answer.status_code != 503 or last:
                break
            after = answer.headers.get("Retry-After", "")
            self._wait(min(float(after) if after.isdecimal() else 2.0**attempt, _LONGEST_WAIT))
        if answer.status_code not in allowed or not _is_result(answer):
            raise ApiError(_problem(answer))
        return answer


def _is_result(answer: httpx.Response) -> bool:
    return "problem" not in answer.headers.get("Content-Type", "")


def _problem(answer: httpx.Response) -> Problem:
    try:
        return Problem.from_bytes(answer.content)
    except Exception:  # noqa: BLE001 - what a proxy in between answers is no problem document
        return Problem(title=f"The node answered {answer.status_code}.", status=max(400, min(answer.status_code, 599)))
