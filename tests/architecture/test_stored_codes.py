"""Rows store codes with values, and no English text: the text is looked up when it is shown."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import tutela
from tests.support.cast import Cast
from tests.support.reporting import account, item, report
from tests.support.reports_world import Centre
from tutela.app.templatetags.tutela import said
from tutela.app.website import labels
from tutela.events.transaction import acting
from tutela.exchange.message.translatable_text import TextCode
from tutela.law.models import ClockStep
from tutela.reports.models import Assessment, Jurisdiction, Report
from tutela.reports.state import jurisdiction_basis
from tutela.reports.triage import assess

SOURCE = Path(tutela.__file__).parent
# Columns that hold a code where no person wrote the reason.
FIELDS = {"cause", "detail", "error", "last_error", "reason", "refusal", "rule", "source", "why", "why_not"}
# What is demonstrated is typed by people; an Edge, the scanner and commands have no rows.
NO_ROWS = ("app", "edge", "scan", "exchange", "media", "matching", "tlog")
# Technical texts that go with a code or stay with a message, and what is raised, logged or used at once.
TECHNICAL = {
    "organisations/messages/http_post.py": "what the network or the recipient answered",
    "organisations/messages/join.py": "part of the protocol of a person's command",
    "accountability/public_log/publish.py": "the node's log",
    "accountability/public_log/signed_evidence.py": "the node's log",
    "detection/drafts/send.py": "why a receipt is not valid, beside a sentence of the page",
    "detection/drafts/precheck.py": "a value of an error that is raised",
}


# Texts of errors and of a page, which nobody stores.
SHOWN_AT_ONCE = ("exchange/report/unfounded_reasons.py", "exchange/register/approval.py")


def families(base: type[TextCode] = TextCode) -> Iterator[type[TextCode]]:
    for one in base.__subclasses__():
        yield one
        yield from families(one)


def literals(path: Path) -> Iterator[tuple[int, str, str]]:
    """Sentences that a call gives to a field of a row: line, field, text."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        for given in node.keywords:
            texts = [one for one in ast.walk(given.value) if isinstance(one, ast.Constant)]
            words = " ".join(one.value for one in texts if isinstance(one.value, str))
            sentence = isinstance(given.value, ast.Constant | ast.JoinedStr | ast.BinOp | ast.IfExp)
            if given.arg in FIELDS and sentence and len(words.split()) > 1:
                yield node.lineno, given.arg, words


def test_no_row_is_given_an_english_sentence() -> None:
    found, passed = [], set()
    for path in SOURCE.rglob("*.py"):
        name = str(path.relative_to(SOURCE))
        if name.startswith(NO_ROWS) or "migrations" in name:
            continue
        for line, field, words in literals(path):
            passed.add(name)
            if name not in TECHNICAL:
                found.append(f"{name}:{line}: {field}={words!r}: store a code of a TextCode, with values")
    assert not found, "\n".join(found)
    assert passed >= TECHNICAL.keys(), f"no longer needed: {TECHNICAL.keys() - passed}"


def test_a_text_that_is_only_marked_stands_in_a_vocabulary_of_codes() -> None:
    """No function marks a text, so none can be stored; a marked text belongs to a code, or to an error."""
    wrong = []
    for path in sorted(set(SOURCE.rglob("*.py")) - {SOURCE / one for one in SHOWN_AT_ONCE}):
        tree = ast.parse(path.read_text())
        imported = [one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)]
        marks = {n.asname or n.name for one in imported for n in one.names if n.name in ("gettext_noop", "marked")}
        functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
        for function in functions:
            calls = (one for one in ast.walk(function) if isinstance(one, ast.Call))
            wrong += [
                f"{path.relative_to(SOURCE)}:{one.lineno}"
                for one in calls
                if isinstance(one.func, ast.Name) and one.func.id in marks
            ]
    assert not wrong


def test_the_pages_know_every_code_and_each_is_one_text() -> None:
    known = set(labels.FAMILIES)
    assert {one for one in families() if list(one)} == known
    codes = [one.value for family in known for one in family]
    assert len(codes) == len(set(codes))
    assert all(said(code) != code for code in codes if "{" not in labels.TEXTS[code])
    assert said("Their own words") == "Their own words"
    assert said("error.OnlyZeros").startswith("A hash of only zeros")
    assert said("error.WrongDigits", {"kind": "md5", "digits": 32}) == "md5 must be exactly 32 hexadecimal digits."


def test_what_a_report_brings_is_stored_as_codes(cast: Cast) -> None:
    centre, shared = Centre(cast), item()
    urgent = {"urgency": {"urgent": True, "reason": "A meeting is planned", "dangers": ["travel"]}}
    filed = [
        centre.file(report(items=[shared], users=[account()], **more))
        for more in ({}, urgent, {"victims": [{"other": "token"}]})
    ]
    assess.assess(centre.analyst, filed[0], "ask", "Which account?", seen=0)
    assess.assess(centre.analyst, filed[0], "forward", "", seen=1)
    with acting(centre.machine):
        rows = list(Report.objects.filter(report_id__in=filed))
        reasons = [one for row in rows for name, some in row.reasons.items() if name != "rules" for one in some]
        routed = [
            row for one in rows for row in jurisdiction_basis.opened(one, Jurisdiction.objects.filter(report=one))
        ]
        paused = list(ClockStep.objects.filter(step="pause").values_list("reason", flat=True))
        decided = list(Assessment.objects.filter(report__in=rows).values_list("reason_code", flat=True))
    assert {code for _points, code, _values in reasons} <= labels.TEXTS.keys()
    assert routed
    assert {one.rule for one in routed} | {piece[2] for one in routed for piece in one.evidence} <= labels.TEXTS.keys()
    assert "pause.asked_provider" in paused
    assert {*filter(None, decided)} <= labels.TEXTS.keys()
