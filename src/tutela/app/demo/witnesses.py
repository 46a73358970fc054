"""Two witnesses of the demonstration's public log, each a separate program with its own key."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from tutela.app import config
from tutela.app.runtime import supervisor
from tutela.app.runtime.witness_service import Store

# Name of the witness, and by how much its port lies above the web's.
WITNESSES = {"hotline-ireland.example/witness": 640, "auditors.example/witness": 641}


@dataclass(frozen=True)
class WitnessAddress:
    """Location of a witness: the folder of its key, and its address."""

    name: str
    folder: Path
    address: str


def places(data: Path) -> list[WitnessAddress]:
    """The witnesses of a demonstration in this data folder."""
    port = int(config.load().listen.rpartition(":")[2])
    return [
        WitnessAddress(name, data / "witnesses" / name.partition(".")[0], f"127.0.0.1:{port + above}")
        for name, above in WITNESSES.items()
    ]


def policy(data: Path) -> Path:
    """The policy file of the log: both must cosign."""
    return data / "log-policy.txt"


def pinned(data: Path) -> Path:
    """Policy file with the log's own keys, as the Edge's operator got it when joining."""
    return data / "edge-log-policy.txt"


def found(data: Path) -> None:
    """Make the witnesses, let them know the log's keys, and write both policies. Safe to repeat."""
    from tutela.accountability.public_log import log

    lines = []
    for place in places(data):
        place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (place.folder / "seed.hex").exists():
            (place.folder / "seed.hex").write_text(secrets.token_hex(32))
            (place.folder / "name").write_text(place.name)
        store = Store(place.folder)
        for key in log.known_keys():
            store.add_log(key)
        lines.append(f"witness {place.name} {store.signer.key} http://{place.address}")
    policy(data).write_text("\n".join([*lines, f"group both all {' '.join(WITNESSES)}", "quorum both", ""]))
    pinned(data).write_text(log.policy_text(str(policy(data))))


def children(data: Path) -> list[supervisor.Child]:
    """Their processes."""
    return [supervisor.witness(place.folder, place.address) for place in places(data)]
