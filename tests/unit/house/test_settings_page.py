"""docs/settings.md describes every setting that the code reads, and no other."""

from __future__ import annotations

import re

from tests.support.tree import ROOT, SOURCE

from tutela.app.config import OTHER_VARIABLES, Config
from tutela.edge.runtime.settings import PREFIX, Settings

PAGE = ROOT / "docs" / "settings.md"
ROW = re.compile(r"^\| `((?:TUTELA_|DATABASE_)[A-Z0-9_]+)` \|", re.MULTILINE)
# Read by a command or a test, and described on the page in a table of their own.
OTHERS = {"DATABASE_URL"} | OTHER_VARIABLES - {"TUTELA_ROLE", "TUTELA_LIMIT_KEY", "TUTELA_RUNTIME_URL"}
# Set by our own programs for each other, never by people.
INTERNAL = {"TUTELA_ROLE", "TUTELA_LIMIT_KEY", "TUTELA_RUNTIME_URL", "TUTELA_X", "TUTELA_HOLDER", "TUTELA_LISTENER"}


def _known() -> set[str]:
    node = {f"TUTELA_{name.upper()}" for name in Config.model_fields}
    return node | {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | OTHERS


def test_settings_page_and_code_agree() -> None:
    described = ROW.findall(PAGE.read_text())
    assert len(described) == len(set(described)), "described twice"
    assert set(described) == _known()


def test_every_setting_of_a_node_describes_itself_in_the_code() -> None:
    assert not [name for name, field in Config.model_fields.items() if not field.description]


def test_the_source_names_no_other_setting() -> None:
    named = {
        name for path in SOURCE.rglob("*.py") for name in re.findall(r"\bTUTELA_[A-Z]+(?:_[A-Z]+)*\b", path.read_text())
    }
    assert named - {PREFIX.rstrip("_")} <= _known() | INTERNAL
