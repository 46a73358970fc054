"""Texts of the public pages: `check`, `digest KEY`, `level`, or record a review with `review`.

A reviewer compared each translation with its source: `review LANGUAGE NAME PROFESSION DAY KEY...` writes the digests of
both sentences into `reviews.toml`. A later change of either one makes the review void.
"""

from __future__ import annotations

import sys
from datetime import date

from tutela.casework.public_languages import catalogue, checks, reviews


def check() -> int:
    """Print what is wrong; returns the exit code."""
    found = [one for code in catalogue.CODES for one in checks.problems(code)]
    print("\n".join(found) or f"{len(catalogue.CODES)} languages are complete.")
    return bool(found)


def level() -> int:
    """Print the reading level of each language that the formula was tried on."""
    for code in checks.MEASURED:
        print(f"{code}  LIX {checks.reading_level(code):.0f}")
    return 0


def review(code: str, reviewer: str, profession: str, day: str, keys: list[str]) -> int:
    """Add a review of each key to the data file. Raises `KeyError` for an unknown key or language."""
    when = date.fromisoformat(day)
    source, there = catalogue.language(catalogue.SOURCE).texts, catalogue.language(code).texts
    lines = []
    for key in keys:
        pair = f'source = "{source[key].source}"\ntext = "{catalogue.digest(there[key].text)}"'
        lines.append(f'\n[[review]]\nlanguage = "{code}"\nkey = "{key}"\n{pair}')
        lines.append(f'reviewer = "{reviewer}"\nprofession = "{profession}"\nday = {when}')
    with reviews.FILE.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return 0


def main(given: list[str]) -> int:
    match given:
        case ["check"]:
            return check()
        case ["level"]:
            return level()
        case ["digest", key]:
            print(catalogue.language(catalogue.SOURCE).texts[key].source)
            return 0
        case ["review", code, reviewer, profession, day, *keys] if keys:
            return review(code, reviewer, profession, day, keys)
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
