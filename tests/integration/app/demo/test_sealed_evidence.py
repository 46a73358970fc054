"""The demonstration's sealed file: fetched over HTTP, opened by `tutela unseal` with the key at hand."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from typer.testing import CliRunner

from tests.support.drills import Installation, until
from tutela.app.cli import app
from tutela.app.demo.browser import Visitor

pytestmark = pytest.mark.slow

# The demonstration's organisations and the part of its month that this is about.
MAKE = """
from tutela.app.demo import organisations
from tutela.app.demo import month
from tutela.app.demo import sealed_evidence
organisations.found_everybody()
sealed_evidence.play(month.Month(lambda _text: None))
print(json.dumps(None))
"""
UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"


def _answers(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def node() -> Iterator[Installation]:
    """A node with what the demonstration's authority finds, running."""
    made = Installation(TUTELA_DEMO="1")
    try:
        made.migrate()
        made.run(MAKE)
        made.serve()
        until("the tour is there", lambda: _answers(f"{made.url}/tour/"), 90, 0.5)
        yield made
    finally:
        made.stop()


def test_a_demonstration_s_sealed_file_is_opened_as_the_docs_say(node: Installation, tmp_path: Path) -> None:
    katrin = Visitor(node.url, "katrin@police-de.example")
    identity = node.data / "demo-identities" / "police-de.txt"
    assert str(identity) in katrin.get("/tour/").text
    found = []
    for referral in re.findall(rf'/desk/inbox/({UUID})/"', katrin.get("/desk/inbox/").text):
        files = re.findall(
            rf"/desk/inbox/{referral}/evidence/({UUID})/", katrin.get(f"/desk/inbox/{referral}/evidence/").text
        )
        found += [(referral, file) for file in files]
    ((referral, file),) = found
    sealed, package = tmp_path / f"{file}.age", tmp_path / "package.json"
    sealed.write_bytes(katrin.get(f"/desk/inbox/{referral}/evidence/{file}/").content)
    package.write_bytes(katrin.get(f"/desk/inbox/{referral}/package.json").content)
    out = tmp_path / "files"
    done = node.cli("unseal", str(sealed), "--identity", str(identity), "--referral", str(package), "--out", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "matches the referral" in done.stdout
    (opened,) = out.iterdir()
    assert opened.read_bytes().startswith(b"\x89PNG")
    assert hashlib.sha256(opened.read_bytes()).hexdigest() in done.stdout


def test_what_went_back_waits_to_be_sealed_anew_and_is_handed_in(node: Installation, tmp_path: Path) -> None:
    katrin = Visitor(node.url, "katrin@police-de.example")
    shown = katrin.get("/desk/inbox/resealing/").text
    (command,) = (one.replace("\\\n", "") for one in re.findall(r"tutela unseal [^<]+", shown))
    ((action, referral, file),) = re.findall(rf'action="(/desk/inbox/({UUID})/evidence/({UUID})/reseal/)"', shown)
    sealed, named, out = tmp_path / f"{file}.age", tmp_path / "files.json", tmp_path / "out"
    sealed.write_bytes(katrin.get(f"/desk/inbox/{referral}/evidence/{file}/").content)
    named.write_bytes(katrin.get("/desk/inbox/resealing/files.json").content)
    identity = str(node.data / "demo-identities" / "police-de.txt")
    changed = {f"{file}.age": str(sealed), "KEY.txt": identity, "files.json": str(named), "out": str(out)}
    done = node.cli(*(changed.get(one, one) for one in command.split()[1:]))
    assert done.returncode == 0, done.stdout + done.stderr
    (anew,) = out.iterdir()
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown)[-1]
    recipient = command.split("--reseal ")[1].split()[0]
    answer = katrin._http.post(
        action,
        data={"csrfmiddlewaretoken": token, "recipient": recipient},
        files={"file": (anew.name, anew.read_bytes(), "application/octet-stream")},
    )
    assert "File uploaded" in answer.text
    assert "No files are pending" in katrin.get("/desk/inbox/resealing/").text


def test_the_tour_shows_the_address_and_a_key_with_which_a_first_report_is_filed(
    node: Installation, tmp_path: Path
) -> None:
    page = html.unescape(httpx.get(f"{node.url}/tour/").text)
    section = page[page.index('id="first-report"') :]
    address, key = re.search(r"<code>(\S+)\s+(\S+)</code>", section).groups()  # type: ignore[union-attr]
    made = CliRunner().invoke(
        app, ["report", "new", "--provider", "Pixelpost", "--contact", "desk@pixelpost.example"], catch_exceptions=False
    )
    answer = httpx.post(
        f"{address}/api/v1/reports",
        content=made.output.encode(),
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": str(uuid4())},
        timeout=60,
    )
    assert answer.status_code == 201, answer.text
