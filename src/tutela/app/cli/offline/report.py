"""Commands `tutela report`: make and check a canonical report, without a network."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from pydantic import ValidationError

from tutela import clock
from tutela.app.cli.exit_codes import Exit, explained, fail
from tutela.app.cli.output import echo
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.problem import from_validation
from tutela.exchange.report.completeness import missing_fields, placeholders
from tutela.exchange.report.report import Report
from tutela.exchange.report.sections import MaterialKind
from tutela.media import HASHER_ID, Hashed, HasherPool
from tutela.scan.scan import Scan

_OF_A_PERSON = (MaterialKind.NEW, MaterialKind.SOLICITATION)
app = typer.Typer(help="Make and check a report, without a network.", no_args_is_help=True)


@app.command()
def new(
    provider: Annotated[str, typer.Option(help="Name of your organisation.")],
    contact: Annotated[str, typer.Option(help="How the Centre reaches you.")],
    items: Annotated[list[Path] | None, typer.Argument(help="Files to report; only their digests are written.")] = None,
    confirmed_by: Annotated[
        str, typer.Option(help="Role or staff number of the person who viewed the items. Without it nobody did.")
    ] = "",
    kind: Annotated[str, typer.Option(help="known, new or solicitation.")] = "known",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Output file. Default: stdout.")] = None,
) -> None:
    """Write a valid report to complete: a new id, the time, your name, and the digests of the files.

    It says nothing that you did not say: without --confirmed-by no person is named who viewed the items.

    Send it with `curl --data-binary @report.json …/api/v1/reports`. `tutela report check` lists what is missing.
    """
    if kind in _OF_A_PERSON and not confirmed_by:
        raise fail(f"a report of kind {kind} needs --confirmed-by: a person must have viewed the items", Exit.USAGE)
    with explained():
        body = _skeleton(provider, contact, kind, confirmed_by, clock.now())
        body["items"] = [_item(one) for one in _hashed(items or [])]
        try:
            report = Report.from_bytes(json.dumps(body).encode())
        except ValidationError as error:
            raise fail(_said(error), Exit.USAGE) from None
        _refuse_placeholders(report)
        text = json.dumps(json.loads(report.to_bytes()), indent=2)
        if output is None:
            echo(text)
        else:
            output.write_text(text + "\n", encoding="utf-8")


@app.command()
def check(file: Annotated[Path, typer.Argument(help="A report as JSON.", exists=True)]) -> None:
    """Check a report against its schema, and list what would make it more useful.

    Exits with 2 if it is not valid, or has a placeholder where somebody must say something.
    """
    with explained():
        try:
            report = Report.from_bytes(file.read_bytes())
        except ValidationError as error:
            raise fail(_said(error), Exit.USAGE) from None
        except ExchangeError as error:
            raise fail(f"{file}: {error}", Exit.USAGE) from None
        _refuse_placeholders(report)
        missing = missing_fields(report)
        for one in missing:
            echo(f"{one.path}: {one.code.text}")
        echo(f"{report.report_id} is valid; {len(missing)} fields would make it more useful", err=True)


def _refuse_placeholders(report: Report) -> None:
    if found := placeholders(report):
        raise fail("\n".join(f"{path}: replace the placeholder, or leave the field out" for path in found), Exit.USAGE)


def _said(error: ValidationError) -> str:
    return "\n".join(f"{one.field}: {one.reason}" for one in from_validation(error).errors)


def _skeleton(provider: str, contact: str, kind: str, confirmed_by: str, now: datetime) -> dict[str, Any]:
    at = now.isoformat(timespec="seconds")
    viewed = {"confirmation": {"confirmed_by": confirmed_by, "at": at, "how": "viewed"}} if confirmed_by else {}
    return {
        "report_id": str(uuid4()),
        "legal_basis": {"regime": "dsa_article_18", "act": "Regulation (EU) 2022/2065", "article": "18"},
        "language": "en",
        "provider": {"name": provider, "contact_point": "Trust and safety desk", "contact": contact},
        "urgency": {"urgent": False},
        "kinds": [kind],
        "items": [],
        "service": {"kinds": ["hosting"], "name": provider},
        "awareness": {"manners": ["own_motion"]},
        "third_country": {"reported": False},
        "removal": {"removed_or_disabled": False},
        "user_decision": {"decided": False},
        **viewed,
        "issuance": {"issued_at": at, "time_zone": "UTC", "signatory": provider},
    }


def _hashed(files: list[Path]) -> list[Hashed]:
    if not files:
        return []
    found: list[Hashed] = []
    with HasherPool(workers=1) as pool:
        for one in Scan(pool, lambda _: (), 1).run([str(file) for file in files]):
            if not isinstance(one.result, Hashed):
                raise fail(f"{one.name}: {(one.refusal or ('', 'cannot be hashed'))[1]}", Exit.UNREAD)
            found.append(one.result)
    return found


def _item(one: Hashed) -> dict[str, Any]:
    digests = one.digests
    pictures = [] if one.video else one.frames[:1]
    return {
        "item_id": str(uuid4()),
        "kind": "video" if one.video else "image",
        "md5": digests.md5,
        "sha1": digests.sha1,
        "sha256": digests.sha256,
        "size": digests.size,
        "pdq": [{"hash": frame.pdq.hex(), "quality": frame.quality, "hasher": HASHER_ID} for frame in pictures],
    }
