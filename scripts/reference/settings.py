"""Every setting with its type, default and limits, from the models that read the environment."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel
from scripts.reference import ROOT, code, table
from scripts.reference.schema_fields import fields

EXPLAINED = ROOT / "docs" / "settings.md"
ROW = re.compile(r"^\| `([A-Z0-9_]+)` \| (.*?) \| (.*) \|$", re.MULTILINE)


def models() -> tuple[tuple[str, type[BaseModel]], ...]:
    """The prefix of the variables of each model."""
    from tutela.app.config import Config
    from tutela.edge.runtime.settings import PREFIX, Settings

    return (("TUTELA_", Config), (PREFIX, Settings))


def names() -> list[str]:
    """Every variable that is read, those of commands included."""
    from tutela.app.config import OTHER_VARIABLES

    named = {f"{prefix}{name.upper()}" for prefix, model in models() for name in model.model_fields}
    return sorted(named | OTHER_VARIABLES | {"DATABASE_URL"})


def page() -> str:
    """The page of settings: what `docs/settings.md` says of each, with what the model knows."""
    said = {name: (default, text) for name, default, text in ROW.findall(EXPLAINED.read_text(encoding="utf-8"))}
    parts = ["# Settings by type\n\nTypes and limits of every setting. [Settings](../settings.md) has them by topic.\n"]
    for title, (prefix, model) in zip(("A node", "An Edge"), models(), strict=True):
        schema: dict[str, Any] = model.model_json_schema(mode="validation")
        rows = []
        for field in fields(schema, schema.get("$defs", {})):
            name = f"{prefix}{field.path.upper()}"
            if name in said:
                rows.append((code(name), field.kind, said[name][0], field.limits, said[name][1]))
        parts.append(f"\n## {title}\n\n{table(('variable', 'type', 'without it', 'limits', 'what it does'), rows)}")
    return "".join(parts).replace("](howto/", "](../howto/")
