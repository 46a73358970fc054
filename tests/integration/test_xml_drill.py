"""A real server gets documents of a hundred megabytes: each is refused, and costs neither memory nor the next call."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.cybertips import KINDS, report
from tests.support.drills import Installation, until

pytestmark = pytest.mark.slow

MEGABYTES = 100
# Beside what the processes hold anyway: what may be read of a document, and its tree, a few times over.
MOST_MORE = 60
CENTRE = """
from tutela.app.config import load
from tutela.organisations.people import api_keys
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import found

centre = found("European Centre", "centre", "NL", api_url=load().public_url)
row = directory.create_organisation(centre, name="Pixelpost", kind="provider", country="IE")
directory.set_status(centre, row.id, "verified", "Checked for the drill")
_row, key = api_keys.issue_key(centre, row.id, name="ESP", scopes=["reports:submit"])
print(json.dumps(key))
"""


@pytest.fixture(scope="module")
def node() -> Iterator[Installation]:
    made = Installation()
    try:
        made.migrate()
        yield made
    finally:
        made.stop()


def _document(kind: str) -> Iterator[bytes]:
    begin, piece, end = KINDS[kind]
    yield begin
    many = piece * ((1 << 20) // len(piece))
    for _ in range(MEGABYTES):
        yield many
    yield end


def _sent(node: Installation, path: str, kind: str, key: str, headers: dict[str, str]) -> int:
    """The status; 0 where the server hung up on what it did not want to read."""
    try:
        return httpx.post(
            f"{node.url}{path}", content=_document(kind), headers=headers, auth=("esp", key), timeout=60
        ).status_code
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        return 0


def test_a_hundred_megabytes_of_xml_are_refused_in_little_memory(node: Installation) -> None:
    key = node.run(CENTRE)
    node.serve()

    def up() -> bool | None:
        try:
            return httpx.get(f"{node.url}/ispws/status", auth=("esp", key)).status_code == 200 or None
        except httpx.HTTPError:
            return None

    until("the server", up, 90, pause=1)
    assert (
        httpx.post(
            f"{node.url}/ispws/submit", content=report(), headers={"Content-Type": "text/xml"}, auth=("esp", key)
        ).status_code
        == 200
    )
    before = node.peak()
    xml, declared = {"Content-Type": "text/xml"}, {"Content-Length": str(MEGABYTES << 20)}
    for kind in KINDS:
        for path in ("/ispws/submit", "/ispws/fileinfo"):
            assert _sent(node, path, kind, key, xml) in (0, 400, 413), (kind, path)
    assert _sent(node, "/api/v1/reports", "zeros", key, {"Content-Type": "application/json"}) in (0, 400, 401, 413)
    # A length that is declared and not kept to is refused as well.
    assert _sent(node, "/ispws/submit", "zeros", key, {**xml, **declared}) in (0, 400, 413)
    assert node.peak() - before < MOST_MORE
    assert up()
