"""Recomputation finds each planted falsification: in the file, in the log, in the rows and in the events."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.cast import AUDITOR, Cast
from tests.support.false_figures import FALSE_FILES, first
from tests.support.figures_world import ASSESSED, COMPLAINTS, FiguresWorld, attacker, complaints, own_log
from tutela.accountability.chain import sequencer
from tutela.observatory.figures import recompute, releases
from tutela.observatory.figures.recompute import Discrepancy
from tutela.observatory.statements import figures_file
from tutela.observatory.statements.figures_file import FiguresFile
from tutela.observatory.statements.statement import StatedFigure, Statement
from tutela.tlog.verify import Refused


@pytest.fixture
def world(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FiguresWorld:
    """The hotline also decided 3 complaints: their figure is withheld."""
    own_log(tmp_path, monkeypatch)
    made = FiguresWorld(cast)
    made.decide_complaints(3, monkeypatch)
    return made


def refused(check: Callable[[], object]) -> bool:
    try:
        check()
    except Refused:
        return True
    return False


def test_every_false_file_is_refused(world: FiguresWorld) -> None:
    file, policy = world.file(world.published()), world.policy()
    figures_file.check(file, policy)
    for name, falsify in FALSE_FILES.items():
        assert refused(lambda falsify=falsify: figures_file.check(falsify(file), policy)), name
    with pytest.raises(Refused, match="given keys"):
        figures_file.check(file, policy, ["00" * 32])
    for broken in (b"", b"{}", file.to_bytes()[:-5], b"[" * 5000, file.to_bytes().replace(b'"key"', b'"kay"')):
        with pytest.raises(Refused):
            FiguresFile.from_bytes(broken)


# What is changed in the database and back: two statements with the same values, and what is then found.
type Edit = tuple[str, str]
EDITS: dict[str, tuple[Edit, Discrepancy]] = {
    "a kept value": (
        (
            (
                "UPDATE observatory_publishedfigure SET value = value + 1 WHERE definition LIKE '%%opened/1' "
                "AND release_id = %(release)s"
            ),
            (
                "UPDATE observatory_publishedfigure SET value = value - 1 WHERE definition LIKE '%%opened/1' "
                "AND release_id = %(release)s"
            ),
        ),
        Discrepancy.ROW,
    ),
    "a kept digest": (
        (
            "UPDATE observatory_figurerelease SET digest = repeat('0', 64) WHERE id = %(release)s",
            "UPDATE observatory_figurerelease SET digest = %(digest)s WHERE id = %(release)s",
        ),
        Discrepancy.RELEASE,
    ),
    "a release taken out": (
        (
            "UPDATE observatory_figurerelease SET number = number + 50 WHERE id = %(release)s",
            "UPDATE observatory_figurerelease SET number = number - 50 WHERE id = %(release)s",
        ),
        Discrepancy.RELEASE,
    ),
    "the kind of an event": (
        (
            "UPDATE events_event SET kind = 'takedown.viewed' WHERE id = %(event)s",
            "UPDATE events_event SET kind = 'takedown.assessed' WHERE id = %(event)s",
        ),
        Discrepancy.VALUE,
    ),
    "the time of an event": (
        (
            "UPDATE events_event SET at = at - interval '9 days' WHERE id = %(event)s",
            "UPDATE events_event SET at = at + interval '9 days' WHERE id = %(event)s",
        ),
        Discrepancy.VALUE,
    ),
    "an event given to another organisation": (
        (
            "UPDATE events_event SET organisation_id = %(release)s WHERE id = %(event)s",
            "UPDATE events_event SET organisation_id = %(organisation)s WHERE id = %(event)s",
        ),
        Discrepancy.VALUE,
    ),
    "an entry of the chain": (
        (
            "UPDATE accountability_entry SET leaf = sha256('x') WHERE event_id = %(event)s",
            "UPDATE accountability_entry SET leaf = %(leaf)s WHERE event_id = %(event)s",
        ),
        Discrepancy.CHAIN,
    ),
    "a kept salt": (
        (
            "UPDATE observatory_publishedfigure SET salt = reverse(salt) WHERE release_id = %(release)s",
            "UPDATE observatory_publishedfigure SET salt = reverse(salt) WHERE release_id = %(release)s",
        ),
        Discrepancy.WITHHELD,
    ),
    "a kept figure taken out": (
        (
            (
                "UPDATE observatory_publishedfigure SET release_id = %(event)s WHERE definition LIKE '%%opened/1' "
                "AND release_id = %(release)s"
            ),
            "UPDATE observatory_publishedfigure SET release_id = %(release)s WHERE release_id = %(event)s",
        ),
        Discrepancy.ROW,
    ),
    "a kept query": (
        (
            (
                "UPDATE observatory_publishedfigure SET query = query || 'x' WHERE definition LIKE '%%opened/1' "
                "AND release_id = %(release)s"
            ),
            (
                "UPDATE observatory_publishedfigure SET query = left(query, -1) WHERE definition LIKE '%%opened/1' "
                "AND release_id = %(release)s"
            ),
        ),
        Discrepancy.QUERY,
    ),
    "a kept figure that is shown withheld": (
        (
            (
                "UPDATE observatory_publishedfigure SET missing = 's' WHERE definition LIKE '%%opened/1' "
                "AND release_id = %(release)s"
            ),
            (
                "UPDATE observatory_publishedfigure SET missing = '' WHERE definition LIKE '%%opened/1' "
                "AND release_id = %(release)s"
            ),
        ),
        Discrepancy.ROW,
    ),
    "a kept definition": (
        (
            "UPDATE observatory_publishedfigure SET definition = definition || '0' WHERE release_id = %(release)s",
            ("UPDATE observatory_publishedfigure SET definition = left(definition, -1) WHERE release_id = %(release)s"),
        ),
        Discrepancy.ROW,
    ),
    "a kept statement": (
        (
            "UPDATE observatory_figurerelease SET envelope = '{}' WHERE id = %(release)s",
            "UPDATE observatory_figurerelease SET envelope = %(envelope)s WHERE id = %(release)s",
        ),
        Discrepancy.CUT,
    ),
    "the subject of an event": (
        (
            "UPDATE events_event SET subject_id = %(other)s WHERE id = %(event)s",
            "UPDATE events_event SET subject_id = %(subject)s WHERE id = %(event)s",
        ),
        Discrepancy.VALUE,
    ),
    "who acted": (
        (
            "UPDATE events_event SET actor = actor || 'x' WHERE id = %(event)s",
            "UPDATE events_event SET actor = left(actor, -1) WHERE id = %(event)s",
        ),
        Discrepancy.CHAIN,
    ),
    "the head of the chain": (
        (
            "UPDATE accountability_entry SET head = sha256('x') WHERE position = %(position)s",
            "UPDATE accountability_entry SET head = %(head)s WHERE position = %(position)s",
        ),
        Discrepancy.HEAD,
    ),
    "the place of an event in the chain": (
        (
            "UPDATE accountability_entry SET position = position + 1000000 WHERE event_id = %(event)s",
            "UPDATE accountability_entry SET position = position - 1000000 WHERE event_id = %(event)s",
        ),
        Discrepancy.VALUE,
    ),
}


def test_every_change_of_the_database_is_found(world: FiguresWorld) -> None:
    release = world.published()
    sequencer.sequence_all()
    statement = figures_file.signed_statement(world.file(release))
    assert recompute.recompute(statement, AUDITOR) == []
    with attacker() as connected:
        values = _values(connected, world, str(release), statement)
    for name, ((change, undo), expected) in EDITS.items():
        with attacker() as connected:
            connected.execute(change, values)  # type: ignore[call-overload]
        found = {one.finding for one in recompute.recompute(statement, AUDITOR)}
        with attacker() as connected:
            connected.execute(undo, values)  # type: ignore[call-overload]
        assert expected in found, (name, found)
    assert recompute.recompute(statement, AUDITOR) == []


def _values(
    connected: psycopg.Connection[Any], world: FiguresWorld, release: str, statement: Statement
) -> dict[str, Any]:
    """What the edits name, and what they put back."""

    def one(query: str, *values: object) -> Any:
        (row,) = connected.execute(query, values).fetchall()  # type: ignore[call-overload]
        return row[0]

    event = one(
        "SELECT id FROM events_event WHERE organisation_id = %s AND kind = %s AND subject_id = %s ORDER BY id LIMIT 1",
        world.hotline.organisation_id,
        ASSESSED,
        str(world.cases[1]),
    )
    return {
        "event": event,
        "subject": str(world.cases[1]),
        "other": str(world.cases[2]),
        "leaf": one("SELECT leaf FROM accountability_entry WHERE event_id = %s", event),
        "position": statement.position,
        "head": one("SELECT head FROM accountability_entry WHERE position = %s", statement.position),
        "envelope": one("SELECT envelope FROM observatory_figurerelease WHERE id = %s", release),
        "release": release,
        "digest": statement.digest,
        "organisation": world.hotline.organisation_id,
    }


# What an organisation could state and sign itself, and what is then found.
STATED: dict[str, tuple[Callable[[Statement], Statement], Discrepancy]] = {
    "a value": (lambda s: first(s, value=70), Discrepancy.VALUE),
    "a query that counts something else": (lambda s: first(s, query="events:takedown.viewed"), Discrepancy.QUERY),
    "the query of another definition": (lambda s: first(s, query="events:takedown.assessed"), Discrepancy.QUERY),
    "a figure withheld without a reason": (lambda s: first(s, value=None, missing="s"), Discrepancy.HIDDEN),
    "a figure withheld by another code": (lambda s: complaints(s, missing=":"), Discrepancy.HIDDEN),
    "a count of few persons shown": (lambda s: complaints(s, value=3, missing=""), Discrepancy.SHOWN),
    "a figure of another kind of organisation": (
        lambda s: replace(s, figures=(*s.figures, StatedFigure("centre.reports.received/1", "x", "00" * 32, 9))),
        Discrepancy.OTHER,
    ),
    "a definition of its own": (lambda s: first(s, definition="hotline.addresses.opened/2"), Discrepancy.ABSENT),
    "a figure left out": (lambda s: replace(s, figures=s.figures[1:]), Discrepancy.ABSENT),
    "another number": (lambda s: replace(s, number=9), Discrepancy.RELEASE),
    "an earlier position": (lambda s: replace(s, position=s.position - 1), Discrepancy.HEAD),
    "another head": (lambda s: replace(s, head="00" * 32), Discrepancy.HEAD),
    "another organisation": (
        lambda s: replace(s, organisation="00000000-0000-0000-0000-000000000000"),
        Discrepancy.ORGANISATION,
    ),
}


def test_every_false_statement_is_found(world: FiguresWorld) -> None:
    statement = figures_file.signed_statement(world.file(world.published()))
    assert {one.definition for one in statement.figures if one.value is None} == {COMPLAINTS}
    assert recompute.recompute(statement, AUDITOR) == []
    for name, (falsify, expected) in STATED.items():
        found = {one.finding for one in recompute.recompute(falsify(statement), AUDITOR)}
        assert expected in found, (name, found)


def test_at_least_twenty_are_planted() -> None:
    assert len(EDITS) + len(STATED) >= 20
    assert len(FALSE_FILES) >= 20


def test_the_file_is_the_one_that_was_published(world: FiguresWorld) -> None:
    release = world.published()
    assert base64.b64encode(releases.file_of(release))
    assert releases.file_of(release) == world.file(release).to_bytes()
