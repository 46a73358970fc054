"""Files of published figures that are false, each in one way; and a true one in a log of a folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tutela.exchange.message.signed_envelope import Envelope, sign
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.statements.figures_file import EVENT, FiguresFile
from tutela.observatory.statements.statement import CONTEXT, StatedFigure, Statement
from tutela.tlog.log_folder import Log
from tutela.tlog.policy import Policy
from tutela.tlog.proof import Proof
from tutela.tlog.signing import Signer
from tutela.tlog.verify import ED25519

ANYBODY = Ed25519PrivateKey.generate()
OWN = Ed25519PrivateKey.from_private_bytes(bytes([5]) * 32)
SIGNER = Signer.from_seed("centre.example/log", ED25519, bytes([7]) * 32)
VALUES = {
    "hotline.addresses.opened/1": ("events:takedown.opened", 7),
    "hotline.addresses.assessed/1": ("events:takedown.assessed", 5),
}
type Change = Callable[[Statement], Statement]


SALTS = {name: bytes([number]) * 32 for number, name in enumerate(VALUES, 1)}


def true_statement() -> Statement:
    """A statement of a hotline."""
    statement = Statement(
        "01900000-0000-7000-8000-000000000001",
        "Hotline",
        1,
        ReportingPeriod.parse("2026-10"),
        40,
        "ab" * 32,
        "2026-11-30T12:00:00+00:00",
        "0.1.0",
        "",
        (),
    )
    return stating(statement, VALUES)


def stating(statement: Statement, values: Mapping[str, tuple[str, int | str]]) -> Statement:
    """A statement of these figures with their commitments: a number is shown, a code stands for a withheld one."""
    figures = []
    for name, (query, value) in values.items():
        bare, salt = StatedFigure(name, query, ""), SALTS.get(name, hashlib.sha256(name.encode()).digest())
        number = value if isinstance(value, int) else 3
        commitment = statement.commitment_of(bare, salt, number)
        shown = number if isinstance(value, int) else None
        figures.append(replace(bare, value=shown, missing="" if shown is not None else value, commitment=commitment))
    return replace(statement, figures=tuple(figures))


def true_file(folder: Path) -> tuple[FiguresFile, Policy]:
    """The statement in a log of its own, with the policy of the log."""
    return file_of(true_statement(), folder)


def file_of(statement: Statement, folder: Path) -> tuple[FiguresFile, Policy]:
    """The file of a statement that its organisation signed and the log has, whatever the statement says."""
    envelope = sign(statement.to_bytes(), CONTEXT, OWN)
    told_of = {name: getattr(statement, name) for name in ("organisation", "number", "position", "digest")}
    entry = json.dumps({"event": EVENT, "key": envelope.key_id, "hour": "2026-11-30T12Z", **told_of}).encode()
    log = Log(folder / "log", SIGNER.name, [SIGNER])
    with log.held():
        log.sign([b"{}", entry, b"{}"], datetime(2026, 11, 30, tzinfo=UTC))
        log.publish()
    proof = Proof(1, tuple(log.tree(3).inclusion(1)), log.fetch("checkpoint"))
    key = OWN.public_key().public_bytes_raw().hex()
    shown = [one.definition for one in statement.figures if one.value is not None]
    salts = {name: SALTS.get(name, hashlib.sha256(name.encode()).digest()).hex() for name in shown}
    made = FiguresFile(envelope, key, salts, entry, bytes(proof))
    return made, Policy.parse(f"log {SIGNER.key}\nquorum none\n")


def first(statement: Statement, **changes: Any) -> Statement:
    figures = statement.figures
    return replace(statement, figures=(replace(figures[0], **changes), *figures[1:]))


def unsigned(file: FiguresFile, change: Change) -> FiguresFile:
    """The statement changed under the signature of before."""
    envelope = file.envelope
    made = change(Statement.from_bytes(envelope.payload)).to_bytes()
    return replace(file, envelope=Envelope(made, envelope.context, envelope.key_id, envelope.signature))


def resigned(file: FiguresFile, change: Change) -> FiguresFile:
    """The statement changed and signed by somebody else."""
    made = change(Statement.from_bytes(file.envelope.payload))
    key = ANYBODY.public_key().public_bytes_raw().hex()
    return replace(file, envelope=sign(made.to_bytes(), CONTEXT, ANYBODY), key=key)


def told(file: FiguresFile, **changes: Any) -> FiguresFile:
    return replace(file, entry=json.dumps({**json.loads(file.entry), **changes}).encode())


FALSE_FILES: dict[str, Callable[[FiguresFile], FiguresFile]] = {
    "a value under the old signature": lambda f: unsigned(f, lambda s: first(s, value=70)),
    "a value, signed by another key": lambda f: resigned(f, lambda s: first(s, value=70)),
    "a salt": lambda f: replace(f, salts={**f.salts, next(iter(f.salts)): "00" * 32}),
    "a salt left out": lambda f: replace(f, salts=dict(list(f.salts.items())[1:])),
    "another version of a definition": lambda f: resigned(
        f, lambda s: first(s, definition="hotline.addresses.opened/2")
    ),
    "another query": lambda f: resigned(f, lambda s: first(s, query="events:takedown.viewed")),
    "another period": lambda f: resigned(f, lambda s: replace(s, period=ReportingPeriod.parse("2020"))),
    "another position": lambda f: resigned(f, lambda s: replace(s, position=s.position + 1)),
    "another head": lambda f: resigned(f, lambda s: replace(s, head="00" * 32)),
    "another name": lambda f: unsigned(f, lambda s: replace(s, name="Somebody")),
    "another number": lambda f: resigned(f, lambda s: replace(s, number=9)),
    "another one before": lambda f: resigned(f, lambda s: replace(s, previous="00" * 32)),
    "a figure left out": lambda f: resigned(f, lambda s: replace(s, figures=s.figures[1:])),
    "a figure withheld afterwards": lambda f: resigned(f, lambda s: first(s, value=None, missing="s")),
    "a figure added": lambda f: resigned(
        f, lambda s: replace(s, figures=(*s.figures, StatedFigure("centre.reports.received/1", "x", "00" * 32, 1)))
    ),
    "the same figures signed by another key": lambda f: resigned(f, lambda s: s),
    "no proof": lambda f: replace(f, proof=b""),
    "another entry": lambda f: told(f, digest="00" * 32),
    "an entry of another event": lambda f: told(f, event="return.filed"),
    "an entry of another position": lambda f: told(f, position=41),
    "a proof of another number": lambda f: replace(f, proof=f.proof.replace(b"index ", b"index 1")),
}
