"""The life of an indicator as a picture with what stands where now: places and paths for a template, lying and upright.

The counts are those that triggers keep, so that the picture costs the same at ten entries and at ten million.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.indicators.models import Dispute, Quarantine, Release
from tutela.indicators.releases import LIST_ID

# Of a box.
WIDTH, HEIGHT = 128, 56


@dataclass(frozen=True)
class Box:
    """A state with how many stand in it."""

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
        """Where its lines of text stand: count, label, note."""
        return self.y + 23, self.y + 41, self.y + HEIGHT + 14


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
    boxes: list[Box] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)


@dataclass(frozen=True)
class Life:
    """The counts, and the two drawings of them."""

    said: Sequence[tuple[Promise, int]]
    pictures: tuple[Picture, Picture]


_LABELS = {
    "proposed": _("proposed"), "held": _("held as unusual"), "active": _("active"), "suspended": _("suspended"),
    "revoked": _("revoked"), "released": _("in the newest release"),
}  # fmt: skip
_TWO, _DOUBT, _AGAIN = _("two organisations, two countries"), _("doubted"), _("dismissed: a new round")
_UPHELD, _OUT, _SIGNED, _ODD, _OVER = _("upheld"), _("revoked"), _("signed, in the log"), _("unusual"), _("refused")


def of(actor: Actor, counts: dict[str, int]) -> Life:
    """The picture for these counts of states (`dossier.counts`)."""
    with acting(actor):
        newest = Release.objects.filter(list_id=LIST_ID).order_by("-version").values_list("version", "entries").first()
        held = Quarantine.objects.filter(decision__isnull=True).count()
        doubts = Dispute.objects.filter(decision__isnull=True).count()
    version, entries = newest or (0, 0)
    numbers = {**counts, "held": held, "released": entries}
    notes = {
        "active": f"{_('open doubts')}: {doubts}" if doubts else "",
        "released": f"{_('version')} {version}" if version else "",
    }
    said = [(label, numbers[code]) for code, label in _LABELS.items()]
    return Life(said, (_wide(numbers, notes), _narrow(numbers, notes)))


def _boxes(numbers: dict[str, int], notes: dict[str, str], places: dict[str, tuple[int, int]]) -> list[Box]:
    return [Box(code, label, numbers[code], *places[code], notes.get(code, "")) for code, label in _LABELS.items()]


def _wide(numbers: dict[str, int], notes: dict[str, str]) -> Picture:
    places = {
        "proposed": (10, 40), "active": (330, 40), "released": (612, 40),
        "held": (10, 180), "suspended": (330, 180), "revoked": (612, 180),
    }  # fmt: skip
    paths = [
        Path("M138 68 H322", _TWO, 230, 58),
        Path("M458 68 H604", _SIGNED, 531, 58),
        Path("M410 96 V172", _DOUBT, 418, 138, "start"),
        Path("M330 200 C210 190 150 150 120 104", _AGAIN, 232, 150),
        Path("M458 208 H604", _UPHELD, 531, 226),
        Path("M440 96 L616 176", _OUT, 546, 134, "start"),
        Path("M50 96 V172", _ODD, 58, 138, "start"),
        Path("M74 236 C74 262 640 270 672 244", _OVER, 360, 278),
    ]
    return Picture("wide", 760, 290, _boxes(numbers, notes, places), paths)


def _narrow(numbers: dict[str, int], notes: dict[str, str]) -> Picture:
    places = {
        "proposed": (10, 10), "held": (222, 10), "active": (10, 140), "released": (222, 140),
        "suspended": (10, 280), "revoked": (222, 280),
    }  # fmt: skip
    paths = [
        Path("M110 66 V132", _TWO, 118, 108, "start"),
        Path("M138 38 H214", _ODD, 176, 30),
        Path("M138 168 H214", _SIGNED, 180, 212),
        Path("M100 196 V272", _DOUBT, 92, 246, "end"),
        Path("M30 280 C2 220 2 120 30 74", _AGAIN, 12, 98, "start"),
        Path("M138 308 H214", _UPHELD, 176, 300),
        Path("M130 196 L230 272", _OUT, 192, 238, "start"),
        Path("M286 66 C352 110 372 210 330 272", _OVER, 352, 116, "end"),
    ]
    return Picture("narrow", 372, 350, _boxes(numbers, notes, places), paths)
