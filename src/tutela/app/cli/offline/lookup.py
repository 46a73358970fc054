"""Command `tutela lookup`: check whether files are listed without revealing them to the Centre.

The Centre learns neither which files are checked nor whether they are listed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.output import echo
from tutela.matching.files.snapshot_writer import write_atomically
from tutela.tlog import voprf
from tutela.tlog.absence_proof import item_bytes
from tutela.tlog.private_lookup import ValueSet
from tutela.tlog.verify import Refused

TIMEOUT_SECONDS = 60.0
LOOKUPS_AT_ONCE = 99


def lookup(
    files: Annotated[list[Path], typer.Argument(help="Files to look up by their SHA-256.", exists=True)],
    centre: Annotated[str, typer.Option(help="Address of the Centre.")],
    public_key: Annotated[
        str, typer.Option(help="Public key of the look-up, received through a separate channel.")
    ] = "",
    keep: Annotated[Path | None, typer.Option(help="File that keeps the set of values between runs.")] = None,
) -> None:
    """Check whether files are listed, without revealing them to the Centre. Exits with 1 if a file is listed.

    TUTELA_CENTRE_TOKEN must hold an API key with the scope matches:ask.
    """
    token = os.environ.get("TUTELA_CENTRE_TOKEN", "")
    if not token:
        raise fail("set TUTELA_CENTRE_TOKEN to the API key", Exit.USAGE)
    from tutela.media.digests import digest_bytes

    items = {file: item_bytes("sha256", digest_bytes(file.read_bytes()).sha256) for file in files}
    try:
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=centre.rstrip("/"), headers=headers, timeout=TIMEOUT_SECONDS) as client:
            found = look_up(client, list(items.values()), public_key, keep)
    except Refused as error:
        raise fail(f"not valid: {error}", Exit.UNTRUSTED) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise fail(f"the Centre does not answer: {error}", Exit.UNREACHABLE) from None
    for file, listed in zip(items, found, strict=True):
        echo(f"{file}: {'listed' if listed else 'not listed'}")
    raise typer.Exit(Exit.MATCHES if any(found) else Exit.NOTHING)


def look_up(client: Any, items: list[bytes], public_key: str = "", keep: Path | None = None) -> list[bool]:
    """Whether each item is listed. Raises `Refused` where the Centre answers by another key, `httpx.HTTPError`."""
    values = _set(client, keep)
    if public_key and values.key.hex() != public_key.lower():
        raise Refused("the set was made with a different key than the one given")
    found = list[bool]()
    for start in range(0, len(items), LOOKUPS_AT_ONCE):
        asked = [voprf.blind(item) for item in items[start : start + LOOKUPS_AT_ONCE]]
        answer = client.post("/api/v1/lookup/values", json={"points": [one.point.hex() for one in asked]})
        answer.raise_for_status()
        said = answer.json()
        evaluated, proof = [bytes.fromhex(one) for one in said["points"]], bytes.fromhex(said["proof"])
        found += [values.holds(one) for one in voprf.finalize(values.key, asked, evaluated, proof)]
    return found


def _set(client: Any, keep: Path | None) -> ValueSet:
    kept = keep.read_bytes() if keep is not None and keep.exists() else b""
    tag = ValueSet.parse(kept).tag if kept else ""
    answer = client.get("/api/v1/lookup/set", headers={"If-None-Match": f'"{tag}"'} if tag else {})
    if answer.status_code == httpx.codes.NOT_MODIFIED:
        return ValueSet.parse(kept)
    answer.raise_for_status()
    found = ValueSet.parse(answer.content)
    if keep is not None:
        write_atomically(keep, answer.content)
    return found
