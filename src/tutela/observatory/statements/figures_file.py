"""The file of a statement, and its check by anybody: `tutela verify figures`.

1. The proof shows that the entry is in the log, under a quorum of the policy.
2. The entry names this statement's digest, and the organisation, number, position and key.
3. The key of the entry, or a key received by another way, signed the statement.
4. Each figure that is shown has a salt that opens its commitment.
5. Each figure names a known definition and the query of that definition, and no part is larger than its whole.
6. No shown figure is one of few persons or gives one away, and only a figure of persons is withheld. Whether a withheld
  value had to be withheld is found by who may recompute it.

The caller must still decide whether it trusts the log's policy, and compare statements of one number.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.canonical_json import canonical, parse
from tutela.exchange.message.signed_envelope import Envelope, trusted_keys, verify
from tutela.observatory.definitions import catalogue, event_queries
from tutela.observatory.definitions.units import Missing
from tutela.observatory.operations import withheld
from tutela.observatory.statements.statement import CONTEXT, NotAStatement, Statement
from tutela.tlog.policy import Policy
from tutela.tlog.proof import Proof
from tutela.tlog.verify import Refused

EVENT = "figures.published"
_FIELDS = {"envelope", "key", "salts", "entry", "proof"}
_MOST_BYTES = 2_000_000
SALT_BYTES = 32


@dataclass(frozen=True)
class FiguresFile:
    """A signed statement with the salts of its shown figures, its entry in the log, and the proof of that."""

    envelope: Envelope
    key: str
    salts: Mapping[str, str]
    entry: bytes = b""
    proof: bytes = b""

    def to_bytes(self) -> bytes:
        """The file as JSON."""
        return canonical(
            {
                "envelope": json.loads(self.envelope.to_bytes()),
                "key": self.key,
                "salts": dict(self.salts),
                "entry": base64.b64encode(self.entry).decode(),
                "proof": base64.b64encode(self.proof).decode(),
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> FiguresFile:
        """Read a file. Raises `Refused`."""
        if len(data) > _MOST_BYTES:
            raise Refused("the file is too long")
        try:
            read = parse(data)
            if not isinstance(read, dict) or set(read) != _FIELDS:
                raise Refused("the file has other fields")
            salts = read["salts"]
            if not isinstance(salts, dict) or not all(isinstance(one, str) for one in salts.values()):
                raise Refused("the salts are no texts")
            envelope = Envelope.from_bytes(canonical(read["envelope"]))
            entry, proof = (base64.b64decode(str(read[name]), validate=True) for name in ("entry", "proof"))
        except Refused:
            raise
        except (ExchangeError, ValueError, TypeError) as error:
            raise Refused(f"the file cannot be read: {error}") from None
        return cls(envelope, str(read["key"]), salts, entry, proof)


@dataclass(frozen=True)
class CheckedStatement:
    """A statement that is valid, and the number of its entry in the log."""

    statement: Statement
    entry: int
    origin: str


def check(file: FiguresFile, policy: Policy, keys: Iterable[str] = ()) -> CheckedStatement:
    """Check a file. `keys` are public keys received by another way, in hex. Raises `Refused` with what is wrong."""
    if not file.entry or not file.proof:
        raise Refused("the file has no entry of the log or no proof: the statement is not published yet")
    proof = Proof.parse(file.proof)
    checkpoint = proof.check(file.entry, policy)
    statement = signed_statement(file, keys)
    _entry(file, statement)
    opened(statement, file.salts)
    _definitions(statement)
    _disclosed(statement)
    return CheckedStatement(statement, proof.index, checkpoint.origin)


def signed_statement(file: FiguresFile, keys: Iterable[str] = ()) -> Statement:
    """The statement of a file, once its signature is valid. Raises `Refused`."""
    given = [one.strip().lower() for one in keys]
    if given and file.key.lower() not in given:
        raise Refused("none of the given keys signed the statement")
    try:
        return Statement.from_bytes(verify(file.envelope, CONTEXT, trusted_keys([file.key])))
    except (ExchangeError, NotAStatement) as error:
        raise Refused(f"the statement is not signed as it should be: {error}") from None


def opened(statement: Statement, salts: Mapping[str, str]) -> None:
    """Compare each shown figure with its commitment. Raises `Refused`, naming the figure."""
    shown = {one.definition: one for one in statement.figures if one.value is not None}
    if set(shown) != set(salts):
        raise Refused("the salts belong to other figures than those that are shown")
    # One salt for two figures would let who has it try the values of the other.
    if len({one.lower() for one in salts.values()}) != len(salts):
        raise Refused("two figures have one salt")
    for name, figure in shown.items():
        try:
            salt = bytes.fromhex(salts[name])
        except ValueError:
            raise Refused(f"the salt of {name} is not hexadecimal") from None
        if len(salt) != SALT_BYTES:
            raise Refused(f"the salt of {name} has not {SALT_BYTES} bytes")
        if statement.commitment_of(figure, salt, figure.value or 0) != figure.commitment:
            raise Refused(f"{name}: the value does not match its commitment")


def _entry(file: FiguresFile, statement: Statement) -> None:
    try:
        told = parse(file.entry)
    except ExchangeError:
        raise Refused("the entry of the log is not JSON") from None
    if not isinstance(told, dict) or told.get("event") != EVENT:
        raise Refused("the entry of the log is about something else")
    expected = {
        "organisation": statement.organisation,
        "number": statement.number,
        "position": statement.position,
        "digest": statement.digest,
        "key": file.envelope.key_id,
    }
    for name, value in expected.items():
        if told.get(name) != value:
            raise Refused(f"the entry of the log has another {name}")


def _definitions(statement: Statement) -> None:
    known, values = catalogue.definitions(), {one.definition: one.value for one in statement.figures}
    for figure in statement.figures:
        name, value = figure.definition, figure.value
        if name not in known:
            raise Refused(f"{name} is no definition")
        query = event_queries.query_of(name)
        if query is None or query.name != figure.query:
            raise Refused(f"{name} names another query than that of its definition")
        whole = values.get(known[name].part_of)
        if value is not None and whole is not None and value > whole:
            raise Refused(f"{name} is larger than its whole, {known[name].part_of}")


def _disclosed(statement: Statement) -> None:
    shown = {one.definition: one.value for one in statement.figures if one.value is not None}
    hidden = {one.definition: one.missing for one in statement.figures if one.value is None}
    for name, code in hidden.items():
        if code != Missing.SUPPRESSED or not catalogue.definition(name).tells_of_persons:
            raise Refused(f"{name} is withheld, and no rule withholds it")
    for name in withheld.gives_away(shown, frozenset(hidden)):
        raise Refused(f"{name} is shown, and it tells of few persons")
