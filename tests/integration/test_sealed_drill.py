"""Two nodes that no network joins, and a real server: a big file is sealed as it comes, carried, opened, and gone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.cybertips import report, user
from tests.support.drills import Installation, until

pytestmark = pytest.mark.slow

MEGABYTES = 150
# Beside what the processes hold anyway. A file that were held whole would be seen three times over.
MOST_MORE = 60
MARK = b"CLEAR-MARK-OF-THE-DRILL-"
CENTRE = """
from tutela.app.config import load
from tutela.law import acts
from tutela.organisations.people import api_keys
from tutela.organisations.people import directory
from tutela.organisations.keys import signing
from tutela.organisations.people.bootstrap import found
from tutela.organisations.people.bootstrap import machine
from tutela.reports.evidence import legal_basis

centre = found("European Centre", "centre", "NL", api_url=load().public_url)
acts.seed()
made = {}
for name, kind, country in (("Pixelpost", "provider", "IE"), ("Kriminalamt", "authority", "HR")):
    row = directory.create_organisation(centre, name=name, kind=kind, country=country)
    directory.set_status(centre, row.id, "verified", "Checked for the drill")
    made[kind] = str(row.id)
provider = directory.named("Pixelpost").id
_row, key = api_keys.issue_key(centre, provider, name="ESP", scopes=["reports:submit"])
legal_basis.note(machine(centre.organisation_id, "test"), act="Act, Art. 1", reason="Drill")
receipt = signing.public_keys(centre.organisation_id, "receipt")[0].public.hex()
print(json.dumps({"centre": str(centre.organisation_id), "key": key, "receipt": receipt, **made}))
"""
REFER = """
from pathlib import Path
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
from tutela.reports.referrals import offline_files
from tutela.reports.referrals import refer
from tutela.reports.triage import assess
from tutela.reports.models import CyberTip
from tutela.reports.models import Referral

centre = machine(directory.the_centre().id, "test")
with acting(centre):
    report = CyberTip.objects.get(number={number}).report_id
assess.assess(centre, report, "forward", "", seen=0)
refer.refer(centre, report)
with acting(centre):
    made = Referral.objects.get(report__report_id=report).referral_id
Path("{path}").write_bytes(b"".join(offline_files.write(centre, report, made)))
print(json.dumps(str(made)))
"""
ANSWER = """
from uuid import UUID
from tutela.investigations.referral_work import answers
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
authority = machine(directory.founder().id, "test")
answers.acknowledge(authority, UUID("{referral}"), "A-1", has_files=True)
print("1")
"""
TAKE = """
from pathlib import Path
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
from tutela.reports.referrals import offline_files
from tutela.reports.models import Evidence
centre = machine(directory.the_centre().id, "test")
told = offline_files.take(centre, Path("{path}").read_bytes())
with acting(centre):
    left = Evidence.objects.filter(gone_at=None).count()
