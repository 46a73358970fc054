"""Every kind of event, with its label and the facts that the code records with it."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from scripts.reference import ROOT, code, django, table

SOURCE = ROOT / "src" / "tutela"
# What writes an event: actor, kind and kind of the subject are the first three arguments.
WRITERS = ("record", "record_many", "rows_of")
# Arguments by name that are columns of the event and no facts.
COLUMNS = {"legal_basis"}


@dataclass
class Written:
    """What the calls that write one kind say. `kind` is a pattern where a part of it is computed."""

    subjects: set[str] = field(default_factory=set)
    facts: set[str] = field(default_factory=set)


def written() -> dict[str, Written]:
    """By kind (a regular expression): subjects and facts of every call in the source."""
    found = defaultdict[str, Written](Written)
    for path in sorted(SOURCE.rglob("*.py")):
        for call in _calls(ast.parse(path.read_text(encoding="utf-8"))):
            subject = call.args[2] if len(call.args) > 2 else None
            for kind in _patterns(call.args[1]):
                if isinstance(subject, ast.Constant):
                    found[kind].subjects.add(str(subject.value))
                found[kind].facts.update(_facts(call))
    return found


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) > 1:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in WRITERS:
                yield node


def _patterns(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield re.escape(str(node.value))
    elif isinstance(node, ast.IfExp):
        yield from _patterns(node.body)
        yield from _patterns(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(re.escape(p.value) if isinstance(p, ast.Constant) else "[a-z_]+" for p in node.values)


def _facts(call: ast.Call) -> Iterator[str]:
    for keyword in call.keywords:
        if keyword.arg and keyword.arg not in COLUMNS:
            yield keyword.arg
        elif isinstance(keyword.value, ast.Dict):
            yield from _names(keyword.value)
    for given in call.args[3:]:
        for node in ast.walk(given):
            if isinstance(node, ast.Dict):
                yield from _names(node)


def _names(node: ast.Dict) -> Iterator[str]:
    yield from (str(key.value) for key in node.keys if isinstance(key, ast.Constant))


def kinds() -> list[str]:
    """Every kind of event that a log can have."""
    django()
    from tutela.app.website.event_labels import EVENTS

    return sorted(EVENTS)


def public_kinds() -> list[str]:
    """The kinds of which the public log has an entry: those that the sequencer copies."""
    text = (ROOT / "src/tutela/accountability/sql/sequencer.sql").read_text()
    found = re.search(r"WHERE e\.kind IN \((.*?)\)", text, re.DOTALL)
    assert found is not None
    return re.findall(r"'([a-z_]+\.[a-z_]+)'", found[1])


def page() -> str:
    """The page of events."""
    django()
    from tutela.accountability.chain.leaves import OPEN_KINDS
    from tutela.app.website.event_labels import EVENTS

    calls = written()
    rows, logged = [], public_kinds()
    for kind in kinds():
        of_kind = [said for pattern, said in calls.items() if re.fullmatch(pattern, kind)]
        subjects, facts = ({x for one in of_kind for x in getattr(one, name)} for name in ("subjects", "facts"))
        public = "with facts" if kind in OPEN_KINDS else "yes" if kind in logged else ""
        rows.append(
            (code(kind), str(EVENTS[kind]), ", ".join(sorted(subjects)), ", ".join(map(code, sorted(facts))), public)
        )
    head = (
        "# Events\n\nEvery change records one event: actor, organisation, purpose, kind, subject and facts. This page"
        " lists the kinds.\nFacts are the names in the code; a call with computed names adds others. The last column"
        " says which events the\npublic log repeats, and whether their facts are public.\n\n"
    )
    return head + table(("kind", "label", "subject", "facts", "public log"), rows)
