"""Resume point of a file import: after the finished lines, and again at the refused ones.

1. An import is identified by the digest of its file and of all parameters: format, mapping, defaults, source. If a
   class was wrong, an import with the right class reads every line again.
2. Every batch stores its progress and its refused lines, in its transaction.
3. If the file is imported again, accepted lines are skipped. Refused lines are tried again, because the register may
   have changed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.exchange.hash_lists.mapped_columns import Mapping
from tutela.indicators.imports.batches import Made
from tutela.indicators.imports.lines import Defaults
from tutela.indicators.models import ImportStep


@dataclass(frozen=True)
class Begun:
    """Progress of an import: the last line read, the refused lines before it, and the attempt."""

    run_id: UUID
    asked: str
    lines: int = 0
    again: frozenset[int] = frozenset()
    attempt: int = 0

    def wants(self, line: int) -> bool:
        """Whether a line is still to be done."""
        return line > self.lines or line in self.again


def asked(file_sha256: str, form: str, mapping: Mapping | None, defaults: Defaults, source: str) -> str:
    """Return the digest that identifies an import: its file, and all parameters that affect a line."""
    said = [file_sha256, form, mapping.model_dump(mode="json") if mapping else None, asdict(defaults), source]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def begun(actor: Actor, name: str) -> Begun:
    """Return where an earlier run of this import stopped; the beginning if there was none."""
    with acting(actor):
        rows = ImportStep.objects.filter(organisation_id=actor.organisation_id, asked=name)
        steps = list(rows.order_by("attempt", "lines"))
    if not steps:
        return Begun(uuid7(), name)
    again, done, before = set[int](), 0, (-1, 0)
    for step in steps:
        # An attempt begins at the first line, and has by this step tried all that was open up to it.
        begins = before[1] if before[0] == step.attempt else 0
        again = {line for line in again if not begins < line <= step.lines} | set(step.again)
        done, before = max(done, step.lines), (step.attempt, step.lines)
    return Begun(steps[-1].run_id, name, done, frozenset(again), steps[-1].attempt + 1)


def keep(actor: Actor, of: Begun, made: Made) -> None:
    """A batch is done. Call in its transaction."""
    ImportStep.objects.create(
        organisation_id=actor.organisation_id,
        run_id=of.run_id,
        asked=of.asked,
        attempt=of.attempt,
        lines=made.last,
        again=sorted({one.line for one in made.bad}),
    )
