"""Whole flows of the CyberTipline interface into a real node: submit, a file of 100 kB, its details, finish.

wrk works as a provider's client does, each connection with one flow at a time; every answer is read, and the numbers it
brings are used in the next call. Every file is another one, hashed as it streams and, in the first load, sealed in the
same moment to the authority that the document points to, and brought to the disk; in the second there is none, and its
digests alone are kept. That one lasts a tenth as long. Afterwards reports, files and their details are counted. The
database is durable; it, the web server and wrk share the same cores. Ten minutes; `SECONDS=60` for another time.
"""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from edge_load import require_wrk
from figures import QUICK, figure, machine, note, report
from node_load import Load, durable, web, wrk
from pyrage import x25519
from tests.support import cybertips
from tests.support.drills import Installation

SECONDS = int(os.environ.get("SECONDS", "2" if QUICK else "600"))
CONNECTIONS, SIZE = 8, 100_000
# The generator replaces the mark: each report is about an account of its own.
DOCUMENT = cybertips.report(
    after=cybertips.user(
        "<personOrUserReportedPerson><email>MARK@mail.example</email><address type='Home'><city>Ghent</city>"
        "<country>BE</country></address></personOrUserReportedPerson><espIdentifier>u-MARK</espIdentifier>"
        "<screenName>example_MARK</screenName><ipCaptureEvent><ipAddress>192.0.2.44</ipAddress>"
        "<eventName>Login</eventName><dateTime>2026-02-10T12:58:11Z</dateTime><port>51544</port></ipCaptureEvent>"
        "<estimatedLocation><city>Ghent</city><countryCode>BE</countryCode></estimatedLocation>"
    )
)
FOUND = """
from tutela.app.config import load
from tutela.organisations.people import api_keys
from tutela.organisations.people import encryption_recipients
from tutela.organisations.people.bootstrap import found
from tutela.organisations.people.bootstrap import machine
from tutela.reports.evidence import legal_basis
url = load().public_url
centre = found("EU Centre", "centre", "NL", api_url=url)
provider = found("Pixelpost", "provider", "IE", api_url=url)
authority = found("Kriminalamt", "authority", "BE", api_url=url)
encryption_recipients.enter(machine(authority.organisation_id, "bench"), "{recipient}")
legal_basis.note(machine(centre.organisation_id, "bench"), act="Act, Art. 1", reason="Bench")
_row, key = api_keys.issue_key(provider, provider.organisation_id, name="desk", scopes=["reports:submit"])
print(json.dumps({{"key": key, "authority": str(authority.organisation_id)}}))
"""
END = """
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
from tutela.reports.evidence import legal_basis
legal_basis.note(machine(directory.the_centre().id, "bench"), act="", reason="Bench")
print("{}")
"""
COUNT = """
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.reports.models import CyberTip
from tutela.reports.models import CyberTipFile
from tutela.reports.models import Evidence
from tutela.reports.models import Report
centre = directory.the_centre()
with acting(directory.acting_for(centre, "system:bench", "bench")):
    files = CyberTipFile.objects.exclude(sealed_details=None).filter(tip__state="finished")
    print(json.dumps({
        "reports": Report.objects.count(), "finished": CyberTip.objects.filter(state="finished").count(),
        "files": files.count(), "digests": files.values("sha256").distinct().count(),
        "sealed": Evidence.objects.filter(gone_at=None, report_id__in=files.values("tip__report_id")).count(),
    }))
"""


def load(program: str, node: Installation, key: str, number: int, seconds: int) -> Load:
    """Flows for a while; a thread of wrk has one connection."""
    env = {
        "BASIC": base64.b64encode(f"esp:{key}".encode()).decode(),
        "SIZE": str(SIZE),
        "DOCUMENT": DOCUMENT.decode(),
        "ROUND": str(number),
    }
    return wrk(program, node.url, "cybertip.lua", seconds, threads=CONNECTIONS, connections=CONNECTIONS, **env)


def check(what: str, flows: int, rows: int) -> None:
    """What was answered is there; a flow of each connection may have ended after wrk had, once a load."""
    if not flows <= rows <= flows + 2 * CONNECTIONS:
        sys.exit(f"{flows} flows were answered, and there are {rows} {what}")


def main() -> None:
    machine()
    program = require_wrk()
    node = Installation(TUTELA_WEB_WORKERS="1" if QUICK else "2")
    try:
        node.migrate()
        recipient = str(x25519.Identity.generate().to_public())
        key = node.run(FOUND.format(recipient=recipient))["key"]
        version = durable(node)
        with web(node):
            sealed = load(program, node, key, 1, SECONDS)
            counted = node.run(COUNT)
            for what in ("reports", "finished", "files", "digests", "sealed"):
                check(what, sealed.done, counted[what])
            node.run(END)
            hashed = load(program, node, key, 2, max(2 if QUICK else 3, SECONDS // 10))
            after = node.run(COUNT)
        for what in ("reports", "finished", "files"):
            check(what, sealed.done + hashed.done, after[what])
        check("sealed files", sealed.done, after["sealed"])
    finally:
        node.stop()
    note(f"PostgreSQL {version}, fsync on; {SECONDS} s, {CONNECTIONS} flows at a time, files of {SIZE} bytes")
    for name, one in (("sealed", sealed), ("hashed alone", hashed)):
        note(
            f"{name}: {one.done} flows, {one.rate:.1f}/s, answers median {one.median:.1f}, p99 {one.p99:.1f} ms;"
            f" wrk took {one.used:.0%} of one of the same cores"
        )
    figure("cybertip_flows", sealed.rate, "flows/s", ">=40")
    figure("cybertip_flows_hashed", hashed.rate, "flows/s", ">=40")
    figure("cybertip_p99", sealed.p99, "ms", "<=250")
    report()


if __name__ == "__main__":
    main()
