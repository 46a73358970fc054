"""Files of a return: CSV, XLSX and JSON, and the parts of a transparency report as the template names them.

Every file has the missing values as codes, and says whether the form was compared with its official annex.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

from tutela.exchange.message.spreadsheet_cells import cell
from tutela.observatory.forms.content import ReturnDocument
from tutela.observatory.forms.form import Form

HEAD = ("section", "field", "label", "scope", "value", "missing", "status", "unit", "definition", "comment")
# A file of the same return has the same bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def rows(form: Form, document: ReturnDocument) -> Iterator[tuple[str, ...]]:
    """One row for each line of a return, in the order of the form."""
    lines = document.by_place()
    for one in form.fields:
        for scope in form.scopes_of(one):
            line = lines.get((one.id, scope))
            if line is None:
                continue
            unit = one.unit.value if one.unit else ""
            definition = line.definition or one.definition
            yield (
                one.section,
                one.id,
                one.label,
                scope,
                line.value,
                line.missing,
                line.status,
                unit,
                definition,
                line.comment,
            )


def notes(form: Form, document: ReturnDocument) -> list[tuple[str, str]]:
    """What stands above the rows."""
    found = [
        ("form", form.title),
        ("legal source", form.legal_source),
        ("sender", document.sender),
        ("period", str(document.period)),
        ("version", str(document.number)),
        ("cut-off", document.cut_off.isoformat()),
        ("source system", document.source_system),
        ("coverage", ":" if document.coverage_percent is None else f"{document.coverage_percent} %"),
        ("digest", document.digest),
    ]
    if form.unchecked:
        found.append(("note", "form unchecked: its fields were not compared with the official annex"))
    if form.simulation:
        found.append(("note", "simulation: no act in force prescribes this form"))
    return found


def as_csv(form: Form, document: ReturnDocument) -> bytes:
    """The return as CSV (RFC 4180, UTF-8), one line for each value."""
    return _csv([HEAD, *rows(form, document)])


def as_xlsx(form: Form, document: ReturnDocument) -> bytes:
    """The return as a workbook with two sheets: the values, and what they belong to."""
    return workbook({"values": [HEAD, *rows(form, document)], "about": notes(form, document)})


def as_parts(form: Form, document: ReturnDocument) -> bytes:
    """The parts of a report in the harmonised template, as a ZIP of CSV files. A blank cell is a missing value."""
    lines = document.by_place()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, fields in form.parts:
            wanted = [one for one in form.fields if one.id in fields]
            scopes = list(dict.fromkeys(scope for one in wanted for scope in form.scopes_of(one)))
            head = ["Applicability", "Service", "Reporting period", "Scope", *(one.label for one in wanted)]
            head += [f"Contextual Information on {one.label}" for one in wanted]
            table = [head]
            for scope in scopes:
                found = [lines.get((one.id, scope)) for one in wanted]
                values = [line.value if line else "" for line in found]
                period = f"{document.period.start}/{document.period.end}"
                comments = [(line.comment or line.missing) if line else "" for line in found]
                table.append(["All", document.sender, period, scope, *values, *comments])
            archive.writestr(zipfile.ZipInfo(f"{name}.csv", _EPOCH), _csv(table))
    return out.getvalue()


def workbook(sheets: dict[str, Sequence[Sequence[str]]]) -> bytes:
    """A workbook (ECMA-376) of plain sheets. Whole numbers are numbers; everything else is text that nothing runs."""
    names = list(sheets)
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    listed = "".join(f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(names, 1))
    files = {
        "[Content_Types].xml": _content_types(len(names)),
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{relations}</Relationships>',
        **{f"xl/worksheets/sheet{n}.xml": _sheet(sheets[name]) for n, name in enumerate(names, 1)},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return out.getvalue()


def _content_types(sheets: int) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    each = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
        for n in range(1, sheets + 1)
    )
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{each}</Types>'
    )


def _sheet(table: Iterable[Sequence[str]]) -> str:
    lines = ("".join(map(_cell, line)) for line in table)
    body = "".join(f"<row>{one}</row>" for one in lines)
    return f'<worksheet xmlns="{_SHEET}"><sheetData>{body}</sheetData></worksheet>'


def _cell(text: str) -> str:
    if text.isdecimal() and text.isascii() and len(text) < 16 and (text == "0" or text[0] != "0"):
        return f"<c><v>{text}</v></c>"
    visible = "".join(char if char >= " " or char in "\t\n" else " " for char in text)
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(visible)}</t></is></c>'


def _csv(table: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([cell(one) for one in line] for line in table)
    return out.getvalue().encode()
