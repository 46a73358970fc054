"""What commands tell of lines that are refused: the same whichever command reads the file."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

from tutela.app.cli.node import import_, lawful_reference
from tutela.app.cli.progress import MOST_LINES_SHOWN, Telling


def test_the_first_refused_lines_are_named_and_all_stand_in_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "errors"
    with Telling(file) as telling:
        telling.refused(1, "no md5")
        for line in range(2, MOST_LINES_SHOWN + 4):
            telling.refused(line, "too long", "reason")
    said = capsys.readouterr().err.splitlines()
    assert said[:2] == ["line 1: no md5", "line 2: reason: too long"]
    assert said[MOST_LINES_SHOWN:] == ["more lines are refused; --errors FILE lists all of them"]
    kept = [json.loads(line) for line in file.read_text().splitlines()]
    assert kept[:2] == [{"line": 1, "reason": "no md5"}, {"line": 2, "field": "reason", "reason": "too long"}]
    assert len(kept) == MOST_LINES_SHOWN + 3


@pytest.mark.parametrize("command", [import_, lawful_reference])
def test_a_command_that_reads_lines_tells_as_the_others(command: object) -> None:
    source = inspect.getsource(command)  # type: ignore[arg-type]
    assert command.Telling is Telling  # type: ignore[attr-defined]
    assert "json.dumps" not in source, "refused lines are written in one place"
