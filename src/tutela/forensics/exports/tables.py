"""JSON Lines and CSV of a case."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from typing import TextIO

from tutela.forensics.case_folder.case import Case
from tutela.forensics.case_folder.losses import CaseState, losses_of
from tutela.forensics.exports.figures import CaseFigures
from tutela.forensics.exports.item_rows import COLUMNS, area_rows, item_rows
from tutela.scan.output_formats import cell


def write_json_lines(case: Case, out: TextIO) -> None:
    """One object a line: the case with its figures, every item, every area that was not read, and every loss."""
    allowed = case.allowed
    head = {
        "record": "case",
        "case_id": str(case.case_id),
        "reference": allowed.reference,
        "authority": allowed.authority,
        "authorisation_sha256": allowed.sha256,
        "figures": asdict(CaseFigures.of_case(case)),
    }
    out.write(_line(head))
    for row in item_rows(case):
        out.write(_line({"record": "item", **{name: row[name] for name in (*COLUMNS, "matches")}}))
    for area in area_rows(case):
        out.write(_line({"record": "not_read", **area}))
    for loss in losses_of(case):
        out.write(_line({"record": "loss", "state": CaseState.INCOMPLETE, **loss.as_json()}))


def write_csv(case: Case, out: TextIO) -> None:
    """One row for each place of an item, one for each loss (`incomplete`); cells that no spreadsheet evaluates."""
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for row in item_rows(case):
        row["signs"] = " ".join(row["signs"])
        rows.writerow([cell(row[name]) for name in COLUMNS])
    for loss in losses_of(case):
        said = {"device": loss.device, "path": loss.path, "size": loss.size}
        said |= {"class": CaseState.INCOMPLETE, "not_examined": loss.code}
        rows.writerow([cell(said.get(name, "")) for name in COLUMNS])


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
