"""Drills of a register: how soon every connected Edge has a test entry, has it no longer, and every recipient answers.

A real node with its own database, real witnesses that the quorum needs, real Edges with their usual settings, each of a
provider of its own, and recipients of reversals with keys in both directions. The register has entries in bulk. Each
drill is `tutela drill run`, and its own figures are those of the command. They are compared with the Edges: each one is
asked all the time how many test entries it has. Every organisation is on one machine, so the network is left out.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import figures

# A release of a million entries is measured by itself (`releases`); a drill adds and removes one entry.
os.environ.setdefault("SIZE", "500" if figures.QUICK else "100000")
from release_rows import ROWS
from releases import LIST, Node
from tests.support.drills import CLI, ROOT
from tests.support.edges import RealEdge

from tutela.edge.runtime.settings import Settings

EDGES = 2 if figures.QUICK else 6
AUTHORITIES = 1 if figures.QUICK else 4
DRILLS = int(os.environ.get("DRILLS", "1" if figures.QUICK else "20"))
# Name, kind of party, step, seconds; of what the command prints.
LINE = re.compile(r"^(.+?)\s+(Edge|recipient) (.+?): ([0-9.]+) s, target")
STEPS = {"has the entry": "with", "no longer has the entry": "without", "acknowledged": "answered"}
PREPARE = """
from datetime import timedelta
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tutela import clock
from tutela.app.config import load
from tutela.exchange.register.policy import RegisterPolicy, SignedPolicy
from tutela.indicators.access import grants
from tutela.indicators.drills import members
from tutela.indicators.lifecycle import policy
from tutela.indicators.release_files import version_files
from tutela.matching.files.drill_entries import CATEGORY
from tutela.organisations.messages import outbox
from tutela.organisations.models import Organisation
from tutela.organisations.people import api_keys, directory
from tutela.organisations.people.bootstrap import found, machine

url, keys = load().public_url, [Ed25519PrivateKey.generate() for _ in range(4)]
centre = machine(directory.the_centre().id, "bench")
signers = [{{"name": str(n), "key": one.public_key().public_bytes_raw().hex()}} for n, one in enumerate(keys)]
said = {{"version": 1, "categories": ["eu-2011-93:*", CATEGORY], "certifiers": ["hotline"], "signers": signers}}
signed = SignedPolicy(policy=RegisterPolicy.model_validate({{**said, "binds_from": clock.now()}}))
for one in keys:
    signed = signed.signed_by(one)
policy.announce(centre, signed)
made = []
for number in range(1, {edges}):
    made.append(found(f"Provider {{number}}", "provider", "IE", api_url=url))
    grants.give(centre, made[-1].organisation_id, list_id=version_files.LIST_ID, purpose="reporting",
        legal_basis="DSA", valid_to=clock.now() + timedelta(days=30))
edge_keys = [api_keys.create_key(one, name="Edge", scopes=["releases:read"])[1] for one in made]
for number in range({authorities}):
    made.append(found(f"Authority {{number}}", "authority", "DE", api_url=url))
for name in ("Hotline Ireland", "Hotline Deutschland"):
    made.append(machine(directory.named(name).id, "bench"))
    members.join(made[-1])
made.append(machine(directory.named("Pixelpost").id, "bench"))
Organisation.objects.update(api_url=url)
for one in made:
    for sender, recipient in ((one, centre), (centre, one)):
        key = api_keys.issue_key(sender, sender.organisation_id, name="x", scopes=["reversals:exchange"])[1]
        outbox.set_credential(sender, recipient.organisation_id, key)
print(json.dumps({{"edges": edge_keys, "recipients": len(made)}}))
"""


def connect(node: Node, keys: list[str], stack: contextlib.ExitStack) -> list[RealEdge]:
    """The Edges of all providers; the first is the node's own."""
    edges = [node.edge]
    for number, key in enumerate(keys):
        folder = node.folder / f"edge-{number}"
        folder.mkdir()
        edges.append(
            RealEdge(
                folder,
                Path(),
                PROVIDER_LISTS="",
                LIST_IDS=LIST,
                CENTRE_URL=node.centre.url,
                API_KEY=key,
                RELEASE_KEYS=node.told["release"],
                LOG_POLICY=str(node.folder / "pinned-policy"),
                POLL_SECONDS=str(Settings.model_fields["poll_seconds"].default),
                PROCESSES="1",
            )
        )
        edges[-1].start()
        stack.callback(edges[-1].stop)
    return edges


def test_entries(edge: RealEdge) -> int:
    """How many test entries an Edge says that it has."""
    return int(edge.ask("GET", "/v1/lists").raise_for_status().json()["lists"][0]["test_entries"])


def drill(node: Node, edges: list[RealEdge]) -> dict[str, float]:
    """One drill: the slowest party of each step, by the command; every Edge had the entry and has it no longer."""
    had: set[RealEdge] = set()
    with subprocess.Popen(
        [*CLI, "drill", "run"], env=node.centre.env, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        while process.poll() is None:
            had |= {one for one in edges if test_entries(one)}
            time.sleep(0.05)
        assert process.stdout is not None
        said = process.stdout.read()
    assert process.returncode == 0, said
    assert had == set(edges), f"{len(had)} of {len(edges)} Edges had the entry"
    assert not any(map(test_entries, edges)), "an Edge still has it"
    found: dict[str, float] = {}
    for line in said.splitlines():
        if (match := LINE.match(line)) is not None:
            step = STEPS[match[3]]
            found[step] = max(found.get(step, 0.0), float(match[4]))
    return found


def main() -> None:
    """All of it."""
    figures.machine()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tutela-bench-drill-")))
        node = Node(folder, stack)
        node.step("fill", node.told["ireland"], node.told["germany"], TUTELA_ROLE="owner")
        node.step("values")
        node.step("release")
        made: dict[str, Any] = node.centre.run(PREPARE.format(edges=EDGES, authorities=AUTHORITIES))
        node.begin()
        edges = connect(node, made["edges"], stack)
        figures.note(f"{ROWS} entries, {len(edges)} Edges, {made['recipients']} recipients, {DRILLS} drills")
        runs = [drill(node, edges) for _ in range(DRILLS)]
    slowest = list[float]()
    for step in ("with", "without", "answered"):
        times = sorted(one[step] for one in runs)
        figures.note(f"last party {step}: median {times[len(times) // 2]:.1f} s, slowest {times[-1]:.1f} s")
        slowest.append(times[-1])
    # An Edge has to have the entry, and to have it no longer.
    figures.figure("drill_edges", max(slowest[:2]), "s", "<=60")
    figures.figure("drill_recipients", slowest[2], "s", "<=300")
    figures.report()


if __name__ == "__main__":
    main()
