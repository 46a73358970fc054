"""Every message between organisations, field by field, from the published JSON Schemas."""

from __future__ import annotations

import json
from typing import Any

from scripts.reference import ROOT, code, table
from scripts.reference.schema_fields import fields

SCHEMAS = ROOT / "docs" / "schemas"


def schemas() -> dict[str, dict[str, Any]]:
    """The published schemas by the message's name."""
    return {
        path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(SCHEMAS.glob("*.schema.json"))
    }


def page() -> str:
    """The page of messages."""
    parts = ["# Messages\n\nFields of every message, generated from the published schemas. `[]` is any element.\n"]
    for name, schema in schemas().items():
        rows = [
            (code(one.path), one.kind, "yes" if one.required else "", one.limits, one.text)
            for one in fields(schema, schema.get("$defs", {}))
        ]
        parts.append(
            f"\n## {name}\n\n{' '.join(schema.get('description', '').split())}\n"
            f"[JSON Schema](../schemas/{name}.schema.json)\n\n"
            + table(("field", "type", "required", "limits", "meaning"), rows)
        )
    return "".join(parts)