print(json.dumps([[one.kind, one.reason] for one in told] + [left]))
"""


@pytest.fixture
def nodes() -> Iterator[tuple[Installation, Installation]]:
    centre, authority = Installation(), Installation()
    try:
        centre.migrate()
        yield centre, authority
    finally:
        for node in (centre, authority):
            node.stop()


def upload(url: str, key: str, content: Iterator[bytes], number: int) -> httpx.Response:
    """As curl does, in pieces: nothing here holds the file either."""
    head = f'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n{number}\r\n'
    head += '--b\r\nContent-Disposition: form-data; name="file"; filename="quay.bin"\r\n\r\n'

    def body() -> Iterator[bytes]:
        yield head.encode()
        yield from content
        yield b"\r\n--b--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    return httpx.post(f"{url}/ispws/upload", content=body(), headers=headers, auth=("esp", key), timeout=120)


def pieces() -> Iterator[bytes]:
    line = MARK * 2
    for number in range(MEGABYTES):
        yield (line + number.to_bytes(4, "big")) * ((1 << 20) // (len(line) + 4))


def clear_in(folder: Path) -> list[str]:
    """Files of a folder that hold the mark."""
    found = []
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            tail = b""
            with file.open("rb") as opened:
                while piece := opened.read(1 << 20):
                    if MARK in tail + piece:
                        found.append(str(file))
                        break
                    tail = piece[-len(MARK) :]
    return found


def test_a_file_goes_sealed_from_the_provider_to_an_authority_without_a_network(
    nodes: tuple[Installation, Installation], tmp_path: Path
) -> None:
    centre, authority = nodes
    tmp_path.chmod(0o777)
    told = centre.run(CENTRE)
    named = ("--centre", "European Centre", "--country", "NL", "--centre-id", told["centre"])
    for arguments in (
        (
            "setup",
            "--organisation",
            "Kriminalamt",
            "--kind",
            "authority",
            "--country",
            "HR",
            "--email",
            "a@example.org",
            "--name",
            "Admin",
            "--organisation-id",
            told["authority"],
        ),
        ("join", *named, "--receipt-key", told["receipt"], "--offline"),
    ):
        done = authority.cli(*arguments)
        assert done.returncode == 0, done.stderr
    key = tmp_path / "key.txt"
    recipient = authority.cli("unseal", "--new-key", str(key)).stdout.strip()
    public = re.search(r"answer.*?public ([0-9a-f]{64})", authority.cli("keys", "list").stdout, re.DOTALL)
    assert public
    for arguments in (
        ("keys", "create", "sealing", "--recipient", recipient, "--organisation", told["authority"]),
        ("keys", "trust", "answer", told["authority"], public[1]),
    ):
        done = centre.cli(*arguments)
        assert done.returncode == 0, done.stderr
    centre.serve()
    until("the server", lambda: _answers(centre, told["key"]), 90, pause=1)
    before = centre.peak()
    pointing = report(after=user("<estimatedLocation><countryCode>HR</countryCode></estimatedLocation>"))
    auth = ("esp", told["key"])
    said = httpx.post(
        f"{centre.url}/ispws/submit", content=pointing, headers={"Content-Type": "text/xml"}, auth=auth
    ).text
    number = int(re.search(r"<reportId>(\d+)", said)[1])  # type: ignore[index]
    answer = upload(centre.url, told["key"], pieces(), number)
    whole, digest = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    for piece in pieces():
        whole.update(piece)
        digest.update(piece)
    assert f"<hash>{whole.hexdigest()}</hash>" in answer.text
    assert centre.peak() - before < MOST_MORE
    assert clear_in(centre.data) == []
    assert httpx.post(f"{centre.url}/ispws/finish", data={"id": number}, auth=auth).status_code == 200
    carried, answers = tmp_path / "referral.zip", tmp_path / "answers.json"
    referral = centre.run(REFER.format(number=number, path=carried))
    opened = authority.cli("referral", "open", str(carried))
    assert opened.returncode == 0, opened.stderr
    assert "1 sealed files" in opened.stdout
    unsealed = authority.cli("unseal", str(carried), "--identity", str(key), "--out", str(tmp_path / "files"))
    assert unsealed.returncode == 0, unsealed.stderr
    assert digest.hexdigest() in unsealed.stdout
    assert "matches the referral" in unsealed.stdout
    authority.run(ANSWER.format(referral=referral))
    for arguments in (("referral", "answers", str(answers)), ("referral", "answers", str(answers), "--delivered")):
        done = authority.cli(*arguments)
        assert done.returncode == 0, done.stderr
    assert centre.run(TAKE.format(path=answers)) == [["acknowledgement", ""], 0]
    assert not [file for file in (centre.data / "evidence").rglob("*") if file.is_file()]
    assert list((tmp_path / "files").iterdir())


def _answers(node: Installation, key: str) -> bool | None:
    try:
        return httpx.get(f"{node.url}/ispws/status", auth=("esp", key)).status_code == 200 or None
    except httpx.HTTPError:
        return None
