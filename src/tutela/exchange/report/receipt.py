"""Receipts: a Centre's signed statement that it has a report. An acknowledged report is never lost."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field

from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Line, Sha256
from tutela.exchange.message.signed_envelope import Envelope, TrustedKeys, key_id, sign, verify
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.report.report import Report

RECEIPT_CONTEXT = "tutela/receipt/1"


class ReceiptForAnotherReportError(ExchangeError):
    """The receipt is valid, but for another report or other bytes of it."""


class Receipt(Wire):
    """Receipt of a report and its time. `sha256` is the digest of the report's canonical bytes."""

    schema_version: Literal["1"] = "1"
    report_id: UUID
    received_at: Moment
    sha256: Sha256
    centre: Line
    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def issue_receipt(
    report: Report, *, received_at: Moment, centre: str, key: Ed25519PrivateKey, sha256: str = ""
) -> Envelope:
    """Sign a receipt; `sha256` is the report's fingerprint, where the caller has it. He stores the report durably."""
    named = key_id(key.public_key())
    receipt = Receipt(
        report_id=report.report_id,
        received_at=received_at,
        sha256=sha256 or report.fingerprint(),
        centre=centre,
        key_id=named,
    )
    return sign(receipt.to_bytes(), RECEIPT_CONTEXT, key, named)


def check_receipt(envelope: Envelope, report: Report, keys: TrustedKeys) -> Receipt:
    """The receipt, if a trusted Centre signed it for exactly this report.

    Raises the errors of `signed_envelope.verify`, and ReceiptForAnotherReportError.
    """
    receipt = Receipt.from_bytes(verify(envelope, RECEIPT_CONTEXT, keys))
    same = (receipt.report_id, receipt.sha256, receipt.key_id) == (
        report.report_id,
        report.fingerprint(),
        envelope.key_id,
    )
    if not same:
        raise ReceiptForAnotherReportError
    return receipt
