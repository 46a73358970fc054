"""Diagram of the indicator life cycle with current counts: coordinates for a template, two layouts.

The layouts are horizontal and vertical. The counts are those that triggers and imports keep, so the cost is the same at
ten indicators and at ten million.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.indicators.models import Dispute, Hold, HoldKind, ImportBatch, Release
from tutela.indicators.release_files.version_files import LIST_ID

# Of a box.
WIDTH, HEIGHT = 156, 56


@dataclass(frozen=True)
class DiagramState:
    """State in the diagram, with its number of indicators."""

    code: str
    label: Promise
    count: int
    x: int
    y: int
    note: str = ""

    @property
    def middle(self) -> int:
        """Across."""
        return self.x + WIDTH // 2

    @property
    def lines(self) -> tuple[int, int, int]:
        """Vertical positions of its lines of text: count, label, note."""
        return self.y + 23, self.y + 41, self.y - 7


@dataclass(frozen=True)
class Path:
    """An arrow from one state to another, and what leads along it."""

    shape: str
    label: Promise | str
    x: int
    y: int
    anchor: str = "middle"


@dataclass(frozen=True)
class Picture:
    """One drawing of it."""

    kind: str
    width: int
    height: int
    boxes: list[DiagramState] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)


@dataclass(frozen=True)
class Life:
    """The counts, and the two drawings of them."""

    said: Sequence[tuple[Promise, int]]
    pictures: tuple[Picture, Picture]


_LABELS = {
    "proposed": _("proposed"),
    "held": _("quarantined"),
    "active": _("active"),
    "suspended": _("suspended"),
    "revoked": _("revoked"),
    "released": _("in the newest release"),
}
_TWO, _DOUBT, _AGAIN = _("certified in two countries"), _("disputed"), _("dismissed: new round")
_UPHELD, _OUT, _SIGNED, _ODD, _OVER = _("upheld"), _("revoked"), _("signed, in the log"), _("unusual"), _("refused")


def lifecycle_diagram(actor: Actor, counts: dict[str, int]) -> Life:
    """The picture for these counts of states (`search.counts`)."""
    with acting(actor):
        newest = Release.objects.filter(list_id=LIST_ID).order_by("-version").values_list("version", "entries").first()
        held = _held()
        doubts = Dispute.objects.filter(decision__isnull=True).count()
    version, entries = newest or (0, 0)
    numbers = {**counts, "held": held, "released": entries}
    notes = {
        "active": _("open disputes: %(n)s") % {"n": doubts} if doubts else "",
        "released": _("version %(n)s") % {"n": version} if version else "",
    }
    said = [(label, numbers[code]) for code, label in _LABELS.items()]
    return Life(said, (_wide(numbers, notes), _narrow(numbers, notes)))


def _held() -> int:
    """The number of held indicators without a decision; of an import, all accepted entries. Call inside
    `acting(actor)`.
    """
    waiting = Hold.objects.filter(decision__isnull=True)
    runs = waiting.filter(kind=HoldKind.IMPORT).values("subject_id")
    imported = ImportBatch.objects.filter(run_id__in=runs).aggregate(many=Sum("accepted"))["many"]
    return waiting.filter(kind=HoldKind.INDICATOR).count() + int(imported or 0)


def _boxes(numbers: dict[str, int], notes: dict[str, str], places: dict[str, tuple[int, int]]) -> list[DiagramState]:
    return [
        DiagramState(code, label, numbers[code], *places[code], notes.get(code, "")) for code, label in _LABELS.items()
    ]


def _wide(numbers: dict[str, int], notes: dict[str, str]) -> Picture:
    places = {
        "proposed": (10, 30),
        "active": (350, 30),
        "released": (654, 30),
        "held": (10, 170),
        "suspended": (350, 170),
        "revoked": (654, 170),
    }
    paths = [
        Path("M166 58 H342", _TWO, 254, 49),
        Path("M506 58 H646", _SIGNED, 576, 49),
        Path("M428 86 V162", _DOUBT, 420, 128, "end"),
        Path("M350 190 C250 180 170 150 140 94", _AGAIN, 282, 146),
        Path("M506 198 H646", _UPHELD, 576, 216),
        Path("M470 86 L680 163", _OUT, 590, 124, "start"),
        Path("M50 86 V162", _ODD, 58, 128, "start"),
        Path("M88 226 C88 262 700 262 732 234", _OVER, 400, 272),
    ]
    return Picture("wide", 820, 282, _boxes(numbers, notes, places), paths)


def _narrow(numbers: dict[str, int], notes: dict[str, str]) -> Picture:
    places = {
        "proposed": (24, 10),
        "held": (228, 10),
        "active": (24, 150),
        "released": (228, 150),
        "suspended": (24, 290),
        "revoked": (228, 290),
    }
    paths = [
        Path("M174 66 V142", _TWO, 182, 104, "start"),
        Path("M180 38 H220", "", 0, 0),
        Path("M180 178 H220", _SIGNED, 306, 222),
        Path("M120 206 V282", _DOUBT, 112, 250, "end"),
        Path("M44 290 C4 230 4 130 44 74", _AGAIN, 38, 96, "start"),
        Path("M180 318 H220", "", 0, 0),
        Path("M166 206 L252 282", _OUT, 220, 250, "start"),
        Path("M384 66 C398 130 398 220 368 282", "", 0, 0),
    ]
    return Picture("narrow", 400, 352, _boxes(numbers, notes, places), paths)
