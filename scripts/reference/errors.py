"""Every error class, with its status or code and the text that people read."""

from __future__ import annotations

import inspect
import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module

from scripts.reference import code, django, table

# Modules that import packages of an extra, or run when they are imported.
NOT_IMPORTED = (".cluster.", ".migrations", "__main__", ".pkcs11", ".wsgi", ".asgi")


def classes() -> list[type[Exception]]:
    """Every public error of a family: those of the `errors` modules, and what derives from them."""
    django()
    import tutela

    for module in pkgutil.walk_packages(tutela.__path__, "tutela."):
        if not any(part in f"{module.name}." for part in NOT_IMPORTED):
            import_module(module.name)
    found = {one for one in _derived(Exception) if one.__module__.startswith("tutela.") and one.__name__[0] != "_"}
    families = {one for one in found if one.__module__.rpartition(".")[2] == "errors"}
    return sorted((one for one in found if families & set(one.__mro__)), key=lambda one: (one.__module__, one.__name__))


def _derived(base: type) -> Iterator[type]:
    for one in base.__subclasses__():
        yield one
        yield from _derived(one)


def text(error: type[Exception]) -> str:
    """What people read where the class says it."""
    return " ".join((inspect.cleandoc(error.__doc__ or "")).split())


def page() -> str:
    """The page of errors."""
    by_domain = defaultdict[str, list[tuple[str, ...]]](list)
    for one in classes():
        kind = getattr(one, "type", "")
        by_domain[one.__module__.split(".")[1]].append(
            (
                code(one.__name__),
                str(getattr(one, "status", "")),
                code(getattr(one, "code", "") or ("" if kind == "about:blank" else kind)),
                code(getattr(one, "field", None) or ""),
                text(one),
            )
        )
    head = (
        "# Errors\n\nErrors are a family per domain. The API answers with problem details (RFC 9457) that have the"
        " status and the text;\nmany places raise a class with a text of their own that names the field. Codes are"
        " labels in metrics and logs, or the\nproblem's type.\n"
    )
    columns = ("error", "status", "code or type", "field", "text")
    parts = [f"\n## {domain}\n\n{table(columns, rows)}" for domain, rows in sorted(by_domain.items())]
    return "".join([head, *parts])
