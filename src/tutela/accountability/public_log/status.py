"""State of the public log, for its page and for the doctor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.accountability.models import PublicLeaf, WitnessState
from tutela.accountability.public_log import entry_numbers, log
from tutela.tlog.log_folder import Log
from tutela.tlog.verify import Checkpoint, Key, open_note

# Sequenced entries must be public within this time; otherwise the page reports a delay.
MERGE_DELAY = timedelta(seconds=60)
DAYS_SHOWN = 30
# The last entry of each day, of those that are published: what came later that day may wait.
GROWTH = """
SELECT day, least(found.position, %s - 1) FROM unnest(%s::date[]) AS day LEFT JOIN LATERAL (
    SELECT position FROM accountability_publicleaf
    WHERE at < (day + 1)::timestamp AT TIME ZONE 'UTC' ORDER BY at DESC, position DESC LIMIT 1
) found ON true ORDER BY day
"""


def newest(count: int, before: int | None = None) -> list[tuple[int, bytes]]:
    """The last published entries with their numbers, newest first; of those below the number `before`, if given."""
    written = log.read_log()
    size = written.published().size if written else 0
    if written is None:
        return []
    end = size if before is None else min(size, before)
    return [(index, written.entry(index, size)) for index in range(end - 1, max(-1, end - 1 - count), -1)]


@dataclass(frozen=True)
class Growth:
    """Size of the log at the end of each day, for a chart."""

    labels: list[str]
    values: list[float]
    title: object = _("Entries in the log")
    kind: str = "bars"


@dataclass(frozen=True)
class WitnessHealth:
    """State of a witness of the policy: its last answer."""

    name: str
    url: str
    cosigned: bool
    at: datetime | None
    error: str


@dataclass(frozen=True)
class LogStatus:
    """Data of the log's page. `waiting` counts entries that are signed or valid and not yet published."""

    origin: str
    size: int
    root: str
    at: datetime | None
    waiting: int
    delayed: bool
    quorum: str
    # How many witnesses at least a quorum has.
    fewest: int
    # How many witnesses two quorums have in common at least.
    shared: int
    keys: tuple[str, ...]
    witnesses: tuple[WitnessHealth, ...]
    growth: Growth
    behind: int
    # Declared: fewer witnesses may do.
    trial: bool = False

    @property
    def few(self) -> bool:
        """Return true if the log has fewer witnesses than a register requires."""
        return self.fewest < log.WITNESSES

    @property
    def stopped(self) -> bool:
        """Whether for that reason nothing is added to lists: it is no trial either."""
        return self.few and not self.trial


def state() -> LogStatus | None:
    """The log as it stands; None where this node has none."""
    written = log.read_log()
    if written is None:
        return None
    published, chosen = written.published(), log.policy()
    signed = set[Key]()
    if chosen and published.size:
        signed = set(open_note(written.fetch("checkpoint"), log.all_keys(written, chosen)).signers)
    states = {row.name: row for row in WitnessState.objects.all()}
    witnesses = tuple(
        WitnessHealth(name, url, key in signed, at.cosigned_at if at else None, at.error if at else "")
        for name, (key, url) in (chosen.witnesses.items() if chosen else ())
        for at in [states.get(name)]
    )
    known = entry_numbers.position_of(published.size)
    leaves = PublicLeaf.objects.all()
    # A database that is older than the log knows nothing that waits.
    waiting = leaves.filter(position__gte=known) if known is not None else leaves.none()
    oldest = waiting.order_by("position").first()
    newest_row = (leaves if known is None else leaves.filter(position__lt=known)).order_by("-position").first()
    return LogStatus(
        written.origin,
        published.size,
        published.root.hex(),
        newest_row.at if newest_row else None,
        waiting.count(),
        oldest is not None and clock.now() - oldest.at > MERGE_DELAY,
        chosen.quorum if chosen else "none",
        chosen.fewest() if chosen else 0,
        chosen.shared() if chosen else 0,
        tuple(map(str, log.known_keys())),
        witnesses,
        _growth(known or 0),
        _behind(written, published, states),
        settings.LOG_TRIAL,
    )


def _behind(written: Log, published: Checkpoint, states: dict[str, WitnessState]) -> int:
    """The number of entries that a witness signed and this log lacks; 0 unless it was restored from an older copy."""
    mine = (written.pending() or published).size
    return max([0, *(row.size - mine for row in states.values())])


def _growth(size: int) -> Growth:
    """Size of the log on each of the last days, from the first day with an entry. One index step per day."""
    today = clock.now().date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS_SHOWN))]
    with connection.cursor() as cursor:
        cursor.execute(GROWTH, [size, days])
        found = [(day, last) for day, last in cursor.fetchall() if last is not None]
    return Growth([f"{day:%m-%d}" for day, _last in found], [float(last + 1) for _day, last in found])
