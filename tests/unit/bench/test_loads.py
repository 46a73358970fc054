"""What the generators send is what an interface takes: their marks are there, and what replaces them fits."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))

import cybertip
import intake

from tutela.exchange.cybertip import read_tip
from tutela.exchange.report.report import Report

LUA = Path(intake.__file__).with_name("intake.lua").read_text()
TEMPLATE = intake.template().decode()


def _filed(own: str) -> bytes:
    """As `intake.lua` makes it of the template."""
    text = TEMPLATE
    return re.sub("(?:0[abd]){6}", own, text).replace(intake.DIGEST, "e" * 52 + own).encode()


def test_each_report_of_the_generator_is_another_one() -> None:
    assert '"0[abd]0[abd]0[abd]0[abd]0[abd]0[abd]"' in LUA
    first, second = (Report.from_bytes(_filed(own)) for own in ("000100000001", "000100000002"))
    assert first.report_id != second.report_id
    assert first.items[0].sha256 != second.items[0].sha256
    assert first.users[0].usernames != second.users[0].usernames
    assert first.to_bytes() == _filed("000100000001"), "canonical as it is sent"


def test_document_of_the_generator_names_an_account_and_a_country() -> None:
    sent = cybertip.DOCUMENT.replace(b"MARK", b"1-2-3")
    assert cybertip.DOCUMENT.count(b"MARK") == 3
    assert read_tip(sent, datetime(2026, 3, 1, tzinfo=UTC)).batched is False
