"""Write docs/packages.md: every package and the first sentence of its docstring. `--check` only compares."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "tutela"
PAGE = ROOT / "docs" / "packages.md"
HEAD = """# Packages

Generated from the docstrings by `scripts/packages.py`. Packages import only what stands below them; see
[ARCHITECTURE.md](../ARCHITECTURE.md) for the order. Each row: package, number of modules, purpose.

| package | modules | purpose |
|---|---|---|
"""


def purpose(package: Path) -> str:
    """The first paragraph of a package's docstring."""
    text = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split()).replace("|", "\\|")


def rows() -> list[str]:
    """A row for every package, in the order of the tree."""
    packages = sorted(path.parent for path in SOURCE.rglob("__init__.py") if "migrations" not in path.parts)
    return [
        f"| `{package.relative_to(SOURCE)}` | {sum(1 for one in package.glob('*.py')) - 1} | {purpose(package)} |"
        for package in packages
        if package != SOURCE
    ]


def main() -> None:
    text = HEAD + "\n".join(rows()) + "\n"
    if "--check" in sys.argv:
        if PAGE.read_text(encoding="utf-8") != text:
            sys.exit("Run: .venv/bin/python scripts/packages.py")
        return
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
