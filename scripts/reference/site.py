"""Put the source of the documentation site together: pages of the repository, and the reference from the code."""

from __future__ import annotations

import re
import shutil
import sys
from os.path import normpath, relpath
from pathlib import Path

from scripts.reference import ROOT, api, errors, events, messages, settings

ROOT_PAGES = ("README.md", "ARCHITECTURE.md", "STYLE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
GENERATED = {
    "settings": settings.page,
    "api": api.page,
    "messages": messages.page,
    "events": events.page,
    "errors": errors.page,
}
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s:#]+)(#[^)\s]*)?\)")
FIRST_HEADING = re.compile(r"^# ", re.MULTILINE)
CLI = """# Commands

Generated from the program. A command ends with a number that scripts can rely on:

```text
{exits}
```

```{typer} tutela.app.cli:app
:prog: tutela
:make-sections:
:show-nested:
:preferred: text
:width: 100
```
"""
# The four parts, and what each holds; a star stands for every page of a folder.
PARTS = {
    "Tutorial": ("docs/tutorial",),
    "How-to guides": ("docs/howto/*",),
    "Reference": (
        *(f"docs/reference/{name}" for name in ("cli", *GENERATED)),
        "docs/settings",
        "docs/index-format",
        "docs/packages",
        "docs/performance",
        "docs/drills",
        "docs/glossary",
        "CHANGELOG",
    ),
    "Explanation": (
        "ARCHITECTURE",
        "docs/threat-model",
        "docs/deviations",
        "docs/decisions/README",
        "STYLE",
        "CONTRIBUTING",
        "SECURITY",
    ),
}


def index() -> str:
    """The first page: the README of `docs`, and the tables of contents that make the side bar."""
    text = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    text = LINK.sub(lambda found: f"[{found[1]}]({normpath(f'docs/{found[2]}')}{found[3] or ''})", text)
    trees = [_tree("", ("README",)), *(_tree(caption, pages) for caption, pages in PARTS.items())]
    return "\n".join([text, *trees])


def exits() -> str:
    """The numbers with which commands end, as their module says them."""
    from tutela.app.cli import exit_codes

    return (exit_codes.__doc__ or "").partition("\n\n")[2].rstrip()


def _tree(caption: str, pages: tuple[str, ...]) -> str:
    options = [f":caption: {caption}"] * bool(caption) + [":hidden:", ":maxdepth: 1", ":glob:"]
    return "\n".join(["```{toctree}", *options, "", *pages, "```", ""])


def assemble(folder: Path) -> None:
    """Write the whole source into an empty folder. Links that lead out of it become names of files."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("conf.py", "__pycache__"))
    for name in ROOT_PAGES:
        shutil.copy(ROOT / name, folder / name)
    (folder / "docs" / "reference").mkdir()
    (folder / "docs" / "reference" / "cli.md").write_text(CLI.replace("{exits}", exits()), encoding="utf-8")
    for name, page in GENERATED.items():
        (folder / "docs" / "reference" / f"{name}.md").write_text(page(), encoding="utf-8")
    with (folder / "docs" / "decisions" / "README.md").open("a", encoding="utf-8") as readme:
        readme.write("\n" + _tree("", ("[0-9]*",)))
    (folder / "docs" / "README.md").unlink()
    (folder / "index.md").write_text(index(), encoding="utf-8")
    for path in folder.rglob("*.md"):
        path.write_text(_inside(path, folder), encoding="utf-8")


def _inside(path: Path, folder: Path) -> str:
    """The text of a page. Links to code become names of files, links to the README of `docs` the first page."""

    def replaced(found: re.Match[str]) -> str:
        text, target, anchor = found.groups()
        name = normpath((path.parent / target).relative_to(folder))
        if name in ("docs", "docs/README.md"):
            return f"[{text}]({relpath(folder / 'index.md', path.parent)}{anchor or ''})"
        if (folder / name).is_file() or not (ROOT / name).exists():
            return found[0]
        return f"{text} (`{name}`)"

    return LINK.sub(replaced, path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    assemble(Path(sys.argv[1]))
