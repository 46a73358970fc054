"""Summary of a case as one HTML page that loads nothing and shows no picture."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from tutela.forensics.case_folder.case import Case
from tutela.forensics.case_folder.losses import CaseState
from tutela.forensics.exports.figures import CaseFigures
from tutela.forensics.exports.item_rows import area_rows
from tutela.forensics.items.signs import MEANINGS, POINTS

_MOST_ROWS = 200
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse;margin:0 0 2rem;width:100%}caption{text-align:left;font-weight:600;padding:.4rem 0}
th,td{text-align:left;padding:.3rem .8rem;border-bottom:1px solid #d0d5da;overflow-wrap:anywhere;vertical-align:top}
p.note{color:#4a5159}
@media(prefers-color-scheme:dark){body{color:#e8eaed;background:#1b1f24}p.note{color:#b4bac1}}
"""
_CLASSES = {
    "known": "Known: exact copy of a certified entry",
    "known_elsewhere": "Known elsewhere: exact copy of another list's entry",
    "near_known": "Near known: visually similar to an entry",
    "same_series": "Same series: same camera as a listed item, within an hour",
    "unknown": "Unknown pictures and videos",
    "not_examined": "Not examined",
    "ignorable": "Ignorable: exact copy of a lawful reference",
    "other": "Other files",
}
_STATES = {
    CaseState.COMPLETE: "complete",
    CaseState.INCOMPLETE: "incomplete: a source could not be read whole",
    CaseState.UNFINISHED: "not finished: figures of the files so far",
}
_FIRST = """
SELECT name, score, signs, make, model, taken, device.label AS device FROM item
JOIN file ON file.id = item.file JOIN device ON device.id = file.device
WHERE class IN ('unknown', 'same_series') ORDER BY score DESC, item.id LIMIT ?
"""


def html_report(case: Case) -> str:
    """The page. Classes are proposals of the tool and of lists; only people grade."""
    figures, allowed = CaseFigures.of_case(case), case.allowed
    period = " to ".join(str(one.date()) if one else "open" for one in (allowed.begin, allowed.end))
    authorisation = {
        "Person": allowed.person,
        "Court or authority": allowed.authority,
        "Reference": allowed.reference,
        "Offence": allowed.offence,
        "Issued": str(allowed.issued),
        "Country": allowed.country,
        "Devices": ", ".join(one.label for one in allowed.devices),
        "Period (end excluded)": period,
        "File classes": ", ".join(sorted(allowed.classes)),
        "Patterns of privileged material": str(len(allowed.privileged)),
        "SHA-256 of the authorisation": allowed.sha256,
    }
    parts = [
        _table("Authorisation", authorisation),
        _rows("Sources that could not be read whole", ("Source", "Reason", "Number"), _lost(figures)),
        _table("Files", _files(figures)),
        _table("Items by class (places, different items)", _classes(figures)),
        _table("Outside the authorisation, not read", _counts(figures.outside)),
        _table("Not examined, by reason", _counts(figures.not_examined)),
        _table("Grades of people", _counts(figures.grades)),
        _rows("Lists", ("Role", "List", "Version", "Entries", "SHA-256"), _lists(figures)),
        _rows("Unknown items, most signs first", ("Item", "Points", "Signs", "Camera", "Taken"), _first(case)),
        _table("Points of each sign", {f"{name}: {MEANINGS[name]}": f"{points:+d}" for name, points in POINTS.items()}),
        _rows("Areas not read", ("Device", "Path", "Reason", "Bytes"), _areas(case)),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tutela triage</title>'
        '<meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" '
        f"content=\"default-src 'none'; style-src 'unsafe-inline'\"><style>{_STYLE}</style></head><body><main>"
        f"<h1>Triage: {escape(allowed.reference)}</h1>"
        f"<p><strong>The examination is {_STATES[figures.state]}.</strong></p>"
        "<p class=note>A class is a proposal, not a finding. Signs order unknown items and close none. "
        f"Only people grade.</p>{''.join(parts)}</main></body></html>\n"
    )


def _files(figures: CaseFigures) -> dict[str, str]:
    return {
        "Files to read": f"{figures.files:,}",
        "Files done": f"{figures.files_done:,}",
        "Bytes of these files": f"{figures.size:,}",
        "Items, with members of archives": f"{figures.items:,}",
        "Different items": f"{figures.unique_items:,}",
        "Listed items that a lawful reference also has (conflicts)": f"{figures.conflicts:,}",
        "Items of withdrawn entries": f"{figures.withdrawn:,}",
        "PhotoDNA entries in lists": f"{figures.photodna_listed:,}",
        "PhotoDNA entries with nothing to compare with": f"{figures.photodna_uncompared:,}",
        "Pictures without a PhotoDNA value": f"{figures.photodna_without_value:,}",
    }


def _classes(figures: CaseFigures) -> dict[str, str]:
    return {
        label: f"{figures.classes.get(name, 0):,} · {figures.unique.get(name, 0):,}" for name, label in _CLASSES.items()
    }


def _counts(found: Mapping[str, int]) -> dict[str, str]:
    return {name.replace("_", " "): f"{count:,}" for name, count in found.items()}


def _lists(figures: CaseFigures) -> list[tuple[str, ...]]:
    return [
        (one["role"], one["name"], one["version"] or "not stated", f"{one['entries']:,}", one["sha256"])
        for one in figures.lists
    ]


def _lost(figures: CaseFigures) -> list[tuple[str, ...]]:
    return [
        (device, code.replace("_", " "), f"{count:,}")
        for device, codes in figures.losses.items()
        for code, count in codes.items()
    ]


def _first(case: Case) -> list[tuple[str, ...]]:
    return [
        (
            f"{row['device']}/{row['name']}",
            str(row["score"]),
            row["signs"].strip("[]").replace('"', ""),
            f"{row['make']} {row['model']}".strip(),
            row["taken"],
        )
        for row in case.rows(_FIRST, (_MOST_ROWS,))
    ]


def _areas(case: Case) -> list[tuple[str, ...]]:
    found = list[tuple[str, ...]]()
    for one in area_rows(case):
        if not one["code"].startswith("outside:"):
            found.append((one["device"], one["path"], one["code"], f"{one['size']:,}"))
        if len(found) >= _MOST_ROWS:
            break
    return found


def _table(caption: str, rows: Mapping[str, str]) -> str:
    body = "".join(f"<tr><th scope=row>{escape(key)}</th><td>{escape(value)}</td></tr>" for key, value in rows.items())
    return f"<table><caption>{escape(caption)}</caption>{body or '<tr><td>none</td></tr>'}</table>"


def _rows(caption: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    first = "".join(f"<th scope=col>{escape(head)}</th>" for head in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(value)}</td>' for value in row)}</tr>" for row in rows)
    empty = f"<tr><td colspan={len(heads)}>none</td></tr>"
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{first}</tr></thead>{body or empty}</table>"
