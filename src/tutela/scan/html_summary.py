"""Summary of a scan as one HTML page that loads nothing, and the recall of a planted set."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from tutela.scan.errors import ScanError
from tutela.scan.output_formats import shown
from tutela.scan.scan import ScanResult, Totals


@dataclass(slots=True)
class Recall:
    """Recall of planted items, by the edit they went through. `planted`: name to (entry, edit)."""

    planted: Mapping[str, tuple[str, str]]
    present: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)

    @classmethod
    def load(cls, path: Path) -> Recall:
        """From a CSV with the columns `name`, `entry_id` and `edit`. Raises ScanError."""
        try:
            with path.open(newline="", encoding="utf-8") as file:
                rows = csv.DictReader(file)
                return cls({row["name"]: (row["entry_id"], row["edit"]) for row in rows})
        except (OSError, KeyError, UnicodeDecodeError) as error:
            raise ScanError(f"The planted manifest {path} cannot be read ({type(error).__name__}).") from None

    def add(self, one: ScanResult) -> None:
        """Count a result if it was planted; it is known by its full name or by its file name."""
        name = shown(one.name)
        planted = self.planted.get(name) or self.planted.get(Path(name).name)
        if planted is None:
            return
        entry, edit = planted
        self.present[edit] += 1
        self.found[edit] += any(str(match.entry_id) == entry for match in one.matches)


_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse;margin:0 0 2rem;min-width:24rem}caption{text-align:left;font-weight:600;padding:.4rem 0}
th,td{text-align:left;padding:.3rem .8rem;border-bottom:1px solid #d0d5da}td+td,th+th{text-align:right}
p.note{color:#4a5159}
"""


def html_summary(totals: Totals, seconds: float, lists: Mapping[str, str], recall: Recall | None = None) -> str:
    """The page. `lists` maps a list's id to its name and version.

    A match is a candidate, and the page states this.
    """
    rate = totals.items / seconds if seconds > 0 else 0.0
    figures = {
        "Items": f"{totals.items:,}",
        "Bytes read": f"{totals.bytes:,}",
        "Items with a match": f"{totals.matched:,}",
        "Items without a perceptual hash": f"{totals.refused.total():,}",
        "Items too flat to be compared": f"{totals.not_compared:,}",
        "Files skipped as already scanned": f"{totals.skipped:,}",
        "Duration": f"{seconds:.1f} s",
        "Rate": f"{rate:.1f} items/s",
    }
    per_list = {f"{name} ({one})": f"{totals.by_list[one]:,}" for one, name in lists.items()}
    parts = [
        _table("Figures", figures),
        _table("Items matched, by list", per_list),
        _table("Items matched, by rule", {k: f"{v:,}" for k, v in totals.by_rule.most_common()}),
        _table("Items without a perceptual hash, by reason", {k: f"{v:,}" for k, v in totals.refused.most_common()}),
    ]
    if recall:
        counted = ((edit, recall.found[edit], n) for edit, n in recall.present.items())
        shares = {edit: f"{found} of {n} ({found / n:.1%})" for edit, found, n in counted}
        parts.append(_table("Planted items found, by edit", shares))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tutela scan</title>'
        '<meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" '
        f"content=\"default-src 'none'; style-src 'unsafe-inline'\"><style>{_STYLE}</style></head><body>"
        "<h1>Scan</h1><p class=note>A match is a candidate for review by a human being, not a finding.</p>"
        f"{''.join(parts)}</body></html>\n"
    )


def _table(caption: str, rows: Mapping[str, str]) -> str:
    body = "".join(f"<tr><td>{escape(key)}</td><td>{escape(value)}</td></tr>" for key, value in rows.items())
    return f"<table><caption>{escape(caption)}</caption>{body or '<tr><td>none</td><td></td></tr>'}</table>"
