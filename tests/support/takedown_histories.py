"""Simulated histories of cases, hour by hour, with the truth about them noted while it happens.

The truth is counted by the simulation's own clock: one hour after the other, without the ledger's code. Hosts comply,
ignore, refuse, let reappear, or move the material to another provider; the police ask to wait; the hotline withdraws.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

BASE = datetime(2026, 1, 5, tzinfo=UTC)
HORIZON = 24 * 40
PROVIDERS = ("Alpha Hosting", "Beta Hosting", "Gamma Hosting", "")
COUNTRIES = ("NL", "DE", "")
LABELS = ("eu-2011-93:known-material", "sim-2026:second")
PLANS = ("comply", "comply", "ignore", "refuse", "move", "say", "withdraw")


@dataclass(frozen=True)
class Happened:
    """One event of a case. `said` depends on the kind: provider, country and label; an answer; the hour of an end."""

    hour: int
    kind: str
    said: tuple[str, ...] = ()

    @property
    def at(self) -> datetime:
        return BASE + timedelta(hours=self.hour)


@dataclass
class Truth:
    """What became of the notices about a case at a provider."""

    provider: str
    country: str
    label: str
    hour: int
    notices: int = 1
    result: str = "open"
    answer: str = ""
    clock: int = 0
    held: int = 0
    under_hold: bool = False
    reappeared: bool = False


@dataclass
class Simulation:
    """One case. `run` until an hour; the same seed has the same history up to there."""

    seed: int
    events: list[Happened] = field(default_factory=list)
    truth: list[Truth] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self.holds = self._holds()
        self._held = {hour for begin, end, _lifted in self.holds for hour in range(begin, end)}
        self._place = self._random.choice(PROVIDERS), self._random.choice(COUNTRIES)
        self._label = self._random.choice(LABELS)
        self._now: Truth | None = None
        self._plan, self._due, self._pause = "", 0, self._random.randrange(24 * 8)
        self._there, self._over = True, False

    def run(self, until: int = HORIZON) -> Simulation:
        """Let the hours pass; `until` is the moment of the look."""
        for hour in range(until + 1):
            if self._now is not None and hour > self._now.hour:
                self._now.held += hour - 1 in self._held
                self._now.clock += hour - 1 not in self._held
            self._hour(hour)
        for begin, end, lifted in self.holds:
            self.events.append(Happened(begin, "hold", (str(end), "lifted" if lifted else "")))
        self.events = sorted((one for one in self.events if one.hour <= until), key=lambda one: one.hour)
        if self._now is not None and self._now.result in ("open", "refused"):
            self._now.under_hold = until in self._held
        return self

    def _holds(self) -> list[tuple[int, int, bool]]:
        found = []
        for _number in range(self._random.choice((0, 0, 1, 2))):
            begin = self._random.randrange(1, HORIZON)
            found.append((begin, begin + self._random.randrange(1, 24 * 12), self._random.random() < 0.5))
        return found

    def _hour(self, hour: int) -> None:
        """At most one event."""
        if self._over:
            return
        if self._now is None:
            self._without_notice(hour)
        elif self._plan == "moved":
            if hour not in self._held:
                self._now.result = "moved"
                self._notice(hour)
        elif hour == self._due:
            self._planned(hour, self._now)

    def _without_notice(self, hour: int) -> None:
        """Nothing is asked of anybody: the material returns, or the next notice leaves."""
        if hour < self._pause:
            return
        if not self._there:
            self._there = True
            self._note(hour, "reappeared")
            self.truth[-1].reappeared = True
            self._pause = hour + 1
        elif hour not in self._held:
            self._notice(hour)

    def _notice(self, hour: int) -> None:
        self._now = Truth(*self._place, self._label, hour)
        self.truth.append(self._now)
        self._note(hour, "notice", *self._place, self._label)
        self._plan, self._due = self._random.choice(PLANS), hour + self._random.randrange(1, 24 * 14)

    def _planned(self, hour: int, now: Truth) -> None:
        """What the host does, or the hotline."""
        if self._plan == "comply":
            self._note(hour, "absent")
            now.result, self._now, self._there = "removed", None, False
            self._pause = hour + self._random.randrange(1, 24 * 30)
        elif self._plan == "withdraw":
            self._note(hour, "legal")
            now.result, self._now, self._over = "withdrawn", None, True
        elif self._plan == "move":
            others = [one for one in PROVIDERS if one != self._place[0]]
            self._place, self._plan = (self._random.choice(others), self._random.choice(COUNTRIES)), "moved"
        elif self._plan in ("refuse", "say"):
            now.answer = (
                "refused" if self._plan == "refuse" else self._random.choice(("removed", "disabled", "not_found"))
            )
            now.result = "refused" if self._plan == "refuse" else "open"
            self._note(hour, "answer", now.answer)
            self._plan = self._random.choice(("comply", "ignore", "remind"))
            self._due = hour + self._random.randrange(1, 24 * 14)
        elif self._plan == "ignore":
            self._plan, self._due = "remind", hour + 1
        elif hour in self._held:
            self._due = hour + 1
        else:
            now.notices += 1
            self._note(hour, "notice", *self._place, self._label)
            self._plan, self._due = self._random.choice(PLANS), hour + self._random.randrange(1, 24 * 14)

    def _note(self, hour: int, kind: str, *said: str) -> None:
        self.events.append(Happened(hour, kind, said))


def simulated(seed: int, until: int = HORIZON) -> Simulation:
    """A case until an hour."""
    return Simulation(seed).run(until)
