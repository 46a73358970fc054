"""Every name that others rely on, one a line: what a message, a script, a setting or a saved query says.

`tests/golden/wire_names.txt` holds them; a name that changes or goes breaks somebody who is not in this repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from scripts.reference import ROOT, api, errors, events, messages, settings
from scripts.reference.schema_fields import fields

CONTEXT = re.compile(r"b?\"(tutela/[a-z-]+/[0-9]+)\"")
GOLDEN = ROOT / "tests" / "golden" / "wire_names.txt"


def names() -> list[str]:
    """All lines, sorted: the kind of a name, then the name."""
    kinds = (_events, _permissions, _errors, _contexts, _settings, _messages, _interfaces, _commands)
    return sorted({line for kind in kinds for line in kind()})


def _events() -> Iterator[str]:
    yield from (f"event {kind}" for kind in events.kinds())
    from tutela.accountability.chain.leaves import OPEN_KINDS

    yield from (f"leaf {kind}" for kind in events.public_kinds())
    yield from (f"leaf-with-facts {kind}" for kind in OPEN_KINDS)


def _permissions() -> Iterator[str]:
    from tutela.events import purposes
    from tutela.organisations.vocabulary import roles_and_permissions as vocabulary

    granted = [*vocabulary.PERMISSIONS.values(), *vocabulary.SCOPES.values()]
    granted += [value for value in vars(vocabulary).values() if isinstance(value, frozenset)]
    yield from (f"permission {one}" for permissions in granted for one in permissions if "." in one)
    yield from (f"scope {one}" for one in vocabulary.SCOPES)
    yield from (f"role {kind} {role}" for kind, role in vocabulary.PERMISSIONS)
    by_kind = [value for value in vars(purposes).values() if isinstance(value, dict)]
    yield from (f"purpose {one}" for words in by_kind for one, label in words.items() if isinstance(label, Promise))


def _errors() -> Iterator[str]:
    for one in errors.classes():
        kind, label = getattr(one, "type", ""), getattr(one, "code", "")
        yield from (f"problem-type {name}" for name in (kind,) if isinstance(name, str) and name)
        yield from (f"error-code {name}" for name in (label,) if isinstance(name, str) and name)


def _contexts() -> Iterator[str]:
    """What a signature is for: a part of the signed bytes."""
    for path in (ROOT / "src" / "tutela").rglob("*.py"):
        yield from (f"signed-context {one}" for one in CONTEXT.findall(path.read_text(encoding="utf-8")))


def _settings() -> Iterator[str]:
    yield from (f"setting {name}" for name in settings.names())


def _messages() -> Iterator[str]:
    for name, schema in messages.schemas().items():
        yield f"message {name}"
        yield from (f"message {name} {one.path}" for one in fields(schema, schema.get("$defs", {})))


def _interfaces() -> Iterator[str]:
    for who, document in api.documents().items():
        for method, path, said in api.operations(document):
            place = f"api {who} {method} {path}"
            yield place
            yield from (f"{place} {one['in']} {one['name']}" for one in said.get("parameters", ()))
            if not api.message(said.get("requestBody", {}).get("content", {})):
                yield from (
                    f"{place} body {one.path}"
                    for one in api.body(document, said.get("requestBody", {}).get("content", {}))
                )
            for status, answer in said["responses"].items():
                content = answer.get("content", {})
                if not api.message(content):
                    yield from (f"{place} {status} {one.path}" for one in api.body(document, content))


def _commands() -> Iterator[str]:
    from typer.main import get_command

    from tutela.app import cli

    yield from _command("tutela", get_command(cli.app))


def _command(name: str, command: Any) -> Iterator[str]:
    yield f"command {name}"
    for parameter in command.params:
        options = [*parameter.opts, *parameter.secondary_opts]
        yield from (f"command {name} {one if one[0] == '-' else f'<{one}>'}" for one in options)
    for child in command.list_commands(None) if hasattr(command, "commands") else ():
        yield from _command(f"{name} {child}", command.get_command(None, child))


def write(path: Path = GOLDEN) -> None:
    """Write the file again."""
    path.write_text("\n".join(names()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
