"""A JSON Schema as a flat list of fields: `items[].hashes[].value`, its type and its limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

LIMITS = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "pattern", "format")
VARIANTS = ("anyOf", "oneOf", "allOf")


@dataclass(frozen=True)
class Field:
    """One field of a message. `path` is what a reader types; `[]` is any element, `*` any name."""

    path: str
    kind: str
    required: bool
    limits: str
    text: str


def fields(schema: dict[str, Any], definitions: dict[str, Any]) -> list[Field]:
    """All fields below a schema, parents first. A type inside itself is not entered again."""
    found: dict[str, Field] = {}
    for field in _walk(schema, "", definitions, ()):
        found.setdefault(field.path, field)
    return list(found.values())


def _walk(node: dict[str, Any], path: str, known: dict[str, Any], inside: tuple[str, ...]) -> Iterator[Field]:
    name = node.get("$ref", "").rpartition("/")[2]
    if name:
        if name not in inside:
            yield from _walk(known[name], path, known, (*inside, name))
        return
    for variant in (one for key in VARIANTS for one in node.get(key, ())):
        yield from _walk(variant, path, known, inside)
    required = set(node.get("required", ()))
    for key, value in node.get("properties", {}).items():
        place = f"{path}.{key}" if path else key
        resolved = _resolved(value, known)
        text = value.get("description") or resolved.get("description", "")
        yield Field(place, _kind(value, known), key in required, _limits(value, known), text)
        yield from _walk(value, place, known, inside)
    if isinstance(node.get("items"), dict):
        yield from _walk(node["items"], f"{path}[]", known, inside)
    if isinstance(node.get("additionalProperties"), dict):
        yield from _walk(node["additionalProperties"], f"{path}.*", known, inside)


def _resolved(node: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    name = node.get("$ref", "").rpartition("/")[2]
    return known[name] if name else node


def _kind(node: dict[str, Any], known: dict[str, Any]) -> str:
    node = _resolved(node, known)
    if "const" in node:
        return f"`{node['const']}`"
    if "enum" in node:
        return ", ".join(f"`{one}`" for one in node["enum"])
    variants = [one for key in VARIANTS for one in node.get(key, ())]
    if variants:
        return " or ".join(dict.fromkeys(_kind(one, known) for one in variants))
    kind = node.get("type", "any")
    if isinstance(kind, list):
        return " or ".join(kind)
    if kind == "array" and isinstance(node.get("items"), dict):
        return f"array of {_kind(node['items'], known)}"
    return str(kind)


def _limits(node: dict[str, Any], known: dict[str, Any]) -> str:
    node = _resolved(node, known)
    nodes = [node, *(_resolved(one, known) for key in VARIANTS for one in node.get(key, ()))]
    said = [f"{key} {one[key]}" for one in nodes for key in LIMITS if key in one]
    return ", ".join(f"`{one}`" for one in dict.fromkeys(said))
